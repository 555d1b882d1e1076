using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Augmentation: what a view does to pictures, flow and boxes.</summary>
public sealed class ViewLaws
{
    private static readonly Gen<(FrameSketch Sketch, long Sequence, ulong Seed)> Drawn =
        from sketch in FlowFrames.WithBoxes
        from sequence in Gen.Choose(0, 100_000)
        from seed in Gen.Choose(0, int.MaxValue)
        select (sketch, (long)sequence, (ulong)seed);

    [Fact, Law]
    public void Draw_AnyFrame_DependsOnSeedAndSequenceAlone() =>
        Laws.Hold(
            Drawn,
            law =>
            {
                using var one = law.Sketch.Draw(law.Sequence);
                using var other = (law.Sketch with { Seed = law.Sketch.Seed + 1 }).Draw(law.Sequence);
                var options = FlowFrames.Tiny.View;
                return Views.Draw(options, new Seed(law.Seed), one) == Views.Draw(options, new Seed(law.Seed), other);
            }
        );

    [Fact]
    public void Draw_OverManyFrames_TakesEverySideAndFlipsHalf()
    {
        using var frame = new FrameSketch(new Size2(40, 60), 0, 1).Draw();
        var views = Enumerable
            .Range(0, 2000)
            .Select(n => Views.Draw(FlowFrames.Tiny.View, new Seed(9), frame with { Key = frame.Key with { Sequence = n } }))
            .ToArray();
        Assert.Equal([32, 40, 48], views.Select(view => view.Size.Height).Distinct().Order());
        Assert.All(views.CountBy(view => view.Size.Height), side => Assert.InRange(side.Value, 580, 760)); // 667 expected, deviation 21
        Assert.InRange(views.Count(view => view.Flip), 890, 1110); // 1000 expected, deviation 22
    }

    [Fact, Law]
    public void Draw_FlipProbability_ZeroAndOneAreNeverAndAlways() =>
        Laws.Hold(
            Drawn,
            law =>
            {
                using var frame = law.Sketch.Draw(law.Sequence);
                bool Flips(double p) => Views.Draw(FlowFrames.Tiny.View with { FlipProbability = p }, new Seed(law.Seed), frame).Flip;
                return !Flips(0) && Flips(1);
            }
        );

    [Fact, Law]
    public void Targets_AnyView_AreInsideAndCoverTheSameFractions() =>
        Laws.Hold(
            Drawn,
            law =>
            {
                using var frame = law.Sketch.Draw(law.Sequence);
                var view = Views.Draw(FlowFrames.Tiny.View, new Seed(law.Seed), frame);
                var targets = Views.Targets(frame, view, agnostic: false);
                var (width, height) = ((double)frame.OriginalSize.Width, (double)frame.OriginalSize.Height);
                bool Same(double a, double b) => Math.Abs(a - b) < 1e-5;
                return targets.Length == frame.Truth!.Instances.Length
                    && targets
                        .Zip(frame.Truth.Instances)
                        .All(pair =>
                        {
                            var (box, original) = (pair.First.Box, pair.Second.Box);
                            var left = view.Flip ? view.Size.Width - box.X2 : box.X1;
                            return pair.First.Class == pair.Second.Class
                                && box.X1 >= 0
                                && box.Y1 >= 0
                                && box.X2 <= view.Size.Width
                                && box.Y2 <= view.Size.Height
                                && Same(left / view.Size.Width, original.X1 / width)
                                && Same(box.Width / view.Size.Width, original.Width / width)
                                && Same(box.Y1 / view.Size.Height, original.Y1 / height)
                                && Same(box.Height / view.Size.Height, original.Height / height);
                        });
            }
        );

    [Fact]
    public void Targets_CrowdsEmptyAndOutside_AreDropped()
    {
        using var frame = new FrameSketch(new Size2(40, 60), 0, 1).Draw();
        var view = new View(new Size2(80, 120), Flip: true);
        var truth = new Annotation([
            new Instance(1, 2, new Box(10, 10, 20, 30)),
            new Instance(2, 0, new Box(1, 1, 9, 9), IsCrowd: true),
            new Instance(3, 0, new Box(5, 5, 5, 9)),
            new Instance(4, 0, new Box(60, 1, 70, 9)),
            new Instance(5, 1, new Box(50, 30, 70, 50)),
        ]);
        var marked = frame with { Truth = truth };
        Assert.Equal(
            (Target[])[new Target(new Box(80, 20, 100, 60), 2), new Target(new Box(0, 60, 20, 80), 1)],
            Views.Targets(marked, view, agnostic: false).AsEnumerable()
        );
        Assert.Equal([0, 0], Views.Targets(marked, view, agnostic: true).Select(target => target.Class));
        Assert.Empty(Views.Targets(frame with { Truth = null }, view, agnostic: false));
    }

    [Fact, Law]
    public void Wheel_OfAMirroredView_IsTheWheelOfTheMirroredVectors() =>
        Laws.Hold(
            Drawn,
            law =>
            {
                using var scope = NewDisposeScope();
                var frame = law.Sketch.Draw();
                var size = law.Sketch.Size; // its own: resizing rounds differently in a mirror
                var mirrored = frame with { Flow = FlowField.FlipHorizontal(frame.Flow) };
                Tensor Wheel(FlowFrame each, bool flip) => Views.Wheel(each, new View(size, flip), new());
                return Tensors.SameBits(Wheel(frame, flip: true), Wheel(mirrored, flip: false))
                    && !Tensors.SameBits(Wheel(frame, flip: true), Wheel(frame, flip: false).flip(2));
            },
            cases: 20
        );

    [Fact, Law]
    public void Image_InItsOwnSize_IsItselfAndItsMirror() =>
        Laws.Hold(
            FlowFrames.Any,
            sketch =>
            {
                using var scope = NewDisposeScope();
                var frame = sketch.Draw();
                return Tensors.SameBits(Views.Image(frame, new View(sketch.Size, Flip: false)), frame.Image)
                    && Tensors.SameBits(Views.Image(frame, new View(sketch.Size, Flip: true)), frame.Image.flip(2).contiguous());
            },
            cases: 20
        );

    [Fact, Law]
    public void Normalise_AnyPicture_IsBlueFirstLessMeanAndZeroBeyond() =>
        Laws.Hold(
            FlowFrames.Any,
            sketch =>
            {
                using var scope = NewDisposeScope();
                var (frame, options) = (sketch.Draw(), new BackboneOptions());
                var padded = Views.RoundUp(sketch.Size);
                var input = Views.Normalise(frame.Image, options, padded);
                var (h, w) = (sketch.Size.Height, sketch.Size.Width);
                bool Channel(int to, int from) =>
                    Tensors.Close(
                        input[0, to].narrow(0, 0, h).narrow(1, 0, w),
                        frame.Image[from].to(ScalarType.Float32).Minus(options.PixelMean[to]),
                        1e-4,
                        0
                    );
                var rest = input.abs().sum().Number() - input.narrow(2, 0, h).narrow(3, 0, w).abs().sum().Number();
                return padded.Height % 32 == 0
                    && padded.Width % 32 == 0
                    && padded.Height - h < 32
                    && padded.Width - w < 32
                    && Channel(0, 2)
                    && Channel(1, 1)
                    && Channel(2, 0)
                    && Math.Abs(rest) < 1;
            },
            cases: 20
        );

    [Theory]
    [InlineData(480, 800, 10, 784)] // int(10 * 800 / 480) = 16 rows
    [InlineData(720, 192, 10, 190)] // 2.67 rows: 2
    [InlineData(2000, 192, 10, 192)] // 0.96 rows: none
    [InlineData(480, 800, 0, 800)]
    public void ValidSize_LosesTheBottomRowsInProportion(int original, int height, int rows, int expected) =>
        Assert.Equal(
            new Size2(expected, 77),
            Views.ValidSize(new View(new Size2(height, 77), Flip: false), new Size2(original, 999), rows)
        );
}
