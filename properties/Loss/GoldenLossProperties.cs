using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

/// <summary>The authors' numbers (properties/Golden/Loss/README.md says how each was made).</summary>
public sealed class GoldenLossProperties
{
    /// <summary>
    /// Stored float32 and float64 losses of the references differ by 2e-7; another order of summation may cost ten times that.
    /// </summary>
    private const double Loss = 2e-6;

    /// <summary>Gradients of single logits are sums of up to sixteen pair terms, each rounded.</summary>
    private const double GradientOfMaximum = 1e-5;

    private static readonly PairwiseOptions ColourOnly = new() { Flow = false };

    [Theory]
    [InlineData("a", 90 - 5, 121, 0.5479519367218018, 0.5171655416488647)]
    [InlineData("b", 128 - 10, 96, 0.5262342095375061, 0.5651874542236328)]
    public void MaskTerms_BoxinstCases_EqualTheAuthors(string name, int validRows, int validColumns, double projection, double pairwise)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", $"boxinst_{name}.safetensors");
        var logits = golden["mask_logits"].detach().requires_grad_(true);
        var (bitmasks, boxes) = Boxes(golden, logits);
        var labels = PseudoLabels.Of(
            golden["downsampled_rgb_byte"].unsqueeze(0),
            zeros(0),
            tensor(new long[] { validRows, validColumns }, [1, 2]),
            ScalarType.Float32,
            ColourOnly
        );

        var projectionTerm = ProjectionLoss.Of(logits, bitmasks, Held.Range(logits.size(0)));
        var pairwiseTerm = PairwiseLoss.Of(logits, boxes, labels, PairNormaliser.Boxinst);

        Close.To(golden["image_mask_s4"], labels.Valid[0], 0, 0);
        Close.To(projection, projectionTerm.item<float>(), 0, Loss);
        Close.To(pairwise, pairwiseTerm.item<float>(), 0, Loss);
        GradientIs(golden["grad_prj_wrt_logits"], projectionTerm, logits);
        GradientIs(golden["grad_pairwise_wrt_logits"], pairwiseTerm, logits);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void NegativeLogSame_BoxinstCases_EqualsTheAuthorsPerPair(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", $"boxinst_{name}.safetensors");
        var logits = golden["mask_logits"]; // the first row of instance 0 reaches +-100
        foreach (var (step, e) in Similarity.Ring(2).Select((step, e) => (step, e)))
        {
            var expected = step.Centres(golden["pairwise_term"].select(1, e));
            var actual = PairwiseLoss.NegativeLogSame(nn.functional.logsigmoid(logits), nn.functional.logsigmoid(logits.neg()), step);
            Close.To(expected, actual, 1e-6, Close.Float32Rounding);
        }
    }

    [Theory]
    [InlineData(PairNormaliser.Boxinst, 0.5281941890716553, "grad_boxinst_code_loss_wrt_logits")]
    [InlineData(PairNormaliser.Paper, 0.09490794688463211, "grad_equation_pooled_loss_wrt_logits")]
    public void Pairwise_FlowVariant_EqualsBothReadingsOfTheEquation(PairNormaliser normaliser, double loss, string gradient)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", "flow_a.safetensors");
        var logits = golden["mask_logits"].detach().requires_grad_(true);
        var (_, boxes) = Boxes(golden, logits);
        var labels = PseudoLabels.Of(
            Stride4.ColourBytes(golden["image"].flip(0).unsqueeze(0)),
            Stride4.FlowUnit(golden["flow_rgb"].unsqueeze(0)),
            tensor(new long[] { 128, 160 }, [1, 2]),
            ScalarType.Float32,
            new PairwiseOptions()
        );

        var term = PairwiseLoss.Of(logits, boxes, labels, normaliser);

        Close.To(golden["pseudo_label_y_0_1"].narrow(0, 0, 4), labels.Same[0], 0, 0);
        Close.To(loss, term.item<float>(), 0, Loss);
        GradientIs(golden[gradient], term, logits);
    }

    [Fact]
    public void DetectionTerms_FcosCase_EqualTheAuthors()
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", "fcos_a.safetensors");
        var prediction = Heads(golden, golden["labels"], golden["reg_targets"]);
        var positives = Positives.Of(golden["labels"], golden["reg_targets"], 80);
        var giou = DetectionLosses.Giou(prediction.Maps.BoxRegression.index_select(0, positives.Indices), positives.Distances);

        var gradient = LossStage.Create(new LossOptions())(prediction).OrThrow();

        Close.To(golden["pos_gt_ctrs"], positives.Centerness, 0, Close.Float32Rounding);
        Close.To(golden["pos_giou"], giou, Close.Float32Rounding, Close.Float32Rounding);
        TermsAre(gradient, 4.383420467376709, 0.7803576588630676, 0.8475621342658997, 0, 0);
        CloseToMaximum(Flat(golden, "grad_logits", 80), gradient.Maps.ClassLogits);
        CloseToMaximum(Flat(golden, "grad_bbox_reg", 4), gradient.Maps.BoxRegression);
        CloseToMaximum(Flat(golden, "grad_ctrness", 1).flatten(), gradient.Maps.Centerness);
    }

    [Fact]
    public void Stage_WholeTrainingStep_EqualsTheAuthorsFiveTerms()
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", "case_a.safetensors");
        var pictures = stack([golden["image0"], golden["image1"]]).flip(1); // BGR to RGB
        var prediction = Heads(golden, golden["all_labels"].to(ScalarType.Int64), golden["all_reg_targets"]) with
        {
            Instances = new(golden["mask_logits_s4"].alias(), golden["kept_im_inds"].alias(), golden["kept_gt_inds"].alias()),
            Scene = new(
                Joins.Cat([golden["boxes0"], golden["boxes1"]]),
                Joins.Cat([
                    zeros(golden["boxes0"].size(0), dtype: ScalarType.Int64),
                    ones(golden["boxes1"].size(0), dtype: ScalarType.Int64),
                ]),
                Stride4.ColourBytes(pictures),
                FlowImages: zeros(2, 3, 32, 40),
                ValidSizes: tensor(new long[] { 118, 160, 118, 160 }, [2, 2])
            ), // the picture less the ten bottom rows
        };

        var gradient = LossStage.Create(new LossOptions { Pairwise = ColourOnly })(prediction).OrThrow();

        TermsAre(gradient, 1.4974101781845093, 0.8375097513198853, 0.7523245215415955, 0.8752747774124146, 5.025036807637662e-05);
    }

    private static void TermsAre(Gradient gradient, params double[] values)
    {
        Assert.Equal(
            ["loss_fcos_cls", "loss_fcos_loc", "loss_fcos_ctr", "loss_prj", "loss_pairwise"],
            gradient.Terms.Select(term => term.Name)
        );
        foreach (var (term, value) in gradient.Terms.Zip(values))
        {
            Close.To(value, term.Value, 0, Loss);
        }
    }

    private static void GradientIs(Tensor expected, Tensor loss, Tensor logits) =>
        CloseToMaximum(expected, Gradients.Of([loss], [logits], retainGraph: true)[0]!);

    private static void CloseToMaximum(Tensor expected, Tensor actual) =>
        Close.To(expected, actual, GradientOfMaximum * expected.abs().max().item<float>(), 0);

    private static (Tensor Bitmasks, System.Collections.Immutable.ImmutableArray<BoxInstances> Boxes) Boxes(Weights golden, Tensor logits)
    {
        var padded = new Size2((int)logits.size(1) * 4, (int)logits.size(2) * 4);
        var count = golden["boxes"].size(0);
        return (
            BoxBitmasks.AtStride4(golden["boxes"], padded),
            BoxInstances.Of(Held.Range(count), zeros(count, dtype: ScalarType.Int64), BoxBitmasks.Windows(golden["boxes"], padded))
        );
    }

    /// <summary>A batch of two images with the heads of a file and no mask instances.</summary>
    private static Prediction Heads(Weights golden, Tensor labels, Tensor targets) =>
        new(
            0,
            0,
            new(Flat(golden, "logits", 80), Flat(golden, "bbox_reg", 4), Flat(golden, "ctrness", 1).flatten()),
            new(labels.alias(), targets.alias()),
            new(zeros(0, 32, 40), zeros(0, dtype: ScalarType.Int64), zeros(0, dtype: ScalarType.Int64)),
            new(
                zeros(0, 4),
                zeros(0, dtype: ScalarType.Int64),
                zeros(2, 3, 32, 40, dtype: ScalarType.Byte),
                zeros(2, 3, 32, 40),
                zeros(2, 2, dtype: ScalarType.Int64)
            )
        );

    /// <summary>[2, C, h, w] of each level to [L, C], flattened level, image, row, column.</summary>
    private static Tensor Flat(Weights golden, string name, long channels) =>
        Joins.Cat([.. Enumerable.Range(3, 5).Select(level => golden[$"{name}_p{level}"].permute(0, 2, 3, 1).reshape(-1, channels))]);
}
