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

public sealed class LossStageProperties
{
    private static readonly ComputeLoss Default = LossStage.Create(new LossOptions());

    private static readonly Gen<LossCase> Batches = LossCase.Any;

    [Fact, Law]
    public void Compute_AnyBatch_AnswersWithGradientsOfThePredictionsShapes() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                using var copy = p.Share();
                using var gradient = Default(p).OrThrow();
                return gradient.Sequence == copy.Sequence
                    && gradient.Iteration == copy.Iteration
                    && gradient.Maps.ClassLogits.shape.SequenceEqual(copy.Maps.ClassLogits.shape)
                    && gradient.Maps.BoxRegression.shape.SequenceEqual(copy.Maps.BoxRegression.shape)
                    && gradient.Maps.Centerness.shape.SequenceEqual(copy.Maps.Centerness.shape)
                    && gradient.MaskLogits.shape.SequenceEqual(copy.Instances.MaskLogits.shape)
                    && gradient.Tensors.All(tensor => !tensor.requires_grad && tensor.dtype == ScalarType.Float32)
                    && gradient.Terms.All(term => term.Value >= -1e-6);
            }
        );

    [Fact, Law]
    public void Compute_AnyBatch_HasTheSlopesOfItsGradients() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                // The stage computes in float32: a difference of totals near 10 is good to 1e-6, over 2 * Step to 5e-5; the rest is
                // curvature.
                const float Step = 1e-2f;
                const double Tolerance = 2e-3;
                using var scope = NewDisposeScope();
                using var p = drawn.Draw(iteration: 4_999);
                var regression = p.Maps.BoxRegression.Plus(0.1);
                // GIoU has a kink where a side is right: no step may cross it
                var atKink = regression.sub(p.Targets.Regression).abs().lt(Held.Of(2 * Step));
                regression = where(atKink, regression.Plus(4 * Step), regression);
                var draws = new Seed(9).Draws();
                var direction = p with
                {
                    Maps = p.Maps.Map(map => Unit(draws, map)),
                    // small: a step must not carry a maximum to another pixel
                    Instances = p.Instances with
                    {
                        MaskLogits = Unit(draws, p.Instances.MaskLogits).Times(0.1),
                    },
                };
                Prediction Along(float t) =>
                    p.Share() is var q
                        ? q with
                        {
                            Maps = q.Maps with
                            {
                                ClassLogits = p.Maps.ClassLogits.add(direction.Maps.ClassLogits, Held.Of(t)),
                                BoxRegression = regression.add(direction.Maps.BoxRegression, Held.Of(t)),
                                Centerness = p.Maps.Centerness.add(direction.Maps.Centerness, Held.Of(t)),
                            },
                            Instances = q.Instances with
                            {
                                MaskLogits = p.Instances.MaskLogits.add(direction.Instances.MaskLogits, Held.Of(t)),
                            },
                        }
                        : throw new InvalidOperationException();

                using var gradient = Default(Along(0)).OrThrow();
                using var ahead = Default(Along(Step)).OrThrow();
                using var behind = Default(Along(-Step)).OrThrow();
                var predicted =
                    Dot(gradient.Maps.ClassLogits, direction.Maps.ClassLogits)
                    + Dot(gradient.Maps.BoxRegression, direction.Maps.BoxRegression)
                    + Dot(gradient.Maps.Centerness, direction.Maps.Centerness)
                    + Dot(gradient.MaskLogits, direction.Instances.MaskLogits);
                var measured = (ahead.Total - behind.Total) / (2 * Step);
                return Math.Abs(predicted - measured) <= Tolerance * (1 + Math.Abs(predicted));
            },
            cases: 60
        );

    [Fact, Law]
    public void Compute_AnyIteration_WeighsPairsByTheIterationsBegunOverTheWarmup() =>
        Laws.Hold(
            from length in Gen.Choose(0, 20)
            from iteration in Gen.Choose(0, 25)
            select (Length: length, Iteration: iteration),
            law =>
            {
                using var scope = NewDisposeScope();
                var drawn = new LossCase(11, 2, 8, 8, 3, 4, 6, 2);
                double Pairwise(int length) =>
                    LossStage
                        .Create(new LossOptions { Pairwise = new PairwiseOptions { WarmupIterations = length } })(drawn.Draw(law.Iteration))
                        .OrThrow()
                        .Terms[4]
                        .Value;
                var factor = law.Iteration >= law.Length ? 1 : (law.Iteration + 1.0) / law.Length;
                return Math.Abs(Pairwise(law.Length) - (factor * Pairwise(0))) <= Close.Float32Rounding;
            },
            cases: 50
        );

    [Theory]
    [InlineData(0, 10_000, 1e-4)]
    [InlineData(4_999, 10_000, 0.5)]
    [InlineData(9_998, 10_000, 0.9999)]
    [InlineData(9_999, 10_000, 1)]
    [InlineData(50_000, 10_000, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 0, 1)]
    public void Compute_Warmup_ScalesThePairwiseTermAndItsGradient(int iteration, int length, double factor)
    {
        using var scope = NewDisposeScope();
        var drawn = new LossCase(11, 2, 8, 8, 3, 4, 6, 2);
        var full = Default(drawn.Draw()).OrThrow();
        var warming = LossStage
            .Create(new LossOptions { Pairwise = new PairwiseOptions { WarmupIterations = length } })(drawn.Draw(iteration))
            .OrThrow();
        // no pairs
        var pure = LossStage.Create(new LossOptions { Pairwise = new PairwiseOptions { ColourThreshold = 2 } })(drawn.Draw()).OrThrow();

        Assert.True(full.Terms[4].Value > 0.01);
        Close.To(full.Terms[4].Value * factor, warming.Terms[4].Value, 0, Close.Float32Rounding);
        Assert.Equal(full.Terms[3], warming.Terms[3]);
        Close.To(pure.MaskLogits.Plus(full.MaskLogits.sub(pure.MaskLogits).Times(factor)), warming.MaskLogits, 1e-6, 0);
    }

    [Fact, Law]
    public void Compute_NoPositives_LeavesOnlyTheClassesDividedByOne() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var q = (drawn with { Instances = 0 }).Draw();
                var p = q with { Targets = q.Targets with { Labels = full_like(q.Targets.Labels, Held.Of(drawn.Classes)) } };
                var expected = nn
                    .functional.logsigmoid(p.Maps.ClassLogits.neg())
                    .neg()
                    .mul(p.Maps.ClassLogits.sigmoid().pow(Held.Of(2)))
                    .sum()
                    .Times(0.75)
                    .item<float>();
                var gradient = Default(p).OrThrow();
                return gradient.Terms.Skip(1).All(term => term.Value == 0)
                    && Math.Abs(gradient.Terms[0].Value - expected) <= 1e-5 * (1 + expected)
                    && new[] { gradient.Maps.BoxRegression, gradient.Maps.Centerness, gradient.MaskLogits }.All(tensor =>
                        tensor.count_nonzero().item<long>() == 0
                    );
            }
        );

    [Theory]
    [InlineData("ClassLogits", float.NaN)]
    [InlineData("BoxRegression", float.NaN)]
    [InlineData("Centerness", float.PositiveInfinity)]
    [InlineData("MaskLogits", float.NegativeInfinity)]
    public void Compute_OneNumberThatIsNotFinite_IsNamed(string name, float value)
    {
        using var scope = NewDisposeScope();
        var p = new LossCase(3, 1, 8, 8, 2, 3, 6, 2).Draw(iteration: 12);
        var tensor =
            name == nameof(Instances.MaskLogits) ? p.Instances.MaskLogits : (Tensor)typeof(Maps).GetProperty(name)!.GetValue(p.Maps)!;
        tensor.flatten().narrow(0, tensor.numel() - 1, 1).fill_(Held.Of(value));

        var error = Default(p).Match(_ => null!, reason => reason);

        Assert.Equal(new LossError.NotFinite(12, name), error);
        Assert.StartsWith($"iteration 12: {name} is not a finite number.", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_TermBeyondFloat32_IsNamed()
    {
        using var scope = NewDisposeScope();
        var p = new LossCase(3, 1, 8, 8, 2, 0, 6, 2).Draw();
        p.Maps.ClassLogits.fill_(Held.Of(3e38));

        Assert.Equal(new LossError.NotFinite(p.Iteration, "loss_fcos_cls"), Default(p).Match(_ => null!, reason => reason));
    }

    [Fact, Law]
    public void Compute_AnyBatch_ConsumesItsInputAndLeavesOnlyItsAnswer() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                Default(p).OrThrow();
                return p.Tensors.All(tensor => tensor.IsInvalid) && scope.DisposablesCount == 4;
            }
        );

    [Fact]
    public void Compute_UnderNoGrad_StillDifferentiates()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Assert.True(Default(new LossCase(3, 1, 8, 8, 2, 3, 6, 2).Draw()).OrThrow().MaskLogits.abs().sum().item<float>() > 0);
    }

    [Fact, Law]
    public void Compute_Twice_IsTheSameToTheBit() =>
        Laws.Hold(
            Batches,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var (a, b) = (Default(drawn.Draw()).OrThrow(), Default(drawn.Draw()).OrThrow());
                return a.Terms.SequenceEqual(b.Terms) && a.Tensors.Zip(b.Tensors, Tensors.SameBits).All(same => same);
            },
            cases: 30
        );

    private static Tensor Unit(Draws draws, Tensor like) => LossCase.Normal(draws, 1 / Math.Sqrt(Math.Max(1, like.numel())), like.shape);

    private static double Dot(Tensor a, Tensor b) => a.mul(b).sum().item<float>();
}
