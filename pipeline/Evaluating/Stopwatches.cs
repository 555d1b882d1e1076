using System.Diagnostics;
using System.Globalization;
using Motion.Contracts;

namespace Motion.Pipeline.Evaluating;

/// <summary>
/// Seconds of this process, on the wall and of the CPU: until it read, while it read, while it compared; and its peak memory.
/// </summary>
internal sealed class Stopwatches
{
    private readonly List<(string Name, TimeSpan Wall, TimeSpan Cpu)> _marks = [];
    private readonly long _begun = Stopwatch.GetTimestamp();

    public Stopwatches() => Mark("start");

    /// <summary>Says what is being done now.</summary>
    public void Enter(bool comparing)
    {
        if (comparing && _marks.Count == 1)
            Mark("reading");
    }

    /// <summary>The line to print.</summary>
    public string Stop()
    {
        Mark("comparing");
        using var process = Process.GetCurrentProcess();
        var text = string.Join(
            ", ",
            _marks.Select(
                (mark, i) =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{mark.Name} {(mark.Wall - (i == 0 ? TimeSpan.Zero : _marks[i - 1].Wall)).TotalSeconds:0.00} s (CPU {(mark.Cpu - (i == 0 ? TimeSpan.Zero : _marks[i - 1].Cpu)).TotalSeconds:0.00} s)"
                    )
            )
        );
        var (wall, cpu) = (_marks[^1].Wall, _marks[^1].Cpu);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"times: {text}; all {wall.TotalSeconds:0.00} s (CPU {cpu.TotalSeconds:0.00} s), peak memory {process.PeakWorkingSet64 >> 20} MiB"
        );
    }

    /// <summary>The CPU counts from the process' start, so that loading the program is part of it.</summary>
    private void Mark(string name)
    {
        using var process = Process.GetCurrentProcess();
        _marks.Add((name, Stopwatch.GetElapsedTime(_begun), process.TotalProcessorTime));
    }
}
