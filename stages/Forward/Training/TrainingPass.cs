using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What is kept between the halves of a training step.</summary>
/// <param name="Outputs">Class logits, box regression, centre-ness, and mask logits if any: with their graph.</param>
/// <param name="Leaves">The trained parameters as the graph saw them, in the order of the trained entries.</param>
/// <param name="Statistics">Running statistics that follow this step, by full name.</param>
internal sealed record PassGraph(
    ImmutableArray<Tensor> Outputs,
    ImmutableArray<Tensor> Leaves,
    IReadOnlyDictionary<string, Tensor> Statistics
) : IDisposable
{
    public void Dispose()
    {
        foreach (var tensor in Outputs.Concat(Leaves).Concat(Statistics.Values))
        {
            tensor.Dispose();
        }
    }
}

/// <summary>The forward half of a training step after the backbone: heads, targets, and the masks of the chosen locations.</summary>
internal static class TrainingPass
{
    /// <param name="weights">The model, its trained entries being <paramref name="leaves"/>.</param>
    /// <param name="sequence">Number of the batch.</param>
    /// <param name="iteration">Of the training.</param>
    /// <param name="targets">Boxes of each view.</param>
    /// <param name="validSizes">Of each view (<see cref="Views.ValidSize"/>).</param>
    public static ForwardPass Run(
        ForwardOptions options,
        int classes,
        Weights weights,
        ImmutableArray<Tensor> leaves,
        EncodedBatch batch,
        long sequence,
        int iteration,
        IReadOnlyList<ImmutableArray<Target>> targets,
        IReadOnlyList<Size2> validSizes
    )
    {
        using var scope = NewDisposeScope();
        var device = batch.Features.Res3.device;
        var next = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var output = Segmenter.Forward(options, weights, batch.Features, targets.Count, next);
        var scores = Segmenter.Classes(options, classes);
        var logits = FcosHead.Flatten(output.Levels.Select(level => level.ClassLogits)); // [L, K]
        var regression = FcosHead.Flatten(output.Levels.Select(level => level.BoxRegression)); // [L, 4]
        var centerness = FcosHead.Flatten(output.Levels.Select(level => level.Centerness)).squeeze(1); // [L]

        var images = targets.Select(each => ImageTargets(each, batch.Padded, device)).ToArray();
        var rule = FcosAssignmentRule.Published with { Radius = options.Head.CentreSampling };
        var assignment = FcosTargets.Assign(output.Grid, images, scores, rule, device);
        var chosen = InstanceSelection.TopPerImage(Positives(logits, centerness, assignment, scores), options.Mask.PerImage);
        var maskLogits = MaskLogits(options, weights, output, assignment, chosen);

        var prediction = new Prediction(
            sequence,
            iteration,
            new Maps(logits.detach(), regression.detach(), centerness.detach()),
            new Targets(assignment.Labels, assignment.Regression),
            new Instances(
                maskLogits.detach(),
                tensor(chosen.Select(positive => (long)positive.Image).ToArray(), ScalarType.Int64, device),
                tensor(chosen.Select(positive => (long)positive.Box).ToArray(), ScalarType.Int64, device)
            ),
            new Scene(
                Joins.Cat([.. images.Select(image => image.Boxes)], 0),
                tensor(
                    targets.SelectMany((each, image) => Enumerable.Repeat((long)image, each.Length)).ToArray(),
                    ScalarType.Int64,
                    device
                ),
                batch.Colour.alias(),
                batch.Flow.alias(),
                tensor(validSizes.SelectMany(size => (long[])[size.Height, size.Width]).ToArray(), ScalarType.Int64, device).reshape(-1, 2)
            )
        );
        foreach (var tensor in prediction.Tensors)
        {
            tensor.DetachFromDisposeScope();
        }

        ImmutableArray<Tensor> outputs = chosen.IsEmpty ? [logits, regression, centerness] : [logits, regression, centerness, maskLogits];
        var graph = new PassGraph(
            [.. outputs.Select(each => each.DetachFromDisposeScope())],
            leaves,
            next.ToDictionary(pair => pair.Key, pair => pair.Value.DetachFromDisposeScope(), StringComparer.Ordinal)
        );
        return new(prediction, graph);
    }

    /// <summary>The boxes of a view, sampled round the middles of their bitmasks.</summary>
    internal static ImageBoxes ImageTargets(ImmutableArray<Target> targets, Size2 padded, Device device)
    {
        var boxes = tensor(
                targets.SelectMany(target => (float[])[target.Box.X1, target.Box.Y1, target.Box.X2, target.Box.Y2]).ToArray(),
                ScalarType.Float32,
                device
            )
            .reshape(-1, 4);
        var classes = tensor(targets.Select(target => (long)target.Class).ToArray(), ScalarType.Int64, device);
        return new(boxes, classes, FcosTargets.BitmaskCentres(boxes, padded));
    }

    /// <summary>The locations that have a box, and how sure the head is of each.</summary>
    internal static Positive[] Positives(Tensor logits, Tensor centerness, FcosAssignment assignment, int classes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = assignment.Labels.ne(Held.Of(classes)).nonzero().squeeze(1); // [P]
        var score = logits.index_select(0, rows).amax([1]).sigmoid().mul(centerness.index_select(0, rows).sigmoid()); // [P]
        var (row, image) = (rows.Elements<long>(), assignment.ImageOf.index_select(0, rows).Elements<long>());
        var (box, sure) = (assignment.BoxOf.index_select(0, rows).Elements<long>(), score.Elements<float>());
        return [.. row.Select((each, index) => new Positive(each, (int)image[index], (int)box[index], sure[index]))];
    }

    private static Tensor MaskLogits(
        ForwardOptions options,
        Weights weights,
        SegmenterOutput output,
        FcosAssignment assignment,
        ImmutableArray<Positive> chosen
    )
    {
        using var scope = NewDisposeScope();
        var features = output.MaskFeatures;
        if (chosen.IsEmpty)
        {
            return zeros([0, 2 * features.shape[2], 2 * features.shape[3]], features.dtype, features.device).MoveToOuterDisposeScope();
        }

        var cells = Cells.Of(output.Grid, (int)features.shape[0], chosen.Select(positive => positive.Row)).ToArray();
        var rows = tensor(chosen.Select(positive => positive.Row).ToArray(), ScalarType.Int64, features.device);
        var parameters = Controller.Forward(weights.At(Controller.Scope), [.. output.Levels.Select(level => level.BoxTower)], cells);
        var instances = new MaskInstances(
            parameters,
            assignment.Locations.index_select(0, rows),
            [.. cells.Select(cell => cell.Level)],
            [.. cells.Select(cell => cell.Image)]
        );
        return MaskHead.Forward(features, instances, options.Mask.HeadChannels).MoveToOuterDisposeScope(); // [Q, H4, W4]
    }
}

/// <summary>The flattened order of locations: level, image, row, column.</summary>
internal static class Cells
{
    /// <summary>Where rows of the flattened order lie.</summary>
    public static IEnumerable<Cell> Of(IReadOnlyList<PyramidLevel> grid, int images, IEnumerable<long> rows)
    {
        var starts = new long[grid.Count + 1];
        for (var level = 0; level < grid.Count; level++)
        {
            starts[level + 1] = starts[level] + (images * grid[level].Cells);
        }

        foreach (var row in rows)
        {
            var level = Array.FindLastIndex(starts, start => start <= row);
            var (within, size) = (row - starts[level], grid[level].Size);
            var place = within % size.Area;
            yield return new(level, (int)(within / size.Area), (int)(place / size.Width), (int)(place % size.Width));
        }
    }
}
