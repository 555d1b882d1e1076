using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

public sealed class FlowStageLaws
{
    private const int Iterations = 2;

    [Theory, Law]
    [InlineData(FlowSource.Gma)]
    [InlineData(FlowSource.RaftSmall)]
    public void Estimate_OfFramesOfAnySize_IsFiniteAndOfTheirSize(FlowSource network)
    {
        var stage = Random(network);
        Laws.Hold(
            FlowFields.Sketches(longest: 150),
            sketch =>
            {
                using var frame = stage(Pair(sketch)).OrThrow();
                return frame.Flow.shape.SequenceEqual([2, sketch.Size.Height, sketch.Size.Width])
                    && frame.Flow.dtype == ScalarType.Float32
                    && frame.Flow.isfinite().all().item<bool>();
            },
            cases: 8
        );
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 300)]
    [InlineData(56, 256)]
    [InlineData(64, 64)]
    [InlineData(96, 128)]
    [InlineData(120, 128)]
    [InlineData(128, 120)]
    public void Estimate_OfSidesWhereThePublishedCodeFails_IsFinite(int height, int width)
    {
        using var frame = Random(FlowSource.RaftSmall)(Pair(new Sketch(new Size2(height, width), 3))).OrThrow();
        Assert.Equal([2L, height, width], frame.Flow.shape);
        Assert.True(frame.Flow.isfinite().all().item<bool>());
    }

    [Fact]
    public void Estimate_OfAPairWithStepMinusOne_IsTheNegatedFlowOfThatPair()
    {
        var stage = Random(FlowSource.RaftSmall);
        var sketch = new Sketch(new Size2(66, 70), 4);
        using var forward = stage(Pair(sketch)).OrThrow();
        using var backward = stage(Pair(sketch) with { Step = -1 }).OrThrow();
        Assert.Equal(-1, backward.Step);
        Assert.True(Tensors.SameBits(forward.Flow, backward.Flow.neg()));
        Assert.True(forward.Flow.abs().max().item<float>() > 0, "random weights move nothing: the law says nothing");
    }

    [Fact]
    public void Estimate_OfALoneFrame_IsZeroForEveryNetwork()
    {
        foreach (var network in Enum.GetValues<FlowSource>())
        {
            using var frame = Random(network)(Pair(new Sketch(new Size2(5, 7), 1)) with { Step = 0 }).OrThrow();
            Assert.Equal(0, frame.Step);
            Assert.Equal([2L, 5, 7], frame.Flow.shape);
            Assert.All(frame.Flow.Elements<float>(), value => Assert.Equal(0f, value));
        }
    }

    [Fact]
    public void Estimate_Twice_GivesTheSameBits()
    {
        var sketch = new Sketch(new Size2(40, 90), 9);
        using var first = Random(FlowSource.Gma)(Pair(sketch)).OrThrow();
        using var second = Random(FlowSource.Gma)(Pair(sketch)).OrThrow();
        Assert.True(Tensors.SameBits(first.Flow, second.Flow));
    }

    /// <summary>Features that a stage has kept are those of that very picture, whatever came before it.</summary>
    [Theory, Law]
    [InlineData(FlowSource.RaftSmall)]
    [InlineData(FlowSource.Gma)]
    public void Estimate_OfPairsInAnyOrder_GivesTheBitsOfAFreshStage(FlowSource network)
    {
        Sketch[] pictures = [new(new Size2(64, 72), 1), new(new Size2(64, 72), 2), new(new Size2(72, 64), 1)];
        var alone = new Dictionary<(int, int), Tensor>();
        Laws.Hold(
            Gen.Choose(0, 2).ArrayOf(4),
            walk =>
            {
                var stage = Random(network);
                return walk.Zip(walk.Skip(1))
                    .Where(pair => pictures[pair.First].Size == pictures[pair.Second].Size)
                    .ToArray()
                    .All(pair =>
                    {
                        if (!alone.TryGetValue(pair, out var expected))
                            alone[pair] = expected = Flow(Random(network), pair);
                        using var flow = Flow(stage, pair);
                        return Tensors.SameBits(flow, expected);
                    });
            },
            cases: 12
        );
        foreach (var flow in alone.Values)
            flow.Dispose();

        Tensor Flow(EstimateFlow stage, (int First, int Second) pair)
        {
            using var frame = stage(
                    new FramePair(
                        new FrameKey(7, "walk", 3),
                        pictures[pair.First].Size,
                        FlowFields.Picture(pictures[pair.First]),
                        FlowFields.Picture(pictures[pair.Second]),
                        1,
                        null,
                        null
                    )
                )
                .OrThrow();
            return frame.Flow.clone();
        }
    }

    [Fact]
    public void LastFeatures_OfPairsThatFollowEachOther_AreEncodedOnce()
    {
        using var scope = NewDisposeScope();
        var pictures = Enumerable.Range(0, 4).Select(i => full([1, 3, 8, 8], Held.Of((double)i))).ToArray();
        var (last, encoded) = (new LastFeatures(), 0);
        foreach (var (first, second) in pictures.Zip(pictures.Skip(1)))
        {
            var (one, other) = last.Of(first, second, Encode);
            Assert.True(Tensors.SameBits(first.Times(2), one) && Tensors.SameBits(second.Times(2), other));
        }

        Assert.Equal(4, encoded);

        Tensor Encode(Tensor picture)
        {
            encoded++;
            return picture.Times(2);
        }
    }

    [Fact]
    public void Create_WithAnotherSeed_GivesOtherRandomWeights()
    {
        var sketch = new Sketch(new Size2(64, 64), 2);
        using var first = Random(FlowSource.RaftSmall, seed: 1)(Pair(sketch)).OrThrow();
        using var second = Random(FlowSource.RaftSmall, seed: 2)(Pair(sketch)).OrThrow();
        Assert.False(Tensors.SameBits(first.Flow, second.Flow));
    }

    [Fact]
    public void Precomputed_HandsTheKnownFlowOn()
    {
        var sketch = new Sketch(new Size2(6, 9), 5);
        using var known = FlowFields.Flow(sketch);
        using var frame = Random(FlowSource.Precomputed)(Pair(sketch) with { KnownFlow = known.alias() }).OrThrow();
        Assert.True(Tensors.SameBits(known, frame.Flow));
        Assert.Equal("precomputed", frame.FlowNetwork);
    }

    [Fact]
    public void Precomputed_WithoutAKnownFlow_NamesTheFrame()
    {
        var error = Error(Random(FlowSource.Precomputed)(Pair(new Sketch(new Size2(6, 9), 5))));
        Assert.IsType<FlowError.NoKnownFlow>(error);
        Assert.Contains("clip walk, frame 3", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Estimate_OfFramesOfTwoSizes_IsRefused()
    {
        var pair = Pair(new Sketch(new Size2(6, 9), 5)) with { Second = FlowFields.Picture(new Sketch(new Size2(6, 8), 5)) };
        Assert.Equal(new FlowError.SizeMismatch(pair.Key, new Size2(6, 9), new Size2(6, 8)), Error(Random(FlowSource.Zero)(pair)));
    }

    [Fact]
    public void Estimate_ConsumesThePairAndKeepsNothing()
    {
        var stage = Random(FlowSource.RaftSmall);
        using var known = FlowFields.Flow(new Sketch(new Size2(16, 24), 1));
        Leaks.Check(() => stage(Pair(new Sketch(new Size2(16, 24), 1)) with { KnownFlow = known.alias() }).OrThrow().Dispose());
        Leaks.Check(() => Error(Random(FlowSource.Precomputed)(Pair(new Sketch(new Size2(16, 24), 1)))));
    }

    [Fact]
    public void Create_WithoutWeights_SaysWhatToFetch()
    {
        var error = Error(FlowStage.Create(new FlowOptions { Network = FlowSource.RaftSmall }, CPU)).Describe();
        Assert.StartsWith("flow.weights: network raft-small needs a file of weights", error, StringComparison.Ordinal);
        Assert.Contains("raft-small.pth", error, StringComparison.Ordinal);
        Assert.Contains("random", error, StringComparison.Ordinal);
    }

    [Fact, Law]
    public void WorkSize_OfAnyFrame_FitsAndKeepsItsShape() =>
        Laws.Hold(
            from height in Gen.Choose(1, 5000)
            from width in Gen.Choose(1, 5000)
            from most in Gen.Choose(4096, 1 << 21)
            select (Size: new Size2(height, width), most),
            drawn =>
            {
                var work = FlowStage.WorkSize(drawn.Size, drawn.most);
                var scale = Math.Sqrt(Math.Min(1, drawn.most / (double)drawn.Size.Area));
                // A side is the whole number below, unless that is none.
                bool Fits(int side, int whole) => side <= Math.Max(1, whole * scale * 1.0001) || work.Shortest == 1;
                return (drawn.Size.Area > drawn.most || work == drawn.Size)
                    && work.Area <= drawn.most
                    && work.Shortest >= 1
                    && Fits(work.Height, drawn.Size.Height)
                    && Fits(work.Width, drawn.Size.Width)
                    && work.Height > (drawn.Size.Height * scale) - 1.001
                    && work.Width > (drawn.Size.Width * scale) - 1.001;
            },
            cases: 500
        );

    [Fact]
    public void Estimate_OfAFrameTooLarge_IsThatOfTheFrameThatFitsEnlarged()
    {
        var (large, fits) = (new Size2(150, 120), new Size2(79, 63));
        var options = new FlowOptions
        {
            Network = FlowSource.RaftSmall,
            Weights = FlowOptions.RandomWeights,
            Iterations = Iterations,
            MaxArea = 5000,
        };
        Assert.Equal(fits, FlowStage.WorkSize(large, options.MaxArea));
        using var scope = NewDisposeScope();
        var (first, second) = (FlowFields.Picture(new Sketch(large, 4)), FlowFields.Picture(new Sketch(large, 4), right: 3, down: -2));
        FramePair Of(Tensor a, Tensor b, Size2 size) => new(new FrameKey(7, "walk", 3), size, a, b, 1, null, null);
        var small = FlowStage
            .Create(options, CPU)
            .OrThrow()(Of(ImageResize.Bilinear(first, fits), ImageResize.Bilinear(second, fits), fits))
            .OrThrow();
        var frame = FlowStage.Create(options, CPU).OrThrow()(Of(first, second, large)).OrThrow();
        Assert.True(frame.Flow.abs().max().item<float>() > 0);
        Assert.True(Tensors.SameBits(FlowField.Resize(small.Flow, large), frame.Flow));
        small.Dispose();
        frame.Dispose();
    }

    [Fact]
    public void Create_WithNoIteration_IsRefused() =>
        Assert.IsType<FlowError.BadSetting>(Error(FlowStage.Create(new FlowOptions { Network = FlowSource.Zero, Iterations = 0 }, CPU)));

    private static EstimateFlow Random(FlowSource network, long seed = 0) =>
        FlowStage
            .Create(
                new FlowOptions
                {
                    Network = network,
                    Weights = FlowOptions.RandomWeights,
                    Iterations = Iterations,
                    Seed = seed,
                },
                CPU
            )
            .OrThrow();

    private static FramePair Pair(Sketch sketch) =>
        new(
            new FrameKey(7, "walk", 3),
            sketch.Size,
            FlowFields.Picture(sketch),
            FlowFields.Picture(sketch, right: 1.5, down: -1),
            1,
            null,
            null
        );

    private static FlowError Error<T>(Result<T, FlowError> result) => Assert.IsType<Result<T, FlowError>.Error>(result).Reason;
}
