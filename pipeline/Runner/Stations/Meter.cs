using Motion.Contracts;

namespace Motion.Runner.Stations;

/// <summary>Counts of one stage in one phase, read by the progress display while the stage runs.</summary>
/// <param name="stage">The stage.</param>
/// <param name="skipped">Told each failure that the run goes on after.</param>
internal sealed class Meter(string stage, Action<Fault> skipped)
{
    private long _taken;
    private long _given;
    private long _skips;

    public string Stage => stage;

    /// <summary>Whether it says nothing until the end, and so not how far the stream is.</summary>
    public bool AnswersAtEnd { get; init; }

    public long Taken => Interlocked.Read(ref _taken);

    public long Given => Interlocked.Read(ref _given);

    public long Skips => Interlocked.Read(ref _skips);

    /// <summary>Messages that wait in the arrow out of the stage.</summary>
    public Func<int> Waiting { get; set; } = () => 0;

    public void Take() => Interlocked.Increment(ref _taken);

    public void Give() => Interlocked.Increment(ref _given);

    public void Skip(Fault fault)
    {
        Interlocked.Increment(ref _skips);
        skipped(fault);
    }
}
