using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>Widths of a motion encoder's layers.</summary>
/// <param name="Correlation">Channels of the lookup.</param>
/// <param name="Corr1">1x1 on the correlation.</param>
/// <param name="Corr2">3x3 after it; null where the network has none (RAFT-small).</param>
/// <param name="Flow1">7x7 on the flow.</param>
/// <param name="Flow2">3x3 after it.</param>
/// <param name="Output">3x3 on both; the two flow channels come on top.</param>
public sealed record MotionWidths(int Correlation, int Corr1, int? Corr2, int Flow1, int Flow2, int Output);

/// <summary>The parts of the recurrent update that RAFT, RAFT-small and GMA share (RAFT, section 3.3).</summary>
public static class UpdateBlock
{
    /// <summary>Tensors of the motion encoder.</summary>
    public static IEnumerable<Entry> MotionEntries(MotionWidths widths) =>
        [
            .. FlowSpec.Conv("convc1", widths.Correlation, widths.Corr1, 1, 1),
            .. widths.Corr2 is { } second ? FlowSpec.Conv("convc2", widths.Corr1, second, 3, 3) : [],
            .. FlowSpec.Conv("convf1", 2, widths.Flow1, 7, 7),
            .. FlowSpec.Conv("convf2", widths.Flow1, widths.Flow2, 3, 3),
            .. FlowSpec.Conv("conv", (widths.Corr2 ?? widths.Corr1) + widths.Flow2, widths.Output, 3, 3),
        ];

    /// <summary>What the lookup says about the motion.</summary>
    /// <param name="weights">Scope of the motion encoder.</param>
    /// <param name="corr">float32 [N, C, h, w], from <see cref="Correlation.Lookup"/>.</param>
    /// <param name="flow">float32 [N, 2, h, w].</param>
    /// <returns>float32 [N, Output + 2, h, w]; the last two channels are the flow.</returns>
    public static Tensor Motion(Weights weights, Tensor corr, Tensor flow)
    {
        using var scope = NewDisposeScope();
        var c = Layers.ConvRelu(weights, "convc1", corr);
        c = weights.Has("convc2.weight") ? Layers.ConvRelu(weights, "convc2", c) : c;
        var f = Layers.ConvRelu(weights, "convf2", Layers.ConvRelu(weights, "convf1", flow));
        var both = Layers.ConvRelu(weights, "conv", Joins.Cat([c, f], 1));
        return Joins.Cat([both, flow], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Tensors of the flow head.</summary>
    public static IEnumerable<Entry> FlowHeadEntries(int hidden, int width) =>
        FlowSpec.Conv("conv1", hidden, width, 3, 3).Concat(FlowSpec.Conv("conv2", width, 2, 3, 3));

    /// <summary>The change of the flow that the hidden state proposes.</summary>
    /// <param name="weights">Scope of the flow head.</param>
    /// <param name="h">float32 [N, D, h, w].</param>
    /// <returns>float32 [N, 2, h, w], pixels of the 1/8 grid.</returns>
    public static Tensor FlowHead(Weights weights, Tensor h)
    {
        using var scope = NewDisposeScope();
        return Layers.Conv(weights, "conv2", Layers.ConvRelu(weights, "conv1", h)).MoveToOuterDisposeScope();
    }
}
