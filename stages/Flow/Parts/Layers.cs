using Motion.Contracts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Flow;

/// <summary>A normalisation layer: weights, the layer's name in them and its input give its output.</summary>
public delegate Tensor Norm(Weights weights, string name, Tensor x);

/// <summary>Layers as functions of weights, the layer's name in them, and the input.</summary>
public static class Layers
{
    private const double Momentum = 0.1;

    /// <summary>
    /// A convolution that keeps the size at stride 1 (padding = half the kernel), with a bias where the weights have one.
    /// </summary>
    /// <param name="weights">Holds name.weight [O, C, kh, kw] and perhaps name.bias [O].</param>
    /// <param name="name">The layer.</param>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="stride">Of both sides.</param>
    /// <returns>[N, O, ceil(H/stride), ceil(W/stride)].</returns>
    public static Tensor Conv(Weights weights, string name, Tensor x, int stride = 1)
    {
        var kernel = weights[name + ".weight"];
        return F.conv2d(x, kernel, weights.Find(name + ".bias"), [stride, stride], [kernel.shape[2] / 2, kernel.shape[3] / 2]);
    }

    /// <summary><see cref="Conv"/>, then relu.</summary>
    public static Tensor ConvRelu(Weights weights, string name, Tensor x) => Conv(weights, name, x).relu_();

    /// <summary>No normalisation.</summary>
    public static Tensor NoNorm(Weights weights, string name, Tensor x) => x;

    /// <summary>Each picture's each channel to mean 0 and variance 1 (biased, eps 1e-5), in training too; without parameters.</summary>
    public static Tensor InstanceNorm(Weights weights, string name, Tensor x) => F.instance_norm(x);

    /// <summary>Batch normalisation by the stored statistics (eps 1e-5).</summary>
    public static Tensor FrozenBatchNorm(Weights weights, string name, Tensor x) =>
        F.batch_norm(
            x,
            weights[name + ".running_mean"],
            weights[name + ".running_var"],
            weights[name + ".weight"],
            weights[name + ".bias"]
        );

    /// <summary>Batch normalisation by the statistics of the batch (eps 1e-5).</summary>
    /// <param name="scope">What the names of the layers lack to be the weights' full names, such as "cnet.".</param>
    /// <param name="updates">Receives what the stored statistics become, by full name: momentum 0.1, with the unbiased variance.</param>
    public static Norm BatchNorm(string scope, IDictionary<string, Tensor> updates) =>
        (weights, name, x) =>
        {
            var mean = weights[name + ".running_mean"].clone();
            var variance = weights[name + ".running_var"].clone();
            var y = F.batch_norm(x, mean, variance, weights[name + ".weight"], weights[name + ".bias"], training: true, momentum: Momentum);
            updates[$"{scope}{name}.running_mean"] = mean.DetachFromDisposeScope();
            updates[$"{scope}{name}.running_var"] = variance.DetachFromDisposeScope();
            return y;
        };
}
