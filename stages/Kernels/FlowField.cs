using Motion.Contracts;
using Motion.DataSets;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Kernels;

/// <summary>
/// Optical flow as vectors: float32 [2, H, W] or [N, 2, H, W], channel 0 = u (right), 1 = v (down), in pixels of the field's own resolution
/// per frame step. A vector is unknown where a component is NaN, infinite or beyond 1e9 (Middlebury's convention).
/// </summary>
public static class FlowField
{
    /// <summary>Components beyond this magnitude mean "not known" (Middlebury).</summary>
    public const double UnknownAbove = 1e9;

    /// <summary>What an unknown component is written as.</summary>
    public const double Unknown = FlowForms.Unknown;

    /// <summary>Where the flow is known.</summary>
    /// <param name="flow">float32 [2, H, W] or [N, 2, H, W].</param>
    /// <returns>bool [1, H, W] or [N, 1, H, W].</returns>
    public static Tensor Known(Tensor flow)
    {
        using var scope = NewDisposeScope();
        var (u, v) = Components(flow); // [.., 1, H, W] each
        var known = u.abs().le(Held.Of(UnknownAbove)).logical_and(v.abs().le(Held.Of(UnknownAbove))); // NaN <= x is false
        return known.MoveToOuterDisposeScope();
    }

    /// <summary>The flow of the resized picture: bilinear (half-pixel centres), vectors scaled by the change of each side.</summary>
    /// <param name="flow">float32 [2, H, W] or [N, 2, H, W].</param>
    /// <param name="size">The new height and width.</param>
    /// <returns>The same rank at the new size. A pixel that would blend in an unknown vector is unknown.</returns>
    public static Tensor Resize(Tensor flow, Size2 size)
    {
        var (height, width) = (flow.shape[^2], flow.shape[^1]);
        if (height == size.Height && width == size.Width)
        {
            return flow.alias();
        }

        using var scope = NewDisposeScope();
        var known = Known(flow);
        var factors = tensor(new[] { (float)((double)size.Width / width), (float)((double)size.Height / height) }, device: flow.device)
            .view(2, 1, 1);
        if (known.all().item<bool>())
        {
            return Bilinear(flow, size).mul(factors).MoveToOuterDisposeScope();
        }

        var unknown = known.logical_not();
        var touched = Bilinear(unknown.to_type(ScalarType.Float32), size).gt(Held.Of(0)); // [.., 1, h, w]
        var vectors = Bilinear(flow.masked_fill(unknown, Held.Of(0)), size).mul(factors); // [.., 2, h, w]
        return vectors.masked_fill(touched, Held.Of(Unknown)).MoveToOuterDisposeScope();
    }

    /// <summary>The flow of the mirrored picture: columns reversed, u negated. Unknown vectors stay unknown.</summary>
    /// <param name="flow">float32 [2, H, W] or [N, 2, H, W].</param>
    public static Tensor FlipHorizontal(Tensor flow)
    {
        using var scope = NewDisposeScope();
        var signs = tensor(new[] { -1f, 1f }, device: flow.device).view(2, 1, 1);
        return flow.flip(-1).mul(signs).MoveToOuterDisposeScope();
    }

    /// <summary>Length of the longest known vector, in pixels; null where none is known.</summary>
    /// <param name="flow">float32 [2, H, W].</param>
    public static float? Longest(Tensor flow)
    {
        using var scope = NewDisposeScope();
        var (u, v) = Components(flow);
        var lengths = u.Squared().Plus(v.Squared()).sqrt().masked_select(Known(flow)); // [P]
        return lengths.numel() == 0 ? null : lengths.max().item<float>();
    }

    /// <summary>Length of the difference of two flows, pixel by pixel.</summary>
    /// <returns>float32 [1, H, W] or [N, 1, H, W], pixels.</returns>
    public static Tensor EndPointErrors(Tensor estimate, Tensor truth)
    {
        using var scope = NewDisposeScope();
        var (u, v) = Components(estimate.sub(truth));
        return u.Squared().Plus(v.Squared()).sqrt().MoveToOuterDisposeScope();
    }

    /// <summary>Mean end-point error over the pixels whose truth is known, in pixels; null where none is.</summary>
    /// <param name="estimate">float32 [2, H, W] or [N, 2, H, W].</param>
    /// <param name="truth">The same shape.</param>
    public static double? EndPointError(Tensor estimate, Tensor truth)
    {
        using var scope = NewDisposeScope();
        var errors = EndPointErrors(estimate, truth).masked_select(Known(truth)); // [P]
        return errors.numel() == 0 ? null : errors.to_type(ScalarType.Float64).mean().item<double>();
    }

    private static (Tensor U, Tensor V) Components(Tensor flow) => (flow.narrow(-3, 0, 1), flow.narrow(-3, 1, 1));

    private static Tensor Bilinear(Tensor field, Size2 size)
    {
        var batched = field.dim() == 4;
        var resized = F.interpolate(
            batched ? field : field.unsqueeze(0),
            [size.Height, size.Width],
            mode: InterpolationMode.Bilinear,
            align_corners: false
        );
        return batched ? resized : resized.squeeze(0);
    }
}
