using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels;

public sealed class FlowFieldLaws
{
    /// <summary>Bilinear weights in float32 on vectors of some 20 px.</summary>
    private const double Float32Blend = 1e-4;

    [Fact, Law]
    public void Resize_OfAConstantFlow_ScalesTheVectors() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = tensor(new[] { 3f, -2f }).view(2, 1, 1).expand(2, 6, 10);
                var resized = FlowField.Resize(flow, sketch.Size);
                return resized.shape.SequenceEqual([2, sketch.Size.Height, sketch.Size.Width])
                    && Near(resized.narrow(0, 0, 1), full_like(resized.narrow(0, 0, 1), Held.Of(3.0 * sketch.Size.Width / 10)))
                    && Near(resized.narrow(0, 1, 1), full_like(resized.narrow(0, 1, 1), Held.Of(-2.0 * sketch.Size.Height / 6)));
            }
        );

    [Fact, Law]
    public void Resize_ToTheSameSize_ChangesNothing() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch);
                return FlowField.Resize(flow, sketch.Size).Equals(flow);
            }
        );

    [Fact, Law]
    public void Resize_ThenFlip_IsFlipThenResize() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(new Sketch(new Size2(7, 12), sketch.Seed));
                return Near(
                    FlowField.FlipHorizontal(FlowField.Resize(flow, sketch.Size)),
                    FlowField.Resize(FlowField.FlipHorizontal(flow), sketch.Size)
                );
            }
        );

    [Fact]
    public void Resize_OfABatch_IsThatOfItsFields()
    {
        using var scope = NewDisposeScope();
        var a = FlowFields.Flow(new Sketch(new Size2(5, 8), 1));
        var b = FlowFields.Flow(new Sketch(new Size2(5, 8), 2));
        var size = new Size2(9, 3);
        Assert.True(FlowField.Resize(stack([a, b]), size).Equals(stack([FlowField.Resize(a, size), FlowField.Resize(b, size)])));
    }

    [Fact, Law]
    public void Resize_NearAnUnknownVector_IsUnknownOrUntouched() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var calm = ones(2, 9, 11);
                var marked = calm.clone();
                marked[0, 4, 5] = tensor(1e10f);
                var known = FlowField.Known(FlowField.Resize(marked, sketch.Size)).expand(2, sketch.Size.Height, sketch.Size.Width);
                var expected = FlowField.Resize(calm, sketch.Size);
                return Near(where(known, FlowField.Resize(marked, sketch.Size), expected), expected);
            }
        );

    [Fact, Law]
    public void FlipHorizontal_Twice_ChangesNothing() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch);
                return FlowField.FlipHorizontal(FlowField.FlipHorizontal(flow)).Equals(flow);
            }
        );

    [Fact, Law]
    public void FlipHorizontal_AnyFlow_ReversesColumnsAndNegatesUAlone() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var (before, after) = (FlowFields.Flow(sketch), FlowField.FlipHorizontal(FlowFields.Flow(sketch)));
                var (h, w) = (sketch.Size.Height, sketch.Size.Width);
                var (old, now) = (before.Elements<float>(), after.Elements<float>());
                return (
                    from y in Enumerable.Range(0, h)
                    from x in Enumerable.Range(0, w)
                    let mirror = (y * w) + w - 1 - x
                    select now[(y * w) + x] == -old[mirror] && now[(h * w) + (y * w) + x] == old[(h * w) + mirror]
                ).All(same => same);
            }
        );

    [Fact]
    public void FlipHorizontal_MirrorsColumnsAndNegatesU()
    {
        using var scope = NewDisposeScope();
        var flow = tensor(new[] { 1f, 2f, 3f, 4f, 5f, 6f }).view(2, 1, 3);
        Assert.Equal([-3f, -2f, -1f, 6f, 5f, 4f], FlowField.FlipHorizontal(flow).Elements<float>());
    }

    [Fact]
    public void EndPointError_IsTheMeanLengthOverKnownPixels()
    {
        using var scope = NewDisposeScope();
        var truth = tensor(new[] { 0f, 1f, 1e10f, 0f, 1f, 0f }).view(2, 1, 3);
        var estimate = tensor(new[] { 3f, 1f, 7f, 4f, 1f, 7f }).view(2, 1, 3);
        Assert.Equal(2.5, FlowField.EndPointError(estimate, truth)!.Value, precision: 6);
        Assert.Null(FlowField.EndPointError(estimate, full_like(truth, Held.Of(double.NaN))));
    }

    private static bool Near(Tensor a, Tensor b) => a.sub(b).abs().max().item<float>() <= Float32Blend;
}
