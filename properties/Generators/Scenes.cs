using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Properties.Generators;

/// <summary>
/// Annotated frames with detections: up to five frames of up to six objects, some crowds; of each object up to two detections, displaced a
/// little, sometimes of another class; and noise. The last frame has one object, alone and found, so that there is always something to
/// find. No two scores are equal, so that no order but that of scores decides.
/// </summary>
public static class Scenes
{
    public const int Classes = 3;

    public static Catalogue Catalogue { get; } = new([.. Enumerable.Range(0, Classes).Select(k => new Category(k + 1, $"class {k}"))], []);

    private static Size2 Size { get; } = new(37, 45);

    private sealed record Shape(int Class, int X, int Y, int Width, int Height, bool Round);

    private static Gen<Shape> Shapes { get; } =
        from category in Gen.Choose(0, Classes - 1)
        from x in Gen.Choose(0, 40)
        from y in Gen.Choose(0, 32)
        from width in Gen.Choose(1, 44)
        from height in Gen.Choose(1, 36)
        from round in Gen.Elements(false, true)
        select new Shape(category, x, y, width, height, round);

    private static Gen<Shape> Near(Shape shape) =>
        from category in Gen.Frequency((5, Gen.Constant(shape.Class)), (1, Gen.Choose(0, Classes - 1)))
        from moves in Gen.Choose(-2, 2).ArrayOf(4)
        select shape with
        {
            Class = category,
            X = Math.Clamp(shape.X + moves[0], 0, 40),
            Y = Math.Clamp(shape.Y + moves[1], 0, 32),
            Width = Math.Max(1, shape.Width + moves[2]),
            Height = Math.Max(1, shape.Height + moves[3]),
        };

    private static Gen<(Instance[] Truths, Shape[] Found)> Frame { get; } =
        from shapes in Counted(6, _ => Shapes)
        from crowds in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true))).ArrayOf(shapes.Length)
        from near in shapes
            .SelectMany(shape => new[] { shape, shape })
            .Select(Near)
            .Aggregate(Gen.Constant(ImmutableList<Shape>.Empty), (all, one) => from list in all from shape in one select list.Add(shape))
        from kept in Gen.Elements(false, true, true).ArrayOf(near.Count)
        from noise in Counted(4, _ => Shapes)
        let truths = shapes.Zip(crowds, (shape, crowd) => TruthOf(shape, crowd)).ToArray()
        select (truths, near.Where((_, i) => kept[i]).Concat(noise).ToArray());

    /// <summary>Frames of one clip, in order.</summary>
    public static Gen<ImmutableArray<Detections>> Some { get; } =
        from frames in Frame.NonEmptyListOf()
        let few = frames.Take(5).ToArray()
        let count = few.Sum(frame => frame.Found.Length) + 1
        from order in Gen.Shuffle(Enumerable.Range(0, count).ToArray())
        select Number(few, order);

    private static Gen<Shape[]> Counted(int most, Func<int, Gen<Shape>> shape) =>
        Gen.Choose(0, most).SelectMany(count => shape(count).ArrayOf(count));

    private static ImmutableArray<Detections> Number((Instance[], Shape[])[] frames, int[] order)
    {
        var next = 0;
        var alone = new Shape(0, 1, 1, 20, 20, false);
        return
        [
            .. frames
                .Append(([TruthOf(alone, crowd: false)], [alone]))
                .Select(
                    (frame, i) =>
                        new Detections(
                            new FrameKey(i, "clip", i),
                            Size,
                            [.. frame.Item2.Select(shape => FoundOf(shape, (order[next++] + 1) / 256f))],
                            new Annotation([.. frame.Item1])
                        )
                ),
        ];
    }

    private static Instance TruthOf(Shape shape, bool crowd)
    {
        var mask = MaskOf(shape);
        return new Instance(0, shape.Class, Rles.Box(mask), mask, crowd);
    }

    private static Detection FoundOf(Shape shape, float score)
    {
        var mask = MaskOf(shape);
        return new Detection(Rles.Box(mask), score, shape.Class, mask);
    }

    /// <summary>A rectangle, or the octagon in it; never empty.</summary>
    private static Rle MaskOf(Shape shape)
    {
        double left = shape.X,
            top = shape.Y,
            right = Math.Min(Size.Width, left + shape.Width),
            bottom = Math.Min(Size.Height, top + shape.Height);
        double cutX = Math.Floor((right - left) / 4),
            cutY = Math.Floor((bottom - top) / 4);
        return !shape.Round
            ? Rles.FromBox(left, top, right, bottom, Size)
            : Rles.FromPolygons(
                    [
                        [
                            left + cutX,
                            top,
                            right - cutX,
                            top,
                            right,
                            top + cutY,
                            right,
                            bottom - cutY,
                            right - cutX,
                            bottom,
                            left + cutX,
                            bottom,
                            left,
                            bottom - cutY,
                            left,
                            top + cutY,
                        ],
                    ],
                    Size
                )
                .OrThrow();
    }
}
