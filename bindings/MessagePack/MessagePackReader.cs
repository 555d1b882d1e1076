using System.Buffers;
using System.Buffers.Binary;

namespace MessagePack;

/// <summary>
/// Reads MessagePack values from a sequence of bytes, one after the other.
/// Names and signatures are those of MessagePack-CSharp 3.1; every read that the bytes do not suffice for throws
/// <see cref="EndOfStreamException"/>, every value of another type <see cref="MessagePackSerializationException"/>,
/// every integer too large for the asked type <see cref="OverflowException"/>. A read that throws consumes nothing.
/// </summary>
/// <remarks>MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md.</remarks>
public ref partial struct MessagePackReader
{
    private SequenceReader<byte> _reader;

    public MessagePackReader(ReadOnlyMemory<byte> memory)
    {
        _reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(memory));
        Depth = 0;
    }

    public MessagePackReader(in ReadOnlySequence<byte> readOnlySequence)
    {
        _reader = new SequenceReader<byte>(readOnlySequence);
        Depth = 0;
    }

    /// <summary>How deep the value being read is nested; see <see cref="MessagePackSecurity.DepthStep"/>.</summary>
    public int Depth { get; set; }

    public readonly ReadOnlySequence<byte> Sequence => _reader.Sequence;

    public readonly SequencePosition Position => _reader.Position;

    public readonly long Consumed => _reader.Consumed;

    public readonly bool End => _reader.End;

    public readonly bool IsNil => NextCode == MessagePackCode.Nil;

    public readonly MessagePackType NextMessagePackType => MessagePackCode.ToMessagePackType(NextCode);

    /// <summary>First byte of the next value, which stays unread.</summary>
    public readonly byte NextCode => _reader.TryPeek(out var code) ? code : throw NotEnough();

    public readonly MessagePackReader Clone(in ReadOnlySequence<byte> readOnlySequence) => new(readOnlySequence) { Depth = Depth };

    /// <summary>A reader at this place; neither moves the other.</summary>
    public readonly MessagePackReader CreatePeekReader() => this;

    public Nil ReadNil() => TryReadNil() ? Nil.Default : throw Mismatch(NextCode);

    public bool TryReadNil()
    {
        if (!IsNil)
        {
            return false;
        }

        _reader.Advance(1);
        return true;
    }

    public bool ReadBoolean()
    {
        var code = NextCode;
        if (code is not (MessagePackCode.True or MessagePackCode.False))
        {
            throw Mismatch(code);
        }

        _reader.Advance(1);
        return code == MessagePackCode.True;
    }

    /// <summary>The bytes as they are.</summary>
    public ReadOnlySequence<byte> ReadRaw(long length)
    {
        if (length < 0 || length > _reader.Remaining)
        {
            throw NotEnough();
        }

        var raw = _reader.UnreadSequence.Slice(0, length);
        _reader.Advance(length);
        return raw;
    }

    /// <summary>The bytes of the next value, with all that it contains.</summary>
    public ReadOnlySequence<byte> ReadRaw()
    {
        var start = _reader.Position;
        Skip();
        return _reader.Sequence.Slice(start, _reader.Position);
    }

    /// <summary>Number of elements of an array. As each takes a byte at least, a count beyond the bytes left is refused.</summary>
    public int ReadArrayHeader()
    {
        var before = _reader;
        if (TryReadArrayHeader(out var count) && _reader.Remaining >= count)
        {
            return count;
        }

        _reader = before;
        throw NotEnough();
    }

    /// <summary>False where the header itself is cut off. The count is as declared: check it before allocating.</summary>
    public bool TryReadArrayHeader(out int count) =>
        TryReadCount(MessagePackCode.MinFixArray, MessagePackCode.MaxFixArray, MessagePackCode.Array16, MessagePackCode.Array32, out count);

    /// <summary>Number of pairs of a map. As each takes two bytes at least, a count beyond the bytes left is refused.</summary>
    public int ReadMapHeader()
    {
        var before = _reader;
        if (TryReadMapHeader(out var count) && _reader.Remaining >= 2L * count)
        {
            return count;
        }

        _reader = before;
        throw NotEnough();
    }

    /// <summary>False where the header itself is cut off. The count is as declared: check it before allocating.</summary>
    public bool TryReadMapHeader(out int count) =>
        TryReadCount(MessagePackCode.MinFixMap, MessagePackCode.MaxFixMap, MessagePackCode.Map16, MessagePackCode.Map32, out count);

    /// <summary>Passes over the next value with all that it contains, however deep: the depth costs no stack.</summary>
    public void Skip()
    {
        var before = _reader;
        for (var pending = 1L; pending > 0;)
        {
            var token = TokenAt(out var ok);
            if (!ok || token.Length > _reader.Remaining || token.Children > _reader.Remaining - token.Length)
            {
                _reader = before;
                throw NotEnough();
            }

            _reader.Advance(token.Length);
            pending += token.Children - 1;
        }
    }

    /// <summary>Length of the next token with its own payload, and how many values follow as its children.</summary>
    private readonly (long Length, long Children) TokenAt(out bool ok)
    {
        ok = _reader.TryPeek(out var code);
        if (!ok)
        {
            return default;
        }

        switch (code)
        {
            case MessagePackCode.Nil or MessagePackCode.True or MessagePackCode.False or <= MessagePackCode.MaxFixInt or >= MessagePackCode.MinNegativeFixInt:
                return (1, 0);
            case <= MessagePackCode.MaxFixMap:
                return (1, 2 * (code & 0x0f));
            case <= MessagePackCode.MaxFixArray:
                return (1, code & 0x0f);
            case <= MessagePackCode.MaxFixStr:
                return (1 + (code & 0x1f), 0);
            case MessagePackCode.UInt8 or MessagePackCode.Int8:
                return (2, 0);
            case MessagePackCode.UInt16 or MessagePackCode.Int16:
                return (3, 0);
            case MessagePackCode.UInt32 or MessagePackCode.Int32 or MessagePackCode.Float32:
                return (5, 0);
            case MessagePackCode.UInt64 or MessagePackCode.Int64 or MessagePackCode.Float64:
                return (9, 0);
            case MessagePackCode.Bin8 or MessagePackCode.Str8:
                return (2 + BigEndianAfterCode(1, out ok), 0);
            case MessagePackCode.Bin16 or MessagePackCode.Str16:
                return (3 + BigEndianAfterCode(2, out ok), 0);
            case MessagePackCode.Bin32 or MessagePackCode.Str32:
                return (5 + BigEndianAfterCode(4, out ok), 0);
            case MessagePackCode.Ext8:
                return (3 + BigEndianAfterCode(1, out ok), 0);
            case MessagePackCode.Ext16:
                return (4 + BigEndianAfterCode(2, out ok), 0);
            case MessagePackCode.Ext32:
                return (6 + BigEndianAfterCode(4, out ok), 0);
            case >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16:
                return (2 + (1 << (code - MessagePackCode.FixExt1)), 0);
            case MessagePackCode.Array16:
                return (3, BigEndianAfterCode(2, out ok));
            case MessagePackCode.Array32:
                return (5, BigEndianAfterCode(4, out ok));
            case MessagePackCode.Map16:
                return (3, 2 * BigEndianAfterCode(2, out ok));
            case MessagePackCode.Map32:
                return (5, 2 * BigEndianAfterCode(4, out ok));
            default:
                throw Mismatch(code);
        }
    }

    private bool TryReadCount(byte minFix, byte maxFix, byte code16, byte code32, out int count)
    {
        count = 0;
        if (!_reader.TryPeek(out var code))
        {
            return false;
        }

        if (code >= minFix && code <= maxFix)
        {
            count = code & 0x0f;
            _reader.Advance(1);
            return true;
        }

        var width = code == code16 ? 2 : code == code32 ? 4 : throw Mismatch(code);
        var declared = BigEndianAfterCode(width, out var ok);
        if (!ok)
        {
            return false;
        }

        count = checked((int)declared);
        _reader.Advance(1 + width);
        return true;
    }

    /// <summary>The unsigned number of 1, 2 or 4 bytes that stands behind the next code byte.</summary>
    private readonly long BigEndianAfterCode(int width, out bool ok)
    {
        Span<byte> token = stackalloc byte[5];
        ok = _reader.TryCopyTo(token[..(1 + width)]);
        return !ok ? 0 : width switch
        {
            1 => token[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(token[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(token[1..]),
        };
    }

    private static EndOfStreamException NotEnough() => new("the MessagePack value is longer than the bytes at hand");

    private static MessagePackSerializationException Mismatch(byte code) =>
        new($"MessagePack code 0x{code:x2} ({MessagePackCode.ToFormatName(code)}) is no value of the type expected here");
}
