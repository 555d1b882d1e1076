using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>A trained parameter and its gradient; null stands for zeros.</summary>
internal readonly record struct ParameterGradient(Entry Entry, Tensor? Gradient);

/// <summary>Stochastic gradient descent with momentum and weight decay (PyTorch's: no dampening, no Nesterov), after clipping.</summary>
internal static class Sgd
{
    private const double ClipEpsilon = 1e-6; // torch's clip_grad_norm_

    /// <summary>Clips, decays, averages and steps. Changes weights and momentum in place: the state before it is gone.</summary>
    /// <param name="weights">Holds every parameter by name.</param>
    /// <param name="momentum">Holds a buffer for every parameter.</param>
    /// <param name="gradients">Changed in place too.</param>
    /// <param name="rate">Learning rate of this step.</param>
    /// <returns>Name of the first parameter whose gradient is not finite; then nothing was changed.</returns>
    public static string? Step(
        Weights weights,
        Weights momentum,
        IReadOnlyList<ParameterGradient> gradients,
        OptimiserOptions options,
        double rate
    )
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var norms = gradients.Select(each => each.Gradient is null ? 0 : each.Gradient.norm().Number()).ToArray();
        var broken = Array.FindIndex(norms, norm => !double.IsFinite(norm));
        if (broken >= 0)
        {
            return gradients[broken].Entry.Name;
        }

        var total = Math.Sqrt(norms.Sum(norm => norm * norm));
        for (var index = 0; index < gradients.Count; index++)
        {
            var (entry, gradient) = gradients[index];
            var factor = options.Clip switch
            {
                Clip.Parameter => Math.Min(1, options.ClipNorm / (norms[index] + ClipEpsilon)),
                Clip.Global => Math.Min(1, options.ClipNorm / (total + ClipEpsilon)),
                _ => 1,
            };
            var decay = entry.Role == Role.Weight ? options.WeightDecay : 0;
            Update(weights[entry.Name], momentum[entry.Name], gradient, factor, decay, options.Momentum, rate);
        }

        return null;
    }

    private static void Update(Tensor weight, Tensor buffer, Tensor? gradient, double factor, double decay, double momentum, double rate)
    {
        buffer.mul_(Held.Of(momentum));
        if (gradient is not null)
        {
            buffer.PlusInPlace(gradient, factor);
        }

        if (decay != 0)
        {
            buffer.PlusInPlace(weight, decay);
        }

        weight.PlusInPlace(buffer, -rate);
    }
}
