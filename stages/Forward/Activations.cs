using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>How strongly each stream's features answer where the mask head reads them (the paper's figure 3).</summary>
/// <param name="Appearance">float32 [H, W] of the frame, at least 0: mean over channels of |F_mask^img|.</param>
/// <param name="Motion">The same of |F_mask^flow|; null where the network does not look at the flow.</param>
public sealed record MaskActivations(Tensor Appearance, Tensor? Motion) : IDisposable
{
    public void Dispose()
    {
        Appearance.Dispose();
        Motion?.Dispose();
    }
}

/// <summary>Activations of a frame; the frame stays the caller's.</summary>
public delegate Result<MaskActivations, ForwardError> Activate(FlowFrame frame);

internal static class Activations
{
    public static Result<MaskActivations, ForwardError> Of(DetectorModel model, FlowFrame frame) =>
        FrameChecks.PictureProblem(frame) is { } problem ? problem : Checked(model, frame);

    private static MaskActivations Checked(DetectorModel model, FlowFrame frame)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (view, input) = Detectors.Input(model, frame);
        var features = Backbones.Forward(model.Options.Backbone, model.Backbone, input);
        var streams = Segmenter.MaskStreams(model.Options, model.Weights, features, images: 1); // [1 or 2, C_mask, H/8, W/8]
        var strength = streams.abs().mean([1], keepdim: true); // [1 or 2, 1, H/8, W/8]
        var padded = F.interpolate(
            strength,
            [view.Padded.Height, view.Padded.Width],
            mode: InterpolationMode.Bilinear,
            align_corners: false
        );
        var seen = padded.narrow(2, 0, view.Size.Height).narrow(3, 0, view.Size.Width); // [1 or 2, 1, h, w]
        var size = new Size2((int)frame.Image.shape[1], (int)frame.Image.shape[2]);
        // [1 or 2, H, W]
        var maps = F.interpolate(seen, [size.Height, size.Width], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1).cpu();
        return new(
            maps.select(0, 0).contiguous().MoveToOuterDisposeScope(),
            streams.shape[0] > 1 ? maps.select(0, 1).contiguous().MoveToOuterDisposeScope() : null
        );
    }
}
