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

public sealed class DetectionKernelsLaws
{
    private static readonly Gen<Box> AnyBox =
        from x in Gen.Choose(0, 30)
        from y in Gen.Choose(0, 30)
        from width in Gen.Choose(1, 40)
        from height in Gen.Choose(1, 40)
        from part in Gen.Choose(0, 3)
        select new Box(x + (part / 4f), y, x + width, y + height + (part / 4f));

    private static readonly Gen<(Box[] Boxes, float[] Scores, int[] Classes)> Candidates =
        from boxes in AnyBox.ArrayOf()
        from scores in Gen.Choose(1, 8).ArrayOf(boxes.Length)
        from classes in Gen.Choose(0, 2).ArrayOf(boxes.Length)
        select (boxes, scores.Select(score => score / 8f).ToArray(), classes);

    [Fact, Law]
    public void Nms_Kept_FallInScoreAndDoNotOverlapInTheirClass() =>
        Laws.Hold(
            Candidates,
            c =>
            {
                var kept = Nms.PerClass(c.Boxes, c.Scores, c.Classes, 0.5);
                return kept.Zip(kept.Skip(1)).All(pair => c.Scores[pair.First] >= c.Scores[pair.Second])
                    && (
                        from a in kept
                        from b in kept
                        where a < b && c.Classes[a] == c.Classes[b]
                        select Boxes.Iou(c.Boxes[a], c.Boxes[b])
                    ).All(iou => iou <= 0.5);
            }
        );

    [Fact, Law]
    public void Nms_Dropped_OverlapAKeptOneOfTheirClassWithNoLowerScore() =>
        Laws.Hold(
            Candidates,
            c =>
            {
                var kept = Nms.PerClass(c.Boxes, c.Scores, c.Classes, 0.5);
                return Enumerable
                    .Range(0, c.Boxes.Length)
                    .Except(kept)
                    .All(dropped =>
                        kept.Any(k =>
                            c.Classes[k] == c.Classes[dropped]
                            && c.Scores[k] >= c.Scores[dropped]
                            && Boxes.Iou(c.Boxes[k], c.Boxes[dropped]) > 0.5
                        )
                    );
            }
        );

    [Fact, Law]
    public void Nms_OfWhatWasKept_KeepsAll() =>
        Laws.Hold(
            Candidates,
            c =>
            {
                var kept = Nms.PerClass(c.Boxes, c.Scores, c.Classes, 0.3);
                T[] Of<T>(T[] values) => [.. kept.Select(index => values[index])];
                return Nms.PerClass(Of(c.Boxes), Of(c.Scores), Of(c.Classes), 0.3).SequenceEqual(Enumerable.Range(0, kept.Length));
            }
        );

    [Fact, Law]
    public void Iou_AnyBoxes_IsSymmetricBoundedAndOneOnlyForItself() =>
        Laws.Hold(
            from a in AnyBox
            from b in AnyBox
            select (a, b),
            pair =>
                Boxes.Iou(pair.a, pair.b) == Boxes.Iou(pair.b, pair.a)
                && Boxes.Iou(pair.a, pair.b) is >= 0 and <= 1
                && Boxes.Iou(pair.a, pair.a) == 1
                && (pair.a == pair.b || Boxes.Iou(pair.a, pair.b) < 1)
        );

    [Fact]
    public void Iou_OfNothing_IsZero() => Assert.Equal(0, Boxes.Iou(default, default));

    [Fact, Law]
    public void FlipHorizontal_Twice_IsTheBox() =>
        Laws.Hold(AnyBox, box => Boxes.FlipHorizontal(Boxes.FlipHorizontal(box, 100), 100) == box);

    [Fact, Law]
    public void Upsample_AnyFactor_KeepsEachCellAtItsLocation() =>
        Laws.Hold(
            from sketch in FlowFields.Sketches(6)
            from factor in Gen.Choose(1, 5)
            select (Sketch: sketch, Factor: factor),
            law =>
            {
                using var scope = NewDisposeScope();
                var map = FlowFields.Flow(law.Sketch).unsqueeze(0); // [1, 2, h, w]
                var large = AlignedBilinear.Upsample(map, law.Factor);
                var (height, width) = (map.shape[2], map.shape[3]);
                bool At(long row, long column) =>
                    Tensors.Close(
                        large[0, TensorIndex.Colon, (law.Factor * row) + (law.Factor / 2), (law.Factor * column) + (law.Factor / 2)],
                        map[0, TensorIndex.Colon, row, column],
                        1e-4,
                        1e-5
                    );
                return large.shape.SequenceEqual([1, 2, law.Factor * height, law.Factor * width])
                    && Enumerable.Range(0, (int)(height * width)).All(cell => At(cell / width, cell % width))
                    && (float)large.min().Number() >= (float)map.min().Number() - 1e-4
                    && (float)large.max().Number() <= (float)map.max().Number() + 1e-4;
            }
        );

    /// <summary>
    /// Cells lie at factor/2 + factor * i; between two of them the weights are linear, beyond the first and the last one the map stays as
    /// it is.
    /// </summary>
    [Fact, Law]
    public void Upsample_AnyMap_BlendsTheFourCellsAroundEachPixel() =>
        Laws.Hold(
            from sketch in FlowFields.Sketches(5)
            from factor in Gen.Choose(1, 5)
            select (Sketch: sketch, Factor: factor),
            law =>
            {
                using var scope = NewDisposeScope();
                var map = FlowFields.Flow(law.Sketch);
                var (height, width) = (law.Sketch.Size.Height, law.Sketch.Size.Width);
                (int Near, int Far, double Share) Between(int pixel, int cells)
                {
                    var at = Math.Clamp((pixel - (law.Factor / 2)) / (double)law.Factor, 0, cells - 1);
                    return ((int)at, Math.Min((int)at + 1, cells - 1), at - (int)at);
                }

                double Value(int channel, int row, int column) => map[channel, row, column].item<float>();
                double Expected(int channel, int row, int column)
                {
                    var (top, bottom, down) = Between(row, height);
                    var (left, right, across) = Between(column, width);
                    return ((1 - down) * (((1 - across) * Value(channel, top, left)) + (across * Value(channel, top, right))))
                        + (down * (((1 - across) * Value(channel, bottom, left)) + (across * Value(channel, bottom, right))));
                }

                var large = AlignedBilinear.Upsample(map.unsqueeze(0), law.Factor)[0];
                return (
                    from channel in Enumerable.Range(0, 2)
                    from row in Enumerable.Range(0, law.Factor * height)
                    from column in Enumerable.Range(0, law.Factor * width)
                    select Math.Abs(large[channel, row, column].item<float>() - Expected(channel, row, column)) <= 1e-4
                ).All(near => near);
            },
            cases: 20
        );

    [Fact]
    public void Upsample_FirstRowsAndColumns_AreCopies()
    {
        using var scope = NewDisposeScope();
        var large = AlignedBilinear.Upsample(randn([1, 1, 3, 4]), 4);
        Assert.All([1, 2], row => Assert.True(Tensors.SameBits(large[0, 0, row], large[0, 0, 0])));
        Assert.All([1, 2], column => Assert.True(Tensors.SameBits(large.select(3, column).clone(), large.select(3, 0).clone())));
    }

    [Fact]
    public void Locations_OfALevel_AreTheMiddlesOfItsCells()
    {
        using var scope = NewDisposeScope();
        var actual = Locations.Of(new PyramidLevel(new Size2(2, 3), 8), CPU);
        Assert.Equal([4f, 4, 12, 4, 20, 4, 4, 12, 12, 12, 20, 12], actual.Elements<float>());
    }
}
