using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Recordings;
using Motion.Runner.Settings;
using Motion.Runner.Stations;

namespace Motion.Pipeline.Cli;

/// <summary>motion replay.</summary>
internal static class ReplayCommand
{
    /// <param name="run">The run's folder.</param>
    /// <param name="name">The stage.</param>
    /// <param name="phase">Folder below recordings; null for the first that has the stage.</param>
    /// <param name="table">The stages there are.</param>
    public static Task<int> Run(string run, string name, string? phase, StageTable table)
    {
        var folder = RunPlace.Enter(new RunFolder(run));
        if (!File.Exists(folder.Yaml))
            return Complain.Say($"{run} holds no run: there is no {folder.Yaml}", ExitCode.BadUsage);
        return ReadSettings
            .File(folder.Yaml, Overrides.None, table)
            .Match(
                settings =>
                    Find(folder, settings, name, phase) is { } found
                        ? Replay(folder, settings, found, name, table)
                        : Complain.Say(NotRecorded(folder, name, phase), ExitCode.BadUsage),
                errors => Complain.Say(errors.Describe(), ExitCode.BadUsage)
            );
    }

    private static RecordingFolder? Find(RunFolder folder, PipelineSettings settings, string stage, string? phase) =>
        !settings.Has(stage) || !Directory.Exists(folder.Recordings)
            ? null
            : Directory
                .EnumerateDirectories(folder.Recordings)
                .Order(StringComparer.Ordinal)
                .Where(path => phase is null || Path.GetFileName(path) == phase)
                .Select(path => new RecordingFolder(path))
                .FirstOrDefault(recording => File.Exists(recording.Out(stage)) || File.Exists(recording.Out(stage) + ".part"));

    private static string NotRecorded(RunFolder folder, string stage, string? phase)
    {
        var there = Directory.Exists(folder.Recordings)
            ? Directory
                .EnumerateFiles(folder.Recordings, "*.out.rec*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder.Recordings, file))
                .Order(StringComparer.Ordinal)
                .ToList()
            : [];
        return $"{folder.Root} has no recording of {stage}{(phase is null ? "" : $" in {phase}")}. {(there.Count == 0 ? $"Run it with --set stages.{stage}.record=true." : $"There are: {string.Join(", ", there)}.")}";
    }

    private static async Task<int> Replay(
        RunFolder folder,
        PipelineSettings settings,
        RecordingFolder recording,
        string name,
        StageTable table
    )
    {
        // no cache: what is asked is whether the stage answers alike, not whether the disk does
        var stage = settings.Find(name)! with
        {
            Extras = null,
        };
        var phase = Path.GetFileName(recording.Path).StartsWith("train", StringComparison.Ordinal) ? Phase.Train : Phase.Test;
        var recorded = SealedJson.Read<StreamStart>(recording.Start);
        var start = recorded with
        {
            Checkpoint =
                phase is Phase.Train ? recording.TrainerState
                : recorded.Checkpoint is { } path ? Path.Combine(folder.Checkpoints, Path.GetFileName(path))
                : null,
        };
        var scratch = Directory.CreateTempSubdirectory("motion-replay-");
        try
        {
            // What the stage writes (checkpoints, cache) goes to a folder of its own: a replay changes nothing, and finds nothing done
            // already.
            var context = new RunContext(settings, phase, new(scratch.FullName), Facts.ReadCatalogue(folder.Catalogue(phase)), start);
            return await MakeStage
                .Of(stage, context)
                .Match(
                    async worker =>
                        (
                            await Motion.Runner.Recordings.Replay.Run(
                                worker,
                                recording.In(name),
                                recording.Out(name),
                                CancellationToken.None
                            )
                        ).Match(outcome => Tell(outcome, name, recording), error => Complain.Now(error.Describe(), ExitCode.BadInput)),
                    error => Complain.Say(error.Describe(), ExitCode.BadInput)
                );
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static int Tell(ReplayOutcome outcome, string stage, RecordingFolder recording)
    {
        var where = $"{stage} ({Path.GetFileName(recording.Path)})";
        if (outcome.Note is { } note)
            Console.WriteLine($"{where}: {note}");
        Console.WriteLine(
            $"{where}: fed {outcome.Fed} messages; {outcome.Answers} answers, {outcome.Recorded} recorded, {outcome.Different} differ"
        );
        if (outcome.First is { } first)
            Console.WriteLine($"{where}: {first}");
        return outcome.Same ? ExitCode.Done : ExitCode.CheckFailed;
    }
}

/// <summary>What went wrong, on standard error.</summary>
internal static class Complain
{
    public static Task<int> Say(string text, int code) => Task.FromResult(Now(text, code));

    public static int Now(string text, int code)
    {
        foreach (var line in text.Split('\n'))
            Console.Error.WriteLine($"motion: {Legible.Line(line)}");
        return code;
    }
}
