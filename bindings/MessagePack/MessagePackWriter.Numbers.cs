namespace MessagePack;

public ref partial struct MessagePackWriter
{
    public void Write(byte value) => Write((ulong)value);

    public void Write(ushort value) => Write((ulong)value);

    public void Write(uint value) => Write((ulong)value);

    /// <summary>The shortest of positive fixint and uint 8 to 64.</summary>
    public void Write(ulong value)
    {
        switch (value)
        {
            case <= MessagePackCode.MaxFixInt:
                WriteCode((byte)value);
                break;
            case <= byte.MaxValue:
                WriteUInt8((byte)value);
                break;
            case <= ushort.MaxValue:
                WriteUInt16((ushort)value);
                break;
            case <= uint.MaxValue:
                WriteUInt32((uint)value);
                break;
            default:
                WriteUInt64(value);
                break;
        }
    }

    public void Write(sbyte value) => Write((long)value);

    public void Write(short value) => Write((long)value);

    public void Write(int value) => Write((long)value);

    /// <summary>The shortest of all integer formats; unsigned ones where the value is not negative.</summary>
    public void Write(long value)
    {
        switch (value)
        {
            case >= 0:
                Write((ulong)value);
                break;
            case >= -32:
                WriteCode((byte)value);
                break;
            case >= sbyte.MinValue:
                WriteInt8((sbyte)value);
                break;
            case >= short.MinValue:
                WriteInt16((short)value);
                break;
            case >= int.MinValue:
                WriteInt32((int)value);
                break;
            default:
                WriteInt64(value);
                break;
        }
    }

    public void Write(char value) => Write((ulong)value);

    public void Write(float value) => WriteCode(MessagePackCode.Float32, BitConverter.SingleToUInt32Bits(value));

    public void Write(double value) => WriteCode(MessagePackCode.Float64, BitConverter.DoubleToUInt64Bits(value));

    public void WriteUInt8(byte value) => WriteCode(MessagePackCode.UInt8, value);

    public void WriteUInt16(ushort value) => WriteCode(MessagePackCode.UInt16, value);

    public void WriteUInt32(uint value) => WriteCode(MessagePackCode.UInt32, value);

    public void WriteUInt64(ulong value) => WriteCode(MessagePackCode.UInt64, value);

    public void WriteInt8(sbyte value) => WriteCode(MessagePackCode.Int8, (byte)value);

    public void WriteInt16(short value) => WriteCode(MessagePackCode.Int16, (ushort)value);

    public void WriteInt32(int value) => WriteCode(MessagePackCode.Int32, (uint)value);

    public void WriteInt64(long value) => WriteCode(MessagePackCode.Int64, (ulong)value);
}
