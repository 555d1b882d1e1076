using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Decode.Synthetic;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using Scene = Motion.Decode.Synthetic.Scene;

namespace Motion.Properties.Decode;

/// <summary>The synthetic source: what it says of its frames is true of them.</summary>
public sealed class SyntheticLaws
{
    // Bilinear sampling of pictures rounded to bytes: half a level, and what the finest textures (waves of nine pixels, 60 levels high)
    // bend within a pixel.
    // The few pixels left out of "nearly all" lie beside slivers thinner than a pixel, which tint a pixel but own none.
    private const double MeanLevels = 2.5;
    private const double LevelsOfNearlyAll = 10;
    private const double NearlyAll = 0.995;

    private static readonly SyntheticOptions Small = new()
    {
        Clips = 4,
        Frames = 5,
        Height = 64,
        Width = 80,
        ObjectsMin = 2,
    };

    [Fact, Law]
    public void Flow_WarpingTheNextFrameByIt_GivesThisFrameWhereNothingIsHidden() =>
        Laws.Hold(
            Gen.Choose(0, 1_000_000).Select(i => (Seed: i, Frame: i % 5)),
            drawn =>
            {
                var scene = Scene.Make(Small, new Seed((ulong)drawn.Seed));
                var errors = WarpErrors(Renderer.Draw(scene, drawn.Frame), Renderer.Draw(scene, drawn.Frame + 1)).Order().ToArray();
                return errors.Length > 1000
                    && errors.Average() < MeanLevels
                    && errors[(int)(NearlyAll * errors.Length)] < LevelsOfNearlyAll;
            },
            40
        );

    [Fact]
    public void Flow_TurnedRound_NoLongerWarps()
    {
        var (right, turned) = (0.0, 0.0);
        for (var i = 0UL; i < 10; i++)
        {
            var scene = Scene.Make(Small, new Seed(i));
            var (frame, next) = (Renderer.Draw(scene, 0), Renderer.Draw(scene, 1));
            right += WarpErrors(frame, next).Average();
            turned += WarpErrors(frame with { Flow = [.. frame.Flow.Select(v => -v)] }, next).Average();
        }

        Assert.True(turned > 4 * right, $"{turned / 10:F2} levels against {right / 10:F2}");
    }

    [Fact]
    public async Task Truth_OfEveryFrame_IsTheTightBoxOfEachVisibleMask()
    {
        foreach (var pair in await Reading.Pairs(new DecodeOptions { Synthetic = Small }))
        {
            using var _ = pair;
            var size = new Size2(64, 80);
            var covered = new int[size.Area];
            Assert.Equal(1, pair.Truth!.Instances.Select(o => o.Id).GroupBy(id => id).Select(ids => ids.Count()).DefaultIfEmpty(1).Max());
            foreach (var o in pair.Truth.Instances)
            {
                Assert.Equal(Rles.Box(o.Mask!), o.Box);
                Assert.True(o.Box.IsProper && o.Box.Clip(size) == o.Box);
                Assert.InRange(o.Class, 0, 4);
                foreach (var (value, i) in Rles.Decode(o.Mask!).Select((value, i) => (value, i)))
                {
                    covered[i] += value;
                }
            }

            Assert.True(covered.Max() <= 1, "a pixel belongs to two objects");
        }
    }

    [Fact]
    public async Task Pair_OfEveryFrame_HoldsTheNextPictureAndTheExactFlow()
    {
        var pairs = await Reading.Pairs(new DecodeOptions { Synthetic = Small with { Clips = 1 } });
        var scene = Scene.Make(Small with { Clips = 1 }, Reading.Seed.Derive("synthetic").Derive("train").Derive(0));
        Assert.Equal([1, 1, 1, 1, -1], pairs.Select(pair => pair.Step));
        for (var frame = 0; frame < pairs.Count; frame++)
        {
            var drawn = Renderer.Draw(scene, frame);
            Assert.Equal(drawn.Picture.Planes, Reading.Bytes(pairs[frame].First));
            Assert.Equal(Renderer.Draw(scene, frame + pairs[frame].Step).Picture.Planes, Reading.Bytes(pairs[frame].Second));
            Assert.Equal(drawn.Flow, pairs[frame].KnownFlow!.Elements<float>()); // of the last frame too: t -> t+1
        }
    }

    [Fact, Law]
    public void Camouflage_InMidClip_LeavesThePictureOfTheBackgroundAlone() =>
        Laws.Hold(
            Gen.Choose(0, 1_000_000),
            seed =>
            {
                var scene = Scene.Make(Small with { Camouflaged = 1 }, new Seed((ulong)seed));
                var (hidden, bare) = (Renderer.Draw(scene, 2), Renderer.Draw(scene with { Actors = [] }, 2));
                return hidden.Owners.Any(owner => owner > 0)
                    && scene.Actors.All(actor => actor.Id > 100)
                    && hidden.Picture.Planes.Zip(bare.Picture.Planes, (a, b) => Math.Abs(a - b)).Max() <= 1; // a level of rounding: two ways to the same texel
            },
            30
        );

    [Fact, Law]
    public void Camouflage_AtAnyFrame_IsBetrayedByItsMotion() =>
        Laws.Hold(
            Gen.Choose(0, 1_000_000),
            seed =>
            {
                var scene = Scene.Make(Small with { Camouflaged = 1 }, new Seed((ulong)seed));
                var (frame, bare) = (Renderer.Draw(scene, seed % 5), Renderer.Draw(scene with { Actors = [] }, seed % 5));
                var area = frame.Owners.Length;
                return Enumerable
                    .Range(0, area)
                    .Where(i => frame.Owners[i] > 0)
                    .GroupBy(i => frame.Owners[i])
                    .All(pixels =>
                        pixels.Max(i => Math.Abs(frame.Flow[i] - bare.Flow[i]) + Math.Abs(frame.Flow[area + i] - bare.Flow[area + i]))
                        > 0.7 * Small.SpeedMin
                    );
            },
            30
        );

    [Fact]
    public void Objects_OfManyScenes_KeepTheSizesAsked()
    {
        foreach (var actor in Enumerable.Range(0, 50).SelectMany(i => Scene.Make(Small, new Seed((ulong)i)).Actors))
        {
            Assert.InRange(2 * actor.Radius / 64, Small.SizeMin, Small.SizeMax);
        }
    }

    [Fact]
    public void Shape_OfEveryKind_TouchesItsCircleFromInside() =>
        Assert.All(
            Enum.GetValues<ShapeKind>(),
            shape =>
            {
                var inside = Enumerable
                    .Range(-300, 601)
                    .SelectMany(y => Enumerable.Range(-300, 601).Select(x => (X: x / 2.0, Y: y / 2.0)))
                    .Where(p => Shapes.Distance(shape, p.X, p.Y, 100) < 0);
                Assert.InRange(inside.Max(p => Math.Sqrt((p.X * p.X) + (p.Y * p.Y))), 96, 101);
            }
        );

    [Fact]
    public async Task Frames_OfOneSeed_AreTheSameBytesInAnyOrder()
    {
        var options = new DecodeOptions { Synthetic = Small with { Clips = 3 } };
        var inOrder = (await Reading.Pairs(options)).ToDictionary(
            pair => (pair.Key.Clip, pair.Key.Frame),
            pair => Reading.Bytes(pair.First)
        );
        foreach (var pair in await Reading.Pairs(options with { Order = FrameOrder.Shuffled }, 40))
        {
            Assert.Equal(inOrder[(pair.Key.Clip, pair.Key.Frame)], Reading.Bytes(pair.First));
        }
    }

    [Fact]
    public async Task Frames_OfTheOtherSplitOrSeed_AreOthers()
    {
        var train = Reading.Bytes((await Reading.Pairs(new DecodeOptions { Synthetic = Small }, 1))[0].First);
        var test = (await Reading.Pairs(new DecodeOptions { Synthetic = Small, Split = "test" }, 1))[0];
        Assert.Equal("test-0000", test.Key.Clip);
        Assert.NotEqual(train, Reading.Bytes(test.First));
        await foreach (
            var item in DecodeSources.Open(new DecodeOptions { Synthetic = Small }, new Seed(8)).OrThrow().Frames(0, CancellationToken.None)
        )
        {
            Assert.NotEqual(train, Reading.Bytes(item.OrThrow().First));
            break;
        }
    }

    [Fact]
    public void Catalogue_NamesTheShapes_OrOneObject()
    {
        Assert.Equal(
            ["star", "disc"],
            Reading
                .Open(new DecodeOptions { Synthetic = Small with { Shapes = [ShapeKind.Star, ShapeKind.Disc] } })
                .Catalogue.Categories.Select(c => c.Name)
        );
        Assert.Equal(
            ["object"],
            Reading.Open(new DecodeOptions { Classes = ClassNaming.Agnostic, Synthetic = Small }).Catalogue.Categories.Select(c => c.Name)
        );
    }

    [Fact]
    public void BadSettings_OfEveryKind_NameTheSetting()
    {
        (SyntheticOptions Options, string Setting)[] bad =
        [
            (Small with { Clips = 0 }, "clips"),
            (Small with { Frames = 0 }, "frames"),
            (Small with { Height = 3 }, "height"),
            (Small with { ObjectsMin = 5 }, "objectsMin"),
            (Small with { SizeMin = 0 }, "sizeMin"),
            (Small with { SizeMax = double.NaN }, "sizeMin"),
            (Small with { Camouflaged = 1.5 }, "camouflaged"),
            (Small with { SpeedMax = -1 }, "speedMin"),
            (Small with { CameraSpeed = -1 }, "cameraSpeed"),
            (Small with { Rotation = 1e9 }, "rotation"),
            (Small with { Textures = [] }, "textures"),
            (Small with { Shapes = [ShapeKind.Disc, ShapeKind.Disc] }, "shapes"),
        ];
        Assert.All(
            bad,
            pair =>
                Assert.StartsWith(
                    $"synthetic.{pair.Setting}",
                    Reading.Refusal(new DecodeOptions { Synthetic = pair.Options }),
                    StringComparison.Ordinal
                )
        );
    }

    /// <summary>
    /// |next(p + flow) - this(p)| for all channels of the pixels whose whole neighbourhood shows one thing in both frames.
    /// </summary>
    private static IEnumerable<double> WarpErrors(Rendering frame, Rendering next)
    {
        var (height, width) = (frame.Picture.Size.Height, frame.Picture.Size.Width);
        var area = height * width;
        for (var y = 1; y < height - 1; y++)
        {
            for (var x = 1; x < width - 1; x++)
            {
                var at = (y * width) + x;
                var (toX, toY) = (x + frame.Flow[at], y + frame.Flow[area + at]);
                var (left, top) = ((int)Math.Floor(toX), (int)Math.Floor(toY));
                if (
                    left < 1
                    || top < 1
                    || left + 2 >= width
                    || top + 2 >= height
                    || !Shows(frame, y - 1, x - 1, 3)
                    || !Shows(next, top - 1, left - 1, 4)
                )
                {
                    continue;
                }

                bool Shows(Rendering rendering, int fromY, int fromX, int side) =>
                    Enumerable
                        .Range(0, side * side)
                        .All(i => rendering.Owners[((fromY + (i / side)) * width) + fromX + (i % side)] == frame.Owners[at]);

                var (fx, fy) = (toX - left, toY - top);
                for (var c = 0; c < 3; c++)
                {
                    double Next(int dy, int dx) => next.Picture.Planes[(c * area) + ((top + dy) * width) + left + dx];
                    var warped =
                        ((1 - fy) * (((1 - fx) * Next(0, 0)) + (fx * Next(0, 1)))) + (fy * (((1 - fx) * Next(1, 0)) + (fx * Next(1, 1))));
                    yield return Math.Abs(warped - frame.Picture.Planes[(c * area) + at]);
                }
            }
        }
    }
}
