using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// What one training batch predicts, and what it should (forward -> loss). Locations are flattened level, image, row, column.
/// B images, G boxes, L locations, K classes, Q mask instances; H4 x W4 is the padded batch at stride 4.
/// </summary>
/// <param name="Sequence">Number of the batch in the stream, from 0.</param>
/// <param name="Iteration">Training iteration, from 0; the pairwise warm-up counts by it.</param>
/// <param name="ClassLogits">float32 [L, K].</param>
/// <param name="BoxRegression">float32 [L, 4]: distances l, t, r, b after scale and relu, in units of the level's stride.</param>
/// <param name="Centerness">float32 [L], logits.</param>
/// <param name="Labels">int64 [L]: class index, K for background.</param>
/// <param name="RegressionTargets">float32 [L, 4] in units of the stride; meaningful where positive.</param>
/// <param name="MaskLogits">float32 [Q, H4, W4], stride 4, of the kept positive locations; Q may be 0.</param>
/// <param name="MaskImages">int64 [Q]: image of the batch, 0 .. B-1.</param>
/// <param name="MaskBoxes">int64 [Q]: box of the batch, 0 .. G-1.</param>
/// <param name="Boxes">float32 [G, 4] XYXY in pixels of the padded batch.</param>
/// <param name="BoxImages">int64 [G]: image of each box.</param>
/// <param name="ColourImages">uint8 [B, 3, H4, W4] RGB: 4x4 means of the augmented, unnormalised, zero-padded pictures, truncated to bytes as BoxInst does.</param>
/// <param name="FlowImages">float32 [B, 3, H4, W4] RGB in 0..1: 4x4 means (not truncated) of the colour wheel picture of the augmented flow.</param>
/// <param name="ValidSizes">int64 [B, 2]: rows and columns of the padded batch (full resolution) that count for pairs: the unpadded size less the bottom rows that BoxInst ignores.</param>
public sealed record Prediction(
    long Sequence,
    int Iteration,
    Tensor ClassLogits,
    Tensor BoxRegression,
    Tensor Centerness,
    Tensor Labels,
    Tensor RegressionTargets,
    Tensor MaskLogits,
    Tensor MaskImages,
    Tensor MaskBoxes,
    Tensor Boxes,
    Tensor BoxImages,
    Tensor ColourImages,
    Tensor FlowImages,
    Tensor ValidSizes) : Message
{
    public override long Sequence { get; } = Sequence;

    public override IEnumerable<Tensor> Tensors =>
    [
        ClassLogits, BoxRegression, Centerness, Labels, RegressionTargets, MaskLogits, MaskImages, MaskBoxes, Boxes, BoxImages, ColourImages,
        FlowImages, ValidSizes,
    ];

    /// <summary>From tensors in the order of <see cref="Tensors"/>, which is that of the wire.</summary>
    public static Prediction Of(long sequence, int iteration, IReadOnlyList<Tensor> t) => new(
        sequence, iteration, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12]);

    /// <summary>The same batch with each tensor replaced by what <paramref name="map"/> makes of it.</summary>
    public Prediction Map(Func<Tensor, Tensor> map) => Of(Sequence, Iteration, [.. Tensors.Select(map)]);

    public override Prediction Share() => Map(tensor => tensor.alias());
}

/// <summary>One term of the loss, unweighted sum to the total: loss_fcos_cls, loss_fcos_loc, loss_fcos_ctr, loss_prj, loss_pairwise.</summary>
public readonly record struct LossTerm(string Name, double Value);

/// <summary>The loss and its gradient with respect to each prediction (loss -> forward).</summary>
/// <param name="Sequence">That of the prediction it answers.</param>
/// <param name="Iteration">That of the prediction it answers.</param>
/// <param name="Terms">In the authors' order; their sum is the total.</param>
/// <param name="ClassLogits">float32 [L, K], d total / d ClassLogits; likewise the others.</param>
/// <param name="BoxRegression">float32 [L, 4].</param>
/// <param name="Centerness">float32 [L].</param>
/// <param name="MaskLogits">float32 [Q, H4, W4].</param>
public sealed record Gradient(
    long Sequence, int Iteration, ImmutableArray<LossTerm> Terms, Tensor ClassLogits, Tensor BoxRegression, Tensor Centerness, Tensor MaskLogits)
    : Message
{
    public override long Sequence { get; } = Sequence;

    public double Total => Terms.Sum(term => term.Value);

    public override IEnumerable<Tensor> Tensors => [ClassLogits, BoxRegression, Centerness, MaskLogits];

    public override Gradient Share() => this with
    {
        ClassLogits = ClassLogits.alias(),
        BoxRegression = BoxRegression.alias(),
        Centerness = Centerness.alias(),
        MaskLogits = MaskLogits.alias(),
    };
}
