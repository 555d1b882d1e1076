using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>The masks of a frame with what its neighbours in time say of them.</summary>
public static class InTime
{
    /// <summary>Weighted mean of a frame's probabilities and its neighbours', brought to it along the flow.</summary>
    /// <param name="here">The frame's.</param>
    /// <param name="before">The frame before, and for each mask here the index of the same object there, or -1; null for none.</param>
    /// <param name="after">The frame after, likewise.</param>
    /// <param name="weight">Of each neighbour.</param>
    /// <returns>
    /// float32 [Q, h, w], and for each mask the overlap (of halves) of what the neighbours say with what the frame says; 1 where there is
    /// no neighbour.
    /// </returns>
    public static (Tensor Probability, ImmutableArray<double> Steadiness) Mean(
        SoftMasks here,
        (SoftMasks Masks, ImmutableArray<int> Same)? before,
        (SoftMasks Masks, ImmutableArray<int> Same)? after,
        double weight
    )
    {
        using var scope = NewDisposeScope();
        var count = (int)here.Probability.shape[0];
        var (means, steady) = (new List<Tensor>(), ImmutableArray.CreateBuilder<double>(count));
        // What is at x here was at about x - flow before, by the flow of the frame before, and is at x + flow after.
        var told = new[] { (Of: before, Flow: before?.Masks.Flow, Sign: -1.0), (Of: after, Flow: (Tensor?)here.Flow, Sign: 1.0) };
        for (var q = 0; q < count; q++)
        {
            var own = here.Probability.select(0, q); // [h, w]
            var (sum, weights, overlaps) = (own.alias(), 1.0, new List<double>());
            foreach (var (of, flow, sign) in told)
            {
                if (of is not { } neighbour || flow is null || neighbour.Same[q] < 0)
                    continue;
                var moved = Moved(neighbour.Masks.Probability.select(0, neighbour.Same[q]), flow, sign);
                overlaps.Add(Overlap(own, moved));
                (sum, weights) = (sum.Plus(moved.Times(weight)), weights + weight);
            }

            means.Add(sum.Over(weights).unsqueeze(0));
            steady.Add(overlaps.DefaultIfEmpty(1).Average());
        }

        return (
            count == 0 ? here.Probability.alias().MoveToOuterDisposeScope() : Joins.Cat(means, 0).MoveToOuterDisposeScope(),
            steady.MoveToImmutable()
        );
    }

    /// <summary>Looks up, for every pixel, the probability at its place plus sign times its vector.</summary>
    private static Tensor Moved(Tensor probability, Tensor flow, double sign)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (probability.shape[0], probability.shape[1]);
        var known = flow.where(flow.abs().lt(Held.Of(FlowField.UnknownAbove)), zeros_like(flow)).Times(sign);
        var x = Held.Range(0, width, ScalarType.Float32)
            .unsqueeze(0)
            .Plus(known.select(0, 0))
            .Times(2.0)
            .Plus(1.0)
            .Over((double)width)
            .Minus(1.0); // [h, w]
        var y = Held.Range(0, height, ScalarType.Float32)
            .unsqueeze(1)
            .Plus(known.select(0, 1))
            .Times(2.0)
            .Plus(1.0)
            .Over((double)height)
            .Minus(1.0);
        var grid = stack([x, y], 2).unsqueeze(0); // [1, h, w, 2]
        return F.grid_sample(
                probability.unsqueeze(0).unsqueeze(0),
                grid,
                mode: GridSampleMode.Bilinear,
                padding_mode: GridSamplePaddingMode.Border,
                align_corners: false
            )
            .squeeze(0)
            .squeeze(0)
            .MoveToOuterDisposeScope();
    }

    private static double Overlap(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (a.gt(Held.Of(0.5)), b.gt(Held.Of(0.5)));
        var union = x.logical_or(y).sum().Number();
        return union > 0 ? x.logical_and(y).sum().Number() / union : 1;
    }
}
