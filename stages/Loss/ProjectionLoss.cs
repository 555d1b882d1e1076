using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>BoxInst's projection term: a mask must fill its box's shadow on both axes, and no more.</summary>
public static class ProjectionLoss
{
    private const double Epsilon = 1e-5;

    /// <summary>Mean over instances of the dice losses of both projections: BoxInst, Eqs. (1) to (3).</summary>
    /// <param name="logits">float32 [Q, H4, W4], Q at least 1.</param>
    /// <param name="bitmasks">float32 {0, 1} [G, H4, W4]: the boxes.</param>
    /// <param name="boxes">int64 [Q]: box of each instance.</param>
    /// <remarks>
    /// Tian et al. 2021, Eqs. (1) to (3). The maximum is taken over logits and the sigmoid after it: the same number, a hundredth of
    /// the sigmoids.
    /// </remarks>
    public static Tensor Of(Tensor logits, Tensor bitmasks, Tensor boxes) =>
        Axis(logits, bitmasks, boxes, 1).Plus(Axis(logits, bitmasks, boxes, 2)).mean();

    private static Tensor Axis(Tensor logits, Tensor bitmasks, Tensor boxes, int axis) =>
        Dice(
            logits.max(axis).values.sigmoid(), // [Q, W4] for axis 1, [Q, H4] for axis 2
            bitmasks.amax([axis]).index_select(0, boxes)
        );

    /// <summary>1 - 2 sum(x t) / (sum(x^2) + sum(t^2) + 1e-5).</summary>
    /// <param name="scores">float32 [Q, N] in 0..1.</param>
    /// <param name="targets">float32 {0, 1} [Q, N].</param>
    /// <returns>float32 [Q] in [0, 1].</returns>
    public static Tensor Dice(Tensor scores, Tensor targets)
    {
        var overlap = scores.mul(targets).sum(1);
        var sizes = scores.mul(scores).sum(1).Plus(targets.mul(targets).sum(1)).Plus(Epsilon);
        return overlap.Times(2).div(sizes).neg().Plus(1);
    }
}
