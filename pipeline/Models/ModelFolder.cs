using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Motion.Contracts;
using Motion.Forward;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using TorchSharp;

namespace Motion.Pipeline.Models;

/// <summary>Frames of a video that a model has learnt from.</summary>
internal sealed record LearntFrom(string Video, ImmutableArray<int> Frames);

/// <summary>What there is to know of a model.</summary>
/// <param name="Classes">In the order of its scores.</param>
/// <param name="Command">That made it.</param>
/// <param name="Seed">Of the training.</param>
/// <param name="Threads">Of the training; its bytes depend on them.</param>
/// <param name="Processor">On which it was trained.</param>
/// <param name="Iterations">Steps over all sittings.</param>
/// <param name="Half">Whether its numbers are float16.</param>
/// <param name="Learnt">Frames that its boxes were of.</param>
/// <param name="Weights">Where its numbers began, each with its licence as far as it is known.</param>
/// <param name="Figures">What was measured of it, each with what it was measured on.</param>
internal sealed record ModelCard(
    ImmutableArray<string> Classes,
    string Command,
    ulong Seed,
    int Threads,
    string Processor,
    int Iterations,
    bool Half,
    ImmutableArray<LearntFrom> Learnt,
    ImmutableArray<string> Weights,
    ImmutableArray<string> Figures
)
{
    /// <summary>Checksum of the boxes that it was trained on last; null where it is not known.</summary>
    public string? Boxes { get; init; }

    /// <summary>Steps that were asked for then; null where the usual number was taken.</summary>
    public int? Asked { get; init; }
}

/// <summary>Why a model cannot be had.</summary>
internal sealed record ModelError(string Text) : IStageError
{
    public string Describe() => Legible.Line(Text);
}

/// <summary>A model to be used: its settings as yaml, its numbers, its classes.</summary>
/// <param name="Yaml">Settings, and the file that they are from; null for those of the usual recipe.</param>
/// <param name="Weights">The file.</param>
/// <param name="Card">Null where nothing is known of it.</param>
/// <param name="Fit">Of a bare file: the options that its names and shapes tell.</param>
internal sealed record Model((string Text, string File)? Yaml, string Weights, ModelCard? Card, ForwardOptions? Fit);

/// <summary>
/// A model as a folder: weights.safetensors, model.yaml (the settings that it was made with), card.json, and CARD.md for people.
/// </summary>
internal static class ModelFolder
{
    public const string WeightsName = "weights.safetensors";
    public const string YamlName = "model.yaml";
    public const string CardName = "card.json";
    public const string PageName = "CARD.md";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Finds a model in its folder, a run's folder, or a file of weights.</summary>
    public static Result<Model, ModelError> Open(string path)
    {
        if (File.Exists(path))
            return OfFile(path);
        if (!Directory.Exists(path))
            return new ModelError(
                $"{path} is not there. Name a folder that motion model save or motion label wrote, a run's folder, or a .pth or .safetensors file."
            );
        if (File.Exists(Path.Combine(path, YamlName)) && File.Exists(Path.Combine(path, WeightsName)))
        {
            return ReadCard(path)
                .Map(card => new Model(
                    (File.ReadAllText(Path.Combine(path, YamlName)), Path.Combine(path, YamlName)),
                    Path.Combine(path, WeightsName),
                    card,
                    null
                ));
        }

        var run = new RunFolder(path);
        if (!File.Exists(run.Yaml))
            return new ModelError($"{path} holds no model: there is neither {YamlName} with {WeightsName} nor a run's run.yaml.");
        return run.AllCheckpoints() is [.., var last]
            ? new Model((File.ReadAllText(run.Yaml), run.Yaml), last.Path, OfRun(run), null)
            : new ModelError($"{path} has no checkpoint yet. Train it: {run.ResumeCommand}");
    }

    private static Result<Model, ModelError> OfFile(string path) =>
        Beside(path) is { } folder ? Open(folder)
        : RunOf(path) is { } run ? new Model((File.ReadAllText(run.Yaml), run.Yaml), path, OfRun(run), null)
        : WeightFiles
            .Read(path)
            .Match(
                weights =>
                {
                    using (weights)
                    {
                        var shapes = weights
                            .All.Where(pair => !pair.Key.StartsWith(ForwardWeights.MomentumPrefix, StringComparison.Ordinal))
                            .ToDictionary(pair => pair.Key, pair => pair.Value.shape, StringComparer.Ordinal);
                        return ForwardWeights.Recognise(shapes) is { Setting: "weights" } fit
                            ? new Model(null, path, null, fit.Options)
                            : Result.Error<Model, ModelError>(
                                new($"{path} holds no detector with masks. motion weights inspect {path} says what it holds.")
                            );
                    }
                },
                error => new ModelError($"{path}: {error.Problem}")
            );

    /// <summary>The run that a checkpoint is of.</summary>
    private static RunFolder? RunOf(string path) =>
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(path))) is { } above
        && new RunFolder(above) is var run
        && File.Exists(run.Yaml)
        && run.AllCheckpoints().Any(one => Path.GetFullPath(one.Path) == Path.GetFullPath(path))
            ? run
            : null;

    /// <summary>The folder of a model whose weights are named.</summary>
    private static string? Beside(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Path.GetFileName(path) == WeightsName && File.Exists(Path.Combine(folder, YamlName)) ? folder : null;
    }

    /// <summary>What a run's folder tells.</summary>
    private static ModelCard? OfRun(RunFolder run)
    {
        var catalogue = new[] { Phase.Train, Phase.Test }.Select(run.Catalogue).FirstOrDefault(File.Exists);
        if (catalogue is null)
            return null;
        var known = Facts.ReadCatalogue(catalogue);
        return new(
            [.. known.Categories.Select(category => category.Name)],
            run.ResumeCommand,
            0,
            0,
            "",
            run.AllCheckpoints().LastOrDefault().Iteration,
            false,
            [.. known.Clips.Select(clip => new LearntFrom(clip.Name, []))],
            [],
            []
        );
    }

    private static Result<ModelCard?, ModelError> ReadCard(string folder)
    {
        var path = Path.Combine(folder, CardName);
        try
        {
            return !File.Exists(path) ? Result.Ok<ModelCard?, ModelError>(null)
                : JsonSerializer.Deserialize<ModelCard>(File.ReadAllBytes(path), Json) is { Classes.IsDefault: false } card
                    ? card with
                    {
                        Learnt = card.Learnt.IsDefault ? [] : card.Learnt,
                        Weights = card.Weights.IsDefault ? [] : card.Weights,
                        Figures = card.Figures.IsDefault ? [] : card.Figures,
                    }
                : new ModelError($"{path} is no card of a model: it names no classes. Save the model again with motion model save.");
        }
        catch (JsonException e)
        {
            return new ModelError($"{path} cannot be read: {e.Message.TrimEnd('.')}. Save the model again with motion model save.");
        }
    }

    /// <summary>Scores that a file's class layer gives.</summary>
    public static int ClassesOf(string weights) =>
        WeightFiles
            .Read(weights)
            .Match(
                read =>
                {
                    using (read)
                        return (int)(
                            read
                                .All.Where(pair => pair.Key.EndsWith("cls_logits.bias", StringComparison.Ordinal))
                                .Select(pair => pair.Value.shape[0])
                                .FirstOrDefault(1)
                        );
                },
                _ => 1
            );

    /// <summary>
    /// Writes a model's folder, the weights last but the page: a folder that was left half-way has no model of another's name in it.
    /// </summary>
    /// <param name="folder">Where.</param>
    /// <param name="settings">That it was made with.</param>
    /// <param name="weights">A checkpoint.</param>
    /// <param name="card">What is known of it.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static Result<Unit, ModelError> Save(string folder, PipelineSettings settings, string weights, ModelCard card)
    {
        var options = settings.OptionsOf<ForwardOptions>(ForwardKind.Kind, Phase.Train)!;
        return ForwardStage
            .ReadWeights(weights, options with { Weights = weights }, card.Classes.Length)
            .Match(
                read =>
                {
                    using (read)
                    {
                        Directory.CreateDirectory(folder);
                        WholeFile.Write(Path.Combine(folder, YamlName), ResolvedYaml.Text(Bare(settings)));
                        var halved = card.Half
                            ? Weights.Of(
                                read.All.Select(pair =>
                                        KeyValuePair.Create(
                                            pair.Key,
                                            pair.Value.dtype == torch.ScalarType.Float32
                                                ? pair.Value.to(torch.ScalarType.Float16).DetachFromDisposeScope()
                                                : pair.Value.alias().DetachFromDisposeScope()
                                        )
                                    )
                                    .ToList()
                            )
                            : null;
                        using (halved)
                        {
                            var written = Safetensors.WriteSealed(
                                Path.Combine(folder, WeightsName),
                                (halved ?? read).All,
                                [new("format", "motion-model-1"), new("classes", string.Join(", ", card.Classes))]
                            );
                            if (written is Result<Unit, WeightsError>.Error(var problem))
                                return new ModelError($"{Path.Combine(folder, WeightsName)}: {problem.Problem}");
                        }

                        WholeFile.Write(Path.Combine(folder, CardName), JsonSerializer.Serialize(card, Json) + "\n");
                        WholeFile.Write(Path.Combine(folder, PageName), Page(card));
                        return Result.Ok<Unit, ModelError>(default);
                    }
                },
                error => new ModelError(error.Describe())
            );
    }

    /// <summary>The settings without the files of the training: whoever uses the model names their own.</summary>
    private static PipelineSettings Bare(PipelineSettings settings) =>
        settings with
        {
            Stages =
            [
                .. settings.Stages.Select(stage =>
                    stage.Kind == ForwardKind.Kind
                        ? stage with
                        {
                            Options = stage.Options.ToImmutableDictionary(
                                pair => pair.Key,
                                pair => (object)Bare((ForwardOptions)pair.Value)
                            ),
                        }
                        : stage
                ),
            ],
        };

    private static ForwardOptions Bare(ForwardOptions options) =>
        options with
        {
            Weights = WeightsName,
            Backbone = options.Backbone with { Weights = null },
            Features = options.Features with { Folder = null },
        };

    /// <summary>The card for people.</summary>
    public static string Page(ModelCard card)
    {
        var text = new StringBuilder(
            "# A model of Motion.Pipeline\n\nA detector with masks (BoxInst with a second stream for optical flow), trained from boxes alone.\n\n"
        );
        Line("classes", string.Join(", ", card.Classes));
        Line(
            "learnt from",
            card.Learnt.IsEmpty
                ? "not known"
                : string.Join(
                    "; ",
                    card.Learnt.Select(one => one.Frames.IsEmpty ? one.Video : $"{one.Video} ({one.Frames.Length} frames with boxes)")
                )
        );
        Line("steps", $"{card.Iterations}");
        Line("seed, threads, processor", $"{card.Seed}, {card.Threads}, {card.Processor}");
        Line("numbers", card.Half ? "float16" : "float32");
        Line("command", $"`{card.Command}`");
        foreach (var origin in card.Weights)
            Line("weights from", origin);
        foreach (var figure in card.Figures)
            Line("figure", figure);
        text.Append(
            "\nUse it: `motion predict --model THIS-FOLDER --source VIDEO --out DIR`, or `motion label --model THIS-FOLDER ...` where you have boxes.\n"
        );
        return text.ToString();

        void Line(string name, string value) => text.Append($"- {name}: {(value.Trim(' ', ',').Length == 0 ? "not known" : value)}\n");
    }
}
