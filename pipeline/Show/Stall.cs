using Motion.Runner.Running;
using Motion.Runner.Text;

namespace Motion.Pipeline.Show;

/// <summary>
/// Tells that nothing moves. A stage in the runner's own process cannot be ended alone, and a long computation there looks like one that
/// never ends: so the user is told, and decides.
/// </summary>
/// <param name="Phase">Looked at last.</param>
/// <param name="Moves">Messages that had been taken or given then.</param>
/// <param name="Since">When the last of them was seen.</param>
/// <param name="Most">How long it may last until it is said.</param>
internal readonly record struct Stall(PhaseStatus? Phase, long Moves, TimeSpan Since, TimeSpan Most)
{
    /// <summary>
    /// This many times the silence allowed to a process may pass between two messages before it is said; then twice as much, and so on.
    /// </summary>
    public const int Silences = 5;

    /// <summary>Watches until told to end.</summary>
    /// <param name="status">What moves.</param>
    /// <param name="silence">run.silence.</param>
    /// <param name="clock">For the time between two looks.</param>
    /// <param name="warn">Told where nothing moves.</param>
    /// <param name="end">Ends it.</param>
    public static async Task Watch(RunStatus status, TimeSpan silence, TimeProvider clock, Action<string> warn, CancellationToken end)
    {
        var (begun, stall) = (clock.GetTimestamp(), default(Stall));
        try
        {
            while (true)
            {
                await Task.Delay(silence / 4, clock, end);
                if (status.Phase is not { } phase)
                    continue;
                (stall, var sentence) = stall.Look(phase, clock.GetElapsedTime(begun), silence);
                if (sentence is not null)
                    warn(sentence);
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended; so does the watch.
        }
    }

    /// <summary>A look at a phase.</summary>
    /// <returns>What to remember, and what to say now.</returns>
    public (Stall Next, string? Sentence) Look(PhaseStatus phase, TimeSpan now, TimeSpan silence)
    {
        var moves = phase.Meters.Sum(meter => meter.Taken + meter.Given);
        if (phase != Phase || moves != Moves)
            return (new(phase, moves, now, silence * Silences), null);
        return now - Since < Most ? (this, null) : (this with { Most = Most * 2 }, Sentence(phase, now - Since));
    }

    /// <summary>At work is a stage that has taken more than it gave; where none has, the first.</summary>
    private static string Sentence(PhaseStatus phase, TimeSpan time)
    {
        var busy = phase
            .Meters.Where(meter => meter.Taken > meter.Given && !meter.AnswersAtEnd)
            .Select(meter => meter.Stage)
            .DefaultIfEmpty(phase.Meters[0].Stage);
        return $"nothing has moved for {Words.Duration(time.TotalSeconds)}; at work: {string.Join(", ", busy)}. It may take long, or never end: Ctrl-C stops the run, twice at once";
    }
}
