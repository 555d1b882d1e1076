using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

// What every torch.tensor does.
public static unsafe partial class torch
{
    internal static Tensor FromValues<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        long count = 1;
        foreach (var d in dimensions)
            count = checked(count * d);
        if (count > values.Length)
            throw new ArgumentException($"A shape of {count} elements and only {values.Length} values.", nameof(dimensions));
        nint made;
        fixed (T* data = values)
        fixed (long* sizes = dimensions)
            made = Native.mt_new(data, count * sizeof(T), sizes, dimensions.Length, (sbyte)ToScalarType(typeof(T)));
        var result = new Tensor(Native.Check(made));
        if ((dtype is { } type && type != result.dtype) || (device is not null && device.type != DeviceType.CPU))
        {
            using var host = result;
            result = host.to(dtype ?? host.dtype, device ?? CPU);
        }
        return requires_grad ? result.requires_grad_() : result;
    }

    private static Tensor FromArray<T>(Array array, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        var sizes = new long[array.Rank];
        for (var d = 0; d < sizes.Length; d++)
            sizes[d] = array.GetLongLength(d);
        ref var first = ref Unsafe.As<byte, T>(
            ref MemoryMarshal.GetArrayDataReference(array));
        var values = MemoryMarshal.CreateReadOnlySpan(ref first, array.Length);
        return FromValues(values, sizes, dtype, device, requires_grad);
    }
}
