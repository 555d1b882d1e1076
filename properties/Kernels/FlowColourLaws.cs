using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels;

public sealed class FlowColourLaws
{
    [Fact, Law]
    public void Wheel_OfABatch_DrawsEachPictureByItself() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var (a, b) = (FlowFields.Flow(sketch), FlowFields.Flow(sketch with { Seed = sketch.Seed + 1 }, deviation: 50));
                foreach (var options in new[] { new FlowColourOptions(), new FlowColourOptions(FlowNormaliser.Percentile) })
                {
                    var batch = FlowColour.Wheel(stack([a, b]), options);
                    if (!Bytes(batch).SequenceEqual([.. Bytes(FlowColour.Wheel(a, options)), .. Bytes(FlowColour.Wheel(b, options))]))
                    {
                        return false;
                    }
                }

                return true;
            }
        );

    /// <summary>Large pictures are drawn in bands of rows; turned upside down, a row lies in another band.</summary>
    [Theory]
    [InlineData(FlowNormaliser.Maximum, 301, 173, 1)]
    [InlineData(FlowNormaliser.Percentile, 130, 401, 2)]
    [InlineData(FlowNormaliser.Maximum, 2, 20_000, 1)]
    public void Wheel_OfALargePictureUpsideDown_IsThatPictureUpsideDown(FlowNormaliser normaliser, int height, int width, int pictures)
    {
        using var scope = NewDisposeScope();
        var flow = stack([
            .. Enumerable
                .Range(0, pictures)
                .Select(seed => FlowFields.Flow(new Sketch(new Size2(height, width), (ulong)seed), deviation: 3)),
        ]);
        var options = new FlowColourOptions(normaliser);
        var (whole, turned) = (FlowColour.Wheel(flow, options), FlowColour.Wheel(flow.flip(2), options));
        Assert.Equal([pictures, 3L, height, width], whole.shape);
        Assert.True(Tensors.SameBits(whole, turned.flip(2)));
        Assert.True(whole.amax([0, 1, 3]).Elements<byte>().Count(value => value > 0) == height, "a row was not drawn");
    }

    [Fact]
    public void Wheel_OfNoMotion_IsWhite()
    {
        using var scope = NewDisposeScope();
        foreach (var normaliser in Enum.GetValues<FlowNormaliser>())
        {
            Assert.All(Bytes(FlowColour.Wheel(zeros(2, 3, 5), new FlowColourOptions(normaliser))), value => Assert.Equal(255, value));
        }
    }

    [Fact, Law]
    public void Wheel_OfFlowTimesAPowerOfTwo_HardlyChanges() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch);
                var difference = FlowColour
                    .Wheel(flow)
                    .to_type(ScalarType.Int32)
                    .sub(FlowColour.Wheel(flow.Times(4)).to_type(ScalarType.Int32))
                    .abs()
                    .max();
                return difference.item<int>() <= EpsilonLevels;
            }
        );

    /// <summary>1e-5 px beside the longest vector moves a level only where the longest vector is tiny; one level by rounding.</summary>
    private const int EpsilonLevels = 1;

    [Fact]
    public void Wheel_OfTheFourDirections_GoesRedYellowGreenCyanBlueMagenta()
    {
        using var scope = NewDisposeScope();
        // Right is red; a quarter turn down the picture passes yellow; left is between green-cyan and blue; up is on the magenta side.
        var flow = tensor(new[] { 1f, 0f, -1f, 0f, 0f, 1f, 0f, -1f }).view(2, 1, 4);
        var rgb = FlowColour.Wheel(flow).to_type(ScalarType.Int32); // [3, 1, 4]
        var right = Enumerable.Range(0, 3).Select(channel => rgb[channel, 0, 0].item<int>()).ToArray();
        var down = Enumerable.Range(0, 3).Select(channel => rgb[channel, 0, 1].item<int>()).ToArray();
        var left = Enumerable.Range(0, 3).Select(channel => rgb[channel, 0, 2].item<int>()).ToArray();
        var up = Enumerable.Range(0, 3).Select(channel => rgb[channel, 0, 3].item<int>()).ToArray();
        Assert.True(right[0] > 250 && right[1] < 20 && right[2] < 50, $"right is {string.Join(", ", right)}");
        Assert.True(down[0] > 200 && down[1] > 200 && down[2] < 20, $"down is {string.Join(", ", down)}");
        Assert.True(left[0] < 20 && left[1] > 100 && left[2] > 200, $"left is {string.Join(", ", left)}");
        Assert.True(up[0] > 80 && up[1] < 20 && up[2] > 200, $"up is {string.Join(", ", up)}");
    }

    [Fact, Law]
    public void Wheel_OfAnySpeedToTheRight_IsRed() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var speed = 0.5 + (sketch.Seed % 1000);
                var drawn = FlowColour.Wheel(
                    stack([
                        full([sketch.Size.Height, sketch.Size.Width], Held.Of(speed), ScalarType.Float32),
                        zeros(sketch.Size.Height, sketch.Size.Width),
                    ])
                );
                return drawn[0].min().item<byte>() > 250 && drawn[1].max().item<byte>() < 20 && drawn[2].max().item<byte>() < 50;
            }
        );

    [Fact, Law]
    public void Wheel_WithUnknownVectors_DrawsThemWhiteAndTheRestAsWithoutThem() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch with { Size = new Size2(sketch.Size.Height, sketch.Size.Width + 1) });
                foreach (var unknown in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1.7e9, -1e10 })
                {
                    foreach (var normaliser in Enum.GetValues<FlowNormaliser>())
                    {
                        var marked = flow.clone();
                        marked.narrow(2, 0, 1).fill_(Held.Of(unknown));
                        var options = new FlowColourOptions(normaliser);
                        var drawn = FlowColour.Wheel(marked, options);
                        var rest = FlowColour.Wheel(flow.narrow(2, 1, sketch.Size.Width), options);
                        if (
                            !Bytes(drawn.narrow(2, 1, sketch.Size.Width)).SequenceEqual(Bytes(rest))
                            || Bytes(drawn.narrow(2, 0, 1)).Any(value => value != 255)
                        )
                        {
                            return false;
                        }
                    }
                }

                return true;
            },
            cases: 20
        );

    [Fact]
    public void Wheel_ByPercentile_DoesNotWashOutTheRestForAnOutlier()
    {
        using var scope = NewDisposeScope();
        var calm = full([2, 20, 20], Held.Of(1f));
        var storm = calm.clone();
        storm[0, 0, 0] = tensor(1000f);
        var options = new FlowColourOptions(FlowNormaliser.Percentile);
        var (before, after) = (FlowColour.Wheel(calm, options), FlowColour.Wheel(storm, options));
        Assert.Equal(Bytes(before.narrow(1, 1, 19)), Bytes(after.narrow(1, 1, 19)));
        Assert.True(FlowColour.Wheel(storm)[2, 5, 5].item<byte>() > 250, "by the maximum the calm pixels fade to white");
    }

    [Fact, Law]
    public void Wheel_ByThePercentileOne_DrawsAsByTheMaximum() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch);
                return Bytes(FlowColour.Wheel(flow))
                    .SequenceEqual(Bytes(FlowColour.Wheel(flow, new FlowColourOptions(FlowNormaliser.Percentile, 1.0))));
            }
        );

    [Fact, Law]
    public void Wheel_OfRearrangedPixels_IsTheRearrangedPicture() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch);
                return Bytes(FlowColour.Wheel(flow.flip(-1))).SequenceEqual(Bytes(FlowColour.Wheel(flow).flip(-1)))
                    && Bytes(FlowColour.Wheel(flow.transpose(1, 2))).SequenceEqual(Bytes(FlowColour.Wheel(flow).transpose(1, 2)));
            }
        );

    /// <summary>
    /// Levels a channel may move in a degree: the steepest arc takes 4 steps of 360/54 degrees for 255 levels. One more by flooring.
    /// </summary>
    private const int LevelsPerDegree = 11;

    /// <summary>The wheel has 55 colours on 54 steps, so its ends do not meet: they lie 43 levels apart where flow points right.</summary>
    private const int Seam = 44;

    [Fact]
    public void Wheel_OverAllDirections_IsContinuousButForTheSeamAtTheRight()
    {
        using var scope = NewDisposeScope();
        var degrees = Held.Range(0, 361, ScalarType.Float32);
        var flow = stack([degrees.Times(Math.PI / 180).cos(), degrees.Times(Math.PI / 180).sin()]).view(2, 1, 361);
        var colours = FlowColour.Wheel(flow).to_type(ScalarType.Int32).squeeze(1); // [3, 361]
        var steps = colours.narrow(1, 1, 360).sub(colours.narrow(1, 0, 360)).abs().amax([0]).Elements<int>();
        Assert.All(steps[1..^1], step => Assert.InRange(step, 0, LevelsPerDegree));
        Assert.InRange(steps[0], 0, Seam + LevelsPerDegree);
        Assert.InRange(steps[^1], 0, Seam + LevelsPerDegree);
    }

    private static byte[] Bytes(Tensor picture) => picture.Elements<byte>();
}
