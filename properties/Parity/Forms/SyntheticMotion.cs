using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The motions that the references' synthetic pairs were drawn with (README of the GMA references, section 3).</summary>
internal static class SyntheticMotion
{
    /// <summary>float32 [1, 2, H, W] of each kind.</summary>
    public static IEnumerable<Tensor> All(long height, long width)
    {
        var (x, y) = (
            Held.Range(width, ScalarType.Float64).view(1, width).expand(height, width),
            Held.Range(height, ScalarType.Float64).view(height, 1).expand(height, width)
        );
        var (p, q) = (x.Minus((width - 1) / 2.0), y.Minus((height - 1) / 2.0));
        yield return Field(p.Times(.03).sub(q.Times(.02)).Plus(3.25), p.Times(.02).Plus(q.Times(.03)).Minus(2.5));
        yield return Field(q.Times(.04).sub(p.Times(.02)).Minus(4.5), p.Times(-.04).sub(q.Times(.02)).Plus(1.75));
        yield return Field(y.Times(.05).sin().Times(3).Plus(2), x.Times(.04).cos().Times(5).Minus(1));
    }

    private static Tensor Field(Tensor u, Tensor v) => stack([u, v]).unsqueeze(0).to_type(ScalarType.Float32);
}
