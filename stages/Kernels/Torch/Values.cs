using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>What a tensor holds, as memory of .NET.</summary>
public static class Values
{
    /// <summary>All elements in row-major order, whatever the tensor's device, strides, graph or number of elements.</summary>
    /// <typeparam name="T">The tensor's element type.</typeparam>
    /// <remarks>
    /// TorchSharp 0.107: <c>data&lt;T&gt;()</c> of a tensor of several dimensions without elements throws, its <c>CopyTo</c> from an offset
    /// takes wrong elements of a strided view, and what it and <c>bytes</c> give is a bare pointer into a tensor that the collector may
    /// free.
    /// </remarks>
    /// <exception cref="ArgumentException">The elements are of another size than <typeparamref name="T"/>.</exception>
    public static T[] Elements<T>(this Tensor tensor)
        where T : unmanaged
    {
        var count = tensor.numel();
        if (count > 0 && tensor.element_size() != Marshal.SizeOf<T>() && !(typeof(T) == typeof(bool) && tensor.dtype == ScalarType.Bool))
        {
            throw new ArgumentException($"a tensor of {tensor.dtype} was read as {typeof(T).Name}");
        }

        if (count == 0)
        {
            return [];
        }

        using var detached = tensor.detach();
        using var here = detached.cpu();
        using var whole = here.contiguous();
        return MemoryMarshal.Cast<byte, T>(whole.bytes).ToArray();
    }

    /// <summary>Does something with all elements as bytes in row-major order; they are not copied where they lie so already.</summary>
    /// <param name="tensor">Of any device, strides and number of elements; below 2 GiB.</param>
    /// <param name="use">The bytes are valid for the length of the call.</param>
    public static TResult Read<TResult>(this Tensor tensor, Func<ReadOnlySpan<byte>, TResult> use)
    {
        if (tensor.numel() == 0)
        {
            return use([]);
        }

        using var detached = tensor.detach();
        using var here = detached.cpu();
        using var whole = here.contiguous();
        return use(whole.bytes);
    }
}
