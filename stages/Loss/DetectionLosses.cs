using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>The locations that lie in a box, and what FCOS wants of them.</summary>
/// <param name="Indices">int64 [P] into the flattened locations.</param>
/// <param name="Classes">int64 [P], 0 .. K-1.</param>
/// <param name="Distances">float32 [P, 4]: l, t, r, b in units of the stride, all positive.</param>
/// <param name="Centerness">float32 [P] in [0, 1].</param>
public sealed record Positives(Tensor Indices, Tensor Classes, Tensor Distances, Tensor Centerness)
{
    public long Count => Indices.size(0);

    /// <param name="labels">int64 [L], <paramref name="classes"/> for background.</param>
    /// <param name="targets">float32 [L, 4].</param>
    /// <param name="classes">K.</param>
    public static Positives Of(Tensor labels, Tensor targets, long classes)
    {
        var indices = labels.lt(Held.Of(classes)).nonzero().flatten(); // [P]
        var distances = targets.index_select(0, indices); // [P, 4]
        return new Positives(indices, labels.index_select(0, indices), distances, CenternessOf(distances));
    }

    /// <summary>sqrt(min(l, r) / max(l, r) * min(t, b) / max(t, b)): FCOS, Eq. (3).</summary>
    public static Tensor CenternessOf(Tensor distances)
    {
        var (l, t, r, b) = Sides(distances);
        return minimum(l, r).div(maximum(l, r)).mul(minimum(t, b).div(maximum(t, b))).sqrt();
    }

    /// <summary>Columns of [P, 4], each [P].</summary>
    public static (Tensor L, Tensor T, Tensor R, Tensor B) Sides(Tensor distances) =>
        (distances.select(1, 0), distances.select(1, 1), distances.select(1, 2), distances.select(1, 3));
}

/// <summary>The three terms of FCOS.</summary>
public static class DetectionLosses
{
    private const double LeastCenternessSum = 1e-6;

    /// <summary>
    /// Focal loss, summed over locations and classes, divided by the number of positives (1 if there are none): FCOS, Eq. (2).
    /// </summary>
    /// <param name="logits">float32 [L, K].</param>
    /// <param name="positives">The locations whose class is not background.</param>
    /// <param name="options">alpha and gamma.</param>
    /// <remarks>
    /// Lin et al. 2017, Eq. (5), with sigmoids. Every entry is first counted as a negative, then the P entries that are positive are
    /// exchanged: the same sum as with one-hot targets, without drawing them.
    /// </remarks>
    public static Tensor Classification(Tensor logits, Positives positives, FocalOptions options)
    {
        var entries = positives.Indices.Times(logits.size(1)).Plus(positives.Classes); // [P]
        var at = logits.flatten().index_select(0, entries); // [P]
        var sum = Negative(logits, options).sum().sub(Negative(at, options).sum()).Plus(Positive(at, options).sum());
        return sum.Over(Math.Max(positives.Count, 1));
    }

    private static Tensor Negative(Tensor logits, FocalOptions options) =>
        logits.sigmoid().pow(Held.Of(options.Gamma)).mul(nn.functional.logsigmoid(logits.neg())).Times(options.Alpha - 1);

    private static Tensor Positive(Tensor logits, FocalOptions options) =>
        logits.neg().sigmoid().pow(Held.Of(options.Gamma)).mul(nn.functional.logsigmoid(logits)).Times(-options.Alpha);

    /// <summary>Sum of (1 - GIoU) weighted by the centre-ness targets, divided by their sum.</summary>
    /// <param name="regression">float32 [L, 4]: l, t, r, b in units of the stride.</param>
    /// <param name="positives">At least one.</param>
    public static Tensor Location(Tensor regression, Positives positives)
    {
        var giou = Giou(regression.index_select(0, positives.Indices), positives.Distances); // [P]
        return giou.neg().Plus(1).mul(positives.Centerness).sum().div(positives.Centerness.sum().clamp_min(Held.Of(LeastCenternessSum)));
    }

    /// <summary>IoU of two boxes around one location.</summary>
    /// <param name="predicted">float32 [P, 4]: l, t, r, b in units of the stride, not negative.</param>
    /// <param name="target">float32 [P, 4], positive.</param>
    /// <returns>float32 [P] in (0, 1].</returns>
    /// <remarks>
    /// Departs as AdelaiDet's code does: 1 is added to intersection and union, so that boxes of a few stride units are judged more mildly.
    /// </remarks>
    public static Tensor Iou(Tensor predicted, Tensor target)
    {
        var (intersection, union, _) = Areas(predicted, target);
        return intersection.Plus(1).div(union.Plus(1));
    }

    /// <summary>GIoU of two boxes around one location.</summary>
    /// <param name="predicted">float32 [P, 4]: l, t, r, b in units of the stride, not negative.</param>
    /// <param name="target">float32 [P, 4], positive.</param>
    /// <returns>float32 [P] in (-1, 1].</returns>
    /// <remarks>Rezatofighi et al. 2019, Algorithm 1, of the milder <see cref="Iou"/>.</remarks>
    public static Tensor Giou(Tensor predicted, Tensor target)
    {
        var (intersection, union, hull) = Areas(predicted, target);
        return intersection.Plus(1).div(union.Plus(1)).sub(hull.sub(union).div(hull));
    }

    /// <summary>Areas of two boxes' intersection, union and hull: [P] each.</summary>
    private static (Tensor Intersection, Tensor Union, Tensor Hull) Areas(Tensor predicted, Tensor target)
    {
        var (pl, pt, pr, pb) = Positives.Sides(predicted);
        var (tl, tt, tr, tb) = Positives.Sides(target);
        var intersection = minimum(pl, tl).Plus(minimum(pr, tr)).mul(minimum(pb, tb).Plus(minimum(pt, tt)));
        var union = tl.Plus(tr).mul(tt.Plus(tb)).Plus(pl.Plus(pr).mul(pt.Plus(pb))).sub(intersection);
        var hull = maximum(pl, tl).Plus(maximum(pr, tr)).mul(maximum(pb, tb).Plus(maximum(pt, tt)));
        return (intersection, union, hull);
    }

    /// <summary>Binary cross-entropy of the centre-ness logits, summed over positives, divided by their number.</summary>
    /// <param name="logits">float32 [L].</param>
    /// <param name="positives">At least one.</param>
    public static Tensor Centerness(Tensor logits, Positives positives) =>
        nn
            .functional.binary_cross_entropy_with_logits(
                logits.index_select(0, positives.Indices),
                positives.Centerness,
                reduction: nn.Reduction.Sum
            )
            .Over(positives.Count);
}
