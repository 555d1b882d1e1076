using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Matrix products with a bias: every function checks its shapes, so that libtorch cannot refuse them.</summary>
public static class Products
{
    /// <summary>bias + left right.</summary>
    /// <param name="bias">Broadcast to [N, P].</param>
    /// <param name="left">[N, M].</param>
    /// <param name="right">[M, P].</param>
    /// <returns>[N, P].</returns>
    /// <remarks>TorchSharp 0.107: <c>torch.addmm</c> has no defaults for beta and alpha.</remarks>
    public static Tensor AddMatrices(Tensor bias, Tensor left, Tensor right)
    {
        Check(left, right, 2);
        return bias.addmm(left, right, beta: 1, alpha: 1);
    }

    /// <summary>bias + left right, for each of a batch.</summary>
    /// <param name="bias">Broadcast to [B, N, P].</param>
    /// <param name="left">[B, N, M].</param>
    /// <param name="right">[B, M, P].</param>
    /// <returns>[B, N, P].</returns>
    /// <remarks>
    /// TorchSharp 0.107 hands its arguments on in another order: <c>input.baddbmm(b1, b2)</c> and <c>torch.baddbmm(input, b1, b2)</c>
    /// compute b2 + input b1, without a word where the shapes allow it. Called on the first factor, with the bias last, it is what is
    /// meant.
    /// </remarks>
    public static Tensor AddBatches(Tensor bias, Tensor left, Tensor right)
    {
        Check(left, right, 3);
#pragma warning disable RS0030 // this is the one place that knows the order
        return left.baddbmm(right, bias, beta: 1, alpha: 1);
#pragma warning restore RS0030
    }

    /// <summary>left right, for each of a batch.</summary>
    /// <param name="left">[B, N, M].</param>
    /// <param name="right">[B, M, P].</param>
    /// <returns>[B, N, P].</returns>
    /// <remarks>TorchSharp 0.107: where libtorch refuses a <c>matmul</c>, the process ends; a <c>bmm</c> throws.</remarks>
    public static Tensor OfBatches(Tensor left, Tensor right)
    {
        Check(left, right, 3);
        return left.bmm(right);
    }

    private static void Check(Tensor left, Tensor right, int dimensions)
    {
        var (a, b) = (left.shape, right.shape);
        if (a.Length != dimensions || b.Length != dimensions || a[^1] != b[^2] || (dimensions == 3 && a[0] != b[0]))
        {
            throw new ArgumentException(
                $"[{string.Join(", ", a)}] and [{string.Join(", ", b)}] are no factors of a product of {dimensions} dimensions"
            );
        }
    }
}
