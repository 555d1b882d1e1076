using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Pipeline.Running;
using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Show;

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
        if (Phase is { Phase: Settings.Phase.Train } phase) phase.Pace.Seen(point.Iteration + 1 - phase.First, Since(phase.Begun).TotalSeconds);
    }

    public TimeSpan Since(long timestamp) => clock.GetElapsedTime(timestamp);
}

/// <summary>Words and numbers for people.</summary>
internal static class Words
{
    /// <summary>42 s, 3 min 20 s, 2 h 05 min.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 10 => string.Create(null, $"{seconds:0.0} s"),
        < 90 => string.Create(null, $"{seconds:0} s"),
        < 5400 => string.Create(null, $"{(int)(seconds / 60)} min {(int)(seconds % 60):00} s"),
        _ => string.Create(null, $"{(int)(seconds / 3600)} h {(int)(seconds % 3600 / 60):00} min"),
    };

    /// <summary>Loss terms without the prefix they share.</summary>
    public static string Terms(IEnumerable<LossTerm> terms) =>
        string.Join(' ', terms.Select(term => string.Create(null, $"{term.Name.Replace("loss_", "", StringComparison.Ordinal).Replace("fcos_", "", StringComparison.Ordinal)} {term.Value:0.000}")));

    public static string Rate(double perSecond) => perSecond switch
    {
        0 => "-",
        < 1 => string.Create(null, $"{1 / perSecond:0.0} s each"),
        _ => string.Create(null, $"{perSecond:0.0}/s"),
    };
}
