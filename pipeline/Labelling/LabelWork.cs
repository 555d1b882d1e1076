using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Show;
using Motion.Runner.Folders;
using Motion.Runner.Processes;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Text;
using Motion.Runner.Yaml;
using Spectre.Console;

namespace Motion.Pipeline.Labelling;

/// <summary>Whose a failure is.</summary>
internal enum LabelFault
{
    /// <summary>A file or video cannot be used.</summary>
    Input,

    /// <summary>What was typed is wrong.</summary>
    Usage,

    /// <summary>The user stopped.</summary>
    Stopped,
}

/// <summary>Why a labelling cannot be done.</summary>
internal sealed record LabelError(string Text, LabelFault Fault = LabelFault.Input);

/// <summary>What a labelling begins with.</summary>
/// <param name="Catalogue">Classes of the boxes, and the clips.</param>
/// <param name="Boxes">Of each clip, of each frame.</param>
internal sealed record LabelPlan(Catalogue Catalogue, ImmutableArray<ImmutableArray<ImmutableArray<KeyedBox>>> Boxes)
{
    public long Masks => Boxes.Sum(clip => clip.Sum(frame => (long)frame.Length));
}

/// <summary>From footage and boxes to masks: plans, trains where no finished model was named, draws.</summary>
internal static class LabelWork
{
    public static async Task<Result<LabelPlan, LabelError>> Plan(LabelRequest request, GivenVideos footage)
    {
        if (footage.Clips.IsEmpty)
            return new LabelError(footage.Broken.Length > 0 ? string.Join('\n', footage.Broken) : "There is no video to label.");
        var options = new DecodeOptions
        {
            Source = footage.Kind,
            Path = footage.Path,
            Boxes = request.Boxes,
            Clips = [.. footage.Clips.Select(clip => clip.Name)],
            Keys = request.Keys,
        };
        return (await DecodeSources.Annotations(options)).Match(
            found =>
                found.Annotated.All(clip => clip.Values.All(frame => frame.Instances.IsEmpty))
                    ? new LabelError(
                        request.Boxes is { } file
                            ? $"{file} has no box of {Named(footage)}: draw at least one, or find objects without boxes with: {Hints.Program} predict --model DIR"
                            : $"There are no boxes: name a file of them with --boxes (docs/data.md lists the forms), or find objects without boxes with: {Hints.Program} predict --model DIR"
                    )
                    : Result.Ok<LabelPlan, LabelError>(
                        new(
                            found.Catalogue,
                            [.. found.Annotated.Select((clip, i) => BetweenKeys.Of(clip, found.Catalogue.Clips[i].Frames))]
                        )
                    ),
            error => new LabelError(error.Describe())
        );
    }

    private static string Named(GivenVideos footage) =>
        footage.Clips.Length == 1 ? footage.Clips[0].Name : $"any of the {footage.Clips.Length} videos";

    /// <summary>Trains in a run of its own below the folder, and tells where the weights are.</summary>
    public static async Task<Result<(string Weights, RunFolder Folder, int Iterations), LabelError>> Train(
        PipelineSettings settings,
        StageTable table,
        ProgressFile progress,
        bool plain,
        CancellationToken stop
    )
    {
        var unfinished = new RunFolder(settings.RunFolder);
        var claimed =
            File.Exists(unfinished.Yaml) && ClaimFolder.Again(settings) is Result<Claim, ClaimError>.Ok(var old)
                ? Result.Ok<Claim, ClaimError>(old)
                : ClaimFolder.New(settings);
        if (claimed is not Result<Claim, ClaimError>.Ok(var claim))
            return claimed.Match(_ => new LabelError(""), error => new LabelError(error.Describe()));
        using var held = claim;
        var (clock, console) = (TimeProvider.System, AnsiConsole.Console);
        using var log = new RunLog(claim.Folder.Log, clock, text => Console.Error.WriteLine($"motion: {text}"));
        log.Note($"motion label, folder {claim.Folder.Root}, process {Environment.ProcessId}, on {Processor.Name}");
        using var shown = new CancellationTokenSource();
        var status = new RunStatus(clock);
        var display = Task.WhenAll(Display.Run(status, console, plain, shown.Token), Watch(status, progress, shown.Token));
        try
        {
            var outcome = await RunPipeline.Run(
                new(claim.Settings, claim.Folder, table, status, log, clock, ChildProcess.Launcher(log)),
                stop
            );
            stop.ThrowIfCancellationRequested();
            return claim.Folder.AllCheckpoints() is [.., var last]
                ? (last.Path, claim.Folder, outcome.Iterations)
                : new LabelError($"{claim.Folder.Root}: the training left no checkpoint.");
        }
        catch (Runner.Stations.StartFailed e)
        {
            return new LabelError(e.Error.Describe());
        }
        catch (Runner.Streams.StageStopped e) when (!e.Fault.IsBug)
        {
            return new LabelError($"{e.Fault.Stage}: {e.Fault.Text}");
        }
        finally
        {
            await shown.CancelAsync();
            await display;
        }
    }

    private static async Task Watch(RunStatus status, ProgressFile progress, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            if (status.Phase is { } phase)
            {
                var done = status.Point?.Iteration + 1 ?? 0;
                progress.Say(
                    done == 0
                        ? new(Doing.Features, 0, phase.Iterations, null, "looking at the frames for the first time")
                        : new(
                            Doing.Training,
                            done,
                            phase.Iterations,
                            phase.Pace.SecondsEach * (phase.Iterations - done),
                            $"learning from the boxes, step {done} of {phase.Iterations}"
                        )
                );
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
        }
    }

    /// <summary>Every clip in turn; one that fails is named, and the others are done.</summary>
    public static async Task<Result<(ImmutableArray<DrawnClip> Clips, ImmutableArray<string> Problems), LabelError>> Draw(
        PipelineSettings settings,
        RunFolder folder,
        LabelPlan plan,
        Catalogue classes,
        string weights,
        ProgressFile progress,
        Action<string> warn,
        CancellationToken stop
    )
    {
        return await Labeller
            .Open(settings, folder, classes, weights, warn)
            .Match(
                async labeller =>
                    Result.Ok<(ImmutableArray<DrawnClip>, ImmutableArray<string>), LabelError>(await Draw(labeller, plan, progress, stop)),
                error =>
                    Task.FromResult(Result.Error<(ImmutableArray<DrawnClip>, ImmutableArray<string>), LabelError>(new(error.Describe())))
            );
    }

    private static async Task<(ImmutableArray<DrawnClip> Clips, ImmutableArray<string> Problems)> Draw(
        Labeller labeller,
        LabelPlan plan,
        ProgressFile progress,
        CancellationToken stop
    )
    {
        var (drawn, problems) = (ImmutableArray.CreateBuilder<DrawnClip>(), ImmutableArray.CreateBuilder<string>());
        var (done, all, pace, begun) = (
            0L,
            plan.Catalogue.Clips.Sum(clip => (long)clip.Frames),
            new Pace(),
            TimeProvider.System.GetTimestamp()
        );
        foreach (var (index, clip) in plan.Catalogue.Clips.Index())
        {
            var result = await labeller.Clip(clip, plan.Boxes[index], Reached, stop);
            result.Match(
                found =>
                {
                    drawn.Add(found);
                    if (found.Problem is { } problem)
                        problems.Add(problem);
                    return 0;
                },
                error =>
                {
                    problems.Add(error.Describe());
                    return 0;
                }
            );
        }

        return (drawn.ToImmutable(), problems.ToImmutable());

        void Reached()
        {
            pace.Seen(++done, TimeProvider.System.GetElapsedTime(begun).TotalSeconds);
            progress.Say(new(Doing.Masks, done, all, pace.SecondsEach * (all - done), $"drawing masks, frame {done} of {all}"));
        }
    }
}
