using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Verify;

/// <summary>Laws of what the loss answered, against a recomputation and against the loss's own slope.</summary>
internal static class ExchangeLaws
{
    /// <summary>The same float32 sums, on another machine perhaps, with another number of threads.</summary>
    private const double Recomputed = 1e-5;

    /// <summary>
    /// A recorded gradient is float32: each of its numbers is good to some 1e-6 of itself, which a sum along a direction keeps.
    /// </summary>
    private const double SlopeRounding = 1e-5;

    private const int Directions = 3;

    public static ImmutableArray<RecordedLaw> All { get; } =
    [
        RecordedLaw.Each<Exchange>(
            "Loss_Answer_IsOfWhatItWasFed",
            (step, _) =>
                step.Fed.Sequence == step.Answer.Sequence
                && step.Fed.Iteration == step.Answer.Iteration
                && Pairs(step).All(pair => pair.At.shape.SequenceEqual(pair.Gradient.shape))
                    ? null
                    : $"answers iteration {step.Answer.Iteration} to iteration {step.Fed.Iteration}, or other shapes"
        ),
        RecordedLaw.Each<Exchange>(
            "Loss_Terms_AreFiniteAndNotNegative",
            (step, _) =>
                step
                    .Answer.Terms.Where(term => !(term.Value >= -Recomputed && double.IsFinite(term.Value)))
                    .Select(term => $"{term.Name} is {term.Value}")
                    .FirstOrDefault()
        ),
        RecordedLaw.Each<Exchange>(
            "Loss_Terms_EqualTheirRecomputation",
            (step, run) =>
                Again(
                    step,
                    run,
                    again =>
                        step.Answer.Terms.Zip(again.Terms)
                            .Where(pair =>
                                pair.First.Name != pair.Second.Name
                                || !(Math.Abs(pair.First.Value - pair.Second.Value) <= Recomputed * (1 + Math.Abs(pair.Second.Value)))
                            )
                            .Select(pair =>
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{pair.First.Name} was {pair.First.Value:R}, is {pair.Second.Value:R}"
                                )
                            )
                            .FirstOrDefault()
                )
        ),
        RecordedLaw.Each<Exchange>(
            "Loss_Gradient_EqualsItsRecomputation",
            (step, run) =>
                Again(
                    step,
                    run,
                    again =>
                        Pairs(step)
                            .Zip(Pairs(step with { Answer = again }))
                            .Where(pair =>
                                !Tensors.Close(
                                    pair.First.Gradient,
                                    pair.Second.Gradient,
                                    Recomputed * Greatest(pair.Second.Gradient),
                                    Recomputed
                                )
                            )
                            .Select(pair => $"that of {pair.First.Name} differs")
                            .FirstOrDefault()
                )
        ),
        RecordedLaw.Each<Exchange>("Loss_Gradient_IsTheSlopeInRandomDirections", SlopeProblem),
    ];

    /// <summary>The total in float64, as a function of the four tensors that the gradient is of.</summary>
    public static double Total(Prediction p, LossOptions options, IReadOnlyList<Tensor> at)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var positives = Positives.Of(p.Targets.Labels, p.Targets.Regression.to(ScalarType.Float64), p.Maps.ClassLogits.size(1));
        var total = DetectionLosses.Classification(at[0], positives, options.Focal).item<double>();
        if (positives.Count > 0)
            total +=
                DetectionLosses.Location(at[1], positives).item<double>() + DetectionLosses.Centerness(at[2], positives).item<double>();
        if (p.Instances.MaskLogits.shape[0] == 0)
            return total;
        var warmup = options.Pairwise.WarmupIterations <= 0 ? 1 : Math.Min(1, (p.Iteration + 1.0) / options.Pairwise.WarmupIterations);
        return total + Terms.Projection(p, at[3]).item<double>() + (warmup * Terms.Pairwise(p, at[3], options.Pairwise).item<double>());
    }

    private static string? SlopeProblem(Exchange step, RecordedRun run)
    {
        using var scope = NewDisposeScope();
        var draws = run.Seed.Derive(step.Fed.Sequence).Draws();
        var at = Pairs(step).Select(pair => pair.At.to(ScalarType.Float64)).ToArray();
        for (var n = 0; n < Directions; n++)
        {
            var directions = at.Select(where => Wave(where, draws)).ToArray();
            var predicted = Pairs(step)
                .Zip(directions, (pair, v) => pair.Gradient.to(ScalarType.Float64).mul(v).sum().item<double>())
                .Sum();
            var magnitude = Pairs(step)
                .Zip(directions, (pair, v) => pair.Gradient.to(ScalarType.Float64).mul(v).abs().sum().item<double>())
                .Sum();
            double Ahead(double t) => Total(step.Fed, run.Loss, [.. at.Zip(directions, (where, v) => where.Plus(v.Times(t)))]);
            double Measured(double t) => (Ahead(t) - Ahead(-t)) / (2 * t);
            if (!new[] { 1e-5, 1e-7 }.Any(t => Math.Abs(Measured(t) - predicted) <= SlopeRounding * (1 + magnitude)))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"iteration {step.Fed.Iteration}: the gradient says {predicted:R}, the loss rises by {Measured(1e-5):R}"
                );
            }
        }

        return null;
    }

    /// <summary>
    /// A direction that is a function of the number itself: equal numbers move together. Enlarging a mask copies its first rows, and a
    /// maximum over two equal numbers has a slope only where both move alike.
    /// </summary>
    private static Tensor Wave(Tensor where, Draws draws) =>
        where.Times(draws.NextDouble(0.5, 3)).Plus(draws.NextDouble(0, 2 * Math.PI)).sin();

    private static string? Again(Exchange step, RecordedRun run, Func<Gradient, string?> compare)
    {
        using var scope = NewDisposeScope();
        return LossStage
            .Create(run.Loss)(step.Fed.Share())
            .Match(
                again =>
                {
                    using var owned = again;
                    return compare(again);
                },
                error => error.Describe()
            );
    }

    private static IEnumerable<(string Name, Tensor At, Tensor Gradient)> Pairs(Exchange step) =>
        [
            (nameof(Prediction.Maps.ClassLogits), step.Fed.Maps.ClassLogits, step.Answer.Maps.ClassLogits),
            (nameof(Prediction.Maps.BoxRegression), step.Fed.Maps.BoxRegression, step.Answer.Maps.BoxRegression),
            (nameof(Prediction.Maps.Centerness), step.Fed.Maps.Centerness, step.Answer.Maps.Centerness),
            (nameof(Prediction.Instances.MaskLogits), step.Fed.Instances.MaskLogits, step.Answer.MaskLogits),
        ];

    private static double Greatest(Tensor tensor) => tensor.numel() == 0 ? 0 : tensor.abs().max().item<float>();
}
