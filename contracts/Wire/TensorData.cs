using System.IO.Hashing;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Tensors as plain memory: names of element types, sizes in bytes, row-major copies.</summary>
internal static class TensorData
{
    private const int PartBytes = 1 << 30;

    private static readonly (ScalarType Type, string Name, int Size)[] Types =
    [
        (ScalarType.Byte, "uint8", 1),
        (ScalarType.Int8, "int8", 1),
        (ScalarType.Int16, "int16", 2),
        (ScalarType.Int32, "int32", 4),
        (ScalarType.Int64, "int64", 8),
        (ScalarType.Float16, "float16", 2),
        (ScalarType.BFloat16, "bfloat16", 2),
        (ScalarType.Float32, "float32", 4),
        (ScalarType.Float64, "float64", 8),
        (ScalarType.Bool, "bool", 1),
    ];

    public static string NameOf(ScalarType type)
    {
        foreach (var known in Types)
        {
            if (known.Type == type)
            {
                return known.Name;
            }
        }

        throw new ArgumentException($"tensors of {type} are neither sent nor stored");
    }

    public static ScalarType? TypeOf(string name)
    {
        foreach (var known in Types)
        {
            if (known.Name == name)
            {
                return known.Type;
            }
        }

        return null;
    }

    public static int SizeOf(ScalarType type)
    {
        foreach (var known in Types)
        {
            if (known.Type == type)
            {
                return known.Size;
            }
        }

        throw new ArgumentException($"tensors of {type} are neither sent nor stored");
    }

    /// <summary>
    /// Bytes of a row-major tensor; null where the number does not fit a long (sizes of 0 taken as 1: strides are numbers too).
    /// </summary>
    public static long? ByteCount(ScalarType type, ReadOnlySpan<long> shape)
    {
        var bytes = (Int128)SizeOf(type);
        foreach (var size in shape)
        {
            bytes *= Math.Max(1, size);
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return shape.Contains(0) ? 0 : (long)bytes;
    }

    /// <summary>
    /// The tensor where its bytes can be read: on the CPU, row-major, without a graph. Copied only where it is not so already;
    /// the handle is the caller's, whatever dispose scope is open.
    /// </summary>
    public static Tensor RowMajor(Tensor tensor)
    {
        using var detached = tensor.detach();
        using var here = detached.cpu();
        return here.contiguous().DetachFromDisposeScope();
    }

    /// <summary>A CPU tensor whose memory is still to be written; the caller owns it, whatever dispose scope is open.</summary>
    public static Tensor Allocate(ScalarType type, long[] shape) => empty(shape, dtype: type, device: CPU).DetachFromDisposeScope();

    /// <exception cref="InvalidDataException">More bytes than one tensor's memory is read into at once.</exception>
    public static void CheckReadable(long bytes, string what)
    {
        if (bytes > int.MaxValue)
        {
            throw new InvalidDataException($"{what} has {bytes} bytes; a tensor of 2 GiB or more is not read");
        }
    }

    /// <summary>One part after the other of a row-major CPU tensor's memory: what .NET shows of it at once ends at 2 GiB.</summary>
    /// <param name="tensor">Row-major, on the CPU, of any size.</param>
    /// <param name="use">Reads or fills a part; the parts follow each other.</param>
    /// <param name="partBytes">Most bytes of a part.</param>
    public static void InParts(Tensor tensor, SpanAction use, int partBytes = PartBytes)
    {
        if (tensor.numel() * SizeOf(tensor.dtype) <= partBytes)
        {
            use(tensor.bytes);
            return;
        }

        var step = Math.Max(1, partBytes / SizeOf(tensor.dtype));
        using var flat = tensor.view(-1);
        for (var start = 0L; start < flat.numel(); start += step)
        {
            using var part = flat.narrow(0, start, Math.Min(step, flat.numel() - start));
            use(part.bytes);
        }
    }

    /// <summary>Fills a new CPU tensor from a stream.</summary>
    public static void Fill(Tensor tensor, Stream from) => InParts(tensor, part => from.ReadExactly(part));

    /// <exception cref="InvalidDataException">A bool that is neither 0 nor 1, which would be undefined in any arithmetic.</exception>
    public static void CheckBools(Tensor tensor, string what)
    {
        if (tensor.dtype != ScalarType.Bool)
        {
            return;
        }

        InParts(
            tensor,
            part =>
            {
                if (part.ContainsAnyExceptInRange((byte)0, (byte)1))
                {
                    throw new InvalidDataException($"{what} is of bool and holds bytes other than 0 and 1");
                }
            }
        );
    }

    /// <summary>CRC-32 of a row-major CPU tensor's bytes.</summary>
    public static uint Checksum(Tensor tensor)
    {
        var crc = new Crc32();
        InParts(tensor, part => crc.Append(part));
        return crc.GetCurrentHashAsUInt32();
    }

    /// <summary>Does something with bytes.</summary>
    public delegate void SpanAction(Span<byte> bytes);

    public static string Describe(ScalarType type, ReadOnlySpan<long> shape) => $"{NameOf(type)} [{string.Join(", ", shape.ToArray())}]";
}
