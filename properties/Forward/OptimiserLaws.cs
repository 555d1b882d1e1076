using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Gradient descent, number by number.</summary>
public sealed class OptimiserLaws
{
    private const double Rounding = 1e-5;

    private static readonly Entry Weight = new("weight", [5], Role.Weight, Spec.Zero);
    private static readonly Entry Norm = new("norm", [3], Role.Norm, Spec.Zero);

    private static readonly Gen<(int Seed, OptimiserOptions Options)> Runs =
        from seed in Gen.Choose(0, int.MaxValue)
        from momentum in Gen.Choose(0, 9)
        from decay in Gen.Choose(0, 3)
        from clip in Gen.Elements(Clip.None, Clip.Parameter, Clip.Global)
        from norm in Gen.Choose(1, 40)
        select (
            seed,
            new OptimiserOptions
            {
                Momentum = momentum / 10.0,
                WeightDecay = decay / 10.0,
                Clip = clip,
                ClipNorm = norm / 10.0,
            }
        );

    [Fact, Law]
    public void Step_SomeSteps_FollowTheFormula() =>
        Laws.Hold(
            Runs,
            run =>
            {
                using var scope = NewDisposeScope();
                var draws = new Seed((ulong)run.Seed).Draws();
                var (weights, momentum) = (State(draws, 1), State(draws, 0));
                var (w, v) = (Numbers(weights), Numbers(momentum));
                for (var step = 0; step < 3; step++)
                {
                    ParameterGradient[] gradients = [new(Weight, LossCase.Normal(draws, 1, 5)), new(Norm, LossCase.Normal(draws, 1, 3))];
                    var g = gradients.Select(each => Doubles(each.Gradient!)).ToArray();
                    if (Sgd.Step(weights, momentum, gradients, run.Options, rate: 0.1) is not null)
                    {
                        return false;
                    }

                    var norms = g.Select(Length).ToArray();
                    for (var p = 0; p < 2; p++)
                    {
                        var norm = run.Options.Clip == Clip.Global ? Length(norms) : norms[p];
                        var factor = run.Options.Clip == Clip.None ? 1 : Math.Min(1, run.Options.ClipNorm / (norm + 1e-6));
                        for (var k = 0; k < w[p].Length; k++)
                        {
                            v[p][k] =
                                (run.Options.Momentum * v[p][k]) + (factor * g[p][k]) + (p == 0 ? run.Options.WeightDecay * w[p][k] : 0);
                            w[p][k] -= 0.1 * v[p][k];
                        }
                    }
                }

                return Same(w, Numbers(weights)) && Same(v, Numbers(momentum));
            }
        );

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Step_AGradientThatIsNotFinite_IsNamedAndNothingChanges(float broken)
    {
        using var scope = NewDisposeScope();
        var draws = new Seed(1).Draws();
        var (weights, momentum) = (State(draws, 1), State(draws, 1));
        var (w, v) = (Numbers(weights), Numbers(momentum));
        ParameterGradient[] gradients = [new(Weight, ones(5)), new(Norm, tensor([1f, broken, 0f]))];
        Assert.Equal("norm", Sgd.Step(weights, momentum, gradients, new OptimiserOptions(), 0.1));
        Assert.Equal(w, Numbers(weights));
        Assert.Equal(v, Numbers(momentum));
    }

    [Fact]
    public void Step_WithoutAGradient_IsAGradientOfZeros()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (State(new Seed(2).Draws(), 1), State(new Seed(2).Draws(), 1));
        var (va, vb) = (State(new Seed(3).Draws(), 1), State(new Seed(3).Draws(), 1));
        Sgd.Step(a, va, [new(Weight, null), new(Norm, null)], new OptimiserOptions(), 0.1);
        Sgd.Step(b, vb, [new(Weight, zeros(5)), new(Norm, zeros(3))], new OptimiserOptions(), 0.1);
        Assert.Equal(Numbers(a), Numbers(b));
        Assert.Equal(Numbers(va), Numbers(vb));
    }

    [Fact]
    public void LearningRate_WithoutWarmup_StartsAtTheBase() =>
        Assert.Equal(0.01, Schedule.LearningRate(new OptimiserOptions { Warmup = 0 }, 0));

    [Fact, Law]
    public void LearningRate_BetweenSteps_NeverRisesAfterTheWarmup() =>
        Laws.Hold(
            from a in Gen.Choose(1000, 100_000)
            from b in Gen.Choose(1000, 100_000)
            select (Math.Min(a, b), Math.Max(a, b)),
            pair => Schedule.LearningRate(new OptimiserOptions(), pair.Item1) >= Schedule.LearningRate(new OptimiserOptions(), pair.Item2)
        );

    private static Weights State(Draws draws, double scale) =>
        Weights.Of([
            KeyValuePair.Create("weight", LossCase.Normal(draws, scale, 5)),
            KeyValuePair.Create("norm", LossCase.Normal(draws, scale, 3)),
        ]);

    private static double[][] Numbers(Weights weights) => [Doubles(weights["weight"]), Doubles(weights["norm"])];

    private static double[] Doubles(Tensor values) => [.. values.Elements<float>().Select(value => (double)value)];

    private static double Length(double[] values) => Math.Sqrt(values.Sum(value => value * value));

    private static bool Same(double[][] a, double[][] b) =>
        a.Zip(b)
            .All(pair =>
                pair.First.Zip(pair.Second).All(each => Math.Abs(each.First - each.Second) <= Rounding * (1 + Math.Abs(each.First)))
            );
}
