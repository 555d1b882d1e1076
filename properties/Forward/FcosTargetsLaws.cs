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

/// <summary>The assignment of locations against the rule written location by location.</summary>
public sealed class FcosTargetsLaws
{
    private const int Classes = 3;

    private static readonly FcosAssignmentRule Rule = new(1.5, [-1, 16, 32, 1e8]);

    private sealed record Scene(Size2 Finest, Box[][] Images)
    {
        public PyramidLevel[] Levels { get; } = [new(Finest, 8), new(Half(Finest), 16), new(Half(Half(Finest)), 32)];

        public Size2 Padded => new(8 * Finest.Height, 8 * Finest.Width);

        private static Size2 Half(Size2 size) => new((size.Height + 1) / 2, (size.Width + 1) / 2);
    }

    private static readonly Gen<Box> AnyBox =
        from x in Gen.Choose(0, 200)
        from y in Gen.Choose(0, 200)
        from width in Gen.Choose(1, 200)
        from height in Gen.Choose(1, 200)
        select new Box(x / 4f, y / 4f, (x + width) / 4f, (y + height) / 4f);

    private static readonly Gen<Scene> Scenes =
        from height in Gen.Choose(1, 8)
        from width in Gen.Choose(1, 8)
        from images in AnyBox.ArrayOf().ArrayOf().Where(images => images.Length > 0)
        let size = new Size2(8 * height, 8 * width)
        select new Scene(
            new Size2(height, width),
            [.. images.Take(3).Select(boxes => boxes.Take(5).Select(box => box.Clip(size)).Where(box => box.IsProper).ToArray())]
        );

    [Fact, Law]
    public void Assign_AnyScene_IsTheRuleLocationByLocation() =>
        Laws.Hold(
            Scenes,
            scene =>
            {
                using var scope = NewDisposeScope();
                var actual = Assign(scene);
                var (labels, boxOf) = (actual.Labels.Elements<long>(), actual.BoxOf.Elements<long>());
                var (images, levels) = (actual.ImageOf.Elements<long>(), actual.LevelOf.Elements<long>());
                var (regression, row) = (actual.Regression.Elements<float>(), 0);
                for (var level = 0; level < scene.Levels.Length; level++)
                {
                    for (var image = 0; image < scene.Images.Length; image++)
                    {
                        for (var cell = 0; cell < scene.Levels[level].Cells; cell++, row++)
                        {
                            var winner = Winner(scene, level, image, cell);
                            var offset = scene.Images.Take(image).Sum(boxes => boxes.Length);
                            if (
                                images[row] != image
                                || levels[row] != level
                                || boxOf[row] != (winner < 0 ? -1 : winner + offset)
                                || labels[row] != (winner < 0 ? Classes : winner % Classes)
                                || (
                                    winner >= 0
                                    && !Distances(scene, level, image, cell, winner)
                                        .Zip(regression[(4 * row)..], (a, b) => a / scene.Levels[level].Stride == b)
                                        .All(same => same)
                                )
                            )
                            {
                                return false;
                            }
                        }
                    }
                }

                return row == labels.Length;
            }
        );

    [Fact, Law]
    public void Assign_PermutedImages_PermutesTheTargets() =>
        Laws.Hold(
            Scenes,
            scene =>
            {
                using var scope = NewDisposeScope();
                var (there, back) = (Assign(scene), Assign(scene with { Images = [.. scene.Images.Reverse()] }));
                return Enumerable
                    .Range(0, scene.Images.Length)
                    .All(image => Tensors.SameBits(Of(there.Labels, there, image), Of(back.Labels, back, scene.Images.Length - 1 - image)));
            }
        );

    [Fact, Law]
    public void BitmaskCentres_OfAnyBox_AreTheMeansOfItsPixels() =>
        Laws.Hold(
            AnyBox,
            box =>
            {
                using var scope = NewDisposeScope();
                var padded = new Size2(96, 64);
                var clipped = box.Clip(padded);
                var centre = FcosTargets.BitmaskCentres(Tensors4(clipped), padded).Elements<float>();
                double Mean(float low, float high, int side) =>
                    Enumerable.Range((int)low, Math.Min((int)(high + 1), side) - (int)low).Average();
                return centre[0] == Mean(clipped.X1, clipped.X2, padded.Width) && centre[1] == Mean(clipped.Y1, clipped.Y2, padded.Height);
            }
        );

    [Fact]
    public void Assign_EqualBoxes_TakesTheFirst()
    {
        using var scope = NewDisposeScope();
        var actual = Assign(
            new Scene(
                new Size2(4, 4),
                [
                    [new(2, 2, 16, 16), new(2, 2, 16, 16)],
                ]
            )
        );
        Assert.Contains(0L, actual.BoxOf.Elements<long>());
        Assert.DoesNotContain(1L, actual.BoxOf.Elements<long>());
    }

    private static Tensor Of(Tensor values, FcosAssignment assignment, int image) =>
        values.index_select(0, assignment.ImageOf.eq(Held.Of(image)).nonzero().squeeze(1));

    private static FcosAssignment Assign(Scene scene) =>
        FcosTargets.Assign(scene.Levels, [.. scene.Images.Select(boxes => Image(boxes, scene.Padded))], Classes, Rule, CPU);

    private static ImageBoxes Image(Box[] boxes, Size2 padded)
    {
        var corners = Tensors4(boxes);
        return new(
            corners,
            tensor(Enumerable.Range(0, boxes.Length).Select(index => (long)(index % Classes)).ToArray()),
            FcosTargets.BitmaskCentres(corners, padded)
        );
    }

    private static Tensor Tensors4(params Box[] boxes) =>
        tensor(boxes.SelectMany(box => (float[])[box.X1, box.Y1, box.X2, box.Y2]).ToArray(), ScalarType.Float32).reshape(-1, 4);

    private static (float X, float Y) At(PyramidLevel level, int cell) =>
        ((level.Stride * (cell % level.Size.Width)) + (level.Stride / 2), (level.Stride * (cell / level.Size.Width)) + (level.Stride / 2));

    private static float[] Distances(Scene scene, int level, int image, int cell, int box)
    {
        var ((x, y), b) = (At(scene.Levels[level], cell), scene.Images[image][box]);
        return [x - b.X1, y - b.Y1, b.X2 - x, b.Y2 - y];
    }

    private static int Winner(Scene scene, int level, int image, int cell)
    {
        var (winner, smallest) = (-1, float.PositiveInfinity);
        for (var index = 0; index < scene.Images[image].Length; index++)
        {
            var (b, (x, y)) = (scene.Images[image][index], At(scene.Levels[level], cell));
            var (cx, cy) = (
                ((int)b.X1 + Math.Min((int)(b.X2 + 1), scene.Padded.Width) - 1) / 2f,
                ((int)b.Y1 + Math.Min((int)(b.Y2 + 1), scene.Padded.Height) - 1) / 2f
            );
            var reach = (float)Rule.Radius * scene.Levels[level].Stride;
            var inWindow =
                x > Math.Max(cx - reach, b.X1)
                && x < Math.Min(cx + reach, b.X2)
                && y > Math.Max(cy - reach, b.Y1)
                && y < Math.Min(cy + reach, b.Y2);
            var largest = Distances(scene, level, image, cell, index).Max();
            if (inWindow && largest >= Rule.Bounds[level] && largest <= Rule.Bounds[level + 1] && b.Area < smallest)
            {
                (winner, smallest) = (index, b.Area);
            }
        }

        return winner;
    }
}
