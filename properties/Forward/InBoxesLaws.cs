using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Masks in boxes that are given.</summary>
public sealed class InBoxesLaws
{
    private static readonly Size2 Size = new(30, 40);
    private static readonly InBoxesOptions Options = new()
    {
        Edges = new() { Reach = [1, 2], Rounds = 4 },
    };

    private static Gen<Box> Boxes { get; } =
        from n in Gen.Choose(0, 1000).ArrayOf(4)
        let x = n[0] * 30 / 1000f
        let y = n[1] * 20 / 1000f
        select new Box(x, y, Math.Min(40, x + 2 + (n[2] * 20 / 1000f)), Math.Min(30, y + 2 + (n[3] * 20 / 1000f)));

    private static Gen<(ImmutableArray<Box> Boxes, int Seed)> Cases { get; } =
        from count in Gen.Choose(1, 4)
        from boxes in Boxes.ArrayOf(count)
        from seed in Gen.Choose(0, 1000)
        select (boxes.ToImmutableArray(), seed);

    private static Tensor Random(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return rand(shape, generator: generator);
    }

    [Fact, Law]
    public void Draw_AnyBoxes_GivesEachOneMask() =>
        Laws.Hold(
            from sketch in FlowFrames.Any
            from boxes in Boxes.ArrayOf(3)
            select (sketch, boxes),
            pair =>
            {
                using var scope = NewDisposeScope();
                using var state = TrainerLaws.Trainer(FlowFrames.Tiny).Start().OrThrow();
                var draw = ForwardStage.CreateInBoxes(FlowFrames.Tiny, FlowFrames.Classes, state.Weights, CPU).OrThrow();
                ImmutableArray<Box> boxes =
                [
                    .. pair.boxes.Select(box => box.Clip(pair.sketch.Size)).Select(box => box.IsProper ? box : new Box(0, 0, 2, 2)),
                ];
                var frame = pair.sketch.Draw();
                using var soft = draw(frame, boxes).OrThrow();
                using var turned = draw(pair.sketch.Draw(), [.. boxes.Reverse()]).OrThrow();
                return soft.Probability.shape[0] == boxes.Length
                    && soft.Fit.Length == boxes.Length
                    && soft.Probability.min().item<float>() >= 0
                    && soft.Probability.max().item<float>() <= 1
                    && Tensors.Close(soft.Probability, turned.Probability.flip(0), 1e-5, 0)
                    && frame.Image.IsInvalid;
            },
            cases: 10
        );

    [Fact, Law]
    public void Masks_AnyProbabilities_LieInTheirBoxes() =>
        Laws.Hold(
            Cases,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var masks = InFrame.Masks(
                    Options,
                    Random(drawn.Seed, drawn.Boxes.Length, 15, 20),
                    drawn.Boxes,
                    Random(drawn.Seed + 1, 3, 30, 40).mul(255.0.ToScalar()).to(ScalarType.Byte),
                    Size
                );
                return masks.Length == drawn.Boxes.Length
                    && masks
                        .Zip(drawn.Boxes)
                        .All(pair =>
                            pair.First.Mask.Size == Size
                            && Rles.Area(pair.First.Mask) == Rles.Intersection(pair.First.Mask, Rles.FromBox(pair.Second, Size))
                            && new[] { pair.First.Certainty, pair.First.Sides, pair.First.Agreement, pair.First.Fill }.All(value =>
                                value is >= 0 and <= 1.0001
                            )
                        );
            },
            cases: 30
        );

    [Fact]
    public void Masks_UnsureBesideAnEdgeOfThePicture_GoToTheEdge()
    {
        using var scope = NewDisposeScope();
        var picture = zeros([3, 30, 40], ScalarType.Byte);
        picture.narrow(2, 0, 20).fill_(200.ToScalar());
        var probability = full([1, 30, 40], 0.45f.ToScalar(), ScalarType.Float32);
        probability.narrow(2, 4, 12).fill_(0.9f.ToScalar());
        probability.narrow(2, 24, 12).fill_(0.1f.ToScalar());
        var mask = InFrame.Masks(new InBoxesOptions(), probability, [new Box(0, 0, 40, 30)], picture, Size)[0].Mask;
        Assert.True(Rles.Same(Rles.FromBox(new Box(0, 0, 20, 30), Size), mask));
    }

    [Fact, Law]
    public void Largest_AnyMask_IsOnePieceOfItAndNoSmallerThanAnother() =>
        Laws.Hold(
            Gen.Choose(0, 1).ArrayOf(12 * 9),
            pixels =>
            {
                var mask = Rles.Encode(pixels.Select(pixel => (byte)pixel).ToArray(), new Size2(9, 12));
                var largest = Pieces.Largest(mask);
                var rest = Rles.Encode(Rles.Decode(mask).Zip(Rles.Decode(largest), (a, b) => (byte)(a & ~b & 1)).ToArray(), mask.Size);
                return Rles.Area(largest) == Rles.Intersection(largest, mask)
                    && (Rles.Area(mask) == 0) == (Rles.Area(largest) == 0)
                    && Rles.Same(Pieces.Largest(largest), largest)
                    && Rles.Area(Pieces.Largest(rest)) <= Rles.Area(largest);
            }
        );

    [Fact, Law]
    public void Mean_NeighboursThatMovedByWholePixels_SayTheSame() =>
        Laws.Hold(
            from right in Gen.Choose(-3, 3)
            from down in Gen.Choose(-3, 3)
            from seed in Gen.Choose(0, 1000)
            select (right, down, seed),
            move =>
            {
                using var scope = NewDisposeScope();
                var flow = stack(
                    [
                        full([20, 30], ((float)move.right).ToScalar(), ScalarType.Float32),
                        full([20, 30], ((float)move.down).ToScalar(), ScalarType.Float32),
                    ],
                    0
                );
                var there = Random(move.seed, 1, 20, 30);
                var here = there.roll([-move.down, -move.right], [1, 2]); // what is at x here is at x + flow in the next frame
                var (mean, steady) = InTime.Mean(new(here, flow, [1]), null, (new(there, flow, [1]), [0]), weight: 1);
                var inner = (Func<Tensor, Tensor>)(map => map.narrow(1, 4, 12).narrow(2, 4, 22));
                return Tensors.Close(inner(mean), inner(here), 1e-4, 0) && steady[0] is > 0 and <= 1;
            },
            cases: 30
        );
}
