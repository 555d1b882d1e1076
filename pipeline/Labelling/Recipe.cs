using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.Decode;
using Motion.Forward;
using Motion.Pipeline.Models;
using Motion.Pipeline.Taking;
using Motion.Runner.Settings;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Labelling;

/// <summary>
/// The settings of a labelling: those of pipelines/clip.yaml, which this program carries with it, or of a model, and what the request says.
/// </summary>
internal static class Recipe
{
    private const string Name = "clip.yaml";
    private const string Source = "motion label";

    /// <summary>Iterations of a training for one video.</summary>
    public const int UsualIterations = 600;

    /// <summary>Iterations that each further video adds.</summary>
    public const int MoreForEach = 300;

    /// <summary>Iterations where a model goes on.</summary>
    public const int AgainIterations = 150;

    /// <summary>Flow and features of a frame take some 12 MB of disk; of more frames than these they are made again instead.</summary>
    private const long MostKeptFrames = 600;

    public static string Text
    {
        get
        {
            using var stream = typeof(Recipe).Assembly.GetManifestResourceStream(Name)!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    /// <param name="request">What was asked.</param>
    /// <param name="footage">What it is of.</param>
    /// <param name="weights">What the training goes on from; null to begin with the backbone alone.</param>
    /// <param name="yaml">Settings to begin with and their file's name; the recipe where null.</param>
    /// <param name="classes">Of the boxes, in their order; empty to take those that occur.</param>
    /// <param name="table">The stages there are.</param>
    public static Result<PipelineSettings, ConfigErrors> Settings(
        LabelRequest request,
        GivenVideos footage,
        string? weights,
        (string Text, string File)? yaml,
        ImmutableArray<string> classes,
        StageTable table
    )
    {
        var folder = new LabelFolder(request.Out);
        var values = ImmutableArray.CreateBuilder<Override>();
        Add("run.name", "train");
        Say("run.folder", folder.Work);
        Add("run.seed", request.Seed.ToString(CultureInfo.InvariantCulture));
        Add("run.threads", request.Threads.ToString(CultureInfo.InvariantCulture));
        Add("stages.evaluate", "null");
        Add("stages.report", "null");
        Add("stages.decode.source", footage.Kind is SourceKind.Video ? "video" : "frames");
        Say("stages.decode.path", footage.Path);
        Add("stages.decode.clips", $"[{string.Join(", ", footage.Clips.Select(clip => Quoted(clip.Name)))}]");
        if (request.Boxes is { } boxes)
            Say("stages.decode.boxes", boxes);
        else
            Add("stages.decode.boxes", "null");
        Add("stages.decode.categories", $"[{string.Join(", ", classes.Select(Quoted))}]");
        Add("stages.decode.keys", request.Keys.ToString(CultureInfo.InvariantCulture));
        Add("stages.decode.between", "true");
        Add("stages.decode.every", "1");
        Add("stages.decode.onError", "skip");
        Say("stages.decode.cacheFolder", folder.Cache);
        Say("stages.flow.cacheFolder", folder.Cache);
        if (footage.Clips.Sum(clip => (long)clip.Frames) <= MostKeptFrames)
            Say("stages.forward.features.folder", folder.Cache);
        else
            Add("stages.flow.cache", "false");
        if (yaml is null)
        {
            Add("stages.decode.classes", "from-file");
            Add("stages.forward.head.classes", "dataset");
            Add("stages.flow.network", "dis");
            Add("stages.flow.weights", "null");
            // One fast vector does not wash out the rest: over 19 clips .551 became .569, though one lost (docs/experiments.md).
            Add("stages.forward.flowPicture.normaliser", "percentile");
        }

        if (weights is not null)
            Say("stages.forward.weights", weights);
        if (yaml is null)
            Add("train.batch", "1"); // steps are clipped, so two small ones go further than a large one
        Add("train.iterations", Iterations(request, footage, weights).ToString(CultureInfo.InvariantCulture));
        var set = request.Set.Select(text => text.Split('=', 2)).ToArray();
        if (set.FirstOrDefault(parts => parts.Length != 2) is { } wrong)
            return ConfigErrors.Of([new(new("--set", 0, 0), "", $"got \"{wrong[0]}\"", "Expected KEY=VALUE.")]);
        values.AddRange(set.Select(parts => new Override(parts[0].Trim(), parts[1], $"--set {parts[0].Trim()}")));
        return ReadSettings.Text(yaml?.Text ?? Text, yaml?.File ?? Name, new Overrides(values.ToImmutable()), table);

        static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

        void Add(string key, string value) => values.Add(new(key, value, Source, BothPhases: true));

        void Say(string key, string value) => values.Add(new(key, value, Source, IsText: true, BothPhases: true));
    }

    /// <summary>The settings with the sizes that a bare file of weights tells.</summary>
    public static PipelineSettings Fitted(PipelineSettings settings, Model model) =>
        model.Fit is not { } fit
            ? settings
            : settings with
            {
                Stages =
                [
                    .. settings.Stages.Select(stage =>
                        stage.Kind != ForwardKind.Kind
                            ? stage
                            : stage with
                            {
                                Options = stage.Options.ToImmutableDictionary(
                                    pair => pair.Key,
                                    pair =>
                                        (object)(
                                            (ForwardOptions)pair.Value with
                                            {
                                                Pyramid = fit.Pyramid,
                                                Fusion = fit.Fusion,
                                                Mask = fit.Mask,
                                                Head = ((ForwardOptions)pair.Value).Head with
                                                {
                                                    Classes = fit.Head.Classes,
                                                    TowerConvs = fit.Head.TowerConvs,
                                                },
                                            }
                                        )
                                ),
                            }
                    ),
                ],
            };

    public static int Iterations(LabelRequest request, GivenVideos footage, string? weights) =>
        request.Iterations
        ?? (weights is null ? UsualIterations + (MoreForEach * (footage.Clips.Length - 1)) : AgainIterations * footage.Clips.Length);
}

/// <summary>What a labelling leaves, and where.</summary>
internal sealed record LabelFolder(string Root)
{
    public string Masks => Path.Combine(Root, "masks.json");

    public string Quality => Path.Combine(Root, "quality.csv");

    public string Progress => Path.Combine(Root, "progress.json");

    public string Model => Path.Combine(Root, "model");

    public string Page => Path.Combine(Root, "report", "index.html");

    /// <summary>Trainings, and what can be made again.</summary>
    public string Work => Path.Combine(Root, "work");

    public string Cache => Path.Combine(Work, "cache");

    public string Links => Path.Combine(Work, "sources");

    public string Log => Path.Combine(Root, "log.txt");

    public string Measured => Path.Combine(Root, "measured.csv");

    /// <summary>Everything that a labelling writes; log.txt may be there already, as it is where the studio starts one.</summary>
    /// <param name="forms">Names of forms of <see cref="TakeForm"/>.</param>
    public IEnumerable<string> Targets(IEnumerable<string> forms) =>
        [
            Masks,
            Quality,
            Measured,
            Progress,
            Model,
            Path.GetDirectoryName(Page)!,
            Work,
            .. from form in forms from videos in new[] { 1, 2 } select TakeAway.PathOf(TakeForm.Of(form)!, Root, videos),
        ];
}
