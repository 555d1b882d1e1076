using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>FCOS by itself: which location answers for which box, and the three detection losses with their gradients.</summary>
internal static class DetectionForms
{
    private static readonly Tolerance Quotients = new("quotients in float32", Absolute: 2e-6, OfEach: 2e-6);
    private static readonly Tolerance Loss = new("sums in float32", OfEach: 2e-6);
    private static readonly Tolerance Gradient = new("gradients of sums in float32", OfLargest: 1e-5);
    private static readonly Tolerance PixelSums = new("their centroids are float32 sums of pixels", Absolute: 2e-3);

    private const int Classes = 80;
    private const string Positives = "_pos_inds";

    public static ParityForm Targets { get; } =
        new(
            "targets",
            "target assignment: labels, distances, centre-ness",
            folder =>
                from file in folder.Tensors
                where
                    file.Has("level_hw", "image_hw", "boxes0", "classes0")
                    && file.Shapes.Keys.Any(name => name.EndsWith(Positives, StringComparison.Ordinal))
                select Facts.Case(folder, file, CheckTargets)
        );

    public static ParityForm Losses { get; } =
        new(
            "detection-losses",
            "focal, GIoU and centre-ness losses and their gradients",
            folder =>
                from file in folder.Tensors
                where file.Has("logits_p3", "grad_logits_p3", "boxes0", "classes0")
                select Facts.Case(folder, file, CheckLosses)
        );

    private static void CheckTargets(Checks checks, StoredTensors stored, StoredNode? facts)
    {
        var sizes = Facts.Ints(stored["level_hw"]);
        var levels = Enumerable
            .Range(0, sizes.Length / 2)
            .Select(k => new PyramidLevel(new Size2(sizes[2 * k], sizes[(2 * k) + 1]), Pyramid.Strides[k]))
            .ToArray();
        stored.Compare("locations", Locations.Of(levels, CPU), Tolerance.Exact);
        var hw = Facts.Ints(stored["image_hw"]);
        var padded = new Size2(hw[0], hw[1]);
        var images = BoxImages(stored);
        foreach (var image in images)
            stored.Compare($"boxinst_centroid{image}", FcosTargets.BitmaskCentres(stored[$"boxes{image}"], padded), PixelSums);
        foreach (
            var prefix in stored
                .Names.Where(name => name.EndsWith(Positives, StringComparison.Ordinal))
                .Select(name => name[..^Positives.Length])
                .Order(StringComparer.Ordinal)
        )
        {
            checks.Part(
                prefix,
                () =>
                {
                    var boxes = images.Select(image => Image(stored, prefix, image, padded)).ToArray();
                    var actual = FcosTargets.Assign(levels, boxes, Classes, FcosAssignmentRule.Published, CPU);
                    CheckAssignment(stored, prefix, actual);
                    if (facts is not null)
                        CheckCounts(checks, facts, prefix, actual, boxes, levels.Length);
                }
            );
        }
    }

    public static int[] BoxImages(StoredTensors stored) =>
        [.. Enumerable.Range(0, stored.Names.Count).TakeWhile(image => stored.Has($"boxes{image}"))];

    /// <summary>
    /// "boxinst" samples round the middle of the box's bitmask, the others round the box's; in "firstempty" the first image has no boxes.
    /// </summary>
    private static ImageBoxes Image(StoredTensors stored, string prefix, int image, Size2 padded)
    {
        var count = prefix == "firstempty" && image == 0 ? 0 : stored[$"boxes{image}"].shape[0];
        var boxes = stored[$"boxes{image}"].narrow(0, 0, count);
        var centres = prefix switch
        {
            "boxinst" => FcosTargets.BitmaskCentres(boxes, padded),
            "boxcentre" or "firstempty" => FcosTargets.BoxCentres(boxes),
            _ => throw new LackingException($"{prefix} is no known way of choosing centres (boxinst, boxcentre, firstempty)"),
        };
        return new(boxes, stored[$"classes{image}"].narrow(0, 0, count), centres);
    }

    private static void CheckAssignment(StoredTensors stored, string prefix, FcosAssignment actual)
    {
        var positive = actual.Labels.ne(Held.Of(Classes)).nonzero().squeeze(1);
        var distances = actual.Regression.index_select(0, positive);
        stored.Compare($"{prefix}_labels", actual.Labels, Tolerance.Exact);
        stored.Compare($"{prefix}{Positives}", positive, Tolerance.Exact);
        stored.Compare($"{prefix}_pos_gt_inds", actual.BoxOf.index_select(0, positive), Tolerance.Exact);
        stored.Compare($"{prefix}_pos_im_inds", actual.ImageOf.index_select(0, positive), Tolerance.Exact);
        stored.Compare($"{prefix}_pos_fpn_levels", actual.LevelOf.index_select(0, positive), Tolerance.Exact);
        stored.Compare($"{prefix}_pos_reg_targets", distances, Tolerance.Exact);
        stored.Compare($"{prefix}_pos_centerness", Motion.Loss.Positives.CenternessOf(distances), Quotients);
    }

    private static void CheckCounts(Checks checks, StoredNode facts, string prefix, FcosAssignment actual, ImageBoxes[] images, int levels)
    {
        var group = checks.Group($"{prefix}: counts", facts.File);
        var positive = actual.Labels.ne(Held.Of(Classes)).nonzero().squeeze(1);
        var (level, image, box) = (
            Facts.Ints(actual.LevelOf.index_select(0, positive)),
            Facts.Ints(actual.ImageOf.index_select(0, positive)),
            Facts.Ints(actual.BoxOf.index_select(0, positive))
        );
        Facts.List(
            group,
            facts.Find($"{prefix}_num_pos_per_level"),
            [.. Enumerable.Range(0, levels).Select(k => (double)level.Count(each => each == k))]
        );
        Facts.List(
            group,
            facts.Find($"{prefix}_num_pos_per_image"),
            [.. Enumerable.Range(0, images.Length).Select(k => (double)image.Count(each => each == k))]
        );
        Facts.List(
            group,
            facts.Find($"{prefix}_gts_without_any_positive"),
            [.. Enumerable.Range(0, (int)images.Sum(each => each.Boxes.shape[0])).Except(box).Select(each => (double)each)]
        );
        group.Done();
    }

    private static void CheckLosses(Checks checks, StoredTensors stored, StoredNode? facts)
    {
        var levels = Levels(stored, "logits");
        var images = BoxImages(stored)
            .Select(image => new ImageBoxes(
                stored[$"boxes{image}"],
                stored[$"classes{image}"],
                FcosTargets.BoxCentres(stored[$"boxes{image}"])
            ))
            .ToArray();
        var classes = (int)stored["logits_p3"].shape[1];
        var assignment = FcosTargets.Assign(levels, images, classes, FcosAssignmentRule.Published, CPU);
        var (logits, boxes, centres) = (
            Flat(stored, "logits", levels.Length),
            Flat(stored, "bbox_reg", levels.Length),
            Flat(stored, "ctrness", levels.Length).flatten()
        );
        var padded = new Size2(levels[0].Size.Height * levels[0].Stride, levels[0].Size.Width * levels[0].Stride);
        var gradient = LossStage
            .Create(new LossOptions())(WithoutMasks(logits, boxes, centres, assignment, images.Length, padded))
            .OrThrow();

        var positives = Motion.Loss.Positives.Of(assignment.Labels, assignment.Regression, classes);
        var predicted = boxes.index_select(0, positives.Indices);
        stored.Compare("pos_inds", positives.Indices, Tolerance.Exact);
        stored.Compare("pos_gt_ctrs", positives.Centerness, Quotients);
        stored.Compare("pos_iou", DetectionLosses.Iou(predicted, positives.Distances), Quotients);
        stored.Compare("pos_giou", DetectionLosses.Giou(predicted, positives.Distances), Quotients);
        CompareLevels(stored, "grad_logits", gradient.Maps.ClassLogits, levels, images.Length);
        CompareLevels(stored, "grad_bbox_reg", gradient.Maps.BoxRegression, levels, images.Length);
        CompareLevels(stored, "grad_ctrness", gradient.Maps.Centerness.unsqueeze(1), levels, images.Length);
        if (facts is null)
            return;
        foreach (var (name, value) in facts["losses"].Members)
        {
            value.Compare(
                gradient.Terms.FirstOrDefault(term => term.Name == name) is { Name: not null } term ? term.Value : double.NaN,
                Loss,
                name
            );
        }

        var group = checks.Group("counts", facts.File);
        group.Number("num_pos", positives.Count, facts["num_pos"], Tolerance.Exact);
        group.Number("loc_denominator", positives.Centerness.sum().item<float>(), facts["loc_denominator"], Loss);
        Facts.List(group, facts.Find("image_hw"), [padded.Height, padded.Width]);
        group.Done();
        facts.Find("note")?.Aside();
    }

    /// <summary>Sizes of the levels p3, p4, ... of which maps are stored.</summary>
    public static PyramidLevel[] Levels(StoredTensors stored, string maps) =>
        [
            .. Pyramid
                .Strides.Select((stride, k) => (Stride: stride, Name: $"{maps}_p{k + 3}"))
                .TakeWhile(level => stored.Has(level.Name))
                .Select(level => new PyramidLevel(
                    new Size2((int)stored[level.Name].shape[2], (int)stored[level.Name].shape[3]),
                    level.Stride
                )),
        ];

    /// <summary>[N, C, h, w] of each level to [L, C], flattened level, image, row, column.</summary>
    private static Tensor Flat(StoredTensors stored, string name, int levels) =>
        FcosHead.Flatten(Enumerable.Range(3, levels).Select(level => stored[$"{name}_p{level}"]));

    private static void CompareLevels(StoredTensors stored, string name, Tensor flat, IReadOnlyList<PyramidLevel> levels, int images)
    {
        var start = 0L;
        foreach (var (level, k) in levels.Select((level, k) => (level, k)))
        {
            var rows = images * level.Cells;
            stored.Compare(
                $"{name}_p{k + 3}",
                flat.narrow(0, start, rows).reshape(images, level.Size.Height, level.Size.Width, -1).permute(0, 3, 1, 2),
                Gradient
            );
            start += rows;
        }
    }

    private static Prediction WithoutMasks(Tensor logits, Tensor boxes, Tensor centres, FcosAssignment assignment, int images, Size2 padded)
    {
        var cells = Stride4.Cells(padded);
        return new(
            0,
            0,
            new(logits.alias(), boxes.alias(), centres.alias()),
            new(assignment.Labels.alias(), assignment.Regression.alias()),
            new(zeros(0, cells.Height, cells.Width), zeros(0, dtype: ScalarType.Int64), zeros(0, dtype: ScalarType.Int64)),
            new(
                zeros(0, 4),
                zeros(0, dtype: ScalarType.Int64),
                zeros(images, 3, cells.Height, cells.Width, dtype: ScalarType.Byte),
                zeros(images, 3, cells.Height, cells.Width),
                zeros(images, 2, dtype: ScalarType.Int64)
            )
        );
    }
}
