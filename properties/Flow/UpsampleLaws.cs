using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

public sealed class UpsampleLaws
{
    [Fact, Law]
    public void Convex_WithAnEvenMask_IsEightTimesTheMeanOfTheNeighbourhood() =>
        Laws.Hold(
            FlowFields.Sketches(7),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch).unsqueeze(0);
                var (h, w) = (sketch.Size.Height, sketch.Size.Width);
                var up = Upsample.Convex(flow, zeros(1, 576, h, w));
                var mean = nn.functional.avg_pool2d(nn.functional.pad(flow, [1, 1, 1, 1]), [3, 3], [1, 1]).Times(8); // zeros outside count
                Close.To(mean.repeat_interleave(8, 2).repeat_interleave(8, 3), up, 1e-4, 0);
                return true;
            }
        );

    [Fact, Law]
    public void Convex_WithAConstantAddedToTheMask_ChangesNothing() =>
        Laws.Hold(
            FlowFields.Sketches(7),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch).unsqueeze(0);
                var mask = NameHashFill.Fill($"mask {sketch.Seed}", [1, 576, sketch.Size.Height, sketch.Size.Width], new FillValue(0, 4));
                Close.To(Upsample.Convex(flow, mask), Upsample.Convex(flow, mask.Plus(3)), 1e-3, 1e-5);
                return true;
            }
        );

    [Fact]
    public void Convex_WithAllWeightOnOneNeighbour_CopiesIt()
    {
        using var scope = NewDisposeScope();
        var flow = FlowFields.Flow(new Sketch(new Size2(4, 5), 2)).unsqueeze(0);
        var mask = zeros([1, 9, 64, 4, 5]);
        mask.select(1, 5).fill_(Held.Of(100)); // the right neighbour, for every sub-pixel
        var up = Upsample.Convex(flow, mask.view(1, 576, 4, 5));
        Close.To(flow[0, 0, 1, 3].item<float>() * 8, up[0, 0, 8, 16].item<float>(), 1e-4, 0);
        Close.To(0, up[0, 1, 12, 39].item<float>(), 1e-4, 0); // right of the last column nothing moves
    }

    [Fact]
    public void Bilinear_OfAConstantFlow_IsEightTimesIt()
    {
        using var scope = NewDisposeScope();
        var up = Upsample.Bilinear(full([2, 2, 3, 5], Held.Of(1.25f)));
        Assert.Equal([2L, 2, 24, 40], up.shape);
        Close.To(full([2, 2, 24, 40], Held.Of(10f)), up, 1e-5, 0);
    }
}
