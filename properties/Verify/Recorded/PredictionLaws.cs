using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Verify;

/// <summary>Laws of a training batch: what forward sends to the loss, and what the loss makes of its pictures.</summary>
internal static class PredictionLaws
{
    /// <summary>Sums of float32 numbers in another order.</summary>
    private const double Rounding = 1e-5;

    public static ImmutableArray<RecordedLaw> All { get; } =
    [
        RecordedLaw.Each<Prediction>(
            "Prediction_Numbers_AreFinite",
            (p, _) =>
                new[]
                {
                    p.Maps.ClassLogits,
                    p.Maps.BoxRegression,
                    p.Maps.Centerness,
                    p.Instances.MaskLogits,
                    p.Scene.Boxes,
                    p.Scene.FlowImages,
                }.All(IsFinite)
                    ? null
                    : "holds a number that is not finite"
        ),
        RecordedLaw.Each<Prediction>("Prediction_Boxes_LieInThePaddedBatch", (p, _) => FrameLaws.Outside(Boxes(p), Terms.Padded(p))),
        RecordedLaw.Each<Prediction>(
            "Prediction_PositiveLocations_LieInTheirBoxes",
            (p, _) => LeastDistance(p) is <= 0 and var least ? $"a positive location is {least} strides outside its box" : null
        ),
        RecordedLaw.Each<Prediction>("Prediction_Instances_BelongToTheImagesOfTheirBoxes", InstanceProblem),
        RecordedLaw.Each<Prediction>(
            "Prediction_FlowPictures_AreInZeroToOne",
            (p, _) => Range(p.Scene.FlowImages) is (>= 0, <= 1) ? null : $"reaches {Range(p.Scene.FlowImages)}"
        ),
        RecordedLaw.Each<Prediction>("PseudoLabels_RaisingEitherThreshold_OnlyTakesPairsAway", MonotoneProblem),
        RecordedLaw.Each<Prediction>("Same_PairsOfTheMasks_AreProbabilitiesAlikeFromBothEnds", SameProblem),
        RecordedLaw.Each<Prediction>(
            "Pairwise_FlowOfOneColour_IsTheColourOnlyLoss",
            (p, run) =>
                WithMasks(
                    p,
                    () =>
                    {
                        var still = p with { Scene = p.Scene with { FlowImages = full_like(p.Scene.FlowImages, Held.Of(0.7)) } };
                        return Differ(
                            Terms.Pairwise(still, run.Loss.Pairwise with { Flow = true }),
                            Terms.Pairwise(p, run.Loss.Pairwise with { Flow = false })
                        );
                    }
                )
        ),
        RecordedLaw.Each<Prediction>(
            "MaskTerms_PermutingTheInstances_ChangesNothing",
            (p, run) =>
                WithMasks(
                    p,
                    () =>
                    {
                        var order = tensor(
                            run.Seed.Derive(p.Sequence)
                                .Draws()
                                .Permutation((int)p.Instances.MaskLogits.shape[0])
                                .Select(q => (long)q)
                                .ToArray()
                        );
                        var other = p with
                        {
                            Instances = p.Instances with
                            {
                                MaskLogits = p.Instances.MaskLogits.index_select(0, order),
                                Boxes = p.Instances.Boxes.index_select(0, order),
                                Images = p.Instances.Images.index_select(0, order),
                            },
                        };
                        return Differ(Terms.Pairwise(p, run.Loss.Pairwise), Terms.Pairwise(other, run.Loss.Pairwise))
                            ?? Differ(Terms.Projection(p), Terms.Projection(other));
                    }
                )
        ),
        RecordedLaw.Each<Prediction>(
            "Projection_ExactlyTheBoxes_CostsAsGoodAsNothing",
            (p, _) =>
                WithMasks(
                    p,
                    () =>
                    {
                        var masks = BoxBitmasks.AtStride4(p.Scene.Boxes, Terms.Padded(p)).index_select(0, p.Instances.Boxes);
                        var drawn = masks.amax([1, 2]).nonzero().flatten(); // a box of a few pixels covers no cell
                        if (drawn.shape[0] == 0)
                            return null;
                        var exact = p with { Instances = p.Instances with { Boxes = p.Instances.Boxes.index_select(0, drawn) } };
                        var loss = Terms.Projection(exact, masks.index_select(0, drawn).Times(200).Minus(100)).item<float>();
                        return loss <= 4 * Rounding ? null : $"costs {loss}";
                    }
                )
        ),
    ];

    public static bool IsFinite(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.isfinite().all().item<bool>();
    }

    private static IEnumerable<Box> Boxes(Prediction p) =>
        p.Scene.Boxes.Elements<float>().Chunk(4).Select(box => new Box(box[0], box[1], box[2], box[3]));

    private static double? LeastDistance(Prediction p)
    {
        using var scope = NewDisposeScope();
        var positives = Positives.Of(p.Targets.Labels, p.Targets.Regression, p.Maps.ClassLogits.size(1));
        return positives.Count == 0 ? null : positives.Distances.min().item<float>();
    }

    private static string? InstanceProblem(Prediction p, RecordedRun _)
    {
        using var scope = NewDisposeScope();
        return p.Scene.BoxImages.index_select(0, p.Instances.Boxes).eq(p.Instances.Images).all().item<bool>()
            ? null
            : "an instance lies in another image than its box";
    }

    private static (double Least, double Most) Range(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return (tensor.min().item<float>(), tensor.max().item<float>());
    }

    private static string? MonotoneProblem(Prediction p, RecordedRun run)
    {
        using var scope = NewDisposeScope();
        Tensor Labels(PairwiseOptions options) =>
            PseudoLabels.Of(p.Scene.ColourImages, p.Scene.FlowImages, p.Scene.ValidSizes, ScalarType.Float32, options).Same;
        var options = run.Loss.Pairwise with { Flow = true };
        var before = Labels(options);
        foreach (var step in new[] { 0.05, 0.2 })
        {
            if (!Labels(options with { ColourThreshold = options.ColourThreshold + step }).le(before).all().item<bool>())
                return "a higher colour threshold added a pair";
            if (!Labels(options with { FlowThreshold = options.FlowThreshold + step }).le(before).all().item<bool>())
                return "a higher flow threshold added a pair";
        }

        return before.le(Labels(options with { Flow = false })).all().item<bool>() ? null : "flow added a pair that colour forbids";
    }

    private static string? SameProblem(Prediction p, RecordedRun run) =>
        WithMasks(
            p,
            () =>
            {
                var (foreground, background) = (
                    nn.functional.logsigmoid(p.Instances.MaskLogits),
                    nn.functional.logsigmoid(p.Instances.MaskLogits.neg())
                );
                foreach (var step in Similarity.HalfRing(run.Loss.Pairwise.Dilation))
                {
                    var there = PairwiseLoss.NegativeLogSame(foreground, background, step);
                    var back = PairwiseLoss.NegativeLogSame(foreground, background, new PixelStep(-step.Dy, -step.Dx));
                    if (there.numel() == 0)
                        continue;
                    if (there.min().item<float>() < -Rounding)
                        return $"-log P is {there.min().item<float>()}";
                    if (!Tensors.SameBits(there, back))
                        return "P differs between the ends of a pair";
                }

                return null;
            }
        );

    private static string? WithMasks(Prediction p, Func<string?> law)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        return p.Instances.MaskLogits.shape[0] == 0 ? null : law();
    }

    private static string? Differ(Tensor a, Tensor b) =>
        Tensors.Close(a, b, Rounding, Rounding) ? null : $"{a.item<float>()} and {b.item<float>()}";
}
