namespace TorchSharp;

// torch.tensor for every element type: always a copy.
public static unsafe partial class torch
{
    public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<byte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<byte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<byte> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<byte>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<byte>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(byte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<byte>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(byte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<byte>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(byte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<byte>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(sbyte scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(sbyte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        sbyte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<sbyte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<sbyte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<sbyte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<sbyte> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<sbyte>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<sbyte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<sbyte>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(sbyte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<sbyte>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(sbyte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<sbyte>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(sbyte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<sbyte>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(short scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<short>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(short[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<short>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        short[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<short>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<short> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<short>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<short> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<short>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<short> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<short>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<short> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<short>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<short> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<short>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(short[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<short>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(short[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<short>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(short[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<short>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<int>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(int[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<int>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<int>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<int> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<int>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<int>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<int> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<int>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<int> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<int>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<int>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(int[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<int>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(int[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<int>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(int[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<int>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(long scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<long>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(long[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<long>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        long[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<long>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<long> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<long>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<long>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<long> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<long>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<long> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<long>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<long>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(long[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<long>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(long[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<long>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(long[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<long>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(Half scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(Half[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        Half[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<Half> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<Half> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<Half> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<Half> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<Half>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<Half> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<Half>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(Half[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<Half>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(Half[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<Half>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(Half[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<Half>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<float>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<float>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<float>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<float> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<float>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<float>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<float> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<float>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<float> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<float>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<float>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(float[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<float>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(float[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<float>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(float[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<float>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>([scalar], [], dtype, device, requires_grad);

    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<double> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<double> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<double> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<double>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<double>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(double[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<double>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(double[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<double>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(double[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<double>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(bool scalar, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>([scalar], [], null, device, requires_grad);

    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(IList<bool> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>([.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<bool> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>([.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        IList<bool> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>([.. rawArray], [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor(
        IList<bool> rawArray,
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) => FromValues<bool>([.. rawArray], [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<bool> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromValues<bool>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(bool[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<bool>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(bool[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<bool>(rawArray, dtype, device, requires_grad);

    public static Tensor tensor(bool[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<bool>(rawArray, dtype, device, requires_grad);

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
        ref var first = ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(
            ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array));
        var values = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref first, array.Length);
        return FromValues(values, sizes, dtype, device, requires_grad);
    }
}
