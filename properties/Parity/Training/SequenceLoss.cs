using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Training;

/// <summary>What training compares a predicted flow with.</summary>
/// <param name="Flow">float32 [N, 2, H, W], pixels.</param>
/// <param name="Valid">bool [N, 1, H, W]: where the flow is known and not too long.</param>
public sealed record FlowTruth(Tensor Flow, Tensor Valid)
{
    /// <summary>Vectors this long or longer are not learnt (pixels), as published.</summary>
    public const double Longest = 400;

    /// <param name="flow">float32 [N, 2, H, W], pixels.</param>
    /// <param name="valid">[N, H, W]: at least 0.5 where the flow is known.</param>
    /// <param name="longest">Vectors of this length or more do not count.</param>
    public static FlowTruth Of(Tensor flow, Tensor valid, double longest = Longest) =>
        new(flow, valid.ge(Held.Of(0.5)).logical_and(flow.Squared().sum(1).sqrt().lt(Held.Of(longest))).unsqueeze(1));
}

/// <summary>How far a flow is from the truth, over the valid pixels.</summary>
/// <param name="EndPointError">Mean length of the difference, pixels.</param>
/// <param name="Below">Shares of the pixels whose error is below 1, 3 and 5 pixels.</param>
public sealed record FlowErrors(double EndPointError, IReadOnlyDictionary<int, double> Below)
{
    private static readonly int[] Bounds = [1, 3, 5];

    /// <param name="flow">float32 [N, 2, H, W], pixels.</param>
    /// <param name="truth">Of the same size.</param>
    public static FlowErrors Of(Tensor flow, FlowTruth truth)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var errors = flow.sub(truth.Flow).Squared().sum(1, keepdim: true).sqrt().masked_select(truth.Valid).to(ScalarType.Float64); // [P]
        return new(
            errors.mean().item<double>(),
            Bounds.ToDictionary(bound => bound, bound => errors.lt(Held.Of(bound)).to(ScalarType.Float64).mean().item<double>())
        );
    }
}

/// <summary>The loss that RAFT and GMA are trained with.</summary>
public static class SequenceLoss
{
    /// <summary>By how much less each earlier iteration counts, as published.</summary>
    public const double Gamma = 0.8;

    /// <summary>
    /// Sum over the iterations i = 1 .. n of gamma^(n - i) times the mean of |flow_i - truth|, both components of all pixels: RAFT, Eq.
    /// (7).
    /// </summary>
    /// <param name="flows">float32 [N, 2, H, W] after each iteration, pixels.</param>
    /// <param name="truth">Of the same size.</param>
    /// <param name="gamma">In (0, 1].</param>
    /// <returns>A scalar.</returns>
    /// <remarks>Departs as the published code does: an invalid pixel is zeroed, and still counted in the mean.</remarks>
    public static Tensor Of(IReadOnlyList<Tensor> flows, FlowTruth truth, double gamma = Gamma) =>
        flows
            .Select((flow, i) => flow.sub(truth.Flow).abs().mul(truth.Valid).mean().Times(Math.Pow(gamma, flows.Count - 1 - i)))
            .Aggregate((sum, term) => sum.Plus(term));
}
