using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

public sealed class PairwiseProperties
{
    /// <summary>Float32 terms against the same terms in double.</summary>
    private const double Rounding = 2e-6;

    private static readonly PixelStep Right = new(0, 1);

    /// <summary>Two mask logits, from -20 to 20.</summary>
    private sealed record Pair(double A, double B) : IKnowsItsKinds
    {
        public IEnumerable<string> Kinds() =>
            [
                Math.Sign(A) == Math.Sign(B) ? "one side" : "opposite sides",
                Math.Max(Math.Abs(A), Math.Abs(B)) > 10 ? "nearly certain" : "unsure",
            ];
    }

    private static readonly Gen<Pair> Logits =
        from a in Gen.Choose(-1000, 1000)
        from b in Gen.Choose(-1000, 1000)
        select new Pair(a / 50.0, b / 50.0);

    private static readonly Gen<PairwiseOptions> Options =
        from flow in Gen.Elements(true, false)
        from normaliser in Gen.Elements(PairNormaliser.Boxinst, PairNormaliser.Paper)
        from dilation in Gen.Choose(1, 3)
        from colour in Gen.Choose(0, 10)
        from motion in Gen.Choose(0, 10)
        select new PairwiseOptions
        {
            Flow = flow,
            Normaliser = normaliser,
            Dilation = dilation,
            ColourThreshold = (colour + 0.5) / 11,
            FlowThreshold = (motion + 0.5) / 11,
        };

    private static readonly Gen<(LossCase Case, PairwiseOptions Options)> Batches =
        from batch in LossCase.WithInstances
        from options in Options
        select (batch, options);

    [Fact, Law]
    public void Same_SwappingThePair_ChangesNothing() =>
        Laws.Hold(Logits, pair => MinusLogSame(pair.A, pair.B) == MinusLogSame(pair.B, pair.A));

    [Fact, Law]
    public void Same_ExchangingObjectAndBackground_ChangesNothing() =>
        Laws.Hold(Logits, pair => MinusLogSame(pair.A, pair.B) == MinusLogSame(-pair.A, -pair.B));

    [Fact, Law]
    public void Same_AnyPair_IsAProbability() =>
        Laws.Hold(Logits, pair => Math.Exp(-MinusLogSame(pair.A, pair.B)) is >= 0 and <= 1 + Rounding);

    [Fact, Law]
    public void Same_InLogSpace_IsTheProductOfTheEquation() =>
        Laws.Hold(Logits, pair => Math.Abs(Math.Exp(-MinusLogSame(pair.A, pair.B)) - Reference.Same(pair.A, pair.B)) <= Rounding);

    [Fact, Law]
    public void Same_EqualCertainLabels_HaveProbabilityOne() =>
        Laws.Hold(
            Logits,
            pair =>
            {
                var (a, b) = (20 + Math.Abs(pair.A), 20 + Math.Abs(pair.B)); // m within 2e-9 of 1
                return Math.Abs(MinusLogSame(a, b)) <= 1e-8 && Math.Abs(MinusLogSame(-a, -b)) <= 1e-8 && MinusLogSame(a, -b) > 19;
            }
        );

    [Theory]
    [InlineData(100, 100, 0)]
    [InlineData(-100, -100, 0)]
    [InlineData(100, -100, 99.306852819440055)] // P = 2 e^-100, far below the smallest float32
    public void Same_CertainLabels_AreAPerfectMatchOrAFiniteLoss(double a, double b, double expected) =>
        Close.To(expected, MinusLogSame(a, b), 1e-40, 1e-6);

    [Fact, Law]
    public void Pairwise_AnyBatch_IsTheSumOverPixelsAndNeighbours() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                var expected = Reference.Pairwise(p, drawn.Options);
                return Math.Abs(Terms.Pairwise(p, drawn.Options).item<float>() - expected) <= Rounding * (1 + expected);
            }
        );

    [Fact, Law]
    public void Pairwise_AnyBatch_HasTheSlopeOfItsGradient() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                var direction = LossCase.Normal(new Seed(1).Draws(), 1, p.Instances.MaskLogits.shape);
                return Terms.HasSlopeOfItsGradient(x => Terms.Pairwise(p, x, drawn.Options), p.Instances.MaskLogits, direction);
            },
            cases: 50
        );

    [Fact, Law]
    public void Pairwise_CertainMasks_IsZeroExactlyWhereAllAlikePairsAgree() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                // -log P is 29 for a pair that differs, 0 for one that agrees
                var certain = p with
                {
                    Instances = p.Instances with { MaskLogits = p.Instances.MaskLogits.sign().Times(30) },
                };
                var loss = Terms.Pairwise(certain, drawn.Options).item<float>();
                var disagreeing = Reference.Pairwise(certain, drawn.Options) > 1e-6;
                return disagreeing ? loss > 1e-3 : loss < 1e-6;
            }
        );

    [Fact, Law]
    public void PseudoLabels_RaisingAThreshold_OnlyTakesPairsAway() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                var o = drawn.Options;
                var before = Labels(p, o);
                return Labels(p, o with { ColourThreshold = o.ColourThreshold + 0.2 }).le(before).all().item<bool>()
                    && Labels(p, o with { FlowThreshold = o.FlowThreshold + 0.2 }).le(before).all().item<bool>()
                    && before.le(Labels(p, o with { Flow = false })).all().item<bool>();
            }
        );

    [Fact, Law]
    public void Pairwise_FlowOfOneColour_IsTheColourOnlyLoss() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                var still = p with { Scene = p.Scene with { FlowImages = full_like(p.Scene.FlowImages, Held.Of(0.7)) } };
                return Terms.Pairwise(still, drawn.Options with { Flow = true }).item<float>()
                    == Terms.Pairwise(p, drawn.Options with { Flow = false }).item<float>();
            }
        );

    [Fact, Law]
    public void Pairwise_MovingEverythingByACell_ChangesNothing() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = Framed(drawn.Case.Draw(), drawn.Options.Dilation);
                var moved = p with
                {
                    Instances = p.Instances with { MaskLogits = p.Instances.MaskLogits.roll([1, 1], [1, 2]) },
                    Scene = p.Scene with
                    {
                        ColourImages = p.Scene.ColourImages.roll([1, 1], [2, 3]),
                        FlowImages = p.Scene.FlowImages.roll([1, 1], [2, 3]),
                        Boxes = p.Scene.Boxes.Plus(4),
                    },
                };
                return Near(Terms.Pairwise(p, drawn.Options), Terms.Pairwise(moved, drawn.Options))
                    && Near(Terms.Projection(p), Terms.Projection(moved));
            }
        );

    [Fact, Law]
    public void MaskTerms_ShufflingTheInstances_ShufflesTheGradientAlone() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                var order = tensor(new Seed(5).Draws().Permutation(drawn.Case.Instances).Select(q => (long)q).ToArray());
                var shuffled = p with
                {
                    Instances = p.Instances with
                    {
                        Boxes = p.Instances.Boxes.index_select(0, order),
                        Images = p.Instances.Images.index_select(0, order),
                    },
                };
                var (x, y) = (
                    p.Instances.MaskLogits.detach().requires_grad_(true),
                    p.Instances.MaskLogits.index_select(0, order).detach().requires_grad_(true)
                );
                var before = Terms.Pairwise(p, x, drawn.Options).Plus(Terms.Projection(p, x));
                var after = Terms.Pairwise(shuffled, y, drawn.Options).Plus(Terms.Projection(shuffled, y));
                return Near(before, after)
                    && Tensors.Close(
                        Gradients.Of([after], [y])[0]!,
                        Gradients.Of([before], [x])[0]!.index_select(0, order),
                        Rounding,
                        Rounding
                    );
            }
        );

    [Fact, Law]
    public void Pairwise_PaperNormaliser_NeverLooksAtInvalidPixels() =>
        Laws.Hold(
            LossCase.WithInstances,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var options = new PairwiseOptions { Normaliser = PairNormaliser.Paper };
                var valid = PseudoLabels
                    .Of(p.Scene.ColourImages, p.Scene.FlowImages, p.Scene.ValidSizes, ScalarType.Float32, options)
                    .Valid.unsqueeze(1);
                var repainted = p with
                {
                    Scene = p.Scene with
                    {
                        ColourImages = p.Scene.ColourImages.mul(valid).to(ScalarType.Byte),
                        FlowImages = p.Scene.FlowImages.mul(valid),
                    },
                };
                return Terms.Pairwise(p, options).item<float>() == Terms.Pairwise(repainted, options).item<float>();
            }
        );

    private static float MinusLogSame(double a, double b)
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { (float)a, (float)b }, [1, 2]);
        return PairwiseLoss.NegativeLogSame(nn.functional.logsigmoid(x), nn.functional.logsigmoid(x.neg()), Right).item<float>();
    }

    private static Tensor Labels(Prediction p, PairwiseOptions options) =>
        PseudoLabels.Of(p.Scene.ColourImages, p.Scene.FlowImages, p.Scene.ValidSizes, ScalarType.Float32, options).Same;

    private static bool Near(Tensor a, Tensor b) => Tensors.Close(a, b, Rounding, Rounding);

    /// <summary>The batch with a broad frame of empty cells around it: no box can feel the border, wherever it is moved.</summary>
    private static Prediction Framed(Prediction p, int dilation)
    {
        var margin = dilation + 2;
        long[] frame = [margin, margin, margin, margin];
        return p with
        {
            Instances = p.Instances with { MaskLogits = nn.functional.pad(p.Instances.MaskLogits, frame) },
            Scene = p.Scene with
            {
                ColourImages = nn.functional.pad(p.Scene.ColourImages, frame),
                FlowImages = nn.functional.pad(p.Scene.FlowImages, frame),
                Boxes = p.Scene.Boxes.Plus(4 * margin),
                ValidSizes = full_like(p.Scene.ValidSizes, Held.Of(1000)),
            },
        };
    }
}
