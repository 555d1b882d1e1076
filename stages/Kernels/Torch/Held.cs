using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Arithmetic with numbers that are held for as long as libtorch needs them.</summary>
/// <remarks>
/// TorchSharp 0.107: the number of <c>x.mul(2)</c> becomes an object of its own, of which the call keeps an address alone. Where another
/// thread collects garbage at that moment, the number is freed under the call, which then computes with whatever lies there, or throws. The
/// same holds of the factor 1 in <c>x.add(y)</c> and <c>x + y</c>, the exponent in <c>x.square()</c> and the result of <c>x.ToDouble()</c>.
/// Tensors are safe as long as a dispose scope, a message or a local that is used later holds them.
/// </remarks>
public static class Held
{
    private static readonly ConcurrentDictionary<long, Scalar> Whole = new();
    private static readonly ConcurrentDictionary<long, Scalar> Real = new();

    /// <summary>A whole number that is held for good: for constants, sizes and settings.</summary>
    public static Scalar Of(long value) => Whole.GetOrAdd(value, static value => value.ToScalar());

    /// <summary>A real number that is held for good: for constants and settings.</summary>
    public static Scalar Of(double value) =>
        Real.GetOrAdd(BitConverter.DoubleToInt64Bits(value), static bits => BitConverter.Int64BitsToDouble(bits).ToScalar());

    /// <summary>x + y, shapes broadcast against each other.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, Of(1));

    /// <summary>x + y, written over x.</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, Of(1));

    /// <summary>x + factor y, written over x, of a factor that may be another one each time.</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y, double factor) => With(factor, held => x.add_(y, held));

    /// <summary>x + y; the result has the type of x.</summary>
    public static Tensor Plus(this Tensor x, long y) => x.add(Of(y), Of(1));

    /// <summary>x + y; of whole numbers x the result is of the default type.</summary>
    public static Tensor Plus(this Tensor x, double y) => With(y, held => x.add(held, Of(1)));

    /// <summary>x + y, written over x.</summary>
    public static Tensor PlusInPlace(this Tensor x, long y) => x.add_(Of(y), Of(1));

    /// <summary>x + y, written over x.</summary>
    public static Tensor PlusInPlace(this Tensor x, double y) => With(y, held => x.add_(held, Of(1)));

    /// <summary>x - y; the result has the type of x.</summary>
    public static Tensor Minus(this Tensor x, long y) => x.sub(Of(y));

    /// <summary>x - y; of whole numbers x the result is of the default type.</summary>
    public static Tensor Minus(this Tensor x, double y) => With(y, held => x.sub(held));

    /// <summary>x * y; the result has the type of x.</summary>
    public static Tensor Times(this Tensor x, long y) => x.mul(Of(y));

    /// <summary>x * y; of whole numbers x the result is of the default type.</summary>
    public static Tensor Times(this Tensor x, double y) => With(y, held => x.mul(held));

    /// <summary>x / y; of whole numbers x the result is of the default type.</summary>
    public static Tensor Over(this Tensor x, long y) => x.div(Of(y));

    /// <summary>x / y; of whole numbers x the result is of the default type.</summary>
    public static Tensor Over(this Tensor x, double y) => With(y, held => x.div(held));

    /// <summary>x^2.</summary>
    public static Tensor Squared(this Tensor x) => x.pow(Of(2));

    /// <summary>The numbers 0, 1, ... below stop: [stop], int64 where no type is given.</summary>
    public static Tensor Range(long stop, ScalarType? dtype = null, Device? device = null) => Range(0, stop, dtype, device);

    /// <summary>The numbers start, start + 1, ... below stop: [stop - start], int64 where no type is given.</summary>
    public static Tensor Range(long start, long stop, ScalarType? dtype = null, Device? device = null) =>
        arange(Of(start), Of(stop), Of(1), dtype, device);

    /// <summary>The one element of a tensor of any real type and device.</summary>
    /// <exception cref="ArgumentException">The tensor has more elements than one, or none.</exception>
    public static double Number(this Tensor tensor)
    {
        using var number = tensor.to_type(ScalarType.Float64);
        return number.item<double>();
    }

    private static Tensor With(double value, Func<Scalar, Tensor> compute)
    {
        using var held = value.ToScalar();
        return compute(held);
    }
}
