using Motion.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Pictures as the pairwise loss compares them: 4x4 means, one value a cell of the mask logits' grid.</summary>
public static class Stride4
{
    /// <summary>Pixels of the padded batch per cell of the grid.</summary>
    public const int Stride = 4;

    /// <summary>Cells of a padded picture; rows and columns beyond a multiple of 4 belong to no cell.</summary>
    public static Size2 Cells(Size2 padded) => new(padded.Height / Stride, padded.Width / Stride);

    /// <summary>Mean colours, the fraction cut off.</summary>
    /// <param name="pictures">uint8 [B, 3, H, W] RGB, unnormalised, zero-padded.</param>
    /// <returns>uint8 [B, 3, H/4, W/4] RGB.</returns>
    /// <remarks>BoxInst rounds towards zero before it converts to Lab; so do we, or one pair in a few hundred changes sides.</remarks>
    public static Tensor ColourBytes(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        return Means(pictures).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>Mean colours of flow pictures, not truncated.</summary>
    /// <param name="wheels">uint8 [B, 3, H, W] RGB, the colour wheel picture of the flow (FlowColour.Wheel).</param>
    /// <param name="unknown">uint8 {0, 1} [B, 1, H, W]: 1 where the flow is not known; null where all is.</param>
    /// <returns>float32 [B, 3, H/4, W/4] RGB in 0..1; NaN in a cell with an unknown vector, so that it is like no other cell.</returns>
    /// <remarks>
    /// The paper says "an optical flow vector in RGB color space" without a range. Its threshold of 0.6 at theta 0.5 lets practically
    /// nothing pass on 0..255 and most of a rigid motion on 0..1, so 0..1 it is.
    /// </remarks>
    public static Tensor FlowUnit(Tensor wheels, Tensor? unknown = null)
    {
        using var scope = NewDisposeScope();
        var unit = Means(wheels).Over(255.0);
        return (unknown is null ? unit : unit.masked_fill(Means(unknown).gt(Held.Of(0)), Held.Of(double.NaN))).MoveToOuterDisposeScope();
    }

    /// <summary>Means of 4x4 pixels.</summary>
    /// <param name="bytes">uint8 [B, C, H, W].</param>
    /// <returns>float32 [B, C, H/4, W/4], 0..255.</returns>
    // [B, 3, H/4, W/4]; exact: at most 16*255, divided by 16
    public static Tensor Means(Tensor bytes) => nn.functional.avg_pool2d(bytes.to(ScalarType.Float32), Stride);
}
