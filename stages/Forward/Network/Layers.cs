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

    /// <summary>Maximum of 3x3 with stride 2 and padding 1: [N, C, H, W] -> [N, C, ceil(H/2), ceil(W/2)].</summary>
    /// <remarks>
    /// Where no gradient is wanted and the sides are even, first over rows, then over columns: whole lines at once, a seventh of libtorch's
    /// time.
    /// </remarks>
    public static Tensor MaxPool(Tensor x)
    {
        var (h, w) = (x.shape[2], x.shape[3]);
        if ((x.requires_grad && is_grad_enabled()) || h % 2 != 0 || w % 2 != 0 || x.device.type != TorchSharp.DeviceType.CPU)
            return F.max_pool2d(x, 3, 2, 1);
        using var scope = NewDisposeScope();
        return Halved(Halved(x, 2), 3).MoveToOuterDisposeScope();

        static Tensor Halved(Tensor x, int dim)
        {
            var half = x.shape[dim] / 2;
            var odd = x.slice(dim, 1, x.shape[dim], 2);
            var y = maximum(x.slice(dim, 0, x.shape[dim], 2), odd);
            if (half > 1)
                y.narrow(dim, 1, half - 1).clamp_(min: odd.narrow(dim, 0, half - 1));
            return y;
        }
    }

    /// <summary>Group norm with 32 groups, or as many as divide the channels evenly.</summary>
    public static Tensor GroupNorm(Weights w, Tensor x) => F.group_norm(x, Groups((int)x.shape[1]), w["weight"], w["bias"], NormEpsilon);

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
