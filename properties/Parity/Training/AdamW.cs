using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Training;

/// <summary>What flow training's optimiser may be told; the defaults are GMA's.</summary>
/// <param name="WeightDecay">Of each parameter, decoupled from the gradient.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="Beta1">Of the running mean of gradients.</param>
/// <param name="Beta2">Of the running mean of their squares.</param>
/// <param name="ClipNorm">Largest norm of all gradients together.</param>
public sealed record AdamWOptions(
    double WeightDecay = 1e-4,
    double Epsilon = 1e-8,
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double ClipNorm = 1
);

/// <summary>Running moments of one parameter's gradient, of its shape.</summary>
public sealed record AdamWMoments(Tensor First, Tensor Second)
{
    public static AdamWMoments Zero(Tensor parameter) => new(zeros_like(parameter), zeros_like(parameter));
}

/// <summary>
/// The optimiser of flow training: AdamW (Loshchilov and Hutter 2019, Algorithm 2) after clipping, as PyTorch computes it.
/// </summary>
public static class AdamW
{
    private const double ClipEpsilon = 1e-6; // torch's clip_grad_norm_

    /// <summary>Norm of all gradients together.</summary>
    public static double Norm(IEnumerable<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        return stack([.. gradients.Select(gradient => gradient.norm())]).norm().to(ScalarType.Float64).item<double>();
    }

    /// <summary>What every gradient is multiplied by so that their common norm is at most the largest allowed.</summary>
    public static double ClipFactor(double norm, double largest) => Math.Min(1, largest / (norm + ClipEpsilon));

    /// <summary>One step of one parameter, nothing changed in place.</summary>
    /// <param name="parameter">float32, any shape.</param>
    /// <param name="gradient">After clipping, of the same shape.</param>
    /// <param name="moments">After the steps before.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">Which step this is, from 1.</param>
    /// <param name="options">Decay and betas.</param>
    /// <returns>The next parameter and moments.</returns>
    public static (Tensor Parameter, AdamWMoments Moments) Step(
        Tensor parameter,
        Tensor gradient,
        AdamWMoments moments,
        double rate,
        int step,
        AdamWOptions options
    )
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var first = moments.First.Times(options.Beta1).Plus(gradient.Times(1 - options.Beta1));
        var second = moments.Second.Times(options.Beta2).Plus(gradient.Squared().Times(1 - options.Beta2));
        var size = rate / (1 - Math.Pow(options.Beta1, step));
        var spread = second.sqrt().Over(Math.Sqrt(1 - Math.Pow(options.Beta2, step))).Plus(options.Epsilon);
        var next = parameter.Times(1 - (rate * options.WeightDecay)).sub(first.div(spread).Times(size));
        return (next.MoveToOuterDisposeScope(), new(first.MoveToOuterDisposeScope(), second.MoveToOuterDisposeScope()));
    }
}

/// <summary>The learning rate of flow training: up in a line, then down in a line (Smith and Topin 2019).</summary>
/// <param name="MaxRate">Largest rate.</param>
/// <param name="TotalSteps">Of the training; GMA asks for a hundred more than it trains.</param>
/// <param name="WarmupShare">Share of the steps that rise.</param>
public sealed record OneCycle(double MaxRate, int TotalSteps, double WarmupShare = 0.05)
{
    private const double FirstDivisor = 25;
    private const double LastDivisor = 1e4;

    /// <summary>Rate of a step.</summary>
    /// <param name="step">From 0 to TotalSteps - 1.</param>
    public double Rate(int step)
    {
        var (first, top, end) = (MaxRate / FirstDivisor, (WarmupShare * TotalSteps) - 1, TotalSteps - 1);
        return step <= top ? Between(first, MaxRate, step / top) : Between(MaxRate, first / LastDivisor, (step - top) / (end - top));
    }

    private static double Between(double from, double to, double share) => from + ((to - from) * share);
}
