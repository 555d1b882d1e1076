using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>Which neighbouring pixels of a batch are told to share a label: y_e of the paper, made once an image.</summary>
/// <param name="Steps">Half of the ring of neighbours: each unordered pair once.</param>
/// <param name="Same">float {0, 1} [B, 4, H4, W4]: y_e of the pair of this pixel and its neighbour; 0 where that is outside the
/// map.</param>
/// <param name="Valid">float {0, 1} [B, H4, W4]: 0 on padding and on the bottom rows that BoxInst ignores.</param>
public sealed record PseudoLabels(ImmutableArray<PixelStep> Steps, Tensor Same, Tensor Valid)
{
    /// <summary>Cells that a pair spans: how far outside a box its pairs reach.</summary>
    public int Reach => Steps.Max(step => Math.Max(Math.Abs(step.Dy), Math.Abs(step.Dx)));

    public Size2 Map => new((int)Valid.size(1), (int)Valid.size(2));

    /// <param name="colours">uint8 [B, 3, H4, W4] RGB.</param>
    /// <param name="flows">float32 [B, 3, H4, W4] RGB in 0..1; NaN where it is not known: no pair with such a cell shares a label.</param>
    /// <param name="validSizes">int64 [B, 2]: rows and columns of the padded batch that count.</param>
    /// <param name="dtype">That of the result.</param>
    /// <param name="options">Thresholds, thetas, and whether flow has a say.</param>
    public static PseudoLabels Of(Tensor colours, Tensor flows, Tensor validSizes, ScalarType dtype, PairwiseOptions options)
    {
        var steps = Similarity.HalfRing(options.Dilation);
        // [B, 4, H4, W4]
        var alike = Similarity.Of(Lab.FromBytes(colours), options.ColourTheta, steps).ge(Held.Of(options.ColourThreshold));
        if (options.Flow)
        {
            alike = alike.logical_and(Similarity.Of(flows, options.FlowTheta, steps).ge(Held.Of(options.FlowThreshold)));
        }

        return new PseudoLabels(steps, alike.to(dtype), ValidCells(validSizes, colours.size(2), colours.size(3), dtype));
    }

    /// <summary>A cell is valid if pixel (4r + 2, 4c + 2) is.</summary>
    private static Tensor ValidCells(Tensor sizes, long h, long w, ScalarType dtype)
    {
        var rows = Samples(h, sizes.device).lt(sizes.narrow(1, 0, 1)); // [B, H4]
        var columns = Samples(w, sizes.device).lt(sizes.narrow(1, 1, 1)); // [B, W4]
        return rows.unsqueeze(2).logical_and(columns.unsqueeze(1)).to(dtype); // [B, H4, W4]
    }

    private static Tensor Samples(long cells, Device device) =>
        // [1, cells]
        Held.Range(cells, dtype: ScalarType.Int64, device: device).Times(Stride4.Stride).Plus(Stride4.Stride / 2).unsqueeze(0);
}
