using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>CIE L*a*b* of sRGB bytes: white D65, observer of 2 degrees.</summary>
public static class Lab
{
    private const double WhiteX = 0.95047;
    private const double WhiteZ = 1.08883;

    /// <summary>L*a*b* of RGB bytes.</summary>
    /// <param name="rgb">uint8 [B, 3, H, W] RGB.</param>
    /// <returns>float32 [B, 3, H, W]: L in 0..100, a and b around -110..110.</returns>
    /// <remarks>
    /// IEC 61966-2-1 and CIE 15, with the rounded constants of scikit-image's rgb2lab, which BoxInst calls. Computed in float64 and rounded
    /// once, as there; the pictures are a sixteenth of the frame, and a byte's decoding is looked up.
    /// </remarks>
    public static Tensor FromBytes(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        // [B, 3, H, W] float64, 0..1
        var linear = Decoding(rgb.device).index_select(0, rgb.flatten().to(ScalarType.Int64)).reshape(rgb.shape);
        var (r, g, b) = (linear.select(1, 0), linear.select(1, 1), linear.select(1, 2)); // [B, H, W] each
        var fx = Compress(Weigh(r, 0.412453, g, 0.357580, b, 0.180423).Over(WhiteX));
        var fy = Compress(Weigh(r, 0.212671, g, 0.715160, b, 0.072169));
        var fz = Compress(Weigh(r, 0.019334, g, 0.119193, b, 0.950227).Over(WhiteZ));
        var lab = stack([fy.Times(116).Minus(16), fx.sub(fy).Times(500), fy.sub(fz).Times(200)], 1); // [B, 3, H, W]
        return lab.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private static Tensor Weigh(Tensor r, double wr, Tensor g, double wg, Tensor b, double wb) =>
        r.Times(wr).Plus(g.Times(wg)).Plus(b.Times(wb));

    /// <summary>Cube root, made straight near black (CIE 15, the function f).</summary>
    private static Tensor Compress(Tensor t) =>
        where(t.gt(Held.Of(0.008856)), t.pow(Held.Of(1.0 / 3.0)), t.Times(7.787).Plus(16.0 / 116.0));

    /// <summary>[256] float64: intensity of each sRGB byte.</summary>
    private static Tensor Decoding(Device device) => tensor(Enumerable.Range(0, 256).Select(Intensity).ToArray(), device: device);

    private static double Intensity(int value)
    {
        var v = value / 255.0;
        return v > 0.04045 ? Math.Pow((v + 0.055) / 1.055, 2.4) : v / 12.92;
    }
}
