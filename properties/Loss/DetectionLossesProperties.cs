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

public sealed class DetectionLossesProperties
{
    private const double Rounding = 2e-6;

    private static readonly Gen<(LossCase Case, FocalOptions Options)> Focal =
        from batch in LossCase.Any
        from alpha in Gen.Choose(1, 9)
        from gamma in Gen.Choose(0, 4)
        select (batch, new FocalOptions { Alpha = alpha / 10.0, Gamma = gamma });

    [Fact, Law]
    public void Focal_AnyBatch_IsTheSumOverOneHotTargets() =>
        Laws.Hold(
            Focal,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Case.Draw();
                var (sum, count) = (0.0, 0);
                for (var l = 0; l < drawn.Case.Locations; l++)
                {
                    var label = p.Targets.Labels[l].item<long>();
                    count += label < drawn.Case.Classes ? 1 : 0;
                    sum += Enumerable
                        .Range(0, drawn.Case.Classes)
                        .Sum(k => FocalByHand(p.Maps.ClassLogits[l, k].item<float>(), k == label, drawn.Options));
                }

                var expected = sum / Math.Max(count, 1);
                return Math.Abs(DetectionLosses.Classification(p.Maps.ClassLogits, Positive(p), drawn.Options).item<float>() - expected)
                    <= Rounding * (1 + expected);
            }
        );

    [Fact, Law]
    public void Focal_GammaZeroAlphaHalf_IsHalfTheCrossEntropy() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var targets = nn.functional.one_hot(p.Targets.Labels, drawn.Classes + 1).narrow(1, 0, drawn.Classes).to(ScalarType.Float32);
                var crossEntropy = nn.functional.binary_cross_entropy_with_logits(p.Maps.ClassLogits, targets, reduction: nn.Reduction.Sum);
                var focal = DetectionLosses.Classification(p.Maps.ClassLogits, Positive(p), new FocalOptions { Alpha = 0.5, Gamma = 0 });
                return Tensors.Close(focal.Times(2 * Math.Max(Positive(p).Count, 1)), crossEntropy, Rounding, 1e-5);
            }
        );

    [Fact, Law]
    public void Focal_CertainAndRight_CostsNothing() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var right = nn
                    .functional.one_hot(p.Targets.Labels, drawn.Classes + 1)
                    .narrow(1, 0, drawn.Classes)
                    .to(ScalarType.Float32)
                    .Times(200)
                    .Minus(100);
                return DetectionLosses.Classification(right, Positive(p), new FocalOptions()).item<float>() == 0
                    && DetectionLosses.Classification(right.neg(), Positive(p), new FocalOptions()).item<float>() > 10;
            }
        );

    [Fact, Law]
    public void Giou_AnyBoxes_IsSymmetricMirroredAndAtMostIou() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var (a, b) = (p.Maps.BoxRegression, p.Targets.Regression);
                var giou = DetectionLosses.Giou(a, b);
                var mirror = tensor(new long[] { 2, 1, 0, 3 });
                var mirrored = DetectionLosses.Giou(a.index_select(1, mirror), b.index_select(1, mirror));
                return Tensors.Close(giou, DetectionLosses.Giou(b, a), Rounding, 0)
                    && Tensors.Close(giou, mirrored, Rounding, 0)
                    && giou.gt(Held.Of(-1)).all().item<bool>()
                    && Enumerable.Range(0, drawn.Locations).All(l => giou[l].item<float>() <= Iou(a[l], b[l]) + Rounding);
            }
        );

    [Fact, Law]
    public void Giou_EqualBoxes_IsOneAndNothingElseIs() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                return Tensors.Close(DetectionLosses.Giou(p.Targets.Regression, p.Targets.Regression), ones(drawn.Locations), Rounding, 0)
                    && DetectionLosses.Giou(p.Targets.Regression.Times(1.1), p.Targets.Regression).lt(Held.Of(1)).all().item<bool>();
            }
        );

    [Fact]
    public void Centerness_MiddleOfABox_IsOneAndFallsTowardsItsSides()
    {
        using var scope = NewDisposeScope();
        var distances = tensor(
            new float[]
            {
                2,
                3,
                2,
                3, /**/
                1,
                3,
                3,
                3, /**/
                1,
                1,
                3,
                3,
            },
            [3, 4]
        );
        Close.To(tensor(new[] { 1, (float)Math.Sqrt(1 / 3.0), (float)(1 / 3.0) }), Positives.CenternessOf(distances), Rounding, 0);
    }

    [Fact, Law]
    public void Giou_AnyBoxes_IsTheAlgorithmWithOneAdded() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var giou = DetectionLosses.Giou(p.Maps.BoxRegression, p.Targets.Regression);
                return Enumerable
                    .Range(0, drawn.Locations)
                    .All(l => Math.Abs(giou[l].item<float>() - GiouByHand(p.Maps.BoxRegression[l], p.Targets.Regression[l])) <= Rounding);
            }
        );

    [Fact, Law]
    public void Location_AnyBatch_IsTheMeanOfOneLessGiouWeightedByCenterness() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var positive = Enumerable
                    .Range(0, drawn.Locations)
                    .Where(l => p.Targets.Labels[l].item<long>() < drawn.Classes)
                    .Select(l =>
                        (
                            Loss: 1 - GiouByHand(p.Maps.BoxRegression[l], p.Targets.Regression[l]),
                            Weight: CenternessByHand(p.Targets.Regression[l])
                        )
                    )
                    .ToArray();
                return positive.Length == 0
                    || Math.Abs(
                        DetectionLosses.Location(p.Maps.BoxRegression, Positive(p)).item<float>()
                            - (positive.Sum(l => l.Loss * l.Weight) / positive.Sum(l => l.Weight))
                    )
                        <= 2 * Rounding;
            }
        );

    [Fact, Law]
    public void Centerness_AnyDistances_IsTheRootOfTheRatiosOfOppositeSides() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var targets = drawn.Draw().Targets.Regression;
                var centerness = Positives.CenternessOf(targets);
                return Enumerable
                    .Range(0, drawn.Locations)
                    .All(l => Math.Abs(centerness[l].item<float>() - CenternessByHand(targets[l])) <= Rounding);
            }
        );

    [Fact, Law]
    public void Centerness_AnyBatch_IsTheMeanCrossEntropyOfPositives() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var p = drawn.Draw();
                var entropies = Enumerable
                    .Range(0, drawn.Locations)
                    .Where(l => p.Targets.Labels[l].item<long>() < drawn.Classes)
                    .Select(l =>
                    {
                        var (m, t) = (Reference.Sigmoid(p.Maps.Centerness[l].item<float>()), CenternessByHand(p.Targets.Regression[l]));
                        return -((t * Math.Log(m)) + ((1 - t) * Math.Log(1 - m)));
                    })
                    .ToArray();
                return entropies.Length == 0
                    || Math.Abs(DetectionLosses.Centerness(p.Maps.Centerness, Positive(p)).item<float>() - entropies.Average())
                        <= Rounding * (1 + entropies.Average());
            }
        );

    [Fact, Law]
    public void Classification_AnyBatch_HasTheSlopeOfItsGradient() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
                HasSlope(drawn, p => p.Maps.ClassLogits, (x, positives) => DetectionLosses.Classification(x, positives, new FocalOptions()))
        );

    [Fact, Law]
    public void Location_AnyBatch_HasTheSlopeOfItsGradient() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
                HasSlope(
                    drawn,
                    p => p.Maps.BoxRegression.Plus(0.01),
                    (x, positives) => positives.Count == 0 ? null : DetectionLosses.Location(x, positives)
                )
        );

    [Fact, Law]
    public void Centerness_AnyBatch_HasTheSlopeOfItsGradient() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
                HasSlope(
                    drawn,
                    p => p.Maps.Centerness,
                    (x, positives) => positives.Count == 0 ? null : DetectionLosses.Centerness(x, positives)
                )
        );

    private static bool HasSlope(LossCase drawn, Func<Prediction, Tensor> at, Func<Tensor, Positives, Tensor?> term)
    {
        using var scope = NewDisposeScope();
        var p = drawn.Draw();
        var positives = Positives.Of(p.Targets.Labels, p.Targets.Regression.to(ScalarType.Float64), drawn.Classes);
        var where = at(p);
        return term(where.to(ScalarType.Float64), positives) is null
            || Terms.HasSlopeOfItsGradient(x => term(x, positives)!, where, LossCase.Normal(new Seed(2).Draws(), 1, where.shape));
    }

    private static Positives Positive(Prediction p) => Positives.Of(p.Targets.Labels, p.Targets.Regression, p.Maps.ClassLogits.size(1));

    private static double FocalByHand(double x, bool positive, FocalOptions options)
    {
        var p = Reference.Sigmoid(positive ? x : -x); // probability of the truth
        return (positive ? options.Alpha : 1 - options.Alpha) * Math.Pow(1 - p, options.Gamma) * -Math.Log(p);
    }

    private static double CenternessByHand(Tensor distances) =>
        distances.Elements<float>() is [var l, var t, var r, var b]
            ? Math.Sqrt((double)Math.Min(l, r) / Math.Max(l, r) * Math.Min(t, b) / Math.Max(t, b))
            : double.NaN;

    /// <summary>Less the share of the hull that neither box covers.</summary>
    private static double GiouByHand(Tensor first, Tensor second)
    {
        var (a, b) = (first.Elements<float>(), second.Elements<float>());
        double Area(float[] d) => (d[0] + (double)d[2]) * (d[1] + (double)d[3]);
        var (intersection, hull) = (Area([.. a.Zip(b, Math.Min)]), Area([.. a.Zip(b, Math.Max)]));
        var union = Area(a) + Area(b) - intersection;
        return ((intersection + 1) / (union + 1)) - ((hull - union) / hull);
    }

    /// <summary>With 1 added to intersection and union.</summary>
    private static double Iou(Tensor first, Tensor second)
    {
        var (a, b) = (first.Elements<float>(), second.Elements<float>());
        double Area(float[] d) => (d[0] + d[2]) * (double)(d[1] + d[3]);
        var intersection = Area([.. a.Zip(b, Math.Min)]);
        return (intersection + 1) / (Area(a) + Area(b) - intersection + 1);
    }
}
