using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Tables;
using Motion.Runner.Recordings;
using Motion.Runner.Settings;
using Motion.Runner.Streams;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Comparing;

/// <summary>motion compare, as typed.</summary>
/// <param name="Files">Yamls, two or more; each is a method.</param>
/// <param name="Data">--data of every run.</param>
/// <param name="Out">Where runs and the comparison go.</param>
/// <param name="Folds">Parts of the clips, each of which is the test of a training on the others; 1 for the yamls' own test.</param>
/// <param name="Seeds">Every fold is trained once for each.</param>
/// <param name="Set">Values changed in every run.</param>
/// <param name="Resamples">Of the bootstrap.</param>
/// <param name="Threads">Resamples measured at a time; changes no number.</param>
/// <param name="PrintOnly">Makes nothing: prints what there is.</param>
/// <param name="Plain">Progress as lines.</param>
internal sealed record CompareRequest(
    ImmutableArray<string> Files,
    string? Data,
    string Out,
    int Folds,
    int Seeds,
    ImmutableArray<string> Set,
    int Resamples,
    int Threads,
    bool PrintOnly,
    bool Plain
)
{
    /// <summary>Of the methods: the yamls' names, and their folders' too where two have one name.</summary>
    public ImmutableArray<string> Names =>
        Files.Select(Stem).Distinct(StringComparer.Ordinal).Count() == Files.Length
            ? [.. Files.Select(Stem)]
            : [.. Files.Select(file => $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))}-{Stem(file)}")];

    private static string Stem(string file) => Path.GetFileNameWithoutExtension(file);
}

/// <summary>A run of the comparison.</summary>
/// <param name="Method">Place of its yaml.</param>
/// <param name="Fold">From 0.</param>
/// <param name="Run">The run.</param>
internal sealed record FoldRun(int Method, int Fold, PlannedRun Run)
{
    /// <summary>Where what the evaluation took is recorded.</summary>
    public string Recording => RecordingFolder.Of(Run.Folder, Phase.Test, StreamStart.Fresh).In(EvaluateKind.Kind.Name);
}

/// <summary>From yamls to their runs, and from those to what is compared.</summary>
internal static class CompareRuns
{
    /// <summary>Settings in which methods may not differ, for they decide what is learnt from and for how long.</summary>
    private static readonly string[] Shared = ["stages.decode.", "train.iterations", "train.batch", "run.device"];

    /// <summary>Every run, fold by fold within each seed, the methods side by side; or everything that is wrong.</summary>
    public static Result<ImmutableArray<FoldRun>, ConfigErrors> Plan(CompareRequest request, StageTable table) =>
        from first in Settings(request, 0, seed: 1, fold: null, table)
        from clips in Clips(request, first)
        from runs in (
            from seed in Enumerable.Range(1, request.Seeds)
            from fold in Enumerable.Range(0, request.Folds)
            from method in Enumerable.Range(0, request.Files.Length)
            select Plan(request, method, seed, fold, clips, table)
        ).Sequence()
        from _ in Alike(request, [.. runs.Take(request.Files.Length)])
        select runs.ToImmutableArray();

    /// <summary>
    /// Why a folder that is there cannot serve. A run by itself may be resumed for longer; runs that are compared are as long as each
    /// other.
    /// </summary>
    public static string? Conflict(FoldRun run)
    {
        if (run.Run.Conflict() is { } conflict)
            return conflict;
        if (
            !File.Exists(run.Run.Folder.Yaml)
            || ReadYaml.Document(File.ReadAllText(run.Run.Folder.Yaml), "", new Problems()) is not Node.Map made
        )
            return null;
        var (before, now) = (
            made.Find("train") is Node.Map train && train.Find("iterations") is Node.Scalar scalar ? scalar.Text : "none",
            run.Run.Settings.Train!.Iterations.ToString(CultureInfo.InvariantCulture)
        );
        return before == now
            ? null
            : $"{run.Run.Folder.Root} was made with other settings (train.iterations: {before}, now {now}). Choose another --out, or remove that folder.";
    }

    /// <summary>What a fold tests: clips by their names, dealt out in turn, so that folds are as long as each other.</summary>
    public static (ImmutableArray<string> Learnt, ImmutableArray<string> Tested) Deal(ImmutableArray<string> clips, int folds, int fold)
    {
        var parts = clips.Order(StringComparer.Ordinal).Index().ToLookup(clip => clip.Index % folds == fold, clip => clip.Item);
        return ([.. parts[false]], [.. parts[true]]);
    }

    /// <summary>What each method has reached, or what of its runs cannot be read.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="runs">All of them, done.</param>
    /// <param name="classes">Number of categories.</param>
    public static async Task<Result<ImmutableArray<Method>, string>> Read(CompareRequest request, ImmutableArray<FoldRun> runs, int classes)
    {
        var methods = ImmutableArray.CreateBuilder<Method>();
        foreach (var (method, name) in request.Names.Index())
        {
            var seeds = ImmutableArray.CreateBuilder<ImmutableArray<MatchedClip>>();
            foreach (var seed in runs.Where(run => run.Method == method).GroupBy(run => run.Run.Seed))
            {
                var clips = new List<MatchedClip>();
                foreach (var run in seed)
                {
                    var read = await Clips(run, classes);
                    if (read is Result<ImmutableArray<MatchedClip>, string>.Error(var problem))
                        return problem;
                    clips.AddRange(read.Match(all => all, _ => []));
                }

                seeds.Add([.. clips.OrderBy(clip => clip.Clip, StringComparer.Ordinal)]);
            }

            methods.Add(new Method(name, seeds.ToImmutable()));
        }

        var names = methods.SelectMany(method => method.Seeds).Select(seed => string.Join('\n', seed.Select(clip => clip.Clip))).Distinct();
        return names.Count() == 1
            ? methods.ToImmutable()
            : $"the runs in {request.Out} were tested on different clips; remove that folder, or give another --out";
    }

    private static async Task<Result<ImmutableArray<MatchedClip>, string>> Clips(FoldRun run, int classes)
    {
        var found = new List<Detections>();
        await foreach (var next in Recording.Read(run.Recording))
        {
            if (next is Result<Message, WireError>.Error(var error))
                return error.Describe();
            if (next is Result<Message, WireError>.Ok(Detections detections))
                found.Add(detections);
        }

        return MatchedClip.Of(found, classes, new EvaluateOptions { FilledBoxes = false }).MapError(error => error.Describe());
    }

    /// <summary>Names of the clips that folds are made of; none where there is one fold.</summary>
    private static Result<ImmutableArray<string>, ConfigErrors> Clips(CompareRequest request, PipelineSettings settings)
    {
        if (request.Folds == 1)
            return ImmutableArray<string>.Empty;
        var decode = settings.Find(DecodeKind.Kind)!;
        var options = decode.Of<DecodeOptions>(Phase.Test);
        return DecodeSources
            .Open(options with { HoldOut = 0 }, settings.Seed)
            .Match(
                stage => Result.Ok<ImmutableArray<string>, ConfigErrors>([.. stage.Catalogue.Clips.Select(clip => clip.Name)]),
                error => Wrong(decode.Place, "stages.decode", error.Describe(), "Give the clips to compare on with --data.")
            )
            .Bind(clips =>
                clips.Length >= request.Folds
                    ? Result.Ok<ImmutableArray<string>, ConfigErrors>(clips)
                    : Wrong(
                        new("--folds", 0, 0),
                        "",
                        $"{request.Folds} folds need as many clips, and there are {clips.Length}",
                        "Ask for fewer folds, or bring more clips."
                    )
            );
    }

    private static Result<FoldRun, ConfigErrors> Plan(
        CompareRequest request,
        int method,
        int seed,
        int fold,
        ImmutableArray<string> clips,
        StageTable table
    )
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{request.Names[method]}-fold{fold + 1}-seed{seed}");
        var run = Request(request, method, seed, name, request.Folds == 1 ? null : Deal(clips, request.Folds, fold));
        return run
            .Changes.ToOverrides()
            .Bind(overrides => ReadSettings.File(run.File, overrides, table))
            .Map(settings => new FoldRun(method, fold, new PlannedRun(request.Names[method], (ulong)seed, run, settings)));
    }

    private static Result<PipelineSettings, ConfigErrors> Settings(
        CompareRequest request,
        int method,
        int seed,
        (ImmutableArray<string>, ImmutableArray<string>)? fold,
        StageTable table
    )
    {
        var run = Request(request, method, seed, request.Names[method], fold);
        return run
            .Changes.ToOverrides()
            .Bind(overrides => ReadSettings.File(run.File, overrides, table))
            .Bind(settings =>
                settings.Find(EvaluateKind.Kind) is null || settings.Train is null
                    ? Wrong(
                        new(run.File, 1, 1),
                        "",
                        "it does not train, or does not evaluate",
                        "Compare yamls with train and stages.evaluate."
                    )
                    : Result.Ok<PipelineSettings, ConfigErrors>(settings)
            );
    }

    private static RunRequest Request(
        CompareRequest request,
        int method,
        int seed,
        string name,
        (ImmutableArray<string> Learnt, ImmutableArray<string> Tested)? fold
    ) =>
        new(
            request.Files[method],
            new RunChanges(
                request.Data,
                [],
                null,
                null,
                (ulong)seed,
                name,
                [
                    $"run.folder={Quoted(request.Out)}",
                    $"stages.flow.cacheFolder={Quoted(Path.Combine(request.Out, "cache", "flow"))}",
                    $"stages.forward.features.folder={Quoted(Path.Combine(request.Out, "cache", "features"))}",
                    // What is compared is read from what the evaluation was fed: detections and truth alone, a few kB a frame.
                    "stages.evaluate.from=[forward]",
                    "stages.evaluate.tracks=false",
                    "stages.evaluate.record=true",
                    .. fold is { } part
                        ? new[]
                        {
                            "stages.decode.holdOut=0",
                            $"stages.decode.train.clips={List(part.Learnt)}",
                            $"stages.decode.test.clips={List(part.Tested)}",
                        }
                        : [],
                    .. request.Set,
                ]
            ),
            Resume: false,
            Check: false,
            request.Plain
        );

    /// <summary>Methods that learn from other clips, or for longer, would be compared in that.</summary>
    private static Result<Unit, ConfigErrors> Alike(CompareRequest request, ImmutableArray<FoldRun> methods)
    {
        var first = methods[0].Run.Settings;
        var errors = methods
            .Skip(1)
            .SelectMany(other =>
                ResolvedYaml
                    .Differences(ResolvedYaml.Document(first), other.Run.Settings)
                    .Concat(Lengths(first, other.Run.Settings))
                    .Where(change => Shared.Any(key => change.Key.StartsWith(key, StringComparison.Ordinal)))
                    .Select(change => new ConfigError(
                        new(request.Files[other.Method], 0, 0),
                        change.Key,
                        $"is {change.Now}, and {change.Before} in {request.Files[0]}",
                        "Methods are compared on the same data for as long as each other: give both one value, with --set for instance."
                    ))
            )
            .ToArray();
        return errors.Length > 0 ? ConfigErrors.Of(errors) : default(Unit);
    }

    /// <summary>A resumed run may be longer, so that <see cref="ResolvedYaml.Differences"/> does not look at it.</summary>
    private static IEnumerable<(string Key, string Before, string Now)> Lengths(PipelineSettings first, PipelineSettings other) =>
        first.Train!.Iterations == other.Train?.Iterations
            ? []
            : [("train.iterations", $"{first.Train.Iterations}", other.Train is { } train ? $"{train.Iterations}" : "nothing")];

    private static ConfigErrors Wrong(Place place, string key, string problem, string remedy) =>
        ConfigErrors.Of([new(place, key, problem, remedy)]);

    private static string List(ImmutableArray<string> clips) => $"[{string.Join(", ", clips.Select(Quoted))}]";

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
