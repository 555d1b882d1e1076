using System.Buffers;
using System.Buffers.Binary;
using MessagePack;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Messages as bytes and back; docs/wire-format.md is the specification.</summary>
public static class WireCodec
{
    /// <summary>Version of the format; a frame of another version is refused.</summary>
    public const int Protocol = 1;

    internal const int PrefixBytes = sizeof(ulong) + sizeof(uint);
    internal const int ChecksumBytes = sizeof(uint);

    /// <summary>Appends one frame. The message stays the caller's.</summary>
    /// <exception cref="ArgumentException">A tensor is not what the message's contract says.</exception>
    public static void Write(IBufferWriter<byte> output, Message message)
    {
        using var frame = new FrameWriter(message);
        while (frame.WritePart(output, long.MaxValue)) { }
    }

    /// <summary>Takes one frame off the front of <paramref name="input"/>; the other two answers leave it as it is.</summary>
    /// <param name="input">Bytes that begin with a frame.</param>
    /// <param name="limits">What a frame may declare; nothing is allocated before these and the bytes at hand are checked.</param>
    public static WireRead TryRead(ref ReadOnlySequence<byte> input, WireLimits? limits = null)
    {
        limits ??= WireLimits.Default;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        var have = (int)Math.Min(input.Length, PrefixBytes);
        input.Slice(0, have).CopyTo(prefix);
        if (have < sizeof(ulong))
        {
            return new WireRead.NeedMore(PrefixBytes);
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length < PrefixBytes - sizeof(ulong) + ChecksumBytes || length > (ulong)limits.FrameBytes)
        {
            return new WireRead.Bad($"no frame has a length of {length} bytes (the limit is {limits.FrameBytes})");
        }

        if (have < PrefixBytes)
        {
            return new WireRead.NeedMore(PrefixBytes);
        }

        var header = BinaryPrimitives.ReadUInt32LittleEndian(prefix[sizeof(ulong)..]);
        if (header > limits.HeaderBytes || header > length - sizeof(uint) - ChecksumBytes)
        {
            return new WireRead.Bad($"a frame of {length} bytes cannot have a header of {header} (the limit is {limits.HeaderBytes})");
        }

        var total = sizeof(ulong) + (long)length;
        if (input.Length < total)
        {
            return new WireRead.NeedMore(total);
        }

        var frame = input.Slice(0, total);
        if (ChecksumProblem(frame) is { } problem)
        {
            return new WireRead.Bad(problem);
        }

        try
        {
            var message = Decode(
                frame.Slice(PrefixBytes, header),
                frame.Slice(PrefixBytes + header, total - PrefixBytes - header - ChecksumBytes)
            );
            input = input.Slice(total);
            return new WireRead.Frame(message);
        }
        catch (Exception e) when (Problem(e) is not null)
        {
            return new WireRead.Bad(Problem(e)!);
        }
    }

    // MessagePack says what it met, not what that means here.
    private static string? Problem(Exception e) =>
        e switch
        {
            InvalidDataException => e.Message,
            EndOfStreamException => "the header's values are longer than the bytes it has",
            OverflowException => "a number of the header does not fit the field it stands in",
            MessagePackSerializationException => $"a value of the header is not of its field's type ({e.Message})",
            _ => null,
        };

    private static string? ChecksumProblem(ReadOnlySequence<byte> frame)
    {
        var checksum = default(Crc32C);
        foreach (var part in frame.Slice(0, frame.Length - ChecksumBytes))
        {
            checksum = checksum.Append(part.Span);
        }

        Span<byte> stored = stackalloc byte[ChecksumBytes];
        frame.Slice(frame.Length - ChecksumBytes).CopyTo(stored);
        var expected = BinaryPrimitives.ReadUInt32LittleEndian(stored);
        return expected == checksum.Value ? null : $"the frame's checksum is {expected:x8}, that of its bytes {checksum.Value:x8}";
    }

    private static Message Decode(ReadOnlySequence<byte> header, ReadOnlySequence<byte> payloads)
    {
        var decoded = WireHeader.Read(header);
        var declared = decoded.Tensors.Aggregate(Int128.Zero, (sum, tensor) => sum + (tensor?.Bytes ?? 0));
        if (declared != payloads.Length)
        {
            throw new InvalidDataException($"the tensors declare {declared} bytes, the frame holds {payloads.Length}");
        }

        var tensors = new Tensor?[decoded.Tensors.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (decoded.Tensors[i] is { } tensor)
            {
                tensors[i] = Copy(tensor, payloads.Slice(0, tensor.Bytes));
                payloads = payloads.Slice(tensor.Bytes);
            }
        }

        return decoded.Complete(tensors);
    }

    private static Tensor Copy(TensorDeclaration declared, ReadOnlySequence<byte> bytes)
    {
        var tensor = TensorData.Allocate(declared.Type, declared.Shape);
        bytes.CopyTo(tensor.bytes);
        return tensor;
    }
}
