using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

public sealed class ProjectionProperties
{
    private const double Rounding = 2e-6;

    /// <summary>2 * 1e-5 (the epsilon of dice on both axes) over twice a one-cell box.</summary>
    private const double EpsilonOfDice = 2e-5;

    [Fact, Law]
    public void Projection_AnyBatch_HasTheSlopeOfItsGradient() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var direction = LossCase.Normal(new Seed(1).Draws(), 1, p.Instances.MaskLogits.shape);
                return Terms.HasSlopeOfItsGradient(x => Terms.Projection(p, x), p.Instances.MaskLogits, direction);
            },
            cases: 50
        );

    [Fact, Law]
    public void Projection_AnyBatch_IsTheDiceOfMaximaOfSigmoids() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var expected = Enumerable
                    .Range(0, drawn.Instances)
                    .Average(q => ByHand(p.Instances.MaskLogits[q], p.Scene.Boxes[p.Instances.Boxes[q].item<long>()].Elements<float>()));
                return Math.Abs(Terms.Projection(p).item<float>() - expected) <= Rounding * 2;
            }
        );

    [Fact, Law]
    public void Projection_ExactlyTheBox_CostsNothing() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var low = p.Scene.Boxes.narrow(1, 0, 2).clamp_max(Held.Of(2)); // every box covers sample (2, 2) and what it covered beyond
                var wide = p with
                {
                    Scene = p.Scene with { Boxes = Joins.Cat([low, p.Scene.Boxes.narrow(1, 2, 2).clamp_min(Held.Of(2))], 1) },
                };
                var exact = BoxBitmasks
                    .AtStride4(wide.Scene.Boxes, Terms.Padded(wide))
                    .index_select(0, wide.Instances.Boxes)
                    .Times(200)
                    .Minus(100);
                return Terms.Projection(wide, exact).item<float>() <= EpsilonOfDice
                    && Terms.Projection(wide, exact.neg()).item<float>() > 0.1;
            }
        );

    [Fact, Law]
    public void Projection_ShufflingTheBoxsColumns_ChangesNothing() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw() with
                {
                    Instances = drawn.Draw().Instances with { Boxes = zeros(drawn.Instances, dtype: ScalarType.Int64) },
                };
                var window = BoxBitmasks.Windows(p.Scene.Boxes, Terms.Padded(p))[0];
                var inner = new Seed(3).Draws().Permutation(Math.Max(0, window.Columns)).Select(x => window.Left + x);
                var order = Enumerable
                    .Range(0, window.Left)
                    .Concat(inner)
                    .Concat(Enumerable.Range(window.Right, drawn.Columns - window.Right))
                    .Select(x => (long)x);
                var shuffled = p.Instances.MaskLogits.index_select(2, tensor(order.ToArray()));
                return Tensors.Close(Terms.Projection(p, shuffled), Terms.Projection(p), Rounding, 0);
            }
        );

    /// <summary>
    /// The first row (or column) outshines the rest, so that shuffling inside the others moves no maximum of the other axis.
    /// </summary>
    [Fact, Law]
    public void Projection_PermutingPixelsInsideRowsOrColumns_ChangesNothing() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var draws = new Seed((ulong)drawn.Number).Derive("rows").Draws();
                var (h, w) = ((int)p.Instances.MaskLogits.size(1), (int)p.Instances.MaskLogits.size(2));
                var (rows, columns) = (p.Instances.MaskLogits.clone(), p.Instances.MaskLogits.clone());
                rows.select(1, 0).PlusInPlace(40);
                columns.select(2, 0).PlusInPlace(40);
                var (shuffledRows, shuffledColumns) = (rows.clone(), columns.clone());
                for (var y = 1; y < h; y++)
                    shuffledRows.select(1, y).copy_(rows.select(1, y).index_select(1, Order(draws, w)));
                for (var x = 1; x < w; x++)
                    shuffledColumns.select(2, x).copy_(columns.select(2, x).index_select(1, Order(draws, h)));
                return Terms.Projection(p, shuffledRows).item<float>() == Terms.Projection(p, rows).item<float>()
                    && Terms.Projection(p, shuffledColumns).item<float>() == Terms.Projection(p, columns).item<float>();
            }
        );

    private static Tensor Order(Draws draws, int count) => tensor(draws.Permutation(count).Select(i => (long)i).ToArray());

    [Fact, Law]
    public void Projection_LowerPixelsOfALine_DoNotMatter() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var (rows, columns) = (
                    p.Instances.MaskLogits.max(2, keepdim: true).values,
                    p.Instances.MaskLogits.max(1, keepdim: true).values
                );
                var shadowed = p.Instances.MaskLogits.lt(minimum(rows, columns));
                var dimmed = where(shadowed, p.Instances.MaskLogits.Minus(5), p.Instances.MaskLogits);
                return Terms.Projection(p, dimmed).item<float>() == Terms.Projection(p).item<float>();
            }
        );

    private static double ByHand(Tensor logits, float[] box)
    {
        var (h, w) = ((int)logits.size(0), (int)logits.size(1));
        double Score(int y, int x) => Reference.Sigmoid(logits[y, x].item<float>());
        bool In(int y, int x) => Reference.Inside(box, y, x);
        var byColumn = Enumerable
            .Range(0, w)
            .Select(x =>
                (Score: Enumerable.Range(0, h).Max(y => Score(y, x)), Target: Enumerable.Range(0, h).Any(y => In(y, x)) ? 1.0 : 0)
            );
        var byRow = Enumerable
            .Range(0, h)
            .Select(y =>
                (Score: Enumerable.Range(0, w).Max(x => Score(y, x)), Target: Enumerable.Range(0, w).Any(x => In(y, x)) ? 1.0 : 0)
            );
        return Dice([.. byColumn]) + Dice([.. byRow]);
    }

    private static double Dice((double Score, double Target)[] line) =>
        1 - (2 * line.Sum(v => v.Score * v.Target) / (line.Sum(v => v.Score * v.Score) + line.Sum(v => v.Target * v.Target) + 1e-5));
}
