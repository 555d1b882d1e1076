using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Order of elements, with ties decided.</summary>
public static class Ordering
{
    /// <summary>The largest elements by falling value; of equal ones the earlier comes first, and stays where only some do.</summary>
    /// <param name="values">[N].</param>
    /// <param name="count">How many, at most N.</param>
    /// <returns>Values and indices, [count] each.</returns>
    /// <remarks>TorchSharp 0.107 with libtorch 2.10: <c>topk</c> and a <c>sort</c> without <c>stable</c> leave ties in any order.</remarks>
    public static (Tensor Values, Tensor Indices) Largest(Tensor values, int count)
    {
        using var scope = NewDisposeScope();
        var (sorted, order) = values.sort(0, descending: true, stable: true);
        return scope.MoveToOuter(sorted.narrow(0, 0, count), order.narrow(0, 0, count));
    }
}
