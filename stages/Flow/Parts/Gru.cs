using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Flow;

/// <summary>
/// A convolutional GRU whose input is [context, changing]. Convolutions are linear, so what its gates see of the context is convolved once
/// a pair and added to each iteration's share: a quarter of the update's work saved. (RAFT, Eqs. (3) to (6).)
/// </summary>
/// <param name="ZrKernel">[2D, D + C, kh, kw] over [hidden, changing]: the update gate z, then the reset gate r.</param>
/// <param name="ZrContext">[N, 2D, h, w]: their biases and what they see of the context.</param>
/// <param name="QKernel">[D, D + C, kh, kw] over [r * hidden, changing]: the candidate.</param>
/// <param name="QContext">[N, D, h, w].</param>
public sealed record Gru(Tensor ZrKernel, Tensor ZrContext, Tensor QKernel, Tensor QContext)
{
    /// <summary>Tensors of the gates.</summary>
    /// <param name="suffix">"" or, for the passes of a separable GRU, "1" and "2".</param>
    /// <param name="hidden">D.</param>
    /// <param name="input">Channels of context and changing input.</param>
    /// <param name="height">Of the kernels.</param>
    /// <param name="width">Of the kernels.</param>
    public static IEnumerable<Entry> Entries(string suffix, int hidden, int input, int height, int width) =>
        new[] { "convz", "convr", "convq" }.SelectMany(gate => FlowSpec.Conv(gate + suffix, hidden + input, hidden, height, width));

    /// <summary>What does not change between iterations.</summary>
    /// <param name="weights">Scope of the GRU.</param>
    /// <param name="suffix">As in <see cref="Entries"/>.</param>
    /// <param name="context">float32 [N, K, h, w].</param>
    public static Gru Of(Weights weights, string suffix, Tensor context)
    {
        using var scope = NewDisposeScope();
        var (zKernel, zContext) = Split(weights, "convz" + suffix, context);
        var (rKernel, rContext) = Split(weights, "convr" + suffix, context);
        var (qKernel, qContext) = Split(weights, "convq" + suffix, context);
        return new Gru(
            Joins.Cat([zKernel, rKernel]).MoveToOuterDisposeScope(),
            Joins.Cat([zContext, rContext], 1).MoveToOuterDisposeScope(),
            qKernel.MoveToOuterDisposeScope(),
            qContext.MoveToOuterDisposeScope()
        );
    }

    /// <summary>One step: RAFT, Eqs. (3) to (6).</summary>
    /// <param name="hidden">float32 [N, D, h, w], h.</param>
    /// <param name="changing">float32 [N, C, h, w], the input beside the context.</param>
    /// <returns>float32 [N, D, h, w], the next hidden state: (1 - z) h + z q.</returns>
    public Tensor Next(Tensor hidden, Tensor changing)
    {
        using var scope = NewDisposeScope();
        var width = hidden.shape[1];
        var zr = Conv(ZrKernel, Joins.Cat([hidden, changing], 1)).PlusInPlace(ZrContext).sigmoid_(); // [N, 2D, h, w]
        var (z, r) = (zr.narrow(1, 0, width), zr.narrow(1, width, width));
        var q = Conv(QKernel, Joins.Cat([r.mul(hidden), changing], 1)).PlusInPlace(QContext).tanh_(); // [N, D, h, w]
        return hidden.Plus(z.mul(q.sub(hidden))).MoveToOuterDisposeScope();
    }

    /// <summary>A gate's kernel without the context's channels, and its bias plus what it sees of the context.</summary>
    private static (Tensor Kernel, Tensor Context) Split(Weights weights, string gate, Tensor context)
    {
        var kernel = weights[gate + ".weight"]; // [D, D + K + C, kh, kw]
        var (hidden, seen) = (kernel.shape[0], context.shape[1]);
        var ofContext = Conv(kernel.narrow(1, hidden, seen), context, weights[gate + ".bias"]);
        var rest = kernel.shape[1] - hidden - seen;
        return (Joins.Cat([kernel.narrow(1, 0, hidden), kernel.narrow(1, hidden + seen, rest)], 1), ofContext);
    }

    private static Tensor Conv(Tensor kernel, Tensor x, Tensor? bias = null) =>
        F.conv2d(x, kernel, bias, padding: [kernel.shape[2] / 2, kernel.shape[3] / 2]);
}
