using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>A box that has mask instances.</summary>
/// <param name="Image">Image of the batch, 0 .. B-1.</param>
/// <param name="Window">The box at stride 4.</param>
/// <param name="Instances">Rows of the mask logits that belong to it.</param>
public sealed record BoxInstances(int Image, CellWindow Window, ImmutableArray<long> Instances)
{
    /// <param name="maskBoxes">int64 [Q]: box of each instance.</param>
    /// <param name="boxImages">int64 [G]: image of each box.</param>
    /// <param name="windows">G windows.</param>
    public static ImmutableArray<BoxInstances> Of(Tensor maskBoxes, Tensor boxImages, ImmutableArray<CellWindow> windows)
    {
        using var scope = NewDisposeScope();
        var images = boxImages.Elements<long>();
        var boxes = maskBoxes.Elements<long>();
        return
        [
            .. boxes
                .Select((box, row) => (Box: box, Row: (long)row))
                .GroupBy(pair => pair.Box, pair => pair.Row)
                .Select(rows => new BoxInstances((int)images[rows.Key], windows[(int)rows.Key], [.. rows])),
        ];
    }
}

/// <summary>The paper's pairwise term: two neighbours that look and move alike should be both object or both background.</summary>
public static class PairwiseLoss
{
    /// <summary>Sum over pairs of y_e * -log P(y_e = 1): Eq. (2), divided as the normaliser says; the warm-up is not in it.</summary>
    /// <param name="logits">float [Q, H4, W4].</param>
    /// <param name="boxes">The boxes of these instances.</param>
    /// <param name="labels">y_e of the batch's images.</param>
    /// <param name="normaliser">Which pairs count, and the divisor.</param>
    /// <returns>A scalar, not negative.</returns>
    /// <remarks>
    /// Eq. (2), pooled over the instances of the batch, as BoxInst does. Outside a box every weight is 0, so only the box's window is
    /// looked at, with a margin of one step; the instances of one box share its weights.
    /// </remarks>
    public static Tensor Of(Tensor logits, ImmutableArray<BoxInstances> boxes, PseudoLabels labels, PairNormaliser normaliser)
    {
        var sum = tensor(0.0, dtype: logits.dtype, device: logits.device);
        var divisor = tensor(0.0, dtype: logits.dtype, device: logits.device);
        foreach (var (box, rows) in boxes.Zip(ByBox(logits, boxes))) // rows: [n, H4, W4]
        {
            var area = box.Window.Grow(labels.Reach, labels.Map);
            var x = area.Of(rows); // [n, h, w]
            var (foreground, background) = (nn.functional.logsigmoid(x), nn.functional.logsigmoid(x.neg()));
            for (var e = 0; e < labels.Steps.Length && !box.Window.IsEmpty; e++)
            {
                var (weights, counted) = Weights(box, area, labels, e, normaliser); // [h', w'] each
                sum = sum.Plus(NegativeLogSame(foreground, background, labels.Steps[e]).mul(weights).sum());
                divisor = divisor.Plus(counted.sum().Times(box.Instances.Length));
            }
        }

        return sum.div(divisor.clamp_min(Held.Of(1)));
    }

    /// <summary>
    /// -log P(y_e = 1), P(y_e = 1) = m_i m_j + (1 - m_i)(1 - m_j), of each pixel i whose neighbour j is in the map: Eq. (1).
    /// </summary>
    /// <param name="foreground">float [..., h, w]: log m.</param>
    /// <param name="background">float [..., h, w]: log (1 - m).</param>
    /// <param name="step">From i to j.</param>
    /// <returns>
    /// float [..., h', w'], not negative but for rounding. In log space: 50 where P is e^-50, and its gradient is finite.
    /// </returns>
    public static Tensor NegativeLogSame(Tensor foreground, Tensor background, PixelStep step) =>
        logaddexp(step.Centres(foreground).Plus(step.Neighbours(foreground)), step.Centres(background).Plus(step.Neighbours(background)))
            .neg();

    /// <summary>The rows of each box. Cut in one go, because the gradient of a cut is as large as what was cut.</summary>
    private static Tensor[] ByBox(Tensor logits, ImmutableArray<BoxInstances> boxes)
    {
        var order = boxes.SelectMany(box => box.Instances).ToArray();
        var sorted = order.SequenceEqual(order.Order()) ? logits : logits.index_select(0, tensor(order, device: logits.device));
        return sorted.split([.. boxes.Select(box => (long)box.Instances.Length)]);
    }

    /// <summary>Weight of each pair of the area, and how often it counts in the divisor.</summary>
    private static (Tensor Weights, Tensor Counted) Weights(
        BoxInstances box,
        CellWindow area,
        PseudoLabels labels,
        int e,
        PairNormaliser normaliser
    )
    {
        var step = labels.Steps[e];
        var valid = area.Of(labels.Valid.select(0, box.Image)); // [h, w]
        var inside = Inside(box.Window, area, valid);
        var same = step.Centres(area.Of(labels.Same.select(0, box.Image).select(0, e))); // [h', w']
        var (validI, validJ) = (step.Centres(valid), step.Neighbours(valid));
        var (insideI, insideJ) = (step.Centres(inside), step.Neighbours(inside));
        if (normaliser == PairNormaliser.Paper)
        {
            var pairs = validI.mul(validJ).mul(maximum(insideI, insideJ));
            return (same.mul(pairs), pairs);
        }

        // Seen from i if i is in the box, and from j if j is; only the far end must be valid.
        var passing = same.mul(validJ.mul(insideI).Plus(validI.mul(insideJ)));
        return (passing, passing);
    }

    /// <returns>float {0, 1} [h, w] of the area: the window's cells.</returns>
    private static Tensor Inside(CellWindow window, CellWindow area, Tensor like)
    {
        var inside = zeros_like(like);
        inside.narrow(0, window.Top - area.Top, window.Rows).narrow(1, window.Left - area.Left, window.Columns).fill_(Held.Of(1));
        return inside;
    }
}
