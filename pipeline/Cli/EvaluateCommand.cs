using System.CommandLine;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Pipeline.Evaluating;
using Motion.Runner.Recordings;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>What motion evaluate was asked.</summary>
internal sealed record EvaluateRequest(
    string Truths,
    string Results,
    CocoType? Type,
    string? Json,
    bool PerClass,
    string? Curves,
    ReadingPolicy Policy,
    int Threads,
    bool Times,
    bool Force = false
)
{
    /// <summary>How many detections count.</summary>
    public DetectionLimits Limits { get; init; } = DetectionLimits.Usual;

    /// <summary>By whose rules.</summary>
    public CocoRules Rules { get; init; }
}

/// <summary>motion evaluate: COCO's and YouTube-VIS' numbers of anybody's files.</summary>
internal static class EvaluateCommand
{
    private const long ProgressFromBytes = 20 << 20;
    private const int PipedWidth = 160;

    private const string Lesson = """
        Measure a results file against an annotation file: AP and AR as pycocotools and the YouTube-VIS API compute them, number for number.

          motion evaluate --gt instances_val2017.json --dt results.json --type segm
          motion evaluate --gt valid.json --dt results.json --type ytvis --per-class --json scores.json
          motion evaluate --gt gt.json --dt dt.json --curves curves/     precision over recall: arrays and a page
          motion evaluate --gt lvis_val.json --dt results.json --rules lvis

        docs/evaluation.md tells the conventions. A file that breaks a rule is refused with its place; --lenient leaves such items out, --as-pycocotools takes what that takes.
        """;

    public static Command Create()
    {
        var truths = new Option<string>("--gt")
        {
            Description = "Annotations: COCO's layout, or YouTube-VIS'.",
            HelpName = "FILE",
            Required = true,
        };
        var results = new Option<string>("--dt")
        {
            Description =
                "Results: a list of {image_id, category_id, score, bbox and/or segmentation}, or of tracks {video_id, category_id, score, segmentations}.",
            HelpName = "FILE",
            Required = true,
        };
        var type = new Option<CocoType?>("--type")
        {
            Description = "bbox, segm or ytvis; what the results hold where not given.",
            HelpName = "TYPE",
        };
        var json = new Option<string?>("--json") { Description = "Write the numbers there, with all digits.", HelpName = "OUT" };
        var perClass = new Option<bool>("--per-class") { Description = "Print a table by class too." };
        var curves = new Option<string?>("--curves")
        {
            Description = "Write precision over recall there: arrays.safetensors and curves.html.",
            HelpName = "DIR",
        };
        var policy = new PolicyOptions();
        var threads = new Option<int>("--threads")
        {
            Description = "Images compared at a time; changes no number.",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var times = new Option<bool>("--times") { Description = "Print seconds and memory." };
        var force = new Option<bool>("--force") { Description = "Overwrite what --json and --curves name." };
        var limits = new Option<string[]>("--max-dets")
        {
            Description =
                "How many detections of a class count in an image (or video), the best first: one number, or three rising ones; 1 10 100 where not given.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
        };
        limits.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<string[]?>() is { Length: > 0 } numbers && Limits(numbers) is null)
                value.AddError("--max-dets is a number from 1 on, or three of them, rising: 1 10 300");
        });
        var rules = new Option<CocoRules>("--rules")
        {
            Description = "coco, or lvis: annotations whose images say of which categories they were annotated (LVIS; frames of TAO).",
            HelpName = "RULES",
            DefaultValueFactory = _ => CocoRules.Coco,
        };
        threads.Within(1, 1024);
        var command = new Command("evaluate", Lesson)
        {
            truths,
            results,
            type,
            rules,
            json,
            perClass,
            curves,
            limits,
            threads,
            times,
            force,
        };
        policy.AddTo(command);
        command.SetAction(parsed =>
            Run(
                new(
                    parsed.GetRequiredValue(truths),
                    parsed.GetRequiredValue(results),
                    parsed.GetValue(type),
                    parsed.GetValue(json),
                    parsed.GetValue(perClass),
                    parsed.GetValue(curves),
                    policy.Of(parsed),
                    parsed.GetValue(threads),
                    parsed.GetValue(times),
                    parsed.GetValue(force)
                )
                {
                    Limits =
                        parsed.GetValue(limits) is { Length: > 0 } numbers ? Limits(numbers)!
                        : parsed.GetValue(rules) == CocoRules.Lvis ? DetectionLimits.Create([LvisEvaluation.MostDetections])!
                        : DetectionLimits.Usual,
                    Rules = parsed.GetValue(rules),
                }
            )
        );
        command.Validators.Add(value =>
        {
            if (value.GetValue(rules) == CocoRules.Lvis && value.GetValue(limits) is { Length: > 0 } given && Numbers(given).Length > 1)
                value.AddError("--max-dets of --rules lvis is one number: how many detections of an image count, of all classes together");
        });
        return command;
    }

    private static DetectionLimits? Limits(string[] texts) => DetectionLimits.Create(Numbers(texts));

    /// <summary>With spaces between them or commas; 0 for what is no number.</summary>
    private static int[] Numbers(string[] texts) =>
        [
            .. texts
                .SelectMany(text => text.Split(','))
                .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0),
        ];

    public static int Run(EvaluateRequest request)
    {
        try
        {
            if (request is { Rules: CocoRules.Lvis, Policy: ReadingPolicy.AsPycocotools })
                return Complain.Now("--as-pycocotools is of COCO's rules: leave it out, or --rules lvis", ExitCode.BadUsage);
            var written = new[] { request.Json, InCurves(CurveFiles.Arrays), InCurves(CurveFiles.Page) }.OfType<string>();
            if (Outputs.Refusal(written, request.Force, [request.Truths, request.Results]) is { } taken)
                return Complain.Now(taken, ExitCode.BadUsage);

            var watch = new Stopwatches();
            return TypeOf(request)
                .Bind(type => Compare(request, type, watch))
                .Match(
                    evaluation => Tell(evaluation, request, watch),
                    error =>
                        Complain.Now(
                            error.Describe() + (error is DecodeError.BadAnnotation ? PolicyOptions.Hint(request.Policy) : ""),
                            ExitCode.BadInput
                        )
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Complain.Now($"{e.Message} Free some space or choose another place with --json and --curves.", ExitCode.BadInput);
        }

        string? InCurves(string name) => request.Curves is null ? null : Path.Combine(request.Curves, name);
    }

    private static Result<CocoType, DecodeError> TypeOf(EvaluateRequest request)
    {
        if (request.Type is { } given)
            return given;
        if (!File.Exists(request.Results))
            return new DecodeError.Missing(request.Results, "the file");
        if (File.GetAttributes(request.Results).HasFlag(FileAttributes.Device))
            return new DecodeError.BadSetting("--type", $"{request.Results} can be read only once", "Say --type bbox, segm or ytvis.");
        return CocoFiles
            .TypeOf(request.Truths, request.Results)
            .Map(type =>
            {
                Console.WriteLine(
                    $"--type {type.ToString().ToLowerInvariant()}, as the results hold {type switch { CocoType.Bbox => "boxes", CocoType.Segm => "masks", _ => "tracks" }}"
                );
                return type;
            });
    }

    /// <summary>Big files show how far they are, on a terminal.</summary>
    private static Result<FileEvaluation, DecodeError> Compare(EvaluateRequest request, CocoType type, Stopwatches watch)
    {
        var console = AnsiConsole.Console;
        Result<FileEvaluation, DecodeError> Run(Action<string, long, long>? progress) =>
            EvaluateFiles.Run(
                request.Truths,
                request.Results,
                type,
                new(
                    request.Policy,
                    request.Threads,
                    (what, done, all) =>
                    {
                        watch.Enter(what == EvaluateFiles.Comparing);
                        progress?.Invoke(what, done, all);
                    }
                )
                {
                    Limits = request.Limits,
                    Rules = request.Rules,
                }
            );
        if (
            !console.Profile.Capabilities.Interactive
            || Console.IsOutputRedirected
            || LengthOf(request.Truths) + LengthOf(request.Results) < ProgressFromBytes
        )
            return Run(null);
        return console
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn()
            )
            .Start(context =>
            {
                var tasks = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                return Run(
                    (what, done, all) =>
                    {
                        if (!tasks.TryGetValue(what, out var task))
                            tasks.Add(what, task = context.AddTask(what.EscapeMarkup(), maxValue: Math.Max(1, all)));
                        task.IsIndeterminate = all == 0;
                        task.Value = done;
                    }
                );
            });
    }

    private static long LengthOf(string path) =>
        new FileInfo(path) is { Exists: true } file && !file.Attributes.HasFlag(FileAttributes.Device) ? file.Length : 0;

    private static int Tell(FileEvaluation evaluation, EvaluateRequest request, Stopwatches watch)
    {
        var times = watch.Stop();
        foreach (var note in EvaluationText.Notes(evaluation, request.Truths, request.Results))
            Console.Error.WriteLine($"motion: {note}");
        Console.WriteLine(EvaluationText.Counts(evaluation));
        foreach (var line in EvaluationText.Summary(evaluation))
            Console.WriteLine(line);
        if (request.PerClass)
        {
            if (Console.IsOutputRedirected)
                AnsiConsole.Profile.Width = PipedWidth;
            AnsiConsole.Write(EvaluationText.Classes(evaluation));
        }

        if (request.Times)
            Console.WriteLine(times);
        if (request.Json is { } json)
            EvaluationJson.Write(evaluation, request.Truths, request.Results, json);
        return
            request.Curves is { } folder
            && CurveFiles.Write(evaluation, $"{Path.GetFileName(request.Results)}, {evaluation.Scores.Type}", folder) is { } problem
            ? Complain.Now(problem, ExitCode.BadInput)
            : ExitCode.Done;
    }
}
