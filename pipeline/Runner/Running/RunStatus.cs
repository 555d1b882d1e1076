using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Stations;

namespace Motion.Runner.Running;

/// <summary>What the display shows of a phase that is running.</summary>
/// <param name="Phase">Training or test.</param>
/// <param name="Meters">One a stage.</param>
/// <param name="First">Iteration the sitting began at.</param>
/// <param name="Iterations">Iterations to do; in the test phase, frames; 0 where unknown.</param>
/// <param name="Begun">Timestamp of the clock.</param>
internal sealed record PhaseStatus(Phase Phase, ImmutableArray<Meter> Meters, int First, long Iterations, long Begun)
{
    /// <summary>Of what is done in it.</summary>
    public Pace Pace { get; } = new();
}

/// <summary>Written by the run, read by the display.</summary>
internal sealed class RunStatus(TimeProvider clock)
{
    private PhaseStatus? _phase;
    private TrainingPoint? _point;

    public PhaseStatus? Phase => Volatile.Read(ref _phase);

    /// <summary>The newest point of the curve.</summary>
    public TrainingPoint? Point => Volatile.Read(ref _point);

    public void Begin(Phase phase, ImmutableArray<Meter> meters, int first, long iterations) =>
        Volatile.Write(ref _phase, new PhaseStatus(phase, meters, first, iterations, clock.GetTimestamp()));

    public void Reached(TrainingPoint point)
    {
        Volatile.Write(ref _point, point);
        if (Phase is { Phase: Contracts.Phase.Train } phase)
            phase.Pace.Seen(point.Iteration + 1 - phase.First, Since(phase.Begun).TotalSeconds);
    }

    public TimeSpan Since(long timestamp) => clock.GetElapsedTime(timestamp);
}
