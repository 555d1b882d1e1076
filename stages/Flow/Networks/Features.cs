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
    /// <param name="last">What pairs before this one have left; null to encode both pictures.</param>
    public static PairFeatures Of(
        Weights weights,
        (Encoder Feature, Encoder Context) encoders,
        int hidden,
        (Tensor First, Tensor Second) pictures,
        Norm contextNorm,
        LastFeatures? last = null
    )
    {
        using var scope = NewDisposeScope();
        // [N, D, h, w]
        var (first, second) = last?.Of(pictures.First, pictures.Second, Encode) ?? (Encode(pictures.First), Encode(pictures.Second));
        var context = encoders.Context.Features(weights.At("cnet"), Unit(pictures.First), contextNorm);
        return new PairFeatures(
            first.MoveToOuterDisposeScope(),
            second.MoveToOuterDisposeScope(),
            context.narrow(1, 0, hidden).tanh().MoveToOuterDisposeScope(),
            context.narrow(1, hidden, context.shape[1] - hidden).relu().MoveToOuterDisposeScope()
        );

        Tensor Encode(Tensor picture) => encoders.Feature.Features(weights.At("fnet"), Unit(picture), Layers.InstanceNorm);
    }

    /// <summary>0..255 to -1..1.</summary>
    private static Tensor Unit(Tensor picture) => picture.Over(255).Times(2).Minus(1);
}
