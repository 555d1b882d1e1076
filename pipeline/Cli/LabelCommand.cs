using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Forward;
using Motion.Pipeline.Labelling;
using Motion.Pipeline.Models;
using Motion.Pipeline.Taking;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Text;
using Motion.Runner.Yaml;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>motion label.</summary>
internal static class LabelCommand
{
    private const string Lesson = """
        Masks for the objects in your videos, from boxes round them: every box gets one mask, and so does every frame between boxes.

          motion label --source my.mp4 --boxes my.csv --out masks          learn from the boxes, then draw; minutes
          motion label --source my.mp4 --boxes better.csv --out masks      the same again with corrected boxes: goes on from where it stood
          motion label --source videos --boxes boxes --out masks           a folder of videos, and of CLIP.csv
          motion label --source next.mp4 --boxes next.csv --model masks/model --out next     with a model that was learnt before: no training
          motion label --source DAVIS-FOLDER --clip dog --keys 5 --truth DAVIS-FOLDER --out dog    how good: boxes of every 5th frame, masks compared with all

        Boxes: CSV, JSON, CVAT, Label Studio, MOT, VIA, labelme, YOLO (docs/data.md); every fifth frame is plenty, boxes between are drawn on
        straight lines. In DIR: masks.json (YouTube-VIS, with a quality from 0 to 1 for each mask), quality.csv (worst first), report/index.html,
        model/ (to be used again), progress.json. Ctrl-C stops; the same command goes on.
        """;

    public static Command Create(StageTable table)
    {
        var videos = new VideoOptions("Any value of the recipe (pipelines/clip.yaml): stages.forward.inBoxes.threshold=0.4");
        var boxes = new Option<string?>("--boxes")
        {
            Description = "Boxes, one file, or a folder with CLIP.csv or the like; where not given, the source's own annotations.",
            HelpName = "B",
        };
        var model = new Option<string?>("--model")
        {
            Description = "A model to draw with (motion model): nothing is trained, unless --iterations says so.",
            HelpName = "M",
        };
        var iterations = new Option<int?>("--iterations")
        {
            Description =
                $"Steps of the training: {Recipe.UsualIterations} for one video and {Recipe.MoreForEach} for each further one where not given, {Recipe.AgainIterations} where a model goes on.",
            HelpName = "N",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "The seed of everything.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var review = new Option<int?>("--review") { Description = "List the N masks to distrust most.", HelpName = "N" };
        var forms = new Option<string[]>("--to")
        {
            Description = $"Write the masks in these forms too, into DIR: {string.Join(", ", TakeForm.All.Select(form => form.Name))}.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "FORM",
        };
        var truth = new Option<string?>("--truth")
        {
            Description = "True masks (a folder in DAVIS's layout, ids as in the boxes): prints the mean IoU of each clip.",
            HelpName = "FOLDER",
        };
        var keys = new Option<int>("--keys")
        {
            Description = "Use the boxes of every n-th frame alone: with --truth, what fewer boxes give.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        keys.Within(1, 1_000_000);
        iterations.Within(1, 100_000_000);
        review.Within(0, int.MaxValue);
        var command = new Command("label", Lesson) { boxes, model, iterations, seed, review, forms, truth, keys };
        videos.AddTo(command);
        command.SetAction(
            (parsed, _) =>
                Run(
                    new LabelRequest(videos.Sources(parsed), videos.Out(parsed))
                    {
                        Clips = videos.Clips(parsed),
                        Boxes = parsed.GetValue(boxes),
                        Model = parsed.GetValue(model),
                        Iterations = parsed.GetValue(iterations),
                        Threads = videos.Threads(parsed),
                        Seed = parsed.GetValue(seed),
                        Review = parsed.GetValue(review),
                        To = [.. parsed.GetValue(forms) ?? []],
                        Set = videos.Set(parsed),
                        Truth = parsed.GetValue(truth),
                        Keys = parsed.GetValue(keys),
                    },
                    table
                )
        );
        return command;
    }

    private static async Task<int> Run(LabelRequest request, StageTable table)
    {
        if (request.Truth is { } there && !Directory.Exists(there))
            return Complain.Now($"--truth {there}: there is no such folder.", ExitCode.BadInput);
        if (request.To.FirstOrDefault(form => TakeForm.Of(form) is null) is { } unknown)
            return Complain.Now(
                $"--to {unknown}: no such form. There are {string.Join(", ", TakeForm.All.Select(form => form.Name))}.",
                ExitCode.BadUsage
            );
        var folder = new LabelFolder(request.Out);
        using var stop = new Interrupt();
        if (OwnFolder.Refusal(OwnFolder.Label, folder.Root, folder.Targets(request.To), request.Read) is { } taken)
            return Complain.Now(taken, ExitCode.BadUsage);
        return await OwnWork.Run(
            OwnFolder.Label,
            folder,
            progress =>
            {
                progress.Say(new(Doing.Flow, 0, 0, null, "reading the videos and the boxes"));
                return Work(request, folder, progress, table, stop.Soon);
            }
        );
    }

    /// <summary>What is drawn with: settings, weights, the classes that the weights know, and where the run lies.</summary>
    private sealed record Means(PipelineSettings Settings, RunFolder Folder, string Weights, ImmutableArray<string> Classes);

    private static async Task<Result<int, LabelError>> Work(
        LabelRequest request,
        LabelFolder folder,
        ProgressFile progress,
        StageTable table,
        CancellationToken stop
    )
    {
        Directory.CreateDirectory(folder.Cache);
        using var log = new RunLog(folder.Log, TimeProvider.System, text => Console.Error.WriteLine($"motion: {text}"));
        var begun = (Wall: TimeProvider.System.GetTimestamp(), Cpu: Environment.CpuUsage.TotalTime);
        if (GivenVideos.Find(request.Sources, request.Clips, folder.Links) is not Result<GivenVideos, DecodeError>.Ok(var footage))
            return new LabelError(GivenVideos.Find(request.Sources, request.Clips, folder.Links).Match(_ => "", error => error.Describe()));
        foreach (var broken in footage.Broken)
            log.Warn(broken);
        var planned = await LabelWork.Plan(request, footage);
        if (planned is not Result<LabelPlan, LabelError>.Ok(var plan))
            return planned.Match(_ => 0, error => Result.Error<int, LabelError>(error));
        stop.ThrowIfCancellationRequested();
        var means = await Prepare(request, folder, footage, plan, progress, log, table, stop);
        if (means is not Result<Means, LabelError>.Ok(var with))
            return means.Match(_ => 0, error => Result.Error<int, LabelError>(error));
        stop.ThrowIfCancellationRequested();
        var classes = new Catalogue([.. with.Classes.Select((name, i) => new Category(i + 1, name))], plan.Catalogue.Clips);
        var drawing = await LabelWork.Draw(with.Settings, with.Folder, plan, classes, with.Weights, progress, log.Warn, stop);
        if (drawing is not Result<(ImmutableArray<DrawnClip> Clips, ImmutableArray<string> Problems), LabelError>.Ok(var drawn))
            return drawing.Match(_ => 0, error => Result.Error<int, LabelError>(error));
        MaskFiles.Write(folder.Masks, plan.Catalogue, drawn.Clips);
        MaskFiles.WriteQualities(folder.Quality, plan.Catalogue, drawn.Clips);
        ImmutableArray<string> problems = [.. footage.Broken, .. drawn.Problems];
        ReportPage.Write(
            folder,
            plan.Catalogue,
            drawn.Clips,
            [.. drawn.Clips.SelectMany(clip => clip.Shots.Worst).OrderBy(shot => shot.Worst).Take(24)],
            [.. drawn.Clips.SelectMany(clip => clip.Shots.Even)],
            problems
        );
        foreach (var problem in drawn.Problems)
            log.Warn(problem);
        Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{drawn.Clips.Sum(clip => clip.Frames.Sum(frame => frame.Length))} masks of {drawn.Clips.Length} {(drawn.Clips.Length == 1 ? "video" : "videos")} in {Words.Duration(TimeProvider.System.GetElapsedTime(begun.Wall).TotalSeconds)} ({(Environment.CpuUsage.TotalTime - begun.Cpu).TotalSeconds:0} CPU seconds): {folder.Masks}, to look at: {folder.Page}"
            )
        );
        foreach (var (clip, frame, mask) in MaskFiles.WorstFirst(drawn.Clips).Take(request.Review ?? 0))
            Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {mask.Quality:0.00}  {clip}, frame {frame}, object {mask.Id} ({plan.Catalogue.Categories[mask.Class].Name})"
                )
            );
        var measured = await Truth(request, folder, drawn.Clips);
        if (measured is Result<Unit, LabelError>.Error(var wrong))
            return wrong;
        if (await TakeAwayIn(request, folder, stop) is { } refused)
            return refused;
        progress.Say(new(Doing.Done, plan.Masks, plan.Masks, 0, problems.IsEmpty ? "done" : string.Join(' ', problems)));
        return problems.IsEmpty
            ? ExitCode.Done
            : Complain.Now(
                $"{drawn.Clips.Length} of {footage.Clips.Length + footage.Broken.Length} videos are done; named above is what is missing.",
                ExitCode.BadInput
            );
    }

    private static async Task<Result<Unit, LabelError>> Truth(LabelRequest request, LabelFolder folder, ImmutableArray<DrawnClip> clips) =>
        request.Truth is not { } truth
            ? default(Unit)
            : (await Measure.Of(clips, truth)).Match(
                all =>
                {
                    WholeFile.Write(folder.Measured, Measure.Csv(all));
                    foreach (var line in Measure.Lines(all))
                        Console.WriteLine(line);
                    return Result.Ok<Unit, LabelError>(default);
                },
                error => new LabelError(error.Describe())
            );

    /// <summary>A line; names of videos and of paths, which may hold anything, do not break it.</summary>
    private static void Say(string line) => Console.WriteLine(Legible.Line(line));

    /// <summary>The masks in every form that was asked for, beside masks.json; one that cannot be written keeps no other back.</summary>
    private static async Task<LabelError?> TakeAwayIn(LabelRequest request, LabelFolder folder, CancellationToken stop)
    {
        var failed = new List<string>();
        foreach (var form in request.To.Distinct(StringComparer.Ordinal).Select(name => TakeForm.Of(name)!))
        {
            var taken = await TakeAway.Write(
                folder.Masks,
                request.Sources,
                [form],
                folder.Root,
                new OverlayOptions(Threads: request.Threads),
                null,
                stop
            );
            taken.Match(
                all =>
                {
                    foreach (var (_, path, lost) in all)
                        Say($"{form.Name}: {path}{(lost.IsEmpty ? "" : $"; it does not hold {string.Join("; ", lost)}")}");
                    return 0;
                },
                error =>
                {
                    failed.Add($"--to {form.Name}: {error.Describe()}");
                    return 0;
                }
            );
        }

        return failed.Count == 0 ? null : new LabelError(string.Join('\n', failed));
    }

    private static Task<Result<Means, LabelError>> Prepare(
        LabelRequest request,
        LabelFolder folder,
        GivenVideos footage,
        LabelPlan plan,
        ProgressFile progress,
        RunLog log,
        StageTable table,
        CancellationToken stop
    )
    {
        var boxes = ChecksumOf(plan);
        ImmutableArray<string> classes = [.. plan.Catalogue.Categories.Select(category => category.Name)];
        var kept = File.Exists(Path.Combine(folder.Model, ModelFolder.CardName)) ? folder.Model : null;
        if ((request.Model ?? kept) is not { } path)
            return Train(request, folder, footage, plan, null, boxes, classes, progress, log, table, stop);
        if (ModelFolder.Open(path) is not Result<Model, ModelError>.Ok(var model))
        {
            return Task.FromResult(Result.Error<Means, LabelError>(new(ModelFolder.Open(path).Match(_ => "", error => error.Describe()))));
        }

        var asBefore =
            request.Model is null
            && model.Card is { } card
            && card.Boxes == boxes
            && (request.Iterations is null || (request.Iterations == card.Asked && request.Seed == card.Seed));
        if (!asBefore && (request.Iterations is not null || request.Model is null))
            return Train(request, folder, footage, plan, model, boxes, classes, progress, log, table, stop);
        if (asBefore)
            log.Note("the boxes are those that the model was trained on: nothing is trained");
        var known = model.Card?.Classes ?? (model.Fit?.Head.Classes is HeadClasses.Agnostic or null ? ["object"] : classes);
        if (!known.SequenceEqual(classes, StringComparer.Ordinal))
            log.Warn(
                $"the model knows {string.Join(", ", known)} and the boxes are of {string.Join(", ", classes)}: masks are drawn in the boxes, with the boxes' classes. --iterations N lets the model learn them."
            );
        return Task.FromResult(
            Recipe
                .Settings(request with { Iterations = 1 }, footage, model.Weights, model.Yaml, [], table)
                .Match(
                    settings =>
                        Result.Ok<Means, LabelError>(
                            new(Recipe.Fitted(settings, model), new RunFolder(settings.RunFolder), model.Weights, known)
                        ),
                    errors => new LabelError(errors.Describe(), LabelFault.Usage)
                )
        );
    }

    private static async Task<Result<Means, LabelError>> Train(
        LabelRequest request,
        LabelFolder folder,
        GivenVideos footage,
        LabelPlan plan,
        Model? model,
        string boxes,
        ImmutableArray<string> classes,
        ProgressFile progress,
        RunLog log,
        StageTable table,
        CancellationToken stop
    )
    {
        var read = Recipe.Settings(request, footage, model?.Weights, model?.Yaml, classes, table);
        if (read is not Result<PipelineSettings, ConfigErrors>.Ok(var plain))
            return new LabelError(read.Match(_ => "", errors => errors.Describe()), LabelFault.Usage);
        var settings = model is null ? plain : Recipe.Fitted(plain, model);
        var steps = settings.Train!.Iterations;
        var estimate = Expect.Seconds(settings, plan);
        var sentence =
            $"learning from the boxes first: {steps} steps{(model is null ? "" : $" on from {model.Weights}")}, about {Words.Duration(estimate)} on this machine if it has nothing else to do";
        log.Note(sentence);
        Say(sentence);
        progress.Say(new(Doing.Features, 0, steps, estimate, sentence));
        var plainLines = !AnsiConsole.Console.Profile.Capabilities.Interactive || Console.IsOutputRedirected;
        var trained = await LabelWork.Train(settings, table, progress, plainLines, stop);
        if (trained is not Result<(string Weights, RunFolder Folder, int Iterations), LabelError>.Ok(var done))
            return trained.Match(_ => new LabelError(""), error => error);
        var card = new ModelCard(
            classes,
            $"motion label --source {string.Join(' ', request.Sources)}{(request.Boxes is { } file ? $" --boxes {file}" : "")} --iterations {steps} --seed {request.Seed} --threads {request.Threads}",
            request.Seed,
            request.Threads,
            Processor.Name,
            (model?.Card?.Iterations ?? 0) + done.Iterations,
            false,
            [
                .. (model?.Card?.Learnt ?? []).Where(one => plan.Catalogue.Clips.All(clip => clip.Name != one.Video)),
                .. plan.Catalogue.Clips.Select(
                    (clip, i) =>
                        new LearntFrom(
                            clip.Name,
                            [.. plan.Boxes[i].Index().Where(frame => frame.Item.Any(box => box.Given)).Select(frame => frame.Index)]
                        )
                ),
            ],
            model?.Card?.Weights is { IsEmpty: false } origins
                ? origins
                : ModelCommand.Origins(settings.OptionsOf<ForwardOptions>(ForwardKind.Kind, Phase.Train)!.Backbone.Weights),
            []
        )
        {
            Boxes = boxes,
            Asked = request.Iterations,
        };
        return ModelFolder
            .Save(folder.Model, settings, done.Weights, card)
            .Match(
                _ => Result.Ok<Means, LabelError>(new(settings, done.Folder, done.Weights, classes)),
                error => new LabelError(error.Describe())
            );
    }

    /// <summary>Of the boxes that somebody drew, and what they are of.</summary>
    private static string ChecksumOf(LabelPlan plan)
    {
        var hash = new XxHash128();
        foreach (var (clip, frames) in plan.Catalogue.Clips.Zip(plan.Boxes))
        {
            var given = frames
                .Index()
                .SelectMany(frame =>
                    frame
                        .Item.Where(box => box.Given)
                        .Select(box =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{frame.Index} {box.Instance.Id} {plan.Catalogue.Categories[box.Instance.Class].Name} {box.Instance.Box}"
                            )
                        )
                );
            hash.Append(Encoding.UTF8.GetBytes($"{clip}|{string.Join('|', given)}\n"));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
