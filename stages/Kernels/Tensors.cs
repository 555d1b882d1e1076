using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Comparison of tensors by value; records that hold tensors compare them by reference.</summary>
public static class Tensors
{
    /// <summary>
    /// |a - b| is at most atol + rtol |b| everywhere. Shapes must agree; NaN is close to nothing, equal infinities are close.
    /// </summary>
    /// <param name="a">Any dtype; compared in float64.</param>
    /// <param name="b">The reference.</param>
    /// <param name="atol">In the tensors' units.</param>
    /// <param name="rtol">Relative to b.</param>
    public static bool Close(Tensor a, Tensor b, double atol, double rtol)
    {
        if (!a.shape.SequenceEqual(b.shape))
        {
            return false;
        }

        using var scope = NewDisposeScope();
        var (x, y) = (a.to(ScalarType.Float64).cpu(), b.to(ScalarType.Float64).cpu());
        var near = x.sub(y).abs().le(y.abs().Times(rtol).Plus(atol)).logical_and(y.abs().lt(Held.Of(double.PositiveInfinity)));
        return near.logical_or(x.eq(y)).all().item<bool>();
    }

    /// <summary>Same dtype, shape and bytes: distinguishes 0 from -0, and finds a NaN equal to itself.</summary>
    public static bool SameBits(Tensor a, Tensor b)
    {
        if (a.dtype != b.dtype || !a.shape.SequenceEqual(b.shape))
        {
            return false;
        }

        using var scope = NewDisposeScope();
        var (left, right) = (a.detach().cpu().contiguous(), b.detach().cpu().contiguous());
        return a.numel() == 0 || left.bytes.SequenceEqual(right.bytes);
    }
}
