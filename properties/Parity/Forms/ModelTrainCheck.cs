using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Loss;
using Motion.Parity.Fills;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The first training step of a whole-model case: targets, chosen locations, masks, losses, gradients.</summary>
internal static class ModelTrainCheck
{
    public static readonly Tolerance Loss = new("loss of a deep network in float32", OfEach: 1e-5);

    private static readonly Tolerance Quotients = new("quotients in float32", Absolute: 2e-6, OfEach: 2e-6);
    private static readonly Tolerance Predicted = new("deep network in float32", Absolute: 1e-5, OfLargest: 2e-5);
    private static readonly Tolerance Masks = new("masks of a deep network in float32", OfLargest: 1e-4);
    private static readonly Tolerance Statistics = new("deep network in float32", OfLargest: 2e-5);
    private static readonly Tolerance Sums = new("pairs of a deep network in float32", OfEach: 2e-5);

    /// <summary>Another rounding can push one ReLU or one arg-max over its kink; below 1e-4 a norm is rounding.</summary>
    private static readonly Tolerance GradientNorm = new("kinks of ReLU and arg-max", Absolute: 1e-6, OfEach: 1e-3);

    private static readonly Tolerance Gradient = new("kinks of ReLU and arg-max", OfLargest: 2e-3);

    private const int Classes = BoxinstFill.Classes;

    public static void Run(Checks checks, StoredTensors? stored, StoredNode? facts, ModelInput input)
    {
        var settings = ModelTraining.Settings(rate: 0.001);
        using var state = ModelTraining.Start(settings, checks.Bench.Boxinst, iteration: 0);
        var training = new ModelTraining(settings, input);
        var pass = training.Predict(state);
        using var prediction = pass.Prediction;
        using var graph = (PassGraph)pass.Graph;
        var assignment = FcosTargets.Assign(
            Grid(input),
            [.. input.Targets().Select(targets => TrainingPass.ImageTargets(targets, input.Padded, CPU))],
            Classes,
            FcosAssignmentRule.Published,
            CPU
        );
        if (stored is not null)
        {
            checks.Part("targets", () => CheckTargets(stored, prediction, assignment, input));
            checks.Part("masks", () => CheckMasks(stored, prediction, assignment, input, checks.Bench.Boxinst));
            checks.Part("pictures", () => CheckPictures(stored, input));
            foreach (var (name, values) in graph.Statistics)
                stored.Compare($"after1fwd/{name}", values, Statistics);
        }

        using var gradient = ModelTraining.Loss(prediction);
        var gradients = training.Gradients(pass, gradient);
        foreach (var name in (stored?.Names ?? []).Where(name => name.StartsWith("grad/", StringComparison.Ordinal)))
        {
            if (gradients.TryGetValue(name["grad/".Length..], out var values))
                stored!.Compare(name, values, Gradient);
        }

        if (facts is null)
            return;
        CheckLosses(checks, facts, gradient);
        CheckGradients(checks, facts, gradients);
        CheckCounts(checks, facts, prediction, assignment, input);
    }

    private static PyramidLevel[] Grid(ModelInput input) =>
        [
            .. Pyramid.Strides.Select(stride => new PyramidLevel(
                new Size2((input.Padded.Height + stride - 1) / stride, (input.Padded.Width + stride - 1) / stride),
                stride
            )),
        ];

    private static void CheckTargets(StoredTensors stored, Prediction prediction, FcosAssignment assignment, ModelInput input)
    {
        stored.Compare("all_labels", prediction.Targets.Labels, Tolerance.Exact);
        stored.Compare(
            "all_gt_inds",
            where(assignment.BoxOf.ge(Held.Of(0)), assignment.BoxOf, FirstBoxes(input).index_select(0, assignment.ImageOf)),
            Tolerance.Exact
        );
        stored.Compare("all_im_inds", assignment.ImageOf, Tolerance.Exact);
        stored.Compare("all_fpn_levels", assignment.LevelOf, Tolerance.Exact);
        stored.Compare("all_reg_targets", prediction.Targets.Regression, Quotients);
        stored.Compare("all_locations", assignment.Locations, Tolerance.Exact);
        var positives = Positives.Of(prediction.Targets.Labels, prediction.Targets.Regression, Classes);
        var predicted = prediction.Maps.BoxRegression.index_select(0, positives.Indices);
        stored.Compare("pos_inds", positives.Indices, Tolerance.Exact);
        stored.Compare("pos_gt_ctrs", positives.Centerness, Quotients);
        stored.Compare("pos_reg_targets", positives.Distances, Quotients);
        stored.Compare("pos_reg_pred", predicted, Predicted);
        stored.Compare("pos_iou", DetectionLosses.Iou(predicted, positives.Distances), Predicted);
        stored.Compare("pos_giou", DetectionLosses.Giou(predicted, positives.Distances), Predicted);
    }

    /// <summary>The box that the references name where a location has none: the first of its image, -1 in an image without boxes.</summary>
    private static Tensor FirstBoxes(ModelInput input)
    {
        var counts = input.Boxes.Select(boxes => boxes.shape[0]).ToArray();
        return tensor(counts.Select((count, image) => count == 0 ? -1L : counts[..image].Sum()).ToArray());
    }

    private static void CheckMasks(StoredTensors stored, Prediction prediction, FcosAssignment assignment, ModelInput input, Weights model)
    {
        stored.Compare("kept_gt_inds", prediction.Instances.Boxes, Tolerance.Exact);
        stored.Compare("kept_im_inds", prediction.Instances.Images, Tolerance.Exact);
        stored.Compare("mask_logits_s4", prediction.Instances.MaskLogits, Masks);
        var chosen = InstanceSelection.TopPerImage(
            TrainingPass.Positives(prediction.Maps.ClassLogits, prediction.Maps.Centerness, assignment, Classes),
            ModelInput.Options.Mask.PerImage
        );
        var rows = tensor(chosen.Select(positive => positive.Row).ToArray());
        var locations = assignment.Locations.index_select(0, rows);
        stored.Compare("kept_pos_inds", rows, Tolerance.Exact);
        stored.Compare("kept_locations", locations, Tolerance.Exact);
        stored.Compare("kept_fpn_levels", assignment.LevelOf.index_select(0, rows), Tolerance.Exact);
        if (!stored.Has("mask_logits_s8"))
            return;
        using var noGrad = no_grad();
        var options = ModelInput.Options;
        var features = Backbones.Forward(options.Backbone, Backbones.Prepare(options.Backbone, model), input.Normalised());
        var output = Segmenter.Forward(options, model, features, input.Images, new Dictionary<string, Tensor>(StringComparer.Ordinal));
        var cells = Cells.Of(output.Grid, input.Images, chosen.Select(positive => positive.Row)).ToArray();
        var parameters = Controller.Forward(model.At(Controller.Scope), [.. output.Levels.Select(level => level.BoxTower)], cells);
        var instances = new MaskInstances(
            parameters,
            locations,
            [.. cells.Select(cell => cell.Level)],
            [.. cells.Select(cell => cell.Image)]
        );
        stored.Compare("mask_logits_s8", MaskHead.AtStride8(output.MaskFeatures, instances, options.Mask.HeadChannels), Masks);
    }

    private static void CheckPictures(StoredTensors stored, ModelInput input)
    {
        var lab = Lab.FromBytes(input.Colours());
        var valid = Labels(input).Valid;
        stored.Compare("image_masks_s4", valid, Tolerance.Exact);
        for (var image = 0; image < input.Images; image++)
        {
            stored.Compare($"gt_bitmasks{image}", BoxBitmasks.AtStride4(input.Boxes[image], input.Padded), Tolerance.Exact);
            stored.Compare($"lab{image}", lab[image], PairTolerances.Colour);
            stored.Compare($"color_similarity{image}", Alike(lab, valid, image), PairTolerances.Alike);
        }
    }

    private static Tensor Alike(Tensor lab, Tensor valid, int image) =>
        Similarity.Of(lab, new PairwiseOptions().ColourTheta, Neighbours.Ring)[image].mul(Neighbours.Of(valid[image]));

    private static PseudoLabels Labels(ModelInput input)
    {
        var sizes = tensor(input.Valid().SelectMany(Facts.Longs).ToArray()).reshape(-1, 2);
        return PseudoLabels.Of(input.Colours(), zeros(0), sizes, ScalarType.Float32, new PairwiseOptions { Flow = false });
    }

    private static void CheckLosses(Checks checks, StoredNode facts, Gradient gradient)
    {
        foreach (var stored in new[] { "losses", "losses_float64" }.Select(facts.Find).OfType<StoredNode>())
        {
            var group = checks.Group(stored.Path, stored.File);
            Terms(group, stored, gradient, Loss);
            group.Done();
        }

        facts.Find("total_loss")?.Compare(gradient.Total, Loss);
    }

    /// <summary>Each term, and their sum where it is stored as "total".</summary>
    public static void Terms(NumberGroup group, StoredNode stored, Gradient gradient, Tolerance tolerance)
    {
        foreach (var (name, value) in stored.Members)
        {
            var actual =
                name == "total"
                    ? gradient.Total
                    : gradient.Terms.Where(term => term.Name == name).Select(term => term.Value).DefaultIfEmpty(double.NaN).First();
            group.Number($"{stored.Path}/{name}", actual, value, tolerance);
        }
    }

    private static void CheckGradients(Checks checks, StoredNode facts, Dictionary<string, Tensor> gradients)
    {
        var norms = gradients.ToDictionary(pair => pair.Key, pair => pair.Value.norm().Number(), StringComparer.Ordinal);
        foreach (var stored in new[] { "grad_l2_norm", "grad_l2_norm_float64" }.Select(facts.Find).OfType<StoredNode>())
        {
            var group = checks.Group($"gradient norms ({stored.Path})", stored.File);
            foreach (var (name, value) in stored.Members)
                group.Number(name, norms.GetValueOrDefault(name, double.NaN), value, GradientNorm);
            foreach (var missing in norms.Keys.Where(name => !stored.Has(name)))
                group.Same(missing, "a gradient", "nothing");
            group.Done();
        }

        if (facts.Find("grad_l2_norm_max_relative_spread") is not { } spread)
            return;
        var told = checks.Group("spread of gradient norms", spread.File);
        foreach (var (name, value) in spread.Members)
            told.Number(
                name,
                Spread(facts, norms, name),
                value,
                name == "stored_vs_float64"
                    ? new("quotients in double", OfEach: 1e-6)
                    : new("no larger than the norms' tolerance", Absolute: GradientNorm.OfEach)
            );
        told.Done();
    }

    /// <summary>Largest relative distance of norms from those in float64: of the stored ones, or of ours.</summary>
    private static double Spread(StoredNode facts, Dictionary<string, double> norms, string of) =>
        facts["grad_l2_norm_float64"]
            .Members.Where(member => member.Value.Number() > 1e-4)
            .Select(member =>
                Math.Abs(
                    (
                        of == "stored_vs_float64"
                            ? facts["grad_l2_norm"][member.Name].Number()
                            : norms.GetValueOrDefault(member.Name, double.NaN)
                    ) - member.Value.Number()
                ) / member.Value.Number()
            )
            .DefaultIfEmpty(0)
            .Max();

    private static void CheckCounts(Checks checks, StoredNode facts, Prediction prediction, FcosAssignment assignment, ModelInput input)
    {
        var positives = Positives.Of(prediction.Targets.Labels, prediction.Targets.Regression, Classes);
        var levels = Facts.Ints(assignment.LevelOf.index_select(0, positives.Indices));
        var pairs = Pairs(prediction, input);
        var warmup = new LossOptions().Pairwise.WarmupIterations;
        var near = Enumerable
            .Range(0, input.Images)
            .Sum(image =>
                Alike(Lab.FromBytes(input.Colours()), Labels(input).Valid, image)
                    .Minus(new PairwiseOptions().ColourThreshold)
                    .abs()
                    .lt(Held.Of(1e-4))
                    .sum()
                    .item<long>()
            );
        var group = checks.Group("counts and divisors", facts.File);
        foreach (
            var (name, actual, tolerance) in new[]
            {
                ("num_locations", prediction.Targets.Labels.shape[0], Tolerance.Exact),
                ("num_pos", positives.Count, Tolerance.Exact),
                ("cls_and_ctr_denominator", Math.Max(positives.Count, 1), Tolerance.Exact),
                (
                    "loc_loss_denominator_sum_of_centerness_targets",
                    positives.Centerness.sum().Number(),
                    new("a sum in float32", OfEach: 2e-6)
                ),
                ("num_mask_instances_after_topk", prediction.Instances.MaskLogits.shape[0], Tolerance.Exact),
                ("pairwise_weight_sum_before_clamp", pairs.Count, Tolerance.Exact),
                ("pairwise_numerator", pairs.Sum, Sums),
                ("pairwise_loss_without_warmup", pairs.Sum / Math.Max(pairs.Count, 1), Sums),
                ("warmup_factor", Math.Min((prediction.Iteration + 1.0) / warmup, 1), new("double", OfEach: 1e-6)),
                ("iter_buffer_after_forward", prediction.Iteration + 1, Tolerance.Exact),
                ("similarities_within_1e-4_of_0.3", near, Tolerance.Exact),
            }
        )
        {
            if (facts.Find(name) is { } stored)
                group.Number(name, actual, stored, tolerance);
        }

        Facts.List(
            group,
            facts.Find("pos_per_level"),
            [.. Enumerable.Range(0, Pyramid.Levels).Select(level => (double)levels.Count(each => each == level))]
        );
        group.Done();
    }

    /// <summary>The pairwise term's parts, pair by pair as the references count: every pixel of a box with its eight neighbours.</summary>
    private static (double Sum, double Count) Pairs(Prediction prediction, ModelInput input)
    {
        var (options, lab, valid) = (new PairwiseOptions(), Lab.FromBytes(input.Colours()), Labels(input).Valid);
        var alike = stack([
            .. Enumerable
                .Range(0, input.Images)
                .Select(image => Alike(lab, valid, image).ge(Held.Of(options.ColourThreshold)).to(ScalarType.Float64)),
        ]); // [B, 8, H4, W4]
        var boxes = BoxBitmasks.AtStride4(prediction.Scene.Boxes, input.Padded).to(ScalarType.Float64); // [G, H4, W4]
        var weights = alike
            .index_select(0, prediction.Instances.Images)
            .mul(boxes.index_select(0, prediction.Instances.Boxes).unsqueeze(1)); // [Q, 8, H4, W4]
        return (
            Neighbours.NegativeLogSame(prediction.Instances.MaskLogits).mul(weights).sum().item<double>(),
            weights.sum().item<double>()
        );
    }
}
