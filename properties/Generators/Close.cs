using Motion.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Generators;

/// <summary>Comparison with references, with a message that says how far off a tensor is.</summary>
public static class Close
{
    /// <summary>A sum of some thousand float32 numbers, taken in another order.</summary>
    public const double Float32Accumulation = 1e-5;

    /// <summary>Float32 numbers from the same formula, rounded once more or less.</summary>
    public const double Float32Rounding = 2e-6;

    /// <summary>Fails unless |actual - expected| is at most atol + rtol |expected| everywhere.</summary>
    public static void To(Tensor expected, Tensor actual, double atol, double rtol)
    {
        if (Tensors.Close(actual, expected, atol, rtol))
        {
            return;
        }

        using var scope = NewDisposeScope();
        var shapes = $"expected [{string.Join(", ", expected.shape)}], got [{string.Join(", ", actual.shape)}]";
        Assert.True(expected.shape.SequenceEqual(actual.shape), $"shapes differ: {shapes}");
        var (a, e) = (actual.to(ScalarType.Float64).flatten(), expected.to(ScalarType.Float64).flatten());
        var excess = a.sub(e).abs().sub(e.abs().Times(rtol)).nan_to_num(double.MaxValue, double.MaxValue, double.MaxValue);
        var worst = excess.argmax().item<long>();
        Assert.Fail(
            $"{shapes}: worst at {worst}: expected {e[worst].item<double>():R}, got {a[worst].item<double>():R}; allowed {atol} + {rtol} relative"
        );
    }

    /// <summary>Fails unless |actual - expected| is at most atol + rtol |expected|.</summary>
    public static void To(double expected, double actual, double atol, double rtol) =>
        Assert.True(
            Math.Abs(actual - expected) <= atol + (rtol * Math.Abs(expected)),
            $"expected {expected:R}, got {actual:R}; allowed {atol} + {rtol} relative"
        );
}
