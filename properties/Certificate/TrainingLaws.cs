using FsCheck;
using FsCheck.Fluent;
using Motion.Kernels;
using Motion.Parity.Training;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Certificate;

/// <summary>The loss, the optimiser and the schedule of flow training; their numbers are checked in Parity.</summary>
public sealed class TrainingLaws
{
    private const double Rounding = 1e-5; // of a mean of some dozen float32 numbers of order one

    private static readonly Gen<(ulong Seed, int Flows)> Sequences =
        from seed in Gen.Choose(0, 1_000_000)
        from flows in Gen.Choose(1, 4)
        select ((ulong)seed, flows);

    [Fact, Law]
    public void SequenceLoss_OfTheTruthItself_IsZero() =>
        Laws.Hold(
            Sequences,
            law => WithFlows(law, (flows, truth) => SequenceLoss.Of([.. flows.Select(_ => truth.Flow)], truth).item<float>() == 0)
        );

    [Fact, Law]
    public void SequenceLoss_WhereNothingIsValid_IsZero() =>
        Laws.Hold(
            Sequences,
            law => WithFlows(law, (flows, truth) => SequenceLoss.Of(flows, FlowTruth.Of(truth.Flow, zeros(1, 3, 4))).item<float>() == 0)
        );

    [Fact, Law]
    public void SequenceLoss_ItsLastFlowTwice_IsThatOfGammaTimesAndOnce() =>
        Laws.Hold(
            Sequences,
            law =>
                WithFlows(
                    law,
                    (flows, truth) =>
                    {
                        var once = SequenceLoss.Of([flows[^1]], truth).item<float>();
                        var twice = SequenceLoss.Of([flows[^1], flows[^1]], truth).item<float>();
                        return Math.Abs(twice - (once * (1 + SequenceLoss.Gamma))) <= Rounding;
                    }
                )
        );

    [Fact, Law]
    public void FlowErrors_OfTheTruthItself_AreZeroAndBelowEveryBound() =>
        Laws.Hold(
            Sequences,
            law =>
                WithFlows(
                    law,
                    (_, truth) =>
                        FlowErrors.Of(truth.Flow, truth) is { EndPointError: 0 } errors && errors.Below.Values.All(share => share == 1)
                )
        );

    [Fact, Law]
    public void Rate_RisesToItsMaximumAndFallsToNearNothing() =>
        Laws.Hold(
            Gen.Choose(40, 5000),
            steps =>
            {
                var schedule = new OneCycle(0.1, steps);
                var rates = Enumerable.Range(0, steps).Select(schedule.Rate).ToArray();
                var top = Array.IndexOf(rates, rates.Max());
                return rates[0] == 0.1 / 25
                    && rates.Max() <= 0.1
                    && rates[^1] < 1e-6
                    && rates[..(top + 1)].Zip(rates[1..(top + 1)]).All(pair => pair.First < pair.Second)
                    && rates[top..].Zip(rates[(top + 1)..]).All(pair => pair.First > pair.Second);
            }
        );

    [Fact, Law]
    public void ClipFactor_BringsEveryNormToTheLargestAllowed() =>
        Laws.Hold(
            Gen.Choose(0, 100_000),
            norm =>
                (norm / 1000.0) * AdamW.ClipFactor(norm / 1000.0, 1) <= 1 && (norm >= 1000 || AdamW.ClipFactor(norm / 1000.0, 1) > 0.999)
        );

    [Fact, Law]
    public void Step_WithoutAGradient_OnlyDecays() =>
        Laws.Hold(
            Sequences,
            law =>
                WithFlows(
                    law,
                    (flows, _) =>
                    {
                        var (next, _) = AdamW.Step(
                            flows[0],
                            zeros_like(flows[0]),
                            AdamWMoments.Zero(flows[0]),
                            rate: 0.1,
                            step: 1,
                            new(WeightDecay: 0.5)
                        );
                        return next.sub(flows[0].Times(0.95)).abs().max().item<float>() <= Rounding;
                    }
                )
        );

    [Fact, Law]
    public void Step_TheFirst_MovesEachNumberByTheRateAgainstItsGradient() =>
        Laws.Hold(
            Sequences,
            law =>
                WithFlows(
                    law,
                    (flows, truth) =>
                    {
                        var gradient = truth.Flow.sign().Plus(truth.Flow); // at least one in magnitude, or zero
                        var (next, _) = AdamW.Step(
                            flows[0],
                            gradient,
                            AdamWMoments.Zero(flows[0]),
                            rate: 0.1,
                            step: 1,
                            new(WeightDecay: 0)
                        );
                        return next.sub(flows[0]).Plus(gradient.sign().Times(0.1)).abs().max().item<float>() <= Rounding;
                    }
                )
        );

    /// <summary>Flows of 3x4 pixels, and a truth that is valid everywhere.</summary>
    private static bool WithFlows((ulong Seed, int Flows) law, Func<Tensor[], FlowTruth, bool> check)
    {
        using var scope = NewDisposeScope();
        var draws = new Motion.Contracts.Seed(law.Seed).Draws();
        Tensor Field() => tensor(Enumerable.Range(0, 24).Select(_ => (float)draws.NextNormal()).ToArray(), [1, 2, 3, 4]);
        var flows = Enumerable.Range(0, law.Flows).Select(_ => Field()).ToArray();
        return check(flows, FlowTruth.Of(Field(), ones(1, 3, 4)));
    }
}
