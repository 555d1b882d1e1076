using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Tensors joined into a new one.</summary>
public static class Joins
{
    /// <summary>The parts one after the other along an existing dimension; always a tensor of its own, also of one part.</summary>
    /// <param name="parts">At least one; of equal shapes but for <paramref name="dimension"/>.</param>
    /// <param name="dimension">Counted from the end where negative.</param>
    /// <remarks>
    /// TorchSharp 0.107: <c>torch.cat</c> of a list of one is that tensor itself, so that to dispose or write one is to do it to the other.
    /// </remarks>
    public static Tensor Cat(IList<Tensor> parts, long dimension = 0) => parts.Count == 1 ? parts[0].clone()
#pragma warning disable RS0030 // this is the one place that knows of lists of one
            : cat(parts, dimension);
#pragma warning restore RS0030
}
