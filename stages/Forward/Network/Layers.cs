using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>Layers over a scope of weights.</summary>
internal static class Layers
{
    private const int GroupsOfNorm = 32;
    private const double NormEpsilon = 1e-5;

    /// <summary>Convolution with square stride and padding; the bias is used where the scope has one.</summary>
    /// <param name="x">[N, Cin, H, W].</param>
    /// <returns>[N, Cout, H', W'].</returns>
    public static Tensor Convolution(Weights w, Tensor x, int stride = 1, int padding = 0) =>
        F.conv2d(x, w["weight"], w.Find("bias"), [stride, stride], [padding, padding]);

    /// <summary>Group norm with 32 groups, or as many as divide the channels evenly.</summary>
    public static Tensor GroupNorm(Weights w, Tensor x) =>
        F.group_norm(x, Groups((int)x.shape[1]), w["weight"], w["bias"], NormEpsilon);

    /// <summary>Largest divisor of both 32 and the channels.</summary>
    public static int Groups(int channels)
    {
        var (a, b) = (GroupsOfNorm, channels);
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }

    /// <summary>Batch norm with the running statistics.</summary>
    public static Tensor BatchNorm(Weights w, Tensor x) =>
        F.batch_norm(x, w["running_mean"], w["running_var"], w["weight"], w["bias"], training: false, eps: NormEpsilon);

    /// <summary>
    /// Batch norm with the batch's statistics; the running ones that follow (momentum 0.1, unbiased variance) are added to <paramref
    /// name="next"/> under their full names.
    /// </summary>
    public static Tensor BatchNorm(Weights w, Tensor x, string name, IDictionary<string, Tensor> next)
    {
        var (mean, variance) = (w["running_mean"].clone(), w["running_var"].clone());
        var y = F.batch_norm(x, mean, variance, w["weight"], w["bias"], training: true, momentum: 0.1, eps: NormEpsilon);
        next[$"{name}.running_mean"] = mean;
        next[$"{name}.running_var"] = variance;
        next[$"{name}.num_batches_tracked"] = w["num_batches_tracked"].Plus(1);
        return y;
    }
}
