using System.Buffers.Binary;
using System.Text;

namespace Motion.Contracts;

/// <summary>Bytes of a pickle. Every declared length is checked against the bytes left before it is allocated.</summary>
/// <param name="stream">Where the pickle's bytes come from.</param>
/// <param name="latin1">
/// Python 2's byte strings are read a letter a byte, as <c>encoding="latin1"</c> does (numpy's memory travels in them); otherwise as UTF-8.
/// </param>
internal sealed class PickleInput(Stream stream, bool latin1 = false)
{
    private const int MostNameBytes = 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte Byte()
    {
        var one = stream.ReadByte();
        return one >= 0 ? (byte)one : throw new EndOfStreamException();
    }

    public byte[] Bytes(long length)
    {
        if (length < 0 || length > stream.Length - stream.Position)
        {
            throw new InvalidDataException($"the pickle declares {length} bytes where {stream.Length - stream.Position} are left");
        }

        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public ushort UInt16()
    {
        Span<byte> bytes = stackalloc byte[2];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public int Int32()
    {
        Span<byte> bytes = stackalloc byte[4];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    public long Int64()
    {
        Span<byte> bytes = stackalloc byte[8];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Pickles write floats big-endian, unlike all else.</summary>
    public double Double()
    {
        Span<byte> bytes = stackalloc byte[8];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    public string Text(long length)
    {
        try
        {
            return StrictUtf8.GetString(Bytes(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("a text in the pickle is no UTF-8", e);
        }
    }

    /// <summary>A byte string of Python 2.</summary>
    public string ByteText(long length) => latin1 ? Encoding.Latin1.GetString(Bytes(length)) : Text(length);

    /// <summary>A name up to the end of its line.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (var letter = Byte(); letter != (byte)'\n'; letter = Byte())
        {
            if (line.Length == MostNameBytes || !char.IsAscii((char)letter))
            {
                throw new InvalidDataException("a name in the pickle is longer than any, or is not ASCII");
            }

            line.Append((char)letter);
        }

        return line.ToString();
    }
}
