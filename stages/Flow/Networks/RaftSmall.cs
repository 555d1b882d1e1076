using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>RAFT-small: a million parameters, no learned upsampling (Teed and Deng, ECCV 2020, section 4 and figure 9).</summary>
public static class RaftSmall
{
    /// <summary>Radius of the lookup.</summary>
    public const int Radius = 3;

    private const int Hidden = 96;
    private const int Context = 64;
    private const int HeadWidth = 128;

    private static readonly (Encoder Feature, Encoder Context) Encoders = (
        new Encoder(EncoderBlock.Bottleneck, [32, 64, 96], 128),
        new Encoder(EncoderBlock.Bottleneck, [32, 64, 96], Hidden + Context)
    );

    private static readonly MotionWidths MotionLayers = new(Correlation.Levels * 49, 96, null, 64, 32, 80);

    /// <summary>The network.</summary>
    public static FlowNetwork Network { get; } =
        new(
            "raft-small",
            "raft-small.pth of the RAFT authors' model archive (github.com/princeton-vl/RAFT, download_models.sh)",
            [
                .. Spec.Scope("fnet", Encoders.Feature.Entries()),
                .. Spec.Scope("cnet", Encoders.Context.Entries()),
                .. Spec.Scope("update_block.encoder", UpdateBlock.MotionEntries(MotionLayers)),
                .. Spec.Scope("update_block.gru", Gru.Entries("", Hidden, MotionLayers.Output + 2 + Context, 3, 3)),
                .. Spec.Scope("update_block.flow_head", UpdateBlock.FlowHeadEntries(Hidden, HeadWidth)),
            ],
            TorchvisionRaft.Published,
            (weights, first, second, contextNorm, last) =>
                Prepare(weights, Features(weights, first, second, contextNorm ?? Layers.NoNorm, last))
        );

    /// <summary>What both encoders see; the context network has no norm.</summary>
    public static PairFeatures Features(Weights weights, Tensor first, Tensor second, Norm contextNorm, LastFeatures? last = null) =>
        PairFeatures.Of(weights, Encoders, Hidden, (first, second), contextNorm, last);

    private static Recurrence Prepare(Weights weights, PairFeatures features)
    {
        var update = weights.At("update_block");
        var gru = Gru.Of(update.At("gru"), "", features.Context);
        return new Recurrence(
            Correlation.Pyramid(features.First, features.Second),
            Radius,
            features.Hidden,
            (hidden, corr, flow) => Update(update, gru, hidden, corr, flow),
            (_, flow) => Upsample.Bilinear(flow)
        );
    }

    private static (Tensor Hidden, Tensor Delta) Update(Weights weights, Gru gru, Tensor hidden, Tensor corr, Tensor flow)
    {
        using var scope = NewDisposeScope();
        var motion = UpdateBlock.Motion(weights.At("encoder"), corr, flow); // [N, 82, h, w]
        var next = gru.Next(hidden, motion); // [N, 96, h, w]
        var delta = UpdateBlock.FlowHead(weights.At("flow_head"), next); // [N, 2, h, w]
        return (next.MoveToOuterDisposeScope(), delta.MoveToOuterDisposeScope());
    }
}
