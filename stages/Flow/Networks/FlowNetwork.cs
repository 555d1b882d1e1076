using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>A network of the RAFT family, as data and functions.</summary>
/// <param name="Name">In settings and messages.</param>
/// <param name="Source">Where the published weights are, for a user who has none.</param>
/// <param name="Entries">Its tensors.</param>
/// <param name="Canonical">Maps a name in a published file to that in <paramref name="Entries"/>; null for a tensor that the network does
/// not use.</param>
/// <param name="Prepare">
/// Everything that happens once a pair: weights, both pictures float32 [N, 3, H, W] in 0..255 with sides divisible by 8, and the context
/// network's norm (null: as in inference) give the recurrence; features seen before are taken from the last argument, if there is one.
/// </param>
public sealed record FlowNetwork(
    string Name,
    string Source,
    ImmutableArray<Entry> Entries,
    Func<string, string?> Canonical,
    Func<Weights, Tensor, Tensor, Norm?, LastFeatures?, Recurrence> Prepare
)
{
    /// <summary>The flow from the first to the second picture.</summary>
    /// <param name="weights">The network's.</param>
    /// <param name="first">float32 [N, 3, H, W], RGB 0..255; sides divisible by 8.</param>
    /// <param name="second">The same shape.</param>
    /// <param name="iterations">At least 1; 12 as published.</param>
    /// <param name="initial">float32 [N, 2, H/8, W/8] to start from; null for zero.</param>
    /// <param name="last">What pairs before this one have left; null to encode both pictures.</param>
    public Refined Estimate(Weights weights, Tensor first, Tensor second, int iterations, Tensor? initial = null, LastFeatures? last = null)
    {
        using var scope = NewDisposeScope();
        var refined = Refinement.Last(Prepare(weights, first, second, null, last), iterations, initial);
        return new Refined(refined.Low.MoveToOuterDisposeScope(), refined.Full.MoveToOuterDisposeScope());
    }
}
