using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The paper's pairwise loss: colour and flow together, in both readings of Eq. (2).</summary>
internal static class FlowVariantForm
{
    private static readonly Tolerance Share = new("a quotient in float32", Absolute: 2e-7);

    public static ParityForm Form { get; } =
        new("flow-pairs", "flow similarity, pseudo labels, and the pairwise loss with both normalisers", Recognise);

    private static IEnumerable<ParityCase> Recognise(OracleFolder folder)
    {
        foreach (var file in folder.Tensors.Where(file => file.Has("image", "flow_rgb", "boxes", "mask_logits")))
        {
            var whole = Facts.Case(folder, file, Check);
            yield return whole with
            {
                Check = checks =>
                {
                    whole.Check(checks);
                    if (Facts.About(folder, file) is { } about)
                        checks.Open(about.File).Find("real_frames_dis_flow")?.Aside();
                },
            };
        }
    }

    /// <summary>The flow picture in the three ranges that the references tried; the method's is 0..1.</summary>
    private static (string Name, Tensor Picture)[] Ranges(Tensor wheel) =>
        [("0_1", Stride4.FlowUnit(wheel)), ("0_255", Stride4.Means(wheel)), ("lab", Lab.FromBytes(Stride4.ColourBytes(wheel)))];

    private static void Check(Checks checks, StoredTensors stored, StoredNode? facts)
    {
        var options = new PairwiseOptions();
        var wheel = stored["flow_rgb"].unsqueeze(0);
        if (stored.Has("flow_uv"))
            stored.Compare("flow_rgb", FlowColour.Wheel(stored["flow_uv"]), Tolerance.Exact);
        stored.Compare("flow_rgb_s4", Stride4.Means(wheel)[0], Tolerance.Exact);
        var bytes = Stride4.ColourBytes(stored["image"].flip(0).unsqueeze(0));
        var logits = stored["mask_logits"].detach().requires_grad_(true);
        var scene = Scene.Of(stored, bytes, options);
        stored.Compare("color_similarity", scene.Colour, PairTolerances.Alike);
        stored.Compare("gt_bitmasks", scene.Bitmasks, Tolerance.Exact);
        stored.Compare("pairwise_term", scene.Term, PairTolerances.Term);
        foreach (var (name, picture) in Ranges(wheel))
        {
            checks.Part(
                $"range {name}",
                () =>
                {
                    var similarity = Similarity.Of(picture, options.FlowTheta, Neighbours.Ring)[0]; // [8, H4, W4]
                    var flows = similarity.ge(Held.Of(options.FlowThreshold));
                    var labels = flows.logical_and(scene.Colour.ge(Held.Of(options.ColourThreshold)));
                    stored.Compare($"flow_similarity_{name}", similarity, PairTolerances.Alike);
                    stored.Compare($"pseudo_label_y_{name}", labels, Tolerance.Exact);
                    if (facts is null)
                        return;
                    if (facts.Find("losses")?.Find($"flow_range_{name}") is { } losses)
                        CheckSums(checks, losses, scene, labels.to(ScalarType.Float64));
                    CheckFractions(checks, facts, name, scene, flows, scene.Colour.ge(Held.Of(options.ColourThreshold)));
                }
            );
        }

        CheckLosses(stored, facts, logits, (bytes, Stride4.FlowUnit(wheel)));
        if (facts is not null)
            CheckSettings(checks, facts, stored, options);
    }

    /// <summary>The product's own loss, in both readings, and its gradient.</summary>
    private static void CheckLosses(StoredTensors stored, StoredNode? facts, Tensor logits, (Tensor Colours, Tensor Flows) pictures)
    {
        var boxes = stored["boxes"];
        var padded = new Size2((int)logits.shape[1] * Stride4.Stride, (int)logits.shape[2] * Stride4.Stride);
        var instances = BoxInstances.Of(
            Held.Range(boxes.shape[0], ScalarType.Int64),
            zeros(boxes.shape[0], dtype: ScalarType.Int64),
            BoxBitmasks.Windows(boxes, padded)
        );
        var labels = PseudoLabels.Of(
            pictures.Colours,
            pictures.Flows,
            tensor(new long[] { padded.Height, padded.Width }, [1, 2]),
            ScalarType.Float32,
            new PairwiseOptions()
        );
        foreach (
            var (normaliser, gradient, loss) in new[]
            {
                (PairNormaliser.Boxinst, "grad_boxinst_code_loss_wrt_logits", "boxinst_code__loss"),
                (PairNormaliser.Paper, "grad_equation_pooled_loss_wrt_logits", "equation__loss_all_instances_pooled"),
            }
        )
        {
            var term = PairwiseLoss.Of(logits, instances, labels, normaliser);
            stored.Compare(gradient, Gradients.Of([term], [logits])[0]!, PairTolerances.Gradient);
            facts
                ?.Find("losses")
                ?.Find("flow_range_0_1")
                ?.Find(loss)
                ?.Compare(term.item<float>(), PairTolerances.Loss, $"loss stage: {loss}");
        }
    }

    private static void CheckSettings(Checks checks, StoredNode facts, StoredTensors stored, PairwiseOptions options)
    {
        var group = checks.Group("settings", facts.File);
        var image = stored["image"];
        Facts.List(group, facts.Find("image_hw"), [image.shape[1], image.shape[2]]);
        foreach (
            var (name, actual) in new[]
            {
                ("theta_flow", options.FlowTheta),
                ("tau_flow", options.FlowThreshold),
                ("tau_color", options.ColourThreshold),
                ("distance_at_which_flow_similarity_equals_tau", -options.FlowTheta * Math.Log(options.FlowThreshold)),
            }
        )
        {
            if (facts.Find(name) is { } value)
                group.Number(name, actual, value, new("double", OfEach: 1e-12));
        }

        group.Done();
    }

    /// <summary>Sums and counts of either reading, pair by pair, of labels [8, H4, W4].</summary>
    private static void CheckSums(Checks checks, StoredNode stored, Scene scene, Tensor labels)
    {
        var term = scene.Term.to(ScalarType.Float64); // [G, 8, H4, W4]
        var inside = scene.Inside.to(ScalarType.Float64); // [8, H4, W4]
        var bitmasks = scene.Bitmasks.to(ScalarType.Float64).unsqueeze(1); // [G, 1, H4, W4]
        var centred = bitmasks.mul(inside);
        var touching = maximum(bitmasks, Neighbours.Of(scene.Bitmasks).to(ScalarType.Float64)).mul(inside); // [G, 8, H4, W4]
        static double Sum(Tensor t) => t.sum().item<double>();
        static Tensor Half(Tensor pairs) => pairs.narrow(1, 0, 4);
        var (codeSum, codeCount) = (Sum(term.mul(centred).mul(labels)), Sum(centred.mul(labels)));
        var (sum, passing, count) = (Sum(Half(term.mul(touching).mul(labels))), Sum(Half(touching.mul(labels))), Sum(Half(touching)));
        var means = Enumerable
            .Range(0, (int)term.shape[0])
            .Select(g => Sum(Half(term.mul(touching).mul(labels))[g]) / Math.Max(Sum(Half(touching)[g]), 1))
            .Average();
        static double Over(double a, double b) => a / Math.Max(b, 1);
        var group = checks.Group(stored.Path, stored.File);
        foreach (
            var (name, actual, tolerance) in new[]
            {
                ("boxinst_code__sum_over_centre_pairs", codeSum, PairTolerances.Loss),
                ("boxinst_code__count_passing_centre_pairs", codeCount, Tolerance.Exact),
                ("boxinst_code__loss", Over(codeSum, codeCount), PairTolerances.Loss),
                ("equation__sum_over_undirected_pairs", sum, PairTolerances.Loss),
                ("equation__N_undirected_pairs_with_a_pixel_in_box", count, Tolerance.Exact),
                ("equation__loss_all_instances_pooled", Over(sum, count), PairTolerances.Loss),
                ("equation__loss_mean_of_per_instance", means, PairTolerances.Loss),
                ("equation__loss_pooled_directed_pairs", Over(Sum(term.mul(touching).mul(labels)), Sum(touching)), PairTolerances.Loss),
                ("equation__N_directed_pairs_with_a_pixel_in_box", Sum(touching), Tolerance.Exact),
                ("equation__N_directed_centre_pairs", Sum(centred), Tolerance.Exact),
                ("code_norm_over_all_centre_pairs__loss", Over(codeSum, Sum(centred)), PairTolerances.Loss),
                ("equation_pairs_but_boxinst_normaliser__loss", Over(sum, passing), PairTolerances.Loss),
                ("fraction_y_over_pairs_with_a_pixel_in_box", Over(passing, count), Share),
            }
        )
        {
            if (stored.Find(name) is { } value)
                group.Number(name, actual, value, tolerance);
        }

        group.Done();
    }

    /// <summary>Shares of pairs that pass, over all pairs and over those of a kind.</summary>
    private static void CheckFractions(Checks checks, StoredNode facts, string range, Scene scene, Tensor flows, Tensor colours)
    {
        var group = checks.Group($"passing pairs, {range}", facts.File);
        if (facts.Find("fraction_passing") is { } fractions)
        {
            foreach (
                var (name, passes) in new[]
                {
                    (range, flows),
                    ($"{range} AND colour", flows.logical_and(colours)),
                    ("colour(tau 0.3)", colours),
                }
            )
            {
                foreach (var (kind, pairs) in scene.Kinds())
                {
                    if (fractions.Find(name)?.Find(kind) is not { } stored)
                        continue;
                    var share = passes.logical_and(pairs).sum().item<long>() / (double)Math.Max(pairs.sum().item<long>(), 1);
                    group.Number(stored.Path, share, stored, Share);
                }
            }
        }

        if (facts.Find("colour_passing_pairs_vetoed_by_flow")?.Find(range) is { } vetoed)
        {
            var passing = colours.logical_and(scene.Touching);
            Facts.List(group, vetoed, [passing.logical_and(flows.logical_not()).sum().item<long>(), passing.sum().item<long>()]);
        }

        group.Done();
    }

    /// <summary>What does not depend on the flow's range.</summary>
    /// <param name="Colour">float32 [8, H4, W4].</param>
    /// <param name="Bitmasks">float32 {0, 1} [G, H4, W4].</param>
    /// <param name="Term">float32 [G, 8, H4, W4], -log P.</param>
    /// <param name="Inside">bool [8, H4, W4]: the neighbour is in the map.</param>
    /// <param name="Regions">float32 [H4, W4]: 0 for the background, i for the i-th object; null where objects are not stored.</param>
    private sealed record Scene(Tensor Colour, Tensor Bitmasks, Tensor Term, Tensor Inside, Tensor? Regions)
    {
        public static Scene Of(StoredTensors stored, Tensor bytes, PairwiseOptions options)
        {
            var logits = stored["mask_logits"];
            var padded = new Size2((int)logits.shape[1] * Stride4.Stride, (int)logits.shape[2] * Stride4.Stride);
            var map = ones(logits.shape[1], logits.shape[2]);
            return new(
                Similarity.Of(Lab.FromBytes(bytes), options.ColourTheta, Neighbours.Ring)[0],
                BoxBitmasks.AtStride4(stored["boxes"], padded),
                Neighbours.NegativeLogSame(logits),
                Neighbours.Of(map).gt(Held.Of(0)),
                stored.Has("object_masks_s4") ? RegionsOf(stored["object_masks_s4"]) : null
            );
        }

        /// <summary>Pairs with a pixel in some box.</summary>
        public Tensor Touching
        {
            get
            {
                var boxed = Bitmasks.amax([0]);
                return maximum(boxed, Neighbours.Of(boxed)).gt(Held.Of(0)).logical_and(Inside);
            }
        }

        public IEnumerable<(string Name, Tensor Pairs)> Kinds()
        {
            yield return ("all_pairs", Inside);
            yield return ("pairs_touching_a_box", Touching);
            if (Regions is null)
                yield break;
            var alike = Neighbours.Of(Regions).eq(Regions);
            yield return ("pairs_within_one_region", alike.logical_and(Inside));
            yield return ("pairs_across_a_motion_boundary", alike.logical_not().logical_and(Inside));
        }

        private static Tensor RegionsOf(Tensor masks)
        {
            var numbers = Held.Range(1, masks.shape[0] + 1, ScalarType.Float32).view(-1, 1, 1);
            return masks.gt(Held.Of(0)).to(ScalarType.Float32).mul(numbers).amax([0]);
        }
    }
}
