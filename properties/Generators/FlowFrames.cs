using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Generators;

/// <summary>
/// A frame to train on or to detect in: a wavy picture, random flow, boxes. Prints as its sizes, from which it can be drawn again.
/// </summary>
public sealed record FrameSketch(Size2 Size, int Boxes, ulong Seed) : IKnowsItsKinds
{
    public IEnumerable<string> Kinds() =>
        [Generators.Kinds.Count(Boxes, "box", "boxes"), Size.Width < Size.Height ? "upright" : "wide or square"];

    /// <summary>The frame; the receiver owns it.</summary>
    /// <param name="sequence">Its place in the stream.</param>
    /// <param name="classes">Classes of the boxes are below it.</param>
    public FlowFrame Draw(long sequence = 0, int classes = FlowFrames.Classes)
    {
        var draws = new Seed(Seed).Derive("boxes").Draws();
        var instances = Enumerable.Range(0, Boxes).Select(id => new Instance(id, draws.Next(classes), Box(draws))).ToImmutableArray();
        using var scope = NewDisposeScope();
        var sketch = new Sketch(Size, Seed);
        return new(
            new FrameKey(sequence, "clip", (int)sequence),
            Size,
            FlowFields.Picture(sketch).MoveToOuterDisposeScope(),
            FlowFields.Flow(sketch).MoveToOuterDisposeScope(),
            1,
            "zero",
            new Annotation(instances)
        );
    }

    // At least a third of each side, so that locations fall into it.
    private Box Box(Draws draws)
    {
        var (width, height) = (draws.NextDouble(Size.Width / 3.0, Size.Width), draws.NextDouble(Size.Height / 3.0, Size.Height));
        var (x, y) = (draws.NextDouble(0, Size.Width - width), draws.NextDouble(0, Size.Height - height));
        return new((float)x, (float)y, (float)(x + width), (float)(y + height));
    }
}

/// <summary>Frames, and a segmenter small enough for laws.</summary>
public static class FlowFrames
{
    public const int Classes = 3;

    /// <summary>Sides 20 .. 70, 0 .. 3 boxes.</summary>
    public static Gen<FrameSketch> Any { get; } =
        from height in Gen.Choose(20, 70)
        from width in Gen.Choose(20, 70)
        from boxes in Gen.Choose(0, 3)
        from seed in Gen.Choose(0, int.MaxValue)
        select new FrameSketch(new Size2(height, width), boxes, (ulong)seed);

    /// <summary>The same with at least one box.</summary>
    public static Gen<FrameSketch> WithBoxes { get; } = Any.Select(sketch => sketch with { Boxes = Math.Max(1, sketch.Boxes) });

    /// <summary>Few channels, one layer where the published model has four, short sides.</summary>
    public static ForwardOptions Tiny { get; } =
        new()
        {
            Backbone = new()
            {
                Network = BackboneNetwork.Small,
                Freeze = Freeze.None,
                SmallChannels = [4, 6, 8, 8],
            },
            Pyramid = new() { Channels = 8 },
            Head = new() { TowerConvs = 1, BoxBias = 1 },
            Mask = new()
            {
                BranchConvs = 1,
                BranchChannels = 6,
                Channels = 4,
                HeadChannels = 4,
                PerImage = 12,
            },
            View = new()
            {
                ShortestSides = [32, 40, 48],
                LongestSide = 96,
                TestShortestSide = 48,
                TestLongestSide = 96,
            },
            Optimiser = new()
            {
                Warmup = 2,
                Steps = [],
                Clip = Clip.Parameter,
                ClipNorm = 1,
            },
        };
}
