using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Generators;

/// <summary>A training batch small enough to work out pixel by pixel. Prints as its sizes, from which it can be drawn again.</summary>
public sealed record LossCase(int Number, int Images, int Rows, int Columns, int Boxes, int Instances, int Locations, int Classes)
    : IKnowsItsKinds
{
    private const int Stride = 4;

    /// <summary>Sizes from 1 cell up, with and without instances.</summary>
    public static Gen<LossCase> Any { get; } =
        from number in Gen.Choose(0, int.MaxValue)
        from images in Gen.Choose(1, 2)
        from rows in Gen.Choose(1, 9)
        from columns in Gen.Choose(1, 9)
        from boxes in Gen.Choose(1, 4)
        from instances in Gen.Choose(0, 6)
        from locations in Gen.Choose(1, 12)
        from classes in Gen.Choose(1, 3)
        select new LossCase(number, images, rows, columns, boxes, instances, locations, classes);

    /// <summary>The same with at least one instance.</summary>
    public static Gen<LossCase> WithInstances { get; } = Any.Select(c => c with { Instances = Math.Max(1, c.Instances) });

    public IEnumerable<string> Kinds() =>
        [
            Generators.Kinds.Count(Instances, "instance", "instances"),
            Math.Min(Rows, Columns) == 1 ? "a map of one row or column" : "a map of rows and columns",
            Generators.Kinds.Count(Boxes, "box", "boxes"),
            Images == 1 ? "1 image" : "2 images",
        ];

    /// <summary>A batch like this: similar colours beside jumps, two motions, boxes of all sizes, some padding.</summary>
    public Prediction Draw(int iteration = 20_000)
    {
        using var scope = NewDisposeScope();
        var draws = new Seed((ulong)Number).Draws();
        var boxes = Enumerable.Range(0, Boxes).Select(_ => Box(draws)).ToArray();
        var prediction = new Prediction(
            Sequence: 7,
            Iteration: iteration,
            new Maps(Normal(draws, 2, Locations, Classes), Normal(draws, 2, Locations, 4).abs(), Normal(draws, 2, Locations)),
            new Targets(
                Labels: tensor(Enumerable.Range(0, Locations).Select(_ => (long)draws.Next(Classes + 1)).ToArray()),
                Regression: Normal(draws, 2, Locations, 4).abs().Plus(0.05)
            ),
            new Instances(
                MaskLogits: Normal(draws, 3, Instances, Rows, Columns),
                Images: zeros(Instances, dtype: ScalarType.Int64),
                Boxes: tensor(Enumerable.Range(0, Instances).Select(_ => (long)draws.Next(Boxes)).ToArray())
            ),
            new Scene(
                Boxes: tensor(boxes.SelectMany(box => new[] { box.X1, box.Y1, box.X2, box.Y2 }).ToArray(), [Boxes, 4]),
                BoxImages: tensor(Enumerable.Range(0, Boxes).Select(_ => (long)draws.Next(Images)).ToArray()),
                ColourImages: Patches(draws, value => 90 + (2 * value)).to(ScalarType.Byte),
                FlowImages: Patches(draws, value => 0.3 + (0.08 * value)),
                ValidSizes: tensor(
                    Enumerable.Range(0, Images).SelectMany(_ => new[] { Valid(draws, Rows), Valid(draws, Columns) }).ToArray(),
                    [Images, 2]
                )
            )
        );
        prediction = prediction with
        {
            Instances = prediction.Instances with { Images = prediction.Scene.BoxImages.index_select(0, prediction.Instances.Boxes) },
        };
        foreach (var kept in prediction.Tensors)
        {
            kept.MoveToOuterDisposeScope();
        }

        return prediction;
    }

    public static Tensor Normal(Draws draws, double scale, params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, side) => product * side);
        return tensor(Enumerable.Range(0, (int)count).Select(_ => (float)(scale * draws.NextNormal())).ToArray(), shape);
    }

    private Box Box(Draws draws)
    {
        var (x1, x2) = (draws.NextDouble(0, Columns * Stride), draws.NextDouble(0, Columns * Stride));
        var (y1, y2) = (draws.NextDouble(0, Rows * Stride), draws.NextDouble(0, Rows * Stride));
        return new Box((float)Math.Min(x1, x2), (float)Math.Min(y1, y2), (float)Math.Max(x1, x2), (float)Math.Max(y1, y2));
    }

    /// <summary>Mostly whole, sometimes padded or cut.</summary>
    private static long Valid(Draws draws, int cells) => (cells * Stride) - (draws.Next(2) * draws.Next(cells * Stride));

    /// <summary>float32 [B, 3, Rows, Columns]: values 0 .. 2, so that about half of the neighbours are alike.</summary>
    private Tensor Patches(Draws draws, Func<double, double> value) =>
        tensor(
            Enumerable.Range(0, Images * 3 * Rows * Columns).Select(_ => (float)value(draws.Next(3) * draws.Next(2))).ToArray(),
            [Images, 3, Rows, Columns]
        );
}
