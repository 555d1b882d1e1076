using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Vector-Jacobian products.</summary>
public static class Gradients
{
    /// <summary>Sum over outputs of upstream^T d output / d leaf, for every leaf.</summary>
    /// <param name="outputs">At least one, each with a graph.</param>
    /// <param name="leaves">At least one, each a root of the graph.</param>
    /// <param name="upstream">One an output, of its shape; none for scalars with an upstream of 1.</param>
    /// <param name="retainGraph">Whether the graph can be walked once more.</param>
    /// <returns>One a leaf, of the caller's dispose scope; null for a leaf that no output depends on.</returns>
    /// <remarks>
    /// TorchSharp 0.107: where libtorch refuses an <c>autograd.grad</c>, the process ends, so everything is checked before; and an unused
    /// leaf's gradient is an object with an empty handle in place of null. That object holds nothing, yet
    /// <c>DisposeScopeManager.Statistics</c> counts it as alive for good.
    /// </remarks>
    /// <exception cref="ArgumentException">An output without a graph, a leaf without a gradient, or an upstream of another shape or
    /// type.</exception>
    public static Tensor?[] Of(IList<Tensor> outputs, IList<Tensor> leaves, IList<Tensor>? upstream = null, bool retainGraph = false)
    {
        Check(outputs, leaves, upstream);
#pragma warning disable RS0030 // this is the one place that checks first
        var found = autograd.grad(outputs, leaves, upstream, retain_graph: retainGraph, allow_unused: true);
#pragma warning restore RS0030
        return [.. found.Select(each => each is null || each.IsInvalid ? null : each)];
    }

    private static void Check(IList<Tensor> outputs, IList<Tensor> leaves, IList<Tensor>? upstream)
    {
        if (outputs.Count == 0 || leaves.Count == 0)
        {
            throw new ArgumentException("a gradient needs an output and a leaf");
        }

        if (outputs.FirstOrDefault(output => !output.requires_grad) is { } flat)
        {
            throw new ArgumentException($"an output of shape [{string.Join(", ", flat.shape)}] has no graph");
        }

        if (leaves.FirstOrDefault(leaf => !leaf.requires_grad) is { } deaf)
        {
            throw new ArgumentException($"a leaf of shape [{string.Join(", ", deaf.shape)}] takes no gradient");
        }

        if (upstream is null)
        {
            if (outputs.FirstOrDefault(output => output.numel() != 1) is { } many)
            {
                throw new ArgumentException($"an output of shape [{string.Join(", ", many.shape)}] needs an upstream gradient");
            }

            return;
        }

        if (upstream.Count != outputs.Count)
        {
            throw new ArgumentException($"{outputs.Count} outputs were given {upstream.Count} upstream gradients");
        }

        for (var k = 0; k < outputs.Count; k++)
        {
            if (!outputs[k].shape.SequenceEqual(upstream[k].shape) || outputs[k].dtype != upstream[k].dtype)
            {
                throw new ArgumentException(
                    $"output {k} is {outputs[k].dtype} [{string.Join(", ", outputs[k].shape)}], its upstream gradient {upstream[k].dtype} [{string.Join(", ", upstream[k].shape)}]"
                );
            }
        }
    }
}
