using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>What the two encoders see in a pair.</summary>
/// <param name="First">float32 [N, D, h, w], features of the first picture at stride 8.</param>
/// <param name="Second">The same of the second.</param>
/// <param name="Hidden">float32 [N, hidden, h, w], context after tanh: the first hidden state.</param>
/// <param name="Context">float32 [N, context, h, w], context after relu: an input of every update.</param>
public sealed record PairFeatures(Tensor First, Tensor Second, Tensor Hidden, Tensor Context)
{
    /// <summary>Runs both encoders.</summary>
    /// <param name="weights">Holds fnet and cnet.</param>
    /// <param name="encoders">The feature and the context network.</param>
    /// <param name="hidden">Channels of the context that become the hidden state.</param>
    /// <param name="pictures">float32 [N, 3, H, W] each, RGB 0..255; sides divisible by 8.</param>
    /// <param name="contextNorm">Of the context network; the feature network has instance norm.</param>
    public static PairFeatures Of(
        Weights weights, (Encoder Feature, Encoder Context) encoders, int hidden, (Tensor First, Tensor Second) pictures, Norm contextNorm)
    {
        using var scope = NewDisposeScope();
        var both = Joins.Cat([pictures.First, pictures.Second]).Over(255).Times(2).Minus(1);                 // [2N, 3, H, W], -1..1
        var n = pictures.First.shape[0];
        var features = encoders.Feature.Features(weights.At("fnet"), both, Layers.InstanceNorm);  // [2N, D, h, w]
        var context = encoders.Context.Features(weights.At("cnet"), both.narrow(0, 0, n), contextNorm);
        return new PairFeatures(
            features.narrow(0, 0, n).MoveToOuterDisposeScope(),
            features.narrow(0, n, n).MoveToOuterDisposeScope(),
            context.narrow(1, 0, hidden).tanh().MoveToOuterDisposeScope(),
            context.narrow(1, hidden, context.shape[1] - hidden).relu().MoveToOuterDisposeScope());
    }
}
