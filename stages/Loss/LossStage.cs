using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>The loss stage: the five terms of a batch and the gradient of their sum.</summary>
public static class LossStage
{
    /// <summary>Fixes the settings; what remains is the stage.</summary>
    public static ComputeLoss Create(LossOptions options) => prediction => Compute(prediction, options);

    private static Result<Gradient, LossError> Compute(Prediction prediction, LossOptions options)
    {
        using var consumed = prediction;
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var leaves = Leaves.Of(prediction);
        if (leaves.FirstNotFinite() is { } name)
        {
            return new LossError.NotFinite(prediction.Iteration, name);
        }

        var terms = Terms(prediction, leaves, options);
        var values = terms.Select(term => new LossTerm(term.Name, term.Value.to(ScalarType.Float64).item<double>())).ToImmutableArray();
        foreach (var value in values.Where(value => !double.IsFinite(value.Value)))
        {
            return new LossError.NotFinite(prediction.Iteration, value.Name);
        }

        var gradients = leaves.GradientsOf(stack([.. terms.Select(term => term.Value)]).sum());
        return new Gradient(
            prediction.Sequence,
            prediction.Iteration,
            values,
            new Maps(gradients[0], gradients[1], gradients[2]),
            gradients[3]
        );
    }

    /// <summary>The terms in the authors' order. Without a positive location only the first is more than zero.</summary>
    private static ImmutableArray<(string Name, Tensor Value)> Terms(Prediction prediction, Leaves leaves, LossOptions options)
    {
        var positives = Positives.Of(prediction.Targets.Labels, prediction.Targets.Regression, leaves.ClassLogits.size(1));
        var nothing = zeros_like(leaves.ClassLogits.sum().detach());
        var (projection, pairwise) =
            leaves.MaskLogits.size(0) == 0 ? (nothing, nothing) : MaskTerms(prediction, leaves.MaskLogits, options.Pairwise);
        return
        [
            ("loss_fcos_cls", DetectionLosses.Classification(leaves.ClassLogits, positives, options.Focal)),
            ("loss_fcos_loc", positives.Count == 0 ? nothing : DetectionLosses.Location(leaves.BoxRegression, positives)),
            ("loss_fcos_ctr", positives.Count == 0 ? nothing : DetectionLosses.Centerness(leaves.Centerness, positives)),
            ("loss_prj", projection),
            ("loss_pairwise", pairwise),
        ];
    }

    private static (Tensor Projection, Tensor Pairwise) MaskTerms(Prediction prediction, Tensor logits, PairwiseOptions options)
    {
        var padded = new Size2((int)logits.size(1) * Stride4.Stride, (int)logits.size(2) * Stride4.Stride);
        var bitmasks = BoxBitmasks.AtStride4(prediction.Scene.Boxes, padded); // [G, H4, W4]
        var boxes = BoxInstances.Of(
            prediction.Instances.Boxes,
            prediction.Scene.BoxImages,
            BoxBitmasks.Windows(prediction.Scene.Boxes, padded)
        );
        var labels = PseudoLabels.Of(
            prediction.Scene.ColourImages,
            prediction.Scene.FlowImages,
            prediction.Scene.ValidSizes,
            logits.dtype,
            options
        );
        var pairwise = PairwiseLoss.Of(logits, boxes, labels, options.Normaliser);
        return (
            ProjectionLoss.Of(logits, bitmasks, prediction.Instances.Boxes),
            pairwise.Times(Warmup(prediction.Iteration, options.WarmupIterations))
        );
    }

    /// <summary>Weight of the pairwise term: its counter is raised before it is used, so the first iteration has 1/length.</summary>
    internal static double Warmup(int iteration, int length) => length <= 0 ? 1 : Math.Min((iteration + 1.0) / length, 1);

    /// <summary>The predictions as the roots of a graph of their own.</summary>
    private sealed record Leaves(Tensor ClassLogits, Tensor BoxRegression, Tensor Centerness, Tensor MaskLogits)
    {
        private Tensor[] All => [ClassLogits, BoxRegression, Centerness, MaskLogits];

        public static Leaves Of(Prediction prediction) =>
            new(
                Leaf(prediction.Maps.ClassLogits),
                Leaf(prediction.Maps.BoxRegression),
                Leaf(prediction.Maps.Centerness),
                Leaf(prediction.Instances.MaskLogits)
            );

        private static Tensor Leaf(Tensor tensor) => tensor.detach().requires_grad_(true);

        public string? FirstNotFinite() =>
            IsFinite(ClassLogits)
                ? IsFinite(BoxRegression)
                    ? IsFinite(Centerness)
                        ? IsFinite(MaskLogits)
                            ? null
                            : nameof(MaskLogits)
                        : nameof(Centerness)
                    : nameof(BoxRegression)
                : nameof(ClassLogits);

        /// <summary>NaN and infinity survive a maximum.</summary>
        private static bool IsFinite(Tensor tensor) => tensor.numel() == 0 || double.IsFinite(tensor.detach().abs().max().item<float>());

        /// <returns>One tensor a leaf; zeros for a leaf that no term looked at. They outlive the scope.</returns>
        public Tensor[] GradientsOf(Tensor total) =>
            [.. Gradients.Of([total], All).Zip(All, (gradient, leaf) => (gradient ?? zeros_like(leaf)).MoveToOuterDisposeScope())];
    }
}
