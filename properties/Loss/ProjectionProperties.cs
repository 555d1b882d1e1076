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

    [Fact]
    public void Projection_AnyBatch_HasTheSlopeOfItsGradient() => Laws.Hold(LossCase.WithInstances, drawn =>
    {
        using var scope = NewDisposeScope();
        var p = drawn.Draw();
        var direction = LossCase.Normal(new Seed(1).Draws(), 1, p.MaskLogits.shape);
        return Terms.HasSlopeOfItsGradient(x => Terms.Projection(p, x), p.MaskLogits, direction);
    }, cases: 50);

    [Fact]
    public void Projection_AnyBatch_IsTheDiceOfMaximaOfSigmoids() => Laws.Hold(LossCase.WithInstances, drawn =>
    {
        using var scope = NewDisposeScope();
        var p = drawn.Draw();
        var expected = Enumerable.Range(0, drawn.Instances).Average(q => ByHand(
            p.MaskLogits[q], p.Boxes[p.MaskBoxes[q].item<long>()].data<float>().ToArray()));
        return Math.Abs(Terms.Projection(p).item<float>() - expected) <= Rounding * 2;
    });

    [Fact]
    public void Projection_ExactlyTheBox_CostsNothing() => Laws.Hold(LossCase.WithInstances, drawn =>
    {
        using var scope = NewDisposeScope();
        var p = drawn.Draw();
        var wide = p with { Boxes = tensor(new float[] { 1, 1, 3, 3 }, [1, 4]), MaskBoxes = zeros_like(p.MaskBoxes) }; // covers sample (2, 2)
        var exact = BoxBitmasks.AtStride4(wide.Boxes, Terms.Padded(wide)).index_select(0, wide.MaskBoxes).mul(200).sub(100);
        return Terms.Projection(wide, exact).item<float>() <= EpsilonOfDice && Terms.Projection(wide, exact.neg()).item<float>() > 0.1;
    });

    [Fact]
    public void Projection_ShufflingTheBoxsColumns_ChangesNothing() => Laws.Hold(LossCase.WithInstances, drawn =>
    {
        using var scope = NewDisposeScope();
        var p = drawn.Draw() with { MaskBoxes = zeros(drawn.Instances, dtype: ScalarType.Int64) };
        var window = BoxBitmasks.Windows(p.Boxes, Terms.Padded(p))[0];
        var inner = new Seed(3).Draws().Permutation(Math.Max(0, window.Columns)).Select(x => window.Left + x);
        var order = Enumerable.Range(0, window.Left).Concat(inner).Concat(Enumerable.Range(window.Right, drawn.Columns - window.Right)).Select(x => (long)x);
        var shuffled = p.MaskLogits.index_select(2, tensor(order.ToArray()));
        return Tensors.Close(Terms.Projection(p, shuffled), Terms.Projection(p), Rounding, 0);
    });

    [Fact]
    public void Projection_LowerPixelsOfALine_DoNotMatter() => Laws.Hold(LossCase.WithInstances, drawn =>
    {
        using var scope = NewDisposeScope();
        var p = drawn.Draw();
        var (rows, columns) = (p.MaskLogits.max(2, keepdim: true).values, p.MaskLogits.max(1, keepdim: true).values);
        var shadowed = p.MaskLogits.lt(minimum(rows, columns));
        var dimmed = where(shadowed, p.MaskLogits.sub(5), p.MaskLogits);
        return Terms.Projection(p, dimmed).item<float>() == Terms.Projection(p).item<float>();
    });

    private static double ByHand(Tensor logits, float[] box)
    {
        var (h, w) = ((int)logits.size(0), (int)logits.size(1));
        double Score(int y, int x) => Reference.Sigmoid(logits[y, x].item<float>());
        bool In(int y, int x) => Reference.Inside(box, y, x);
        var byColumn = Enumerable.Range(0, w).Select(x => (
            Score: Enumerable.Range(0, h).Max(y => Score(y, x)), Target: Enumerable.Range(0, h).Any(y => In(y, x)) ? 1.0 : 0));
        var byRow = Enumerable.Range(0, h).Select(y => (
            Score: Enumerable.Range(0, w).Max(x => Score(y, x)), Target: Enumerable.Range(0, w).Any(x => In(y, x)) ? 1.0 : 0));
        return Dice([.. byColumn]) + Dice([.. byRow]);
    }

    private static double Dice((double Score, double Target)[] line) =>
        1 - (2 * line.Sum(v => v.Score * v.Target) / (line.Sum(v => v.Score * v.Score) + line.Sum(v => v.Target * v.Target) + 1e-5));
}
