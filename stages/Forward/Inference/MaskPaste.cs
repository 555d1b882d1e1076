using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>From mask logits to masks of the original frame.</summary>
internal static class MaskPaste
{
    private const int Stride = 4;
    private const int Together = 8; // masks enlarged at once; a full-HD one takes 8 MB as floats

    /// <summary>Probability, enlarged by 4, cut to the unpadded view, resized to the frame, more than half.</summary>
    /// <param name="logits">float32 [Q, H4, W4] at stride 4 of the padded view.</param>
    /// <param name="view">The unpadded view.</param>
    /// <param name="original">The frame.</param>
    public static ImmutableArray<Rle> Masks(Tensor logits, Size2 view, Size2 original)
    {
        var masks = ImmutableArray.CreateBuilder<Rle>((int)logits.shape[0]);
        for (var start = 0L; start < logits.shape[0]; start += Together)
        {
            using var scope = NewDisposeScope();
            var resized = Probabilities(logits.narrow(0, start, Math.Min(Together, logits.shape[0] - start)), view, original);
            var inside = resized.gt(Held.Of(0.5)).cpu(); // [q, height, width]
            for (var q = 0L; q < inside.shape[0]; q++)
            {
                masks.Add(RleTensors.Encode(inside.select(0, q)));
            }
        }

        return masks.MoveToImmutable();
    }

    /// <summary>The probabilities that <see cref="Masks"/> compares with a half.</summary>
    /// <param name="logits">float32 [Q, H4, W4] at stride 4 of the padded view.</param>
    /// <param name="view">The unpadded view.</param>
    /// <param name="original">The frame.</param>
    /// <returns>float32 [Q, height, width] of the frame.</returns>
    public static Tensor Probabilities(Tensor logits, Size2 view, Size2 original)
    {
        using var scope = NewDisposeScope();
        var full = InView(logits.sigmoid(), view).unsqueeze(1); // [Q, 1, h, w]
        var resized = F.interpolate(full, [original.Height, original.Width], mode: InterpolationMode.Bilinear, align_corners: false);
        return resized.squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>Numbers at stride 4 of the padded view, enlarged and cut: [Q, H4, W4] -> [Q, h, w] of the unpadded view.</summary>
    public static Tensor InView(Tensor numbers, Size2 view)
    {
        using var scope = NewDisposeScope();
        return AlignedBilinear
            .Upsample(numbers.unsqueeze(1), Stride)
            .narrow(2, 0, view.Height)
            .narrow(3, 0, view.Width)
            .squeeze(1)
            .MoveToOuterDisposeScope();
    }
}
