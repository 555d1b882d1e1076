using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>
/// GMA: RAFT with motion features aggregated over the picture by self-attention of the context
/// (Jiang et al., "Learning to Estimate Hidden Motions with Global Motion Aggregation", ICCV 2021). One head, attention by content alone.
/// </summary>
public static class Gma
{
    /// <summary>Radius of the lookup.</summary>
    public const int Radius = 4;

    private const int Width = 128; // hidden state, context, motion features, attention: all as wide
    private const int HeadWidth = 256;
    private const int Neighbours = 9;
    private const double MaskScale = 0.25; // balances gradients, says the published code; its weights expect it

    private static readonly (Encoder Feature, Encoder Context) Encoders = (
        new Encoder(EncoderBlock.Residual, [64, 96, 128], 256),
        new Encoder(EncoderBlock.Residual, [64, 96, 128], 2 * Width, HasBatchNorm: true)
    );

    private static readonly MotionWidths MotionLayers = new(Correlation.Levels * 81, 256, 192, 128, 64, Width - 2);

    /// <summary>The network.</summary>
    public static FlowNetwork Network { get; } =
        new(
            "gma",
            "gma-sintel.pth of the GMA authors (github.com/zacjiang/GMA, folder checkpoints)",
            [
                .. Spec.Scope("fnet", Encoders.Feature.Entries()),
                .. Spec.Scope("cnet", Encoders.Context.Entries()),
                .. Spec.Scope("update_block.encoder", UpdateBlock.MotionEntries(MotionLayers)),
                .. Spec.Scope("update_block.gru", Gru.Entries("1", Width, 3 * Width, 1, 5)),
                .. Spec.Scope("update_block.gru", Gru.Entries("2", Width, 3 * Width, 5, 1)),
                .. Spec.Scope("update_block.flow_head", UpdateBlock.FlowHeadEntries(Width, HeadWidth)),
                .. FlowSpec.Conv("update_block.mask.0", Width, HeadWidth, 3, 3),
                .. FlowSpec.Conv("update_block.mask.2", HeadWidth, Neighbours * Encoder.Stride * Encoder.Stride, 1, 1),
                new Entry("update_block.aggregator.gamma", [1], Role.Weight, Spec.Zero),
                .. FlowSpec.Conv("update_block.aggregator.to_v", Width, Width, 1, 1, bias: false),
                .. FlowSpec.Conv("att.to_qk", Width, 2 * Width, 1, 1, bias: false),
            ],
            Canonical,
            (weights, first, second, contextNorm, last) =>
                Prepare(weights, Features(weights, first, second, contextNorm ?? Layers.FrozenBatchNorm, last))
        );

    /// <summary>What both encoders see.</summary>
    /// <param name="weights">The network's.</param>
    /// <param name="first">float32 [N, 3, H, W], RGB 0..255; sides divisible by 8.</param>
    /// <param name="second">The same shape.</param>
    /// <param name="contextNorm"><see cref="Layers.FrozenBatchNorm"/> or <see cref="Layers.BatchNorm"/> of the context network.</param>
    /// <param name="last">What pairs before this one have left; null to encode both pictures.</param>
    public static PairFeatures Features(Weights weights, Tensor first, Tensor second, Norm contextNorm, LastFeatures? last = null) =>
        PairFeatures.Of(weights, Encoders, Width, (first, second), contextNorm, last);

    /// <summary>How much each position of the context has to do with each other one: GMA, Eq. (3). Once a pair.</summary>
    /// <param name="weights">Scope "att".</param>
    /// <param name="context">float32 [N, 128, h, w], after relu.</param>
    /// <returns>float32 [N, hw, hw]; rows are query positions and sum to 1.</returns>
    /// <remarks>Without the positional terms; queries scaled by 128^-0.5.</remarks>
    public static Tensor Attention(Weights weights, Tensor context)
    {
        using var scope = NewDisposeScope();
        var qk = Layers.Conv(weights, "to_qk", context).flatten(2); // [N, 2D, hw]
        var query = qk.narrow(1, 0, Width).Times(1 / Math.Sqrt(Width)).transpose(1, 2); // [N, hw, D]
        return Products.OfBatches(query, qk.narrow(1, Width, Width)).softmax(-1).MoveToOuterDisposeScope(); // [N, hw, hw]
    }

    /// <summary>Motion features with what similar-looking places say added: GMA, Eq. (2).</summary>
    /// <param name="weights">Scope "update_block.aggregator".</param>
    /// <param name="attention">From <see cref="Attention"/>.</param>
    /// <param name="motion">float32 [N, 128, h, w], from <see cref="UpdateBlock.Motion"/>.</param>
    /// <returns>float32 [N, 128, h, w].</returns>
    /// <remarks>motion + gamma * attention x values. No projection with one head.</remarks>
    public static Tensor Aggregate(Weights weights, Tensor attention, Tensor motion)
    {
        using var scope = NewDisposeScope();
        var values = Layers.Conv(weights, "to_v", motion).flatten(2).transpose(1, 2); // [N, hw, D]
        var gathered = Products.OfBatches(attention, values).transpose(1, 2).reshape(motion.shape); // [N, D, h, w]
        return motion.Plus(weights["gamma"].mul(gathered)).MoveToOuterDisposeScope();
    }

    /// <summary>Both passes of the separable GRU, prepared for a pair.</summary>
    /// <param name="weights">Scope "update_block.gru".</param>
    /// <param name="context">From <see cref="Features"/>.</param>
    public static (Gru Horizontal, Gru Vertical) Grus(Weights weights, Tensor context) =>
        (Gru.Of(weights, "1", context), Gru.Of(weights, "2", context));

    /// <summary>One update.</summary>
    /// <param name="weights">Scope "update_block".</param>
    /// <param name="grus">The horizontal and the vertical pass of the separable GRU.</param>
    /// <param name="attention">From <see cref="Attention"/>.</param>
    /// <param name="state">Hidden state [N, 128, h, w], lookup [N, 324, h, w], flow [N, 2, h, w].</param>
    /// <returns>The next hidden state and the change of the flow, [N, 2, h, w].</returns>
    public static (Tensor Hidden, Tensor Delta) Update(
        Weights weights,
        (Gru Horizontal, Gru Vertical) grus,
        Tensor attention,
        (Tensor Hidden, Tensor Corr, Tensor Flow) state
    )
    {
        using var scope = NewDisposeScope();
        var motion = UpdateBlock.Motion(weights.At("encoder"), state.Corr, state.Flow);
        var aggregated = Aggregate(weights.At("aggregator"), attention, motion);
        var input = Joins.Cat([motion, aggregated], 1); // [N, 256, h, w]
        var next = grus.Vertical.Next(grus.Horizontal.Next(state.Hidden, input), input);
        var delta = UpdateBlock.FlowHead(weights.At("flow_head"), next);
        return (next.MoveToOuterDisposeScope(), delta.MoveToOuterDisposeScope());
    }

    /// <summary>Weights of the convex upsampling, before the softmax.</summary>
    /// <param name="weights">Scope "update_block".</param>
    /// <param name="hidden">float32 [N, 128, h, w].</param>
    /// <returns>float32 [N, 576, h, w].</returns>
    public static Tensor Mask(Weights weights, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return Layers.Conv(weights, "mask.2", Layers.ConvRelu(weights, "mask.0", hidden)).Times(MaskScale).MoveToOuterDisposeScope();
    }

    private static Recurrence Prepare(Weights weights, PairFeatures features)
    {
        var update = weights.At("update_block");
        var attention = Attention(weights.At("att"), features.Context);
        var grus = Grus(update.At("gru"), features.Context);
        return new Recurrence(
            Correlation.Pyramid(features.First, features.Second),
            Radius,
            features.Hidden,
            (hidden, corr, flow) => Update(update, grus, attention, (hidden, corr, flow)),
            (hidden, flow) => Full(update, hidden, flow)
        );
    }

    private static Tensor Full(Weights update, Tensor hidden, Tensor flow)
    {
        using var scope = NewDisposeScope();
        return Upsample.Convex(flow, Mask(update, hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Published files name the shortcut's norm twice, and hold position embeddings and batch counts that this setting does not use.
    /// </summary>
    private static string? Canonical(string name) =>
        name switch
        {
            _ when name.StartsWith("att.pos_emb.", StringComparison.Ordinal) => null,
            _ when name.EndsWith(".num_batches_tracked", StringComparison.Ordinal) => null,
            _ => name.Replace(".downsample.1.", ".norm3.", StringComparison.Ordinal),
        };
}
