using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Folders;

namespace Motion.Runner.Running;

/// <summary>
/// Failures that a run went on after (onError: skip): each in the log, counted by phase and stage, the first of each kind in the report.
/// </summary>
internal sealed class Skips(RunLog log)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(Phase, string), (int Count, string First)> _counts = [];

    public void Add(Phase phase, Fault fault)
    {
        lock (_gate)
        {
            var (count, first) = _counts.GetValueOrDefault((phase, fault.Stage), (0, fault.Text));
            _counts[(phase, fault.Stage)] = (count + 1, first);
            log.Note($"skipped, {fault.Stage}: {fault.Text}");
            if (count == 0)
                log.Warn($"{fault.Stage} skips: {fault.Text}");
        }
    }

    /// <summary>One sentence a phase and stage.</summary>
    public ImmutableArray<string> Sentences()
    {
        lock (_gate)
        {
            return
            [
                .. _counts.Select(entry =>
                    $"{entry.Key.Item2} skipped {entry.Value.Count} in the {(entry.Key.Item1 is Phase.Train ? "training" : "test")}; the first: {entry.Value.First}"
                ),
            ];
        }
    }
}
