using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>The boxes of one image that a detector is to find.</summary>
/// <param name="Boxes">float32 [G, 4] XYXY in pixels; G may be 0.</param>
/// <param name="Classes">int64 [G].</param>
/// <param name="Centres">float32 [G, 2] (x, y): the middle of the sampling window of each box.</param>
public sealed record ImageBoxes(Tensor Boxes, Tensor Classes, Tensor Centres);

/// <summary>How FCOS chooses the locations that answer for a box.</summary>
/// <param name="Radius">Half the side of the sampling window, in strides.</param>
/// <param name="Bounds">
/// The largest of the four distances that each level takes is between Bounds[level] and Bounds[level + 1], both included.
/// </param>
public sealed record FcosAssignmentRule(double Radius, IReadOnlyList<double> Bounds)
{
    /// <summary>The published rule: windows of 1.5 strides; up to 64, 128, 256, 512 pixels and beyond.</summary>
    public static FcosAssignmentRule Published { get; } = new(1.5, [-1, 64, 128, 256, 512, 1e8]);
}

/// <summary>What every location of a batch is to predict; flattened level, image, row, column (L in all).</summary>
/// <param name="Labels">int64 [L]: class, or the number of classes for background.</param>
/// <param name="Regression">float32 [L, 4]: distances left, top, right, bottom to the box in strides; meaningful where positive.</param>
/// <param name="BoxOf">int64 [L]: the box, counted through the batch; -1 for background.</param>
/// <param name="ImageOf">int64 [L].</param>
/// <param name="LevelOf">int64 [L].</param>
/// <param name="Locations">float32 [L, 2] (x, y) in pixels.</param>
public sealed record FcosAssignment(Tensor Labels, Tensor Regression, Tensor BoxOf, Tensor ImageOf, Tensor LevelOf, Tensor Locations);

/// <summary>FCOS' targets: which location answers for which box.</summary>
public static class FcosTargets
{
    /// <summary>
    /// A location is positive for a box if it lies strictly inside the window of <c>Radius</c> strides round the box's centre, clipped to
    /// the box, and the level takes boxes of that size; of several boxes the smallest wins, of equal ones the first.
    /// </summary>
    /// <param name="levels">Sizes and strides, finest first; as many as the rule has intervals.</param>
    /// <param name="images">The boxes of each image.</param>
    /// <param name="classes">Number of classes; the label of background.</param>
    /// <param name="rule">Windows and sizes.</param>
    /// <param name="device">Of the boxes, and of the result.</param>
    /// <remarks>FCOS (Tian et al. 2019), section 3, with centre sampling as in AdelaiDet's fcos_outputs.py.</remarks>
    public static FcosAssignment Assign(
        IReadOnlyList<PyramidLevel> levels,
        IReadOnlyList<ImageBoxes> images,
        int classes,
        FcosAssignmentRule rule,
        Device device
    )
    {
        using var scope = NewDisposeScope();
        var cells = LevelCells(levels, rule, device);
        var found = new List<(Tensor Labels, Tensor Regression, Tensor BoxOf)>();
        var offset = 0L;
        foreach (var image in images)
        {
            found.Add(AssignImage(cells, image, classes, rule.Radius, offset));
            offset += image.Boxes.shape[0];
        }

        var counts = levels.Select(level => level.Cells).ToArray();
        var assignment = new FcosAssignment(
            ByLevel([.. found.Select(image => image.Labels)], counts),
            ByLevel([.. found.Select(image => image.Regression)], counts),
            ByLevel([.. found.Select(image => image.BoxOf)], counts),
            ByLevel([.. images.Select((_, index) => full([counts.Sum()], Held.Of(index), ScalarType.Int64, device))], counts),
            ByLevel([.. images.Select(_ => cells.Level)], counts),
            ByLevel([.. images.Select(_ => cells.Location)], counts)
        );
        assignment.Labels.MoveToOuterDisposeScope();
        assignment.Regression.MoveToOuterDisposeScope();
        assignment.BoxOf.MoveToOuterDisposeScope();
        assignment.ImageOf.MoveToOuterDisposeScope();
        assignment.LevelOf.MoveToOuterDisposeScope();
        assignment.Locations.MoveToOuterDisposeScope();
        return assignment;
    }

    /// <summary>
    /// Middle of the pixels that a box covers as a bitmask: columns floor(x1) .. floor(x2 + 1) - 1, at most the last one; rows alike.
    /// BoxInst samples round this point, not round the middle of the box.
    /// </summary>
    /// <param name="boxes">float32 [G, 4] XYXY, clipped to the image.</param>
    /// <param name="padded">Size of the padded batch.</param>
    /// <returns>float32 [G, 2] (x, y) in pixels.</returns>
    public static Tensor BitmaskCentres(Tensor boxes, Contracts.Size2 padded)
    {
        using var scope = NewDisposeScope();
        var first = boxes.narrow(1, 0, 2).floor(); // [G, 2]
        var last = boxes.narrow(1, 2, 2).Plus(1).floor();
        var x = last.narrow(1, 0, 1).clamp(max: Held.Of(padded.Width)); // [G, 1]
        var y = last.narrow(1, 1, 1).clamp(max: Held.Of(padded.Height));
        return Joins.Cat([x, y], 1).Minus(1).Plus(first).Times(0.5).MoveToOuterDisposeScope(); // [G, 2]
    }

    /// <summary>Middle of each box, [G, 2]: what FCOS without bitmasks samples round.</summary>
    public static Tensor BoxCentres(Tensor boxes)
    {
        using var scope = NewDisposeScope();
        return boxes.narrow(1, 0, 2).Plus(boxes.narrow(1, 2, 2)).Times(0.5).MoveToOuterDisposeScope();
    }

    // All cells of one image, levels one after the other (M cells).
    private sealed record Cells(Tensor Location, Tensor Level, Tensor Stride, Tensor Low, Tensor High);

    private static Cells LevelCells(IReadOnlyList<PyramidLevel> levels, FcosAssignmentRule rule, Device device)
    {
        Tensor Spread(Func<int, double> value) =>
            // [M, 1]
            Joins.Cat([.. levels.Select((level, index) => full([level.Cells, 1], Held.Of(value(index)), ScalarType.Float32, device))], 0);
        var level = Joins.Cat([.. levels.Select((each, index) => full([each.Cells], Held.Of(index), ScalarType.Int64, device))], 0); // [M]
        return new(
            Locations.Of(levels, device),
            level,
            Spread(index => levels[index].Stride),
            Spread(index => rule.Bounds[index]),
            Spread(index => rule.Bounds[index + 1])
        );
    }

    private static (Tensor Labels, Tensor Regression, Tensor BoxOf) AssignImage(
        Cells cells,
        ImageBoxes image,
        int classes,
        double radius,
        long offset
    )
    {
        var (m, g, device) = (cells.Location.shape[0], image.Boxes.shape[0], cells.Location.device);
        if (g == 0)
        {
            return (
                full([m], Held.Of(classes), ScalarType.Int64, device),
                zeros([m, 4], ScalarType.Float32, device),
                full([m], Held.Of(-1), ScalarType.Int64, device)
            );
        }

        var low = image.Boxes.narrow(1, 0, 2).unsqueeze(0); // [1, G, 2] x1, y1
        var high = image.Boxes.narrow(1, 2, 2).unsqueeze(0); // [1, G, 2] x2, y2
        var at = cells.Location.unsqueeze(1); // [M, 1, 2]
        var distances = Joins.Cat([at.sub(low), high.sub(at)], 2); // [M, G, 4] left, top, right, bottom
        var reach = cells.Stride.Times(radius).unsqueeze(2); // [M, 1, 1]
        var centre = image.Centres.unsqueeze(0); // [1, G, 2]
        var window = Joins.Cat([at.sub(maximum(centre.sub(reach), low)), minimum(centre.Plus(reach), high).sub(at)], 2); // [M, G, 4]
        var largest = distances.amax([2]); // [M, G]
        var takes = window.amin([2]).gt(Held.Of(0)).logical_and(largest.ge(cells.Low)).logical_and(largest.le(cells.High)); // [M, G]

        var area = high.sub(low).prod(2).expand(m, g); // [M, G]
        var areas = where(takes, area, full_like(area, Held.Of(double.PositiveInfinity)));
        var smallest = areas.amin([1], keepdim: true); // [M, 1]
        var order = Held.Range(0, g, ScalarType.Int64, device).unsqueeze(0).expand(m, g); // [M, G]
        var winner = where(areas.eq(smallest), order, full_like(order, Held.Of(g))).amin([1]); // [M], the first of equal ones
        var positive = smallest.squeeze(1).isfinite(); // [M]

        var labels = where(positive, image.Classes.index_select(0, winner), full([m], Held.Of(classes), ScalarType.Int64, device));
        var regression = distances.gather(1, winner.reshape(m, 1, 1).expand(m, 1, 4)).squeeze(1).div(cells.Stride); // [M, 4]
        var boxOf = where(positive, winner.Plus(offset), full([m], Held.Of(-1), ScalarType.Int64, device));
        return (labels, regression, boxOf);
    }

    // One [M, ...] per image -> [L, ...], level by level and within it image by image.
    private static Tensor ByLevel(IReadOnlyList<Tensor> images, long[] counts)
    {
        var parts = new List<Tensor>();
        var start = 0L;
        foreach (var count in counts)
        {
            var from = start;
            parts.AddRange(images.Select(image => image.narrow(0, from, count)));
            start += count;
        }

        return Joins.Cat(parts, 0);
    }
}
