using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Motion.Contracts;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Flow;
using Motion.Forward;
using Motion.Pipeline.Labelling;
using Motion.Pipeline.Models;
using Motion.Pipeline.Predicting;
using Motion.Runner.Folders;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Text;

namespace Motion.Pipeline.Cli;

/// <summary>motion predict, as typed.</summary>
internal sealed record PredictRequest(
    ImmutableArray<string> Sources,
    string Model,
    string Out,
    ImmutableArray<string> Clips,
    int Threads,
    double Score,
    int Shortest,
    ImmutableArray<string> Set
);

/// <summary>motion predict.</summary>
internal static class PredictCommand
{
    public static Command Create(StageTable table)
    {
        var videos = new VideoOptions("Any value of the model's settings.");
        var model = new Option<string>("--model")
        {
            Description =
                "Folder of a model (motion label's DIR/model, motion model save), a run's folder, or a .pth or .safetensors file.",
            Required = true,
            HelpName = "M",
        };
        var score = new Option<double>("--score")
        {
            Description = "Least score of what is followed over time (masks.json); results.json has all.",
            DefaultValueFactory = _ => 0.3,
            HelpName = "S",
        };
        var shortest = new Option<int>("--shortest")
        {
            Description = "Fewest frames of a track in masks.json.",
            DefaultValueFactory = _ => 3,
            HelpName = "N",
        };
        score.Within(0, 1);
        shortest.Within(1, int.MaxValue);
        var command = new Command(
            "predict",
            """
            Find objects and their masks in videos without any box, with a model that was trained before, and follow them over time.

              motion predict --model masks/model --source next.mp4 --out found
              motion predict --model runs/davis --source videos --out found --score 0.5

            In DIR: results.json (COCO results of every frame) with images.json (which image_id is which frame, and whether the model has learnt
            from it), masks.json (tracks, YouTube-VIS). Frames are read one after the other, so the length of a video costs no memory. Ctrl-C
            stops; the same command goes on where it stopped, and ends in the same bytes.
            """
        )
        {
            model,
            score,
            shortest,
        };
        videos.AddTo(command);
        command.SetAction(
            (parsed, _) =>
                Run(
                    new(
                        videos.Sources(parsed),
                        parsed.GetRequiredValue(model),
                        videos.Out(parsed),
                        videos.Clips(parsed),
                        videos.Threads(parsed),
                        parsed.GetValue(score),
                        parsed.GetValue(shortest),
                        videos.Set(parsed)
                    ),
                    table
                )
        );
        return command;
    }

    private static async Task<int> Run(PredictRequest request, StageTable table)
    {
        using var stop = new Interrupt();
        var folder = new LabelFolder(request.Out);
        string[] targets = ["results.json", "images.json", "masks.json"];
        if (
            OwnFolder.Refusal(
                OwnFolder.Predict,
                folder.Root,
                [.. targets.Select(name => Path.Combine(folder.Root, name)), folder.Work, folder.Progress],
                [.. request.Sources, request.Model]
            ) is
            { } taken
        )
            return Complain.Now(taken, ExitCode.BadUsage);
        return await OwnWork.Run(OwnFolder.Predict, folder, progress => Work(request, progress, table, stop.Soon));
    }

    private static async Task<Result<int, LabelError>> Work(
        PredictRequest request,
        ProgressFile progress,
        StageTable table,
        CancellationToken stop
    )
    {
        var folder = new LabelFolder(request.Out);
        Directory.CreateDirectory(folder.Work);
        var begun = TimeProvider.System.GetTimestamp();
        var prepared =
            from found in ModelFolder.Open(request.Model).MapError(error => new LabelError(error.Describe()))
            from sources in GivenVideos
                .Find(request.Sources, request.Clips, folder.Links)
                .MapError(error => new LabelError(error.Describe()))
            from readable in sources.Clips.IsEmpty
                ? new LabelError(sources.Broken.IsEmpty ? "There is no video." : string.Join('\n', sources.Broken))
                : Result.Ok<GivenVideos, LabelError>(sources)
            from read in Recipe
                .Settings(
                    new LabelRequest(request.Sources, request.Out)
                    {
                        Iterations = 1,
                        Threads = request.Threads,
                        Set = request.Set,
                    },
                    readable,
                    found.Weights,
                    found.Yaml,
                    [],
                    table
                )
                .MapError(errors => new LabelError(errors.Describe(), LabelFault.Usage))
            select (found, readable, Recipe.Fitted(read, found));
        if (prepared is not Result<(Model, GivenVideos, PipelineSettings), LabelError>.Ok(var (model, footage, settings)))
            return prepared.Match(_ => 0, error => Result.Error<int, LabelError>(error));
        foreach (var broken in footage.Broken)
            Console.Error.WriteLine($"motion: {broken}");
        var names =
            model.Card?.Classes
            ?? (
                model.Fit is { Head.Classes: HeadClasses.Dataset }
                    ? [.. Enumerable.Range(1, ModelFolder.ClassesOf(model.Weights)).Select(i => $"class-{i}")]
                    : ["object"]
            );
        var catalogue = new Catalogue([.. names.Select((name, i) => new Category(i + 1, name))], footage.Clips);
        var spool = Path.Combine(folder.Work, PredictWork.NameOf(settings, model.Weights, footage));
        foreach (var old in Directory.GetFiles(folder.Work, "detections-*.jsonl").Where(file => file != spool))
            File.Delete(old);
        var links = new LinkOptions { Most = 100 };
        var (pace, problems) = (new Pace(), new List<string>(footage.Broken));
        var run = await PredictWork.Run(
            settings,
            new RunFolder(settings.RunFolder),
            catalogue,
            model.Weights,
            spool,
            links,
            Reached,
            text => Console.Error.WriteLine($"motion: {text}"),
            stop
        );
        if (run is Result<Unit, StartError>.Error(var failed))
            return new LabelError(failed.Describe());
        problems.AddRange(Spool.Problems(spool));
        PredictFiles.WriteResults(Path.Combine(request.Out, "results.json"), spool, catalogue);
        var (seen, learnt) = (0, 0);
        PredictFiles.WriteImages(
            Path.Combine(request.Out, "images.json"),
            catalogue,
            (clip, frame) =>
            {
                seen++;
                var known = model.Card?.Learnt.Any(one => one.Video == clip && (one.Frames.IsEmpty || one.Frames.Contains(frame))) == true;
                learnt += known ? 1 : 0;
                return known;
            }
        );
        var tracks = PredictFiles.WriteTracks(folder.Masks, spool, catalogue, links, request.Score, request.Shortest);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tracks} tracks in {seen} frames of {catalogue.Clips.Length} {(catalogue.Clips.Length == 1 ? "video" : "videos")} in {Words.Duration(TimeProvider.System.GetElapsedTime(begun).TotalSeconds)}: {folder.Masks}"
            )
        );
        Console.WriteLine(
            learnt == 0
                ? "The model has learnt from no frames of videos of these names."
                : $"The model has learnt from {learnt} frames of videos of these names: if they are the same videos, their scores say nothing of unseen ones."
        );
        progress.Say(new(Doing.Done, seen, seen, 0, problems.Count == 0 ? "done" : string.Join(' ', problems)));
        return problems.Count == 0
            ? ExitCode.Done
            : Complain.Now($"named above is what is missing of {footage.Clips.Length + footage.Broken.Length} videos.", ExitCode.BadInput);

        void Reached(long done, long all)
        {
            pace.Seen(done, TimeProvider.System.GetElapsedTime(begun).TotalSeconds);
            progress.Say(new(Doing.Masks, done, all, pace.SecondsEach * (all - done), $"frame {done} of {all}"));
        }
    }
}
