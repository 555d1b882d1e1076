using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Compares tensors with numbers computed in C#; NaN equals only NaN where a test asks for it by name.</summary>
internal static class Expect
{
    /// <summary>Both sides are double arithmetic in another order.</summary>
    public const double Float64 = 1e-12;

    /// <summary>Single precision, some hundred terms.</summary>
    public const double Float32 = 2e-5;

    public static double[] Doubles(Tensor tensor)
    {
        using var wide = tensor.to(float64);
        return wide.data<double>().ToArray();
    }

    public static void Equal(Tensor actual, long[] shape, double[] expected, double tolerance = Float64)
    {
        Assert.Equal(shape, actual.shape);
        Equal(actual, expected, tolerance);
    }

    public static void Equal(Tensor actual, double[] expected, double tolerance = Float64)
    {
        var values = Doubles(actual);
        Assert.Equal(expected.Length, values.Length);
        for (var k = 0; k < values.Length; k++)
        {
            var close = values[k].Equals(expected[k]) || Math.Abs(values[k] - expected[k]) <= tolerance * (1 + Math.Abs(expected[k]));
            Assert.True(close, $"element {k}: {values[k]}, expected {expected[k]}");
        }
    }

    public static void Same(Tensor actual, Tensor expected, double tolerance = Float64)
    {
        Assert.Equal(expected.shape, actual.shape);
        Equal(actual, Doubles(expected), tolerance);
    }

    /// <summary>Numbers of both signs, no two alike, none zero: a deterministic filling for any shape.</summary>
    public static Tensor Filled(params long[] shape) => Filled(float64, shape);

    public static Tensor Filled(ScalarType type, params long[] shape)
    {
        var count = shape.Aggregate(1L, (a, b) => a * b);
        var values = new double[count];
        for (var k = 0; k < count; k++)
            values[k] = Math.Round((2 * Math.Sin((k * 1.7) + 0.3)) + (0.001 * k), 6);
        return tensor(values, shape, type);
    }
}
