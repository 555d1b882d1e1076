using System.Text.Json;
using Motion.Contracts;

namespace Motion.Pipeline.Labelling;

/// <summary>What a labelling is at.</summary>
internal enum Doing
{
    Flow,
    Features,
    Training,
    Masks,
    Done,
    Failed,
}

/// <summary>How far a labelling is.</summary>
internal sealed record Step(Doing Doing, long Done, long Of, double? SecondsLeft, string Message);

/// <summary>
/// progress.json, for whoever watches from another process: rewritten whole, at most once a second but for the last word.
/// </summary>
internal sealed class ProgressFile(string command, string path, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private long? _last;

    public Step? Latest { get; private set; }

    public void Say(Step step)
    {
        lock (_gate)
        {
            var changes = Latest?.Doing != step.Doing;
            Latest = step;
            if (!changes && _last is { } last && clock.GetElapsedTime(last) < Pause)
                return;
            _last = clock.GetTimestamp();
            Write(step);
        }
    }

    /// <summary>A disk that is full costs the watcher's view, not the work.</summary>
    private void Write(Step step)
    {
        try
        {
            WholeFile.Write(
                path,
                file =>
                {
                    using var json = new Utf8JsonWriter(file);
                    json.WriteStartObject();
                    json.WriteString(OwnFolder.Mark, command);
                    json.WriteString("doing", step.Doing.ToString().ToLowerInvariant());
                    json.WriteNumber("done", step.Done);
                    json.WriteNumber("of", step.Of);
                    if (step.SecondsLeft is { } left)
                        json.WriteNumber("secondsLeft", Math.Round(left, 1));
                    else
                        json.WriteNull("secondsLeft");
                    json.WriteString("message", step.Message);
                    json.WriteEndObject();
                },
                lasting: false
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
