using static TorchSharp.torch;

namespace Motion.Pipeline.Parity.Forms;

/// <summary>The motions that the references' synthetic pairs were drawn with (README of the GMA references, section 3).</summary>
internal static class SyntheticMotion
{
    /// <summary>float32 [1, 2, H, W] of each kind.</summary>
    public static IEnumerable<Tensor> All(long height, long width)
    {
        var (x, y) = (arange(width, ScalarType.Float64).view(1, width).expand(height, width), arange(height, ScalarType.Float64).view(height, 1).expand(height, width));
        var (p, q) = (x.sub((width - 1) / 2.0), y.sub((height - 1) / 2.0));
        yield return Field(p.mul(.03).sub(q.mul(.02)).add(3.25), p.mul(.02).add(q.mul(.03)).sub(2.5));
        yield return Field(q.mul(.04).sub(p.mul(.02)).sub(4.5), p.mul(-.04).sub(q.mul(.02)).add(1.75));
        yield return Field(y.mul(.05).sin().mul(3).add(2), x.mul(.04).cos().mul(5).sub(1));
    }

    private static Tensor Field(Tensor u, Tensor v) => stack([u, v]).unsqueeze(0).to_type(ScalarType.Float32);
}
