using System.Buffers.Binary;

namespace MessagePack;

public ref partial struct MessagePackReader
{
    public byte ReadByte() => (byte)ReadUnsigned(byte.MaxValue);

    public ushort ReadUInt16() => (ushort)ReadUnsigned(ushort.MaxValue);

    public uint ReadUInt32() => (uint)ReadUnsigned(uint.MaxValue);

    public ulong ReadUInt64() => ReadUnsigned(ulong.MaxValue);

    public sbyte ReadSByte() => (sbyte)ReadSigned(sbyte.MinValue, sbyte.MaxValue);

    public short ReadInt16() => (short)ReadSigned(short.MinValue, short.MaxValue);

    public int ReadInt32() => (int)ReadSigned(int.MinValue, int.MaxValue);

    public long ReadInt64() => ReadSigned(long.MinValue, long.MaxValue);

    public char ReadChar() => (char)ReadUInt16();

    /// <summary>A float, or a float 64 or integer rounded to one.</summary>
    public float ReadSingle() => NextCode == MessagePackCode.Float32 ? BitConverter.UInt32BitsToSingle((uint)ReadFixed(4)) : (float)ReadDouble();

    /// <summary>A float of either width, or an integer.</summary>
    public double ReadDouble()
    {
        switch (NextCode)
        {
            case MessagePackCode.Float32:
                return BitConverter.UInt32BitsToSingle((uint)ReadFixed(4));
            case MessagePackCode.Float64:
                return BitConverter.UInt64BitsToDouble(ReadFixed(8));
            default:
                var bits = ReadInteger(out var negative);
                return negative ? (double)(long)bits : bits;
        }
    }

    private ulong ReadUnsigned(ulong max)
    {
        var before = _reader;
        var bits = ReadInteger(out var negative);
        if (negative || bits > max)
        {
            _reader = before;
            throw TooLarge(bits, negative);
        }

        return bits;
    }

    private long ReadSigned(long min, long max)
    {
        var before = _reader;
        var bits = ReadInteger(out var negative);
        if (negative ? (long)bits < min : bits > (ulong)max)
        {
            _reader = before;
            throw TooLarge(bits, negative);
        }

        return (long)bits;
    }

    /// <summary>An integer of any of the formats: its 64 bits, and whether they are those of a negative long.</summary>
    private ulong ReadInteger(out bool negative)
    {
        var code = NextCode;
        var bits = code switch
        {
            <= MessagePackCode.MaxFixInt => ReadFixed(0),
            >= MessagePackCode.MinNegativeFixInt => ReadFixed(0),
            MessagePackCode.UInt8 => ReadFixed(1),
            MessagePackCode.UInt16 => ReadFixed(2),
            MessagePackCode.UInt32 => ReadFixed(4),
            MessagePackCode.UInt64 => ReadFixed(8),
            MessagePackCode.Int8 => (ulong)(sbyte)ReadFixed(1),
            MessagePackCode.Int16 => (ulong)(short)ReadFixed(2),
            MessagePackCode.Int32 => (ulong)(int)ReadFixed(4),
            MessagePackCode.Int64 => ReadFixed(8),
            _ => throw Mismatch(code),
        };
        if (code >= MessagePackCode.MinNegativeFixInt)
        {
            bits = (ulong)(sbyte)code;
        }
        else if (code <= MessagePackCode.MaxFixInt)
        {
            bits = code;
        }

        negative = (code is >= MessagePackCode.Int8 and <= MessagePackCode.Int64 || code >= MessagePackCode.MinNegativeFixInt) && (long)bits < 0;
        return bits;
    }

    /// <summary>Consumes a code byte and the big-endian number of 0, 1, 2, 4 or 8 bytes behind it.</summary>
    private ulong ReadFixed(int width)
    {
        Span<byte> token = stackalloc byte[9];
        if (!_reader.TryCopyTo(token[..(1 + width)]))
        {
            throw NotEnough();
        }

        _reader.Advance(1 + width);
        return width switch
        {
            0 => 0,
            1 => token[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(token[1..]),
            4 => BinaryPrimitives.ReadUInt32BigEndian(token[1..]),
            _ => BinaryPrimitives.ReadUInt64BigEndian(token[1..]),
        };
    }

    private static OverflowException TooLarge(ulong bits, bool negative) =>
        new($"the MessagePack integer {(negative ? (long)bits : (Int128)bits)} does not fit the type asked for");
}
