using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Boxes between key frames.</summary>
public static class BetweenKeysLaws
{
    /// <summary>An object on a straight line: where it begins, its size, its way a frame.</summary>
    private sealed record Mover(int X, int Y, int Width, int Height, int Right, int Down)
    {
        public Box At(int frame) => new(X + (Right * frame), Y + (Down * frame), X + Width + (Right * frame), Y + Height + (Down * frame));
    }

    private sealed record Clip(int Frames, int Every, ImmutableArray<Mover> Movers, ImmutableArray<(int Key, int Id)> Absent)
    {
        public int[] Keys => [.. Enumerable.Range(0, Frames).Where(frame => frame % Every == 0)];

        public bool Has(int frame, int id) => !Absent.Contains((frame / Every, id));

        public Dictionary<int, Annotation> Annotated =>
            Keys.ToDictionary(
                key => key,
                key => new Annotation([
                    .. Movers
                        .Index()
                        .Where(mover => Has(key, mover.Index))
                        .Select(mover => new Instance(mover.Index, 0, mover.Item.At(key))),
                ])
            );
    }

    private static Gen<Clip> Clips { get; } =
        from frames in Gen.Choose(1, 40)
        from every in Gen.Choose(1, 9)
        from movers in (from n in Gen.Choose(1, 50).ArrayOf(6) select new Mover(n[0], n[1], n[2], n[3], n[4] - 25, n[5] - 25)).ArrayOf(3)
        from absent in Gen.Choose(0, 8).Zip(Gen.Choose(0, 2)).ArrayOf(4)
        select new Clip(frames, every, [.. movers], [.. absent.Select(pair => (pair.Item1, pair.Item2))]);

    [Fact, Law]
    public static void Of_AnyClip_GivenBoxesStandAsTheyWereDrawn() =>
        Laws.Hold(
            Clips,
            clip =>
            {
                var found = BetweenKeys.Of(clip.Annotated, clip.Frames);
                return found.Length == clip.Frames
                    && found
                        .Index()
                        .All(frame =>
                            frame
                                .Item.Where(box => box.Given)
                                .Select(box => box.Instance)
                                .SequenceEqual(clip.Annotated.GetValueOrDefault(frame.Index, Annotation.Empty).Instances)
                            && frame.Item.Select(box => box.Instance.Id).Distinct().Count() == frame.Item.Length
                        );
            }
        );

    [Fact, Law]
    public static void Of_ObjectsOnStraightLines_AreWhereTheyWereBetweenTheirKeys() =>
        Laws.Hold(
            Clips,
            clip =>
            {
                var found = BetweenKeys.Of(clip.Annotated, clip.Frames);
                return Enumerable
                    .Range(0, Math.Max(0, clip.Keys[^1]))
                    .Where(frame => frame % clip.Every != 0)
                    .All(frame =>
                    {
                        var (from, to) = (frame / clip.Every * clip.Every, ((frame / clip.Every) + 1) * clip.Every);
                        var expected = clip
                            .Movers.Index()
                            .Where(mover => clip.Has(from, mover.Index) && clip.Has(to, mover.Index))
                            .ToArray();
                        return found[frame].Select(box => box.Instance.Id).SequenceEqual(expected.Select(mover => (long)mover.Index))
                            && found[frame]
                                .Zip(expected)
                                .All(pair => !pair.First.Given && Near(pair.First.Instance.Box, pair.Second.Item.At(frame)));
                    });
            }
        );

    [Fact]
    public static void Of_BehindTheLastKey_HoldsAsFarAsTheLongestWayBetweenKeys()
    {
        var box = new Box(1, 2, 3, 4);
        var found = BetweenKeys.Of(new Dictionary<int, Annotation> { [0] = new([new(7, 0, box)]), [3] = new([new(7, 0, box)]) }, 12);
        Assert.Equal([0, 1, 2, 3, 4, 5], found.Index().Where(frame => !frame.Item.IsEmpty).Select(frame => frame.Index));
        Assert.Equal(
            12,
            BetweenKeys.Of(new Dictionary<int, Annotation> { [0] = new([new(7, 0, box)]) }, 12).Count(frame => !frame.IsEmpty)
        );
    }

    private static bool Near(Box a, Box b) =>
        Math.Abs(a.X1 - b.X1) + Math.Abs(a.Y1 - b.Y1) + Math.Abs(a.X2 - b.X2) + Math.Abs(a.Y2 - b.Y2) < 1e-2;
}
