using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

public static class YtvisLaws
{
    private static Gen<ImmutableArray<Rle?>> Track(Size2 size, int frames) =>
        Gen.Frequency((4, Pictures.Of(size).Select(picture => (Rle?)picture.Mask)), (1, Gen.Constant<Rle?>(null)))
            .ArrayOf(frames)
            .Select(masks => masks.ToImmutableArray());

    private static Gen<(ImmutableArray<Rle?> A, ImmutableArray<Rle?> B)> Tracks { get; } =
        from size in Pictures.Sizes
        from frames in Gen.Choose(1, 4)
        from a in Track(size, frames)
        from b in Track(size, frames)
        select (a, b);

    [Fact, Law]
    public static void Iou_EqualsCountingPixelsOfAllFrames() =>
        Laws.Hold(
            Tracks,
            pair =>
            {
                var (shared, any) = (0, 0);
                foreach (var (a, b) in pair.A.Zip(pair.B))
                {
                    var (pixelsA, pixelsB) = (a is null ? [] : Rles.Decode(a), b is null ? [] : Rles.Decode(b));
                    for (var i = 0; i < Math.Max(pixelsA.Length, pixelsB.Length); i++)
                    {
                        var (inA, inB) = (i < pixelsA.Length && pixelsA[i] == 1, i < pixelsB.Length && pixelsB[i] == 1);
                        shared += inA && inB ? 1 : 0;
                        any += inA || inB ? 1 : 0;
                    }
                }

                return YtvisEvaluation.Iou(pair.A, pair.B).Equals(shared == 0 ? 0 : (double)shared / any);
            }
        );

    [Fact, Law]
    public static void Iou_IsSymmetricAndOneForItself() =>
        Laws.Hold(
            Tracks,
            pair =>
                YtvisEvaluation.Iou(pair.A, pair.B).Equals(YtvisEvaluation.Iou(pair.B, pair.A))
                && YtvisEvaluation.Iou(pair.A, pair.A).Equals(pair.A.All(mask => mask is null || Rles.Area(mask) == 0) ? 0.0 : 1.0)
        );

    [Fact, Law]
    public static void Iou_LiesBetweenThoseOfItsFrames() =>
        Laws.Hold(
            Tracks,
            pair =>
            {
                var frames = pair
                    .A.Zip(pair.B)
                    .Where(frame => frame.First is { } a ? Rles.Area(a) > 0 || frame.Second is not null : frame.Second is not null)
                    .Select(frame => YtvisEvaluation.Iou([frame.First], [frame.Second]))
                    .ToList();
                var iou = YtvisEvaluation.Iou(pair.A, pair.B);
                return iou.Equals(0.0) || (iou >= frames.Min() && iou <= frames.Max());
            }
        );

    [Fact, Law]
    public static void Iou_OfOneFrame_IsThatOfItsMasks() =>
        Laws.Hold(
            Pictures.Some(2).Generator,
            pair => YtvisEvaluation.Iou([pair[0].Mask], [pair[1].Mask]).Equals(Rles.Iou(pair[0].Mask, pair[1].Mask, crowd: false))
        );

    [Fact]
    public static void MeanArea_PassesOverNothing()
    {
        Assert.Equal(15, TrackTruth.MeanArea([10, null, 20, 0]));
        Assert.Equal(0, TrackTruth.MeanArea([null, 0]));
        Assert.Equal(0, TrackTruth.MeanArea([]));
    }

    [Fact]
    public static void Evaluate_MasksOfDifferentSizes_Throw()
    {
        Rle small = Rles.Empty(new Size2(3, 4)),
            large = Rles.Empty(new Size2(4, 3));
        Assert.Throws<ArgumentException>(() =>
            YtvisEvaluation.Evaluate(1, 1, [new TrackTruth(0, 0, 1, [small], 5, false)], [new TrackDetection(0, 0, 0.5, [large])])
        );
        Assert.Throws<ArgumentException>(() => YtvisEvaluation.Evaluate(1, 1, [], [new TrackDetection(0, 1, 0.5, [large])]));
        Assert.Throws<ArgumentException>(() => YtvisEvaluation.Evaluate(1, 1, [], [new TrackDetection(1, 0, 0.5, [large])]));
        Assert.Throws<ArgumentException>(() => YtvisEvaluation.Evaluate(1, 1, [], [new TrackDetection(0, 0, double.NaN, [large])]));
    }
}
