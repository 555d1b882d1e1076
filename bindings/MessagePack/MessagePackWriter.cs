using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagePack;

/// <summary>
/// Writes MessagePack values, each in its shortest format. Names and signatures are those of MessagePack-CSharp 3.1;
/// like it, what is written reaches the buffer writer at <see cref="Flush"/>, not before.
/// </summary>
/// <remarks>MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md.</remarks>
public ref partial struct MessagePackWriter
{
    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;

    public MessagePackWriter(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _output = writer;
        _span = default;
        _used = 0;
    }

    public readonly MessagePackWriter Clone(IBufferWriter<byte> writer) => new(writer);

    /// <summary>Hands everything written so far to the buffer writer.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
        }

        _span = default;
        _used = 0;
    }

    /// <summary>Room for at least this many bytes; <see cref="Advance"/> says how many were filled.</summary>
    public Span<byte> GetSpan(int length)
    {
        if (_span.Length - _used < Math.Max(length, 1))
        {
            Flush();
            _span = _output.GetSpan(length);
        }

        return _span[_used..];
    }

    public void Advance(int length)
    {
        if (length < 0 || length > _span.Length - _used)
        {
            throw new ArgumentOutOfRangeException(nameof(length));
        }

        _used += length;
    }

    public void WriteNil() => WriteCode(MessagePackCode.Nil);

    public void Write(bool value) => WriteCode(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Bytes that are MessagePack already, or the payload behind a header written before.</summary>
    public void WriteRaw(ReadOnlySpan<byte> rawMessagePackBlock)
    {
        while (!rawMessagePackBlock.IsEmpty)
        {
            var room = GetSpan(1);
            var part = Math.Min(room.Length, rawMessagePackBlock.Length);
            rawMessagePackBlock[..part].CopyTo(room);
            Advance(part);
            rawMessagePackBlock = rawMessagePackBlock[part..];
        }
    }

    public void WriteRaw(in ReadOnlySequence<byte> rawMessagePackBlock)
    {
        foreach (var segment in rawMessagePackBlock)
        {
            WriteRaw(segment.Span);
        }
    }

    public void WriteArrayHeader(int count) => WriteArrayHeader(checked((uint)count));

    public void WriteArrayHeader(uint count) => WriteCount(count, MessagePackCode.MinFixArray, 15, null, MessagePackCode.Array16, MessagePackCode.Array32);

    public void WriteMapHeader(int count) => WriteMapHeader(checked((uint)count));

    public void WriteMapHeader(uint count) => WriteCount(count, MessagePackCode.MinFixMap, 15, null, MessagePackCode.Map16, MessagePackCode.Map32);

    public void Write(byte[]? src)
    {
        if (src is null)
        {
            WriteNil();
        }
        else
        {
            Write(src.AsSpan());
        }
    }

    public void Write(ReadOnlySpan<byte> src)
    {
        WriteBinHeader(src.Length);
        WriteRaw(src);
    }

    public void Write(in ReadOnlySequence<byte> src)
    {
        WriteBinHeader(checked((int)src.Length));
        WriteRaw(src);
    }

    /// <summary>The caller writes that many bytes with <see cref="WriteRaw(ReadOnlySpan{byte})"/>.</summary>
    public void WriteBinHeader(int length) =>
        WriteCount(checked((uint)length), 0, null, MessagePackCode.Bin8, MessagePackCode.Bin16, MessagePackCode.Bin32);

    public void WriteString(in ReadOnlySequence<byte> utf8stringBytes)
    {
        WriteStringHeader(checked((int)utf8stringBytes.Length));
        WriteRaw(utf8stringBytes);
    }

    public void WriteString(ReadOnlySpan<byte> utf8stringBytes)
    {
        WriteStringHeader(utf8stringBytes.Length);
        WriteRaw(utf8stringBytes);
    }

    /// <summary>The caller writes that many bytes of UTF-8 with <see cref="WriteRaw(ReadOnlySpan{byte})"/>.</summary>
    public void WriteStringHeader(int byteCount) =>
        WriteCount(checked((uint)byteCount), MessagePackCode.MinFixStr, 31, MessagePackCode.Str8, MessagePackCode.Str16, MessagePackCode.Str32);

    public void Write(string? value)
    {
        if (value is null)
        {
            WriteNil();
        }
        else
        {
            Write(value.AsSpan());
        }
    }

    public void Write(ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteStringHeader(length);
        Encoding.UTF8.GetBytes(value, GetSpan(length));
        Advance(length);
    }

    public void WriteExtensionFormatHeader(ExtensionHeader extensionHeader)
    {
        switch (extensionHeader.Length)
        {
            case 1 or 2 or 4 or 8 or 16:
                WriteCode((byte)(MessagePackCode.FixExt1 + uint.Log2(extensionHeader.Length)));
                break;
            case var length:
                WriteCount(length, 0, null, MessagePackCode.Ext8, MessagePackCode.Ext16, MessagePackCode.Ext32);
                break;
        }

        WriteCode((byte)extensionHeader.TypeCode);
    }

    public void WriteExtensionFormat(ExtensionResult extensionData)
    {
        WriteExtensionFormatHeader(extensionData.Header);
        WriteRaw(extensionData.Data);
    }

    /// <summary>A timestamp (extension -1), in the shortest of 32, 64 and 96 bits. A local time is converted, one of no kind is taken as UTC.</summary>
    public void Write(DateTime dateTime)
    {
        var ticks = (dateTime.Kind == DateTimeKind.Local ? dateTime.ToUniversalTime() : dateTime).Ticks - DateTime.UnixEpoch.Ticks;
        var (seconds, rest) = (Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var remainder), remainder);
        if (rest < 0)
        {
            (seconds, rest) = (seconds - 1, rest + TimeSpan.TicksPerSecond);
        }

        var nanoseconds = (ulong)(rest * TimeSpan.NanosecondsPerTick);
        var bits = seconds is >= 0 and <= 0x3_ffff_ffff ? 64 : 96;
        if (bits == 64 && nanoseconds == 0 && seconds <= uint.MaxValue)
        {
            WriteExtensionFormatHeader(new ExtensionHeader(ReservedMessagePackExtensionTypeCode.DateTime, 4));
            BinaryPrimitives.WriteUInt32BigEndian(GetSpan(4), (uint)seconds);
            Advance(4);
        }
        else if (bits == 64)
        {
            WriteExtensionFormatHeader(new ExtensionHeader(ReservedMessagePackExtensionTypeCode.DateTime, 8));
            BinaryPrimitives.WriteUInt64BigEndian(GetSpan(8), (nanoseconds << 34) | (ulong)seconds);
            Advance(8);
        }
        else
        {
            WriteExtensionFormatHeader(new ExtensionHeader(ReservedMessagePackExtensionTypeCode.DateTime, 12));
            BinaryPrimitives.WriteUInt32BigEndian(GetSpan(12), (uint)nanoseconds);
            BinaryPrimitives.WriteInt64BigEndian(GetSpan(12)[4..], seconds);
            Advance(12);
        }
    }

    private void WriteCode(byte code)
    {
        GetSpan(1)[0] = code;
        Advance(1);
    }

    /// <summary>A length in the shortest format there is: in the code byte itself (up to <paramref name="maxFix"/>), or behind it in 1, 2 or 4 bytes.</summary>
    private void WriteCount(uint count, byte minFix, uint? maxFix, byte? code8, byte code16, byte code32)
    {
        if (count <= maxFix)
        {
            WriteCode((byte)(minFix | count));
        }
        else if (code8 is { } code && count <= byte.MaxValue)
        {
            WriteCode(code, (byte)count);
        }
        else if (count <= ushort.MaxValue)
        {
            WriteCode(code16, (ushort)count);
        }
        else
        {
            WriteCode(code32, count);
        }
    }

    private void WriteCode(byte code, byte value)
    {
        var span = GetSpan(2);
        (span[0], span[1]) = (code, value);
        Advance(2);
    }

    private void WriteCode(byte code, ushort value)
    {
        var span = GetSpan(3);
        span[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], value);
        Advance(3);
    }

    private void WriteCode(byte code, uint value)
    {
        var span = GetSpan(5);
        span[0] = code;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], value);
        Advance(5);
    }

    private void WriteCode(byte code, ulong value)
    {
        var span = GetSpan(9);
        span[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
        Advance(9);
    }
}
