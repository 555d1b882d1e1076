using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Tensors as plain memory: names of element types, sizes in bytes, row-major copies.</summary>
internal static class TensorData
{
    private static readonly (ScalarType Type, string Name, int Size)[] Types =
    [
        (ScalarType.Byte, "uint8", 1), (ScalarType.Int8, "int8", 1), (ScalarType.Int16, "int16", 2), (ScalarType.Int32, "int32", 4),
        (ScalarType.Int64, "int64", 8), (ScalarType.Float16, "float16", 2), (ScalarType.BFloat16, "bfloat16", 2), (ScalarType.Float32, "float32", 4),
        (ScalarType.Float64, "float64", 8), (ScalarType.Bool, "bool", 1),
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

    /// <summary>Bytes of a row-major tensor; null where the number does not fit a long (sizes of 0 taken as 1: strides are numbers too).</summary>
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

    public static string Describe(ScalarType type, ReadOnlySpan<long> shape) => $"{NameOf(type)} [{string.Join(", ", shape.ToArray())}]";
}
