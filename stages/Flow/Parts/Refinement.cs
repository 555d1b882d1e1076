using System.Collections.Immutable;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>One update: hidden state, lookup and flow give the next hidden state and the change of the flow.</summary>
public delegate (Tensor Hidden, Tensor Delta) Update(Tensor hidden, Tensor corr, Tensor flow);

/// <summary>What a network does not change while it refines the flow of a pair. Owned by the dispose scope it was made in.</summary>
/// <param name="Pyramid">From <see cref="Correlation.Pyramid"/>.</param>
/// <param name="Radius">Of the lookup.</param>
/// <param name="Hidden">float32 [N, D, h, w], the first hidden state.</param>
/// <param name="Update">Closes over weights and context.</param>
/// <param name="Upsample">Hidden state and flow [N, 2, h, w] to flow [N, 2, 8h, 8w] in pixels.</param>
public sealed record Recurrence(
    ImmutableArray<Tensor> Pyramid,
    int Radius,
    Tensor Hidden,
    Update Update,
    Func<Tensor, Tensor, Tensor> Upsample
);

/// <summary>A refined flow.</summary>
/// <param name="Low">float32 [N, 2, h, w], pixels of the 1/8 grid.</param>
/// <param name="Full">float32 [N, 2, 8h, 8w], pixels.</param>
public sealed record Refined(Tensor Low, Tensor Full);

/// <summary>The iteration of RAFT and GMA: look up, update, repeat (RAFT, section 3.3).</summary>
public static class Refinement
{
    /// <summary>The flow after the last iteration; only that one is upsampled.</summary>
    /// <param name="recurrence">The pair.</param>
    /// <param name="iterations">At least 1.</param>
    /// <param name="initial">float32 [N, 2, h, w], a flow to start from; null for zero.</param>
    public static Refined Last(Recurrence recurrence, int iterations, Tensor? initial = null)
    {
        using var scope = NewDisposeScope();
        var hidden = recurrence.Hidden;
        var flow = Start(recurrence, initial);
        for (var i = 0; i < iterations; i++)
        {
            var before = (Hidden: hidden, Flow: flow);
            (hidden, flow) = Step(recurrence, hidden, flow);
            if (i > 0)
                before.Hidden.Dispose(); // the first is the recurrence's
            before.Flow.Dispose();
        }

        var full = recurrence.Upsample(hidden, flow);
        return new Refined(flow.MoveToOuterDisposeScope(), full.MoveToOuterDisposeScope());
    }

    /// <summary>The flow after every iteration, for training: the loss weighs them all.</summary>
    public static ImmutableArray<Refined> All(Recurrence recurrence, int iterations, Tensor? initial = null)
    {
        using var scope = NewDisposeScope();
        var hidden = recurrence.Hidden;
        var flow = Start(recurrence, initial);
        var all = ImmutableArray.CreateBuilder<Refined>(iterations);
        for (var i = 0; i < iterations; i++)
        {
            (hidden, flow) = Step(recurrence, hidden, flow);
            all.Add(new Refined(flow.MoveToOuterDisposeScope(), recurrence.Upsample(hidden, flow).MoveToOuterDisposeScope()));
        }

        return all.ToImmutable();
    }

    /// <summary>The places (x, y) of the cells of an h x w grid: float32 [1, 2, h, w].</summary>
    public static Tensor Grid(long height, long width, Device device)
    {
        using var scope = NewDisposeScope();
        var x = Held.Range(width, ScalarType.Float32, device).view(1, 1, 1, width).expand(1, 1, height, width);
        var y = Held.Range(height, ScalarType.Float32, device).view(1, 1, height, 1).expand(1, 1, height, width);
        return Joins.Cat([x, y], 1).MoveToOuterDisposeScope();
    }

    /// <summary>One iteration. The flow's history is cut first: gradients reach earlier iterations through the hidden state only.</summary>
    private static (Tensor Hidden, Tensor Flow) Step(Recurrence recurrence, Tensor hidden, Tensor flow)
    {
        using var scope = NewDisposeScope();
        flow = flow.detach();
        var grid = Grid(flow.shape[2], flow.shape[3], flow.device);
        var corr = Correlation.Lookup(recurrence.Pyramid, grid.Plus(flow), recurrence.Radius);
        var (next, delta) = recurrence.Update(hidden, corr, flow);
        return (next.MoveToOuterDisposeScope(), flow.Plus(delta).MoveToOuterDisposeScope());
    }

    private static Tensor Start(Recurrence recurrence, Tensor? initial)
    {
        var (n, h, w) = (recurrence.Hidden.shape[0], recurrence.Hidden.shape[2], recurrence.Hidden.shape[3]);
        return initial?.alias() ?? zeros([n, 2, h, w], recurrence.Hidden.dtype, recurrence.Hidden.device);
    }
}
