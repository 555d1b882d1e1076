using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Motion.Contracts;
using Motion.Pipeline.Settings;
using Motion.Runner.Folders;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Tables;

/// <summary>motion tables, as typed.</summary>
/// <param name="Folder">Folder of tables.yaml and the runs' yamls.</param>
/// <param name="Scale">A key of its scales.</param>
/// <param name="Data">--data of every run.</param>
/// <param name="Out">Where runs and tables go.</param>
/// <param name="Seeds">Every run is made once a seed.</param>
/// <param name="Only">Runs to make; empty for all.</param>
/// <param name="Set">Values changed in every run.</param>
/// <param name="PrintOnly">Makes nothing: prints what there is.</param>
/// <param name="Plain">Progress as lines.</param>
internal sealed record TablesRequest(
    string Folder,
    string Scale,
    string? Data,
    string Out,
    ImmutableArray<ulong> Seeds,
    ImmutableArray<string> Only,
    ImmutableArray<string> Set,
    bool PrintOnly,
    bool Plain
);

/// <summary>How far a run is.</summary>
internal enum Made
{
    Missing,
    Begun,
    Done,
}

/// <summary>One run of the tables.</summary>
/// <param name="Name">Its yaml's name, which rows use.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Request">How it is made.</param>
/// <param name="Settings">What it is made of.</param>
internal sealed record PlannedRun(string Name, ulong Seed, RunRequest Request, PipelineSettings Settings)
{
    public RunFolder Folder => new(Settings.RunFolder);

    public Made Made =>
        !File.Exists(Folder.Yaml) ? Made.Missing
        : IsDone ? Made.Done
        : Made.Begun;

    private bool IsDone =>
        SealedJson.IsWhole(Folder.Scores)
        && (
            Settings.Train is not { } train
            || (Curve.Read(Folder.Curve) is { IsEmpty: false } lines && lines[^1].Point.Iteration + 1 >= train.Iterations)
        );

    /// <summary>Why a folder that is there cannot serve: it was made with other settings.</summary>
    public string? Conflict()
    {
        if (!File.Exists(Folder.Yaml))
            return null;
        var problems = new Problems();
        if (RunYaml.Problem(Folder) is { } damaged)
            return damaged;
        if (ReadYaml.Document(ReadYaml.TextOf(Folder.Yaml), Folder.Yaml, problems) is not { } before)
            return problems.Errors.Describe();
        var changes = ResolvedYaml
            .Differences(before, Settings)
            .Where(change => !ResolvedYaml.SharesOf(Settings).Contains(change.Key))
            .ToImmutableArray();
        return changes.IsEmpty
            ? null
            : $"{Folder.Root} was made with other settings ({string.Join("; ", changes.Take(3).Select(change => $"{change.Key}: {change.Before}, now {change.Now}"))}). "
                + "Choose another --out, or remove that folder.";
    }

    /// <summary>COCO's twelve numbers of masks or boxes; null where the run has none.</summary>
    public ImmutableArray<double>? Stats(Measured what)
    {
        if (Made is not Made.Done)
            return null;
        using var scores = JsonDocument.Parse(File.ReadAllBytes(Folder.Scores));
        return
            scores.RootElement.TryGetProperty(what is Measured.Masks ? "masks" : "boxes", out var stats)
            && stats.ValueKind is JsonValueKind.Array
            ? [.. stats.EnumerateArray().Select(number => number.GetDouble())]
            : null;
    }
}

/// <summary>From a request to its runs.</summary>
internal static class TableRuns
{
    /// <summary>Every run the tables need at every seed, or everything that is wrong with their yamls.</summary>
    public static Result<ImmutableArray<PlannedRun>, ConfigErrors> Plan(TableSet set, TablesRequest request, StageTable table)
    {
        var runs = ImmutableArray.CreateBuilder<PlannedRun>();
        var errors = new List<ConfigError>();
        foreach (var (name, seed) in from seed in request.Seeds from name in set.Runs select (name, seed))
        {
            (request.PrintOnly ? Kept(request, name, seed, table) : Plan(set.Scales[request.Scale], request, name, seed, table)).Match(
                run =>
                {
                    runs.Add(run);
                    return 0;
                },
                wrong =>
                {
                    errors.AddRange(wrong.All);
                    return 0;
                }
            );
        }

        return errors.Count > 0 ? ConfigErrors.Of(errors) : runs.ToImmutable();
    }

    /// <summary>A run as its own folder tells, if there is one: to print what it measured takes neither its data nor weights.</summary>
    private static Result<PlannedRun, ConfigErrors> Kept(TablesRequest request, string name, ulong seed, StageTable table)
    {
        var run = string.Create(CultureInfo.InvariantCulture, $"{name}-seed{seed}");
        ImmutableArray<Override> place =
        [
            new("run.folder", request.Out, "--out", IsText: true),
            new("run.name", run, "--out", IsText: true),
        ];
        var folder = new RunFolder(Path.Combine(request.Out, run));
        var made = new RunRequest(folder.Yaml, new(null, [], null, null, null, null, []), Resume: false, Check: false, request.Plain);
        return File.Exists(folder.Yaml)
            ? ReadSettings.File(folder.Yaml, new Overrides(place), table).Map(settings => new PlannedRun(name, seed, made, settings))
            : new PlannedRun(name, seed, made, new PipelineSettings(new RunSettings(run, request.Out), [], null));
    }

    private static Result<PlannedRun, ConfigErrors> Plan(ScaleSpec scale, TablesRequest request, string name, ulong seed, StageTable table)
    {
        // Flow and frozen features are named by their content: all runs of the tables share them.
        ImmutableArray<string> set =
        [
            $"run.folder={Quoted(request.Out)}",
            $"stages.flow.cacheFolder={Quoted(Path.Combine(request.Out, "cache", "flow"))}",
            $"stages.forward.features.folder={Quoted(Path.Combine(request.Out, "cache", "features"))}",
            .. request.Set,
        ];
        var changes = new RunChanges(
            request.Data,
            [],
            null,
            null,
            seed,
            string.Create(CultureInfo.InvariantCulture, $"{name}-seed{seed}"),
            set,
            [.. scale.Of(name).Select(file => Path.Combine(request.Folder, file))]
        );
        var run = new RunRequest(Path.Combine(request.Folder, $"{name}.yaml"), changes, Resume: false, Check: false, request.Plain);
        return changes
            .ToOverrides()
            .Bind(overrides => ReadSettings.File(run.File, overrides, table))
            .Map(settings => new PlannedRun(name, seed, run, settings));
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
