using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>How masks are drawn in boxes that are given.</summary>
public sealed record InBoxesOptions
{
    /// <summary>Locations in the middle of a box whose masks are averaged: those whose own box fits best.</summary>
    [Range(1, 1024)]
    public int Locations { get; init; } = 9;

    /// <summary>Averages with the masks of the mirrored frame, at twice the time.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Probability from which on a pixel belongs to the mask.</summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; init; } = 0.5;

    /// <summary>Keeps the largest connected piece of a mask alone.</summary>
    public bool LargestPiece { get; init; }

    /// <summary>Weight of each neighbour in time against the frame's own probabilities.</summary>
    [Range(0.0, 1e3)]
    public double Time { get; init; } = 1;

    /// <summary>Draws masks to the edges of the picture.</summary>
    public EdgeOptions Edges { get; init; } = new();
}

/// <summary>Probabilities that pixels belong to the objects of boxes.</summary>
/// <param name="Probability">float32 [Q, h, w] on the CPU: one for each box, at the size of the test view.</param>
/// <param name="Flow">float32 [2, h, w] on the CPU: the frame's flow at that size.</param>
/// <param name="Fit">Of each box: mean overlap with it of the boxes that the network sees at the locations whose masks were
/// averaged.</param>
public sealed record SoftMasks(Tensor Probability, Tensor Flow, ImmutableArray<float> Fit) : IDisposable
{
    public void Dispose()
    {
        Probability.Dispose();
        Flow.Dispose();
    }
}

/// <summary>
/// Box-conditioned inference: a frame with its motion, which it consumes, and boxes in pixels of the original frame in, one mask for each
/// box out.
/// </summary>
public delegate Result<SoftMasks, ForwardError> DrawInBoxes(FlowFrame frame, ImmutableArray<Box> boxes);

/// <summary>
/// Masks of boxes that are known: the locations that would have learnt from a box draw its mask, whatever score they have. So each box gets
/// one mask.
/// </summary>
internal static class BoxMasks
{
    /// <param name="options">The model's.</param>
    /// <param name="weights">The model; kept.</param>
    /// <param name="store">Memo of frozen features, used where the whole backbone is frozen.</param>
    /// <param name="classes">Categories.</param>
    /// <param name="device">Of the model.</param>
    public static DrawInBoxes Of(ForwardOptions options, Weights weights, FeatureStore store, int classes, Device device)
    {
        var stamps = new StampMemo();
        return (frame, boxes) =>
        {
            using var owned = frame;
            if (FrameChecks.PictureProblem(frame) is { } problem)
                return problem;
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            var view = Views.Test(options.View, frame);
            var straight = In(view);
            if (!options.InBoxes.Flip)
                return Answer(straight.Probability, straight.Fit);
            var mirrored = In(view with { Flip = true });
            return Answer(
                straight.Probability.Plus(mirrored.Probability.flip(2)).Times(0.5),
                straight.Fit.Zip(mirrored.Fit, (a, b) => (a + b) / 2)
            );

            Seen In(View view) =>
                Draw(
                    options,
                    weights,
                    Encoded(view),
                    view,
                    [.. boxes.Select(box => InView(box, frame.OriginalSize, view))],
                    classes,
                    device
                );

            EncodedBatch Encoded(View view) =>
                options.Backbone.Freeze == Freeze.All
                    ? Encoder.Frozen(options, weights, store, stamps.Of(options, weights), [frame], [view], device)
                    : Encoder.Learning(options, weights, [frame], [view], device);

            SoftMasks Answer(Tensor probability, IEnumerable<float> fit) =>
                new(
                    probability.cpu().MoveToOuterDisposeScope(),
                    FlowField.Resize(frame.Flow, view.Size).cpu().MoveToOuterDisposeScope(),
                    [.. fit]
                );
        };
    }

    private sealed record Seen(Tensor Probability, ImmutableArray<float> Fit);

    private static Box InView(Box box, Size2 original, View view)
    {
        var scaled = box.Scale((double)view.Size.Width / original.Width, (double)view.Size.Height / original.Height);
        return (view.Flip ? Boxes.FlipHorizontal(scaled, view.Size.Width) : scaled).Clip(view.Size);
    }

    private static Seen Draw(
        ForwardOptions options,
        Weights weights,
        EncodedBatch encoded,
        View view,
        ImmutableArray<Box> boxes,
        int classes,
        Device device
    )
    {
        if (boxes.IsEmpty)
            return new(zeros([0, view.Size.Height, view.Size.Width], ScalarType.Float32), []);
        using var scope = NewDisposeScope();
        var output = Segmenter.Forward(options, weights, encoded.Features, images: 1, next: null);
        var said = Said.Of(output);
        var chosen = boxes
            .Select(box => Choose(options, output, said, box, encoded.Padded, Segmenter.Classes(options, classes), device))
            .ToArray();
        var cells = chosen.SelectMany(each => each).Select(each => each.Cell).ToArray();
        var at = tensor(cells.SelectMany(cell => Middle(cell) is var (x, y) ? (float[])[x, y] : []).ToArray(), ScalarType.Float32, device)
            .reshape(-1, 2);
        var instances = new MaskInstances(
            Controller.Forward(weights.At(Controller.Scope), [.. output.Levels.Select(level => level.BoxTower)], cells),
            at,
            [.. cells.Select(cell => cell.Level)],
            [.. cells.Select(_ => 0)]
        );
        var logits = MaskHead.Forward(output.MaskFeatures, instances, options.Mask.HeadChannels); // [sum of q, H4, W4]
        var (start, means) = (0L, new List<Tensor>());
        foreach (var each in chosen)
        {
            means.Add(logits.narrow(0, start, each.Length).mean([0], keepdim: true)); // [1, H4, W4]
            start += each.Length;
        }

        var probability = MaskPaste.InView(Joins.Cat(means, 0).sigmoid(), view.Size); // [Q, h, w]
        return new(probability.MoveToOuterDisposeScope(), [.. chosen.Select(each => each.Average(location => location.Fit))]);
    }

    private readonly record struct Location(Cell Cell, float Fit);

    /// <summary>What the head says of every location, in the flattened order.</summary>
    private sealed record Said(float[] Sides)
    {
        public static Said Of(SegmenterOutput output) =>
            new(FcosHead.Flatten(output.Levels.Select(level => level.BoxRegression)).Elements<float>());

        public float Fit(long row, Cell cell, Box box)
        {
            var (stride, (x, y)) = (Pyramid.Strides[cell.Level], Middle(cell));
            var sides = Sides.AsSpan((int)(4 * row), 4);
            return Boxes.Iou(new(x - (sides[0] * stride), y - (sides[1] * stride), x + (sides[2] * stride), y + (sides[3] * stride)), box);
        }
    }

    private static (float X, float Y) Middle(Cell cell) => new Candidate(default, 0, 0, cell).Location;

    /// <summary>
    /// The locations that learn from a box in training, the best fitting ones; where it has none (a box of a few pixels), the nearest of
    /// its level.
    /// </summary>
    private static Location[] Choose(
        ForwardOptions options,
        SegmenterOutput output,
        Said said,
        Box box,
        Size2 padded,
        int classes,
        Device device
    )
    {
        using var scope = NewDisposeScope();
        var grid = output.Grid;
        var target = TrainingPass.ImageTargets([new Target(box, 0)], padded, device);
        var labels = FcosTargets
            .Assign(grid, [target], classes, FcosAssignmentRule.Published with { Radius = options.Head.CentreSampling }, device)
            .Labels;
        var rows = labels.ne(Held.Of(classes)).nonzero().squeeze(1).Elements<long>();
        var found = rows.Zip(Cells.Of(grid, 1, rows), (row, cell) => new Location(cell, said.Fit(row, cell, box)))
            .OrderByDescending(each => each.Fit)
            .Take(options.InBoxes.Locations)
            .ToArray();
        return found.Length > 0 ? found : [new(Nearest(grid, box), 0)];
    }

    private static Cell Nearest(PyramidLevel[] grid, Box box)
    {
        var bounds = FcosAssignmentRule.Published.Bounds;
        var half = Math.Max(box.Width, box.Height) / 2;
        var level = Math.Max(0, Enumerable.Range(0, grid.Length).TakeWhile(each => bounds[each] < half).LastOrDefault());
        var (stride, size) = (grid[level].Stride, grid[level].Size);
        return new(
            level,
            0,
            Math.Clamp((int)((box.Y1 + box.Y2) / 2 / stride), 0, size.Height - 1),
            Math.Clamp((int)((box.X1 + box.X2) / 2 / stride), 0, size.Width - 1)
        );
    }
}
