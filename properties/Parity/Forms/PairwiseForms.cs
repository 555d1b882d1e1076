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

/// <summary>Pairs of neighbouring pixels as the references store them: every pixel with all its eight neighbours, [8, H, W].</summary>
internal static class Neighbours
{
    public static ImmutableArray<PixelStep> Ring { get; } = Similarity.Ring(2);

    /// <summary>The neighbours' values, 0 outside the map.</summary>
    /// <param name="map">[..., H, W].</param>
    /// <returns>[..., 8, H, W].</returns>
    public static Tensor Of(Tensor map) =>
        stack(
            [
                .. Ring.Select(step =>
                {
                    var shifted = zeros_like(map);
                    step.Centres(shifted).copy_(step.Neighbours(map));
                    return shifted;
                }),
            ],
            -3
        );

    /// <summary>
    /// -log P(y_e = 1) of each instance's pixels and their neighbours, 0 where the neighbour is outside: [Q, H, W] to [Q, 8, H, W].
    /// </summary>
    public static Tensor NegativeLogSame(Tensor logits)
    {
        var (foreground, background) = (nn.functional.logsigmoid(logits), nn.functional.logsigmoid(logits.neg()));
        return stack(
            [
                .. Ring.Select(step =>
                {
                    var term = zeros_like(logits);
                    step.Centres(term).copy_(PairwiseLoss.NegativeLogSame(foreground, background, step));
                    return term;
                }),
            ],
            1
        );
    }
}

/// <summary>Tolerances of what is compared pair by pair.</summary>
internal static class PairTolerances
{
    public static Tolerance Colour { get; } = new("colours rounded to float32", Absolute: 2e-5, OfEach: 1e-6);

    /// <summary>exp(-d/2) of Lab distances whose cube roots were rounded otherwise.</summary>
    public static Tolerance Alike { get; } = new("exponential in float32", Absolute: 2e-6);

    /// <summary>Terms reach 100; theirs are 1e-7 where the neighbour is outside, ours 0.</summary>
    public static Tolerance Term { get; } = new("logarithms in float32", Absolute: 1e-6, OfEach: 2e-6);

    public static Tolerance Loss { get; } = new("sums in float32", Absolute: 1e-12, OfEach: 2e-6);

    public static Tolerance Gradient { get; } = new("gradients of sums in float32", OfLargest: 1e-5);
}

/// <summary>The mask losses by themselves: similarities, bitmasks, projections, pairs, warm-up.</summary>
internal static class MaskLossForm
{
    private const int BottomRows = 10;
    private const string IterationPrefix = "iter_buffer_before=";

    public static ParityForm Form { get; } =
        new(
            "mask-losses",
            "colour similarity, bitmasks, projection and pairwise terms, warm-up, gradients",
            folder =>
                from file in folder.Tensors
                where file.Has("image", "boxes", "mask_logits") && !file.Has("flow_rgb")
                select Facts.Case(folder, file, Check)
        );

    private static void Check(Checks checks, StoredTensors stored, StoredNode? facts)
    {
        if (stored.Has("lab_table_rgb"))
        {
            var colours = stored["lab_table_rgb"].t().reshape(1, 3, -1, 1);
            stored.Compare("lab_table_lab_f64", Lab.FromBytes(colours).reshape(3, -1).t(), PairTolerances.Colour);
        }

        var (image, boxes, logits) = (stored["image"].flip(0), stored["boxes"], stored["mask_logits"].detach().requires_grad_(true));
        var padded = new Size2((int)logits.shape[1] * Stride4.Stride, (int)logits.shape[2] * Stride4.Stride);
        var size = new Size2((int)image.shape[1], (int)image.shape[2]);
        var original = new Size2(facts?["orig_h"].Count() ?? size.Height, size.Width);
        var valid = Views.ValidSize(new View(size, Flip: false), original, BottomRows);
        var batch = Views.Pad(image, padded).unsqueeze(0);
        var bytes = Stride4.ColourBytes(batch);
        var lab = Lab.FromBytes(bytes);
        stored.Compare("downsampled_rgb", Stride4.Means(batch)[0], Tolerance.Exact);
        stored.Compare("downsampled_rgb_byte", bytes[0], Tolerance.Exact);
        stored.Compare("lab", lab[0], PairTolerances.Colour);
        stored.Compare("unfold_wo_center_lab", Neighbours.Of(lab[0]), PairTolerances.Colour);

        var options = new PairwiseOptions { Flow = false };
        var labels = PseudoLabels.Of(
            bytes,
            zeros(0),
            tensor(new long[] { valid.Height, valid.Width }, [1, 2]),
            ScalarType.Float32,
            options
        );
        var similarity = Similarity.Of(lab, options.ColourTheta, Neighbours.Ring)[0].mul(Neighbours.Of(labels.Valid[0])); // [8, H4, W4]
        var bitmasks = BoxBitmasks.AtStride4(boxes, padded);
        var weights = similarity.ge(Held.Of(options.ColourThreshold)).to(ScalarType.Float32).mul(bitmasks.unsqueeze(1)); // [G, 8, H4, W4]
        stored.Compare("image_mask_s4", labels.Valid[0], Tolerance.Exact);
        stored.Compare("color_similarity", similarity, PairTolerances.Alike);
        stored.Compare("gt_bitmasks", bitmasks, Tolerance.Exact);
        stored.Compare("gt_bitmasks_full_area", FullAreas(boxes, padded), Tolerance.Exact);
        stored.Compare("pairwise_term", Neighbours.NegativeLogSame(logits.detach()), PairTolerances.Term);
        stored.Compare("pairwise_weights", weights, Tolerance.Exact);
        CheckProjections(stored, logits.detach(), bitmasks);

        var instances = BoxInstances.Of(
            Held.Range(boxes.shape[0], ScalarType.Int64),
            zeros(boxes.shape[0], dtype: ScalarType.Int64),
            BoxBitmasks.Windows(boxes, padded)
        );
        var projection = ProjectionLoss.Of(logits, bitmasks, Held.Range(boxes.shape[0], ScalarType.Int64));
        var pairwise = PairwiseLoss.Of(logits, instances, labels, PairNormaliser.Boxinst);
        stored.Compare("grad_prj_wrt_logits", Gradients.Of([projection], [logits], retainGraph: true)[0]!, PairTolerances.Gradient);
        stored.Compare("grad_pairwise_wrt_logits", Gradients.Of([pairwise], [logits], retainGraph: true)[0]!, PairTolerances.Gradient);
        if (facts is null)
            return;
        facts["loss_prj"].Compare(projection.item<float>(), PairTolerances.Loss, "projection loss");
        facts["pairwise_without_warmup"].Compare(pairwise.item<float>(), PairTolerances.Loss, "pairwise loss");
        CheckWarmup(checks, facts, new MaskBatch(logits.detach(), boxes, bytes, valid));
        CheckCounts(checks, facts, (size, padded), valid, weights, similarity, options.ColourThreshold);
    }

    private static void CheckProjections(StoredTensors stored, Tensor logits, Tensor bitmasks)
    {
        foreach (var (name, axis) in new[] { ("rows", 1L), ("cols", 2L) })
        {
            var scores = logits.sigmoid().amax([axis]);
            stored.Compare($"max_over_{name}", scores, PairTolerances.Alike);
            stored.Compare($"dice_on_max_over_{name}", ProjectionLoss.Dice(scores, bitmasks.amax([axis])), PairTolerances.Alike);
        }
    }

    /// <summary>
    /// Pixels of each box's mask before it is thinned: rows int(y1) .. int(y2 + 1) - 1, cut at the padding, and columns likewise.
    /// </summary>
    private static Tensor FullAreas(Tensor boxes, Size2 padded)
    {
        static int Length(double low, double high, int side) =>
            Math.Max(0, Math.Clamp((int)(float)(high + 1), 0, side) - Math.Clamp((int)low, 0, side));
        var numbers = StoredTensors.Doubles(boxes);
        return tensor(
            Enumerable
                .Range(0, numbers.Length / 4)
                .Select(g =>
                    (long)Length(numbers[4 * g], numbers[(4 * g) + 2], padded.Width)
                    * Length(numbers[(4 * g) + 1], numbers[(4 * g) + 3], padded.Height)
                )
                .ToArray()
        );
    }

    /// <summary>Both losses of the loss stage at several iterations.</summary>
    private static void CheckWarmup(Checks checks, StoredNode facts, MaskBatch batch)
    {
        if (facts.Find("losses_by_iteration") is not { } stored)
            return;
        var group = checks.Group("losses by iteration", facts.File);
        var stage = LossStage.Create(new LossOptions { Pairwise = new() { Flow = false } });
        foreach (var (name, losses) in stored.Members.Where(member => member.Name.StartsWith(IterationPrefix, StringComparison.Ordinal)))
        {
            var gradient = stage(batch.At(int.Parse(name[IterationPrefix.Length..], CultureInfo.InvariantCulture))).OrThrow();
            foreach (var (term, value) in losses.Members)
                group.Number($"{name}, {term}", gradient.Terms.First(each => each.Name == term).Value, value, PairTolerances.Loss);
        }

        group.Done();
    }

    /// <summary>One image with masks and nothing to detect.</summary>
    private sealed record MaskBatch(Tensor Logits, Tensor Boxes, Tensor Colours, Size2 Valid)
    {
        public Prediction At(int iteration)
        {
            var boxes = Boxes.shape[0];
            return new(
                0,
                iteration,
                new(zeros(1, 1), zeros(1, 4), zeros(1)),
                new(ones(1, dtype: ScalarType.Int64), zeros(1, 4)),
                new(Logits.alias(), zeros(boxes, dtype: ScalarType.Int64), Held.Range(boxes, ScalarType.Int64)),
                new(
                    Boxes.alias(),
                    zeros(boxes, dtype: ScalarType.Int64),
                    Colours.alias(),
                    zeros(1, 3, Colours.shape[2], Colours.shape[3]),
                    tensor(new long[] { Valid.Height, Valid.Width }, [1, 2])
                )
            );
        }
    }

    private static void CheckCounts(
        Checks checks,
        StoredNode facts,
        (Size2 Image, Size2 Padded) sizes,
        Size2 valid,
        Tensor weights,
        Tensor similarity,
        double threshold
    )
    {
        var group = checks.Group("counts", facts.File);
        Facts.List(group, facts.Find("image_hw"), [sizes.Image.Height, sizes.Image.Width]);
        Facts.List(group, facts.Find("padded_hw"), [sizes.Padded.Height, sizes.Padded.Width]);
        foreach (
            var (name, actual) in new[]
            {
                ("bottom_pixels_removed", sizes.Image.Height - valid.Height),
                ("pairwise_weight_sum", weights.sum().item<float>()),
                ("sim_within_1e-4_of_0.3", (double)similarity.Minus(threshold).abs().lt(Held.Of(1e-4)).sum().item<long>()),
            }
        )
        {
            if (facts.Find(name) is { } stored)
                group.Number(name, actual, stored, Tolerance.Exact);
        }

        group.Done();
        facts.Find("lab_dtype_from_skimage")?.Aside();
    }
}
