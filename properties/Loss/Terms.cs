using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

/// <summary>Shorter ways to ask for one term of a batch, and slopes to compare gradients with.</summary>
internal static class Terms
{
    public static Tensor Pairwise(Prediction p, PairwiseOptions options) => Pairwise(p, p.Instances.MaskLogits, options);

    public static Tensor Pairwise(Prediction p, Tensor logits, PairwiseOptions options) =>
        PairwiseLoss.Of(
            logits,
            BoxInstances.Of(p.Instances.Boxes, p.Scene.BoxImages, BoxBitmasks.Windows(p.Scene.Boxes, Padded(p))),
            PseudoLabels.Of(p.Scene.ColourImages, p.Scene.FlowImages, p.Scene.ValidSizes, logits.dtype, options),
            options.Normaliser
        );

    public static Tensor Projection(Prediction p) => Projection(p, p.Instances.MaskLogits);

    public static Tensor Projection(Prediction p, Tensor logits) =>
        ProjectionLoss.Of(logits, BoxBitmasks.AtStride4(p.Scene.Boxes, Padded(p)).to(logits.dtype), p.Instances.Boxes);

    public static Size2 Padded(Prediction p) => new((int)p.Instances.MaskLogits.size(1) * 4, (int)p.Instances.MaskLogits.size(2) * 4);

    /// <summary>Whether autograd's gradient, along a direction, is the slope that central differences measure (all in float64).</summary>
    /// <param name="f">A scalar function.</param>
    /// <param name="at">Where.</param>
    /// <param name="direction">Of at's shape.</param>
    public static bool HasSlopeOfItsGradient(Func<Tensor, Tensor> f, Tensor at, Tensor direction)
    {
        // Truncation is of the order step^2, rounding of 1e-15 / step: both under the tolerance. A step may cross a kink (a maximum that
        // moves to another pixel, a side that is right); one a hundredth as long then does not.
        const double Tolerance = 1e-7;
        using var scope = NewDisposeScope();
        var (x, v) = (at.to(ScalarType.Float64).detach().requires_grad_(true), direction.to(ScalarType.Float64));
        var value = f(x);
        var predicted = value.requires_grad ? Gradients.Of([value], [x])[0]!.mul(v).sum().item<double>() : 0; // no pair of any box counts
        using var still = no_grad();
        double Measured(double step) => (f(x.Plus(v.Times(step))).item<double>() - f(x.sub(v.Times(step))).item<double>()) / (2 * step);
        return new[] { 1e-5, 1e-7 }.Any(step => Math.Abs(predicted - Measured(step)) <= Tolerance * (1 + Math.Abs(predicted)));
    }
}
