using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

public static class RleLaws
{
    [Fact, Law]
    public static void Encode_ThenDecode_GivesTheSamePixels() =>
        Prop.ForAll(Pictures.Any, picture => Rles.Decode(picture.Mask).SequenceEqual(picture.Pixels)).Check(Laws.Config);

    [Fact, Law]
    public static void Encode_EqualsWalkingDownTheColumns() =>
        Prop.ForAll(Pictures.Any, picture => picture.Mask.Counts.SequenceEqual(RunsDownTheColumns(picture))).Check(Laws.Config);

    [Fact, Law]
    public static void Encode_AnyByteThatIsNotZero_IsInside() =>
        Prop.ForAll(
                Pictures.Any,
                ArbMap.Default.ArbFor<byte>(),
                (picture, value) =>
                    Rles.Same(
                        Rles.Encode(picture.Pixels.Select(p => p == 0 ? (byte)0 : Math.Max((byte)1, value)).ToArray(), picture.Size),
                        picture.Mask
                    )
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void Text_ThereAndBack_KeepsEveryRun() =>
        Prop.ForAll(Runs, mask => Rles.FromText(Rles.ToText(mask), mask.Size).OrThrow().Counts.SequenceEqual(mask.Counts))
            .Check(Laws.Config);

    [Fact, Law]
    public static void Text_EveryTruncation_IsAnErrorOrAnotherMaskThatFills() =>
        Prop.ForAll(
                Pictures.Any,
                picture =>
                {
                    var text = Rles.ToText(picture.Mask);
                    return Enumerable
                        .Range(0, text.Length)
                        .All(length =>
                            Rles.FromText(text[..length], picture.Size)
                                .Match(
                                    mask => Rles.Problem(mask) is null && !Rles.Same(mask, picture.Mask),
                                    error => error.Describe().Length > 0
                                )
                        );
                }
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void Text_AnyLetters_NeverThrow() =>
        Prop.ForAll(
                Gen.Choose(32, 127).Select(letter => (char)letter).ArrayOf().ToArbitrary(),
                letters => Rles.FromText(new string(letters), new Size2(5, 8)).Match(mask => Rles.Problem(mask) is null, _ => true)
            )
            .Check(Laws.Cases(500));

    [Fact, Law]
    public static void Measures_EqualCountingPixels() =>
        Prop.ForAll(
                Pictures.Any,
                picture => Rles.Area(picture.Mask) == picture.Pixels.Count(p => p == 1) && Rles.Box(picture.Mask) == TightBox(picture)
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void ZeroLengthRuns_ChangeNothing() =>
        Prop.ForAll(
                Pictures.Some(2),
                Gen.Choose(0, 1000).ToArbitrary(),
                (pair, place) =>
                {
                    var (a, b) = (pair[0].Mask, pair[1].Mask);
                    var at = place % (a.Counts.Length + 1);
                    var padded = new Rle(a.Size, [.. a.Counts[..at], 0, 0, .. a.Counts[at..]]);
                    return Rles.Same(a, padded)
                        && Rles.Area(padded) == Rles.Area(a)
                        && Rles.Bounds(padded) == Rles.Bounds(a)
                        && Rles.Decode(padded).SequenceEqual(pair[0].Pixels)
                        && Rles.Iou(padded, b, false).Equals(Rles.Iou(a, b, false))
                        && Rles.Merge([padded, b]).Counts.SequenceEqual(Rles.Merge([a, b]).Counts);
                }
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void Merge_EqualsMergingPixels() =>
        Prop.ForAll(
                Pictures.Some(3),
                pictures =>
                {
                    var masks = pictures.Select(picture => picture.Mask).ToArray();
                    var union = Rles.Decode(Rles.Merge(masks));
                    var intersection = Rles.Decode(Rles.Merge(masks, intersect: true));
                    return Enumerable
                        .Range(0, union.Length)
                        .All(i =>
                            union[i] == pictures.Max(picture => picture.Pixels[i])
                            && intersection[i] == pictures.Min(picture => picture.Pixels[i])
                        );
                }
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void Areas_OfUnionAndIntersection_AddUp() =>
        Prop.ForAll(
                Pictures.Some(2),
                pair =>
                {
                    var (a, b) = (pair[0].Mask, pair[1].Mask);
                    return Rles.Area(Rles.Merge([a, b])) + Rles.Intersection(a, b) == Rles.Area(a) + Rles.Area(b)
                        && Rles.Intersection(a, b) == Rles.Area(Rles.Merge([a, b], intersect: true));
                }
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void Iou_IsSymmetricBoundedAndOneForItself() =>
        Prop.ForAll(
                Pictures.Some(2),
                pair =>
                {
                    var (a, b) = (pair[0].Mask, pair[1].Mask);
                    var iou = Rles.Iou(a, b, false);
                    return iou.Equals(Rles.Iou(b, a, false))
                        && iou is >= 0 and <= 1
                        && Rles.Iou(a, b, true) >= iou
                        && Rles.Iou(a, a, false).Equals(Rles.Area(a) == 0 ? 0.0 : 1.0);
                }
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void FromBox_EqualsThePolygonOfItsCorners() =>
        Prop.ForAll(
                Pictures.Sizes.ToArbitrary(),
                Gen.Choose(-300, 900).Select(tenths => tenths / 10.0).ArrayOf(4).ToArbitrary(),
                (size, box) =>
                {
                    double[] corners = [box[0], box[1], box[0], box[3], box[2], box[3], box[2], box[1]];
                    return Rles.Same(Rles.FromBox(box[0], box[1], box[2], box[3], size), Rles.FromPolygons([corners], size).OrThrow());
                }
            )
            .Check(Laws.Cases(500));

    [Fact, Law]
    public static void FromBox_OfATightBox_IsThatBoxFilled() =>
        Prop.ForAll(
                Pictures.Any,
                picture =>
                {
                    var (box, mask) = (Rles.Box(picture.Mask), picture.Mask);
                    var filled = Rles.FromBox(box, mask.Size);
                    return Rles.Area(filled) == (long)box.Area
                        && Rles.Box(filled) == box
                        && Rles.Intersection(filled, mask) == Rles.Area(mask);
                }
            )
            .Check(Laws.Config);

    [Fact, Law]
    public static void FromPolygons_EqualsVisitingEveryFifth() =>
        Prop.ForAll(
                Pictures.Sizes.ToArbitrary(),
                Gen.Choose(-200, 800).ArrayOf(10).ToArbitrary(),
                (size, tenths) =>
                {
                    var corners = tenths.Select(t => t / 10.0).ToArray();
                    return Rles.FromPolygons([corners], size).OrThrow().Counts.SequenceEqual(SlowPolygon.Fill(corners, size).Counts);
                }
            )
            .Check(Laws.Cases(500));

    [Fact, Law]
    public static void FromPolygons_TurnedRoundOrStartedElsewhere_FillsTheSame() =>
        Prop.ForAll(
                Gen.Choose(0, 60).ArrayOf(12).ToArbitrary(),
                numbers =>
                {
                    var size = new Size2(50, 50);
                    var points = numbers.Select(n => (double)n).Chunk(2).ToArray();
                    var mask = Fill(points);
                    return Rles.Same(mask, Fill([.. points.Skip(2), .. points.Take(2)])) && Rles.Same(mask, Fill([.. points.Reverse()]));

                    Rle Fill(double[][] corners) => Rles.FromPolygons([corners.SelectMany(point => point).ToArray()], size).OrThrow();
                }
            )
            .Check(Laws.Config);

    [Theory]
    [InlineData(new double[] { 1, 1, 5, 1 })]
    [InlineData(new double[] { 1, 1, 5, 1, 5, 5, 3 })]
    [InlineData(new double[] { 1, 1, 5, double.NaN, 5, 5 })]
    [InlineData(new double[] { 1, 1, 5, 1e9, 5, 5 })]
    public static void FromPolygons_NoPolygon_IsAnErrorThatNamesThePart(double[] polygon) =>
        Assert.Contains(
            "part 1",
            Rles.FromPolygons(
                    [
                        [0, 0, 4, 0, 4, 4],
                        polygon,
                    ],
                    new Size2(9, 9)
                )
                .Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );

    [Fact]
    public static void FromCounts_ThatDoNotFill_AreAnError() =>
        Assert.Contains(
            "19 pixels, not to 20",
            Rles.FromCounts([3, 16], new Size2(4, 5)).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );

    /// <summary>Runs of any length, zero too, as only strings and files hold them.</summary>
    private static Arbitrary<Rle> Runs { get; } =
        (
            from counts in Gen.Frequency((1, Gen.Constant(0)), (4, Gen.Choose(0, 70)), (1, Gen.Choose(0, 70_000))).NonEmptyListOf()
            select new Rle(new Size2(1, counts.Sum()), [.. counts.Select(count => (uint)count)])
        ).ToArbitrary();

    private static IEnumerable<uint> RunsDownTheColumns(Picture picture)
    {
        var ((height, width), last, run) = (picture.Size, 0, 0U);
        for (var i = 0; i < height * width; i++)
        {
            var pixel = picture.Pixels[(i % height * width) + (i / height)];
            if (pixel != last)
            {
                yield return run;
                (last, run) = (pixel, 0);
            }

            run++;
        }

        yield return run;
    }

    private static Box TightBox(Picture picture)
    {
        var inside = Enumerable.Range(0, picture.Pixels.Length).Where(i => picture.Pixels[i] == 1).ToArray();
        var (xs, ys) = (inside.Select(i => i % picture.Size.Width).ToArray(), inside.Select(i => i / picture.Size.Width).ToArray());
        return inside.Length == 0 ? default : new Box(xs.Min(), ys.Min(), xs.Max() + 1, ys.Max() + 1);
    }
}
