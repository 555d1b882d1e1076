using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>The bytes of a bin (or, as old writers did, of a str), null for nil. A slice of the sequence read.</summary>
    public ReadOnlySequence<byte>? ReadBytes() => TryReadNil() ? null : ReadPayload(binary: true);

    /// <summary>The UTF-8 bytes of a str, null for nil. A slice of the sequence read.</summary>
    public ReadOnlySequence<byte>? ReadStringSequence() => TryReadNil() ? null : ReadPayload(binary: false);

    /// <summary>The UTF-8 bytes of a str that lies in one piece; false (and nothing is read) for nil and for a str in several pieces.</summary>
    public bool TryReadStringSpan(out ReadOnlySpan<byte> span)
    {
        span = default;
        if (IsNil)
        {
            return false;
        }

        var before = _reader;
        var payload = ReadPayload(binary: false);
        if (!payload.IsSingleSegment)
        {
            _reader = before;
            return false;
        }

        span = payload.FirstSpan;
        return true;
    }

    /// <summary>A str as text, null for nil; bytes that are no UTF-8 become U+FFFD.</summary>
    public string? ReadString() => TryReadNil() ? null : Encoding.UTF8.GetString(ReadPayload(binary: false));

    /// <summary>Type and length of an extension; a length beyond the bytes left is refused.</summary>
    public ExtensionHeader ReadExtensionFormatHeader()
    {
        var before = _reader;
        if (TryReadExtensionFormatHeader(out var header) && _reader.Remaining >= header.Length)
        {
            return header;
        }

        _reader = before;
        throw NotEnough();
    }

    /// <summary>False where the header itself is cut off. The length is as declared: check it before allocating.</summary>
    public bool TryReadExtensionFormatHeader(out ExtensionHeader extensionHeader)
    {
        extensionHeader = default;
        if (!_reader.TryPeek(out var code))
        {
            return false;
        }

        var width = code switch
        {
            >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16 => 0,
            MessagePackCode.Ext8 => 1,
            MessagePackCode.Ext16 => 2,
            MessagePackCode.Ext32 => 4,
            _ => throw Mismatch(code),
        };
        Span<byte> token = stackalloc byte[6];
        if (!_reader.TryCopyTo(token[..(2 + width)]))
        {
            return false;
        }

        var length = width switch
        {
            0 => 1u << (code - MessagePackCode.FixExt1),
            1 => token[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(token[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(token[1..]),
        };
        extensionHeader = new ExtensionHeader((sbyte)token[1 + width], length);
        _reader.Advance(2 + width);
        return true;
    }

    /// <summary>An extension with its data, a slice of the sequence read.</summary>
    public ExtensionResult ReadExtensionFormat()
    {
        var header = ReadExtensionFormatHeader();
        return new ExtensionResult(header.TypeCode, ReadRaw(header.Length));
    }

    /// <summary>A timestamp (extension -1) in UTC, rounded down to 100 ns.</summary>
    public DateTime ReadDateTime()
    {
        var before = _reader;
        try
        {
            return ReadDateTime(ReadExtensionFormatHeader());
        }
        catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException)
        {
            _reader = before;
            throw;
        }
    }

    /// <summary>The data of a timestamp whose header has been read: 32, 64 or 96 bits.</summary>
    public DateTime ReadDateTime(ExtensionHeader header)
    {
        if (header.TypeCode != ReservedMessagePackExtensionTypeCode.DateTime || header.Length is not (4 or 8 or 12))
        {
            throw new MessagePackSerializationException($"extension {header.TypeCode} of {header.Length} bytes is no timestamp");
        }

        Span<byte> data = stackalloc byte[12];
        data = data[..(int)header.Length];
        if (!_reader.TryCopyTo(data))
        {
            throw NotEnough();
        }

        var (seconds, nanoseconds) = header.Length switch
        {
            4 => (BinaryPrimitives.ReadUInt32BigEndian(data), 0u),
            8 => ((long)(BinaryPrimitives.ReadUInt64BigEndian(data) & 0x3_ffff_ffff), (uint)(BinaryPrimitives.ReadUInt64BigEndian(data) >> 34)),
            _ => (BinaryPrimitives.ReadInt64BigEndian(data[4..]), BinaryPrimitives.ReadUInt32BigEndian(data)),
        };
        var first = -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond;
        var last = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        if (seconds < first || seconds > last || nanoseconds > 999_999_999)
        {
            throw new MessagePackSerializationException($"a timestamp of {seconds} s and {nanoseconds} ns is outside the years 1 to 9999");
        }

        _reader.Advance(header.Length);
        return DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    private ReadOnlySequence<byte> ReadPayload(bool binary)
    {
        var code = NextCode;
        var width = code switch
        {
            >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr => 0,
            MessagePackCode.Str8 => 1,
            MessagePackCode.Str16 => 2,
            MessagePackCode.Str32 => 4,
            MessagePackCode.Bin8 when binary => 1,
            MessagePackCode.Bin16 when binary => 2,
            MessagePackCode.Bin32 when binary => 4,
            _ => throw Mismatch(code),
        };
        var ok = true;
        var length = width == 0 ? code & 0x1f : BigEndianAfterCode(width, out ok);
        if (!ok || _reader.Remaining < 1 + width + length)
        {
            throw NotEnough();
        }

        _reader.Advance(1 + width);
        return ReadRaw(length);
    }
}
