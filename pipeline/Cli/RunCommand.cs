using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Show;
using Motion.Report;
using Motion.Runner.Folders;
using Motion.Runner.Processes;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;
using Motion.Runner.Text;
using Motion.Runner.Yaml;
using Spectre.Console;
using TorchSharp;

namespace Motion.Pipeline.Cli;

/// <summary>motion run.</summary>
internal static class RunCommand
{
    public static Task<int> Run(RunRequest request, StageTable table) =>
        request
            .Changes.ToOverrides()
            .Bind(overrides => Settings(request, overrides, table))
            .Match(
                settings => request.Check ? Print(settings) : Start(request, settings, table),
                errors => Complain.Say(errors.Describe(), ExitCode.BadUsage)
            );

    /// <summary>As the yaml says; of a run that goes on, where it is now and with the schedule that it began with.</summary>
    private static Result<PipelineSettings, ConfigErrors> Settings(RunRequest request, Overrides overrides, StageTable table)
    {
        if (!request.Resume)
            return ReadSettings.File(request.File, overrides, table);
        var (file, there) = RunPlace.Enter(request.File, overrides);
        return from settings in ReadSettings.File(file, there, table)
            let kept = ClaimFolder.KeptShares(settings)
            from same in kept.IsEmpty ? settings : ReadSettings.File(file, there with { Values = there.Values.AddRange(kept) }, table)
            select Told(same, kept);
    }

    private static PipelineSettings Told(PipelineSettings settings, ImmutableArray<Override> kept)
    {
        foreach (var value in kept)
            Console.WriteLine(
                $"{value.Path} stays {value.Value}, as the run began: it was a share of the iterations that were planned then"
            );
        return settings;
    }

    private static Task<int> Print(PipelineSettings settings)
    {
        Console.Write($"# {DrawGraph.Line(settings)}\n{ResolvedYaml.Text(settings)}");
        return Task.FromResult(ExitCode.Done);
    }

    private static Task<int> Start(RunRequest request, PipelineSettings settings, StageTable table)
    {
        if (settings.Run.Device.StartsWith("cuda", StringComparison.Ordinal) && !torch.cuda.is_available())
        {
            return Complain.Say(
                $"run.device is {settings.Run.Device}, but this program was built without CUDA, or the machine has no GPU that it can use. Set run.device: cpu, or build with -p:MotionTorch=cuda (docs/install.md).",
                ExitCode.BadUsage
            );
        }

        var stop = new Interrupt(); // before there is anything to be left half done
        return (request.Resume ? ClaimFolder.Again(settings) : ClaimFolder.New(settings)).Match(
            claim => Run(request, claim, stop, table),
            error =>
            {
                stop.Dispose();
                return Complain.Say(error.Describe(), ExitCode.BadUsage);
            }
        );
    }

    private static async Task<int> Run(RunRequest request, Claim claim, Interrupt interrupt, StageTable table)
    {
        using var stop = interrupt;
        using var held = claim;
        ListeningSocket.Sweep();
        var clock = TimeProvider.System;
        var console = AnsiConsole.Console;
        var plain = request.Plain || !console.Profile.Capabilities.Interactive || Console.IsOutputRedirected;
        using var log = new RunLog(claim.Folder.Log, clock, text => Warn(text, plain, console));
        log.Note($"motion run {request.File}, folder {claim.Folder.Root}, process {Environment.ProcessId}, on {Processor.Name}");
        Console.WriteLine($"run {claim.Settings.Run.Name} in {claim.Folder.Root}: {DrawGraph.Line(claim.Settings)}");
        if (request.Changes.Unmeasured)
            Console.WriteLine("no boxes were named, so nothing is measured; the detections are kept");
        stop.Warn = log.Warn;
        using var shown = new CancellationTokenSource();
        var status = new RunStatus(clock);
        var display = Task.WhenAll(
            Display.Run(status, console, plain, shown.Token),
            Stall.Watch(status, TimeSpan.FromSeconds(claim.Settings.Run.Silence), clock, log.Warn, shown.Token)
        );
        var begun = clock.GetTimestamp();
        var ended = await Guard(() =>
            RunPipeline.Run(
                new(claim.Settings, claim.Folder, table, status, log, clock, ChildProcess.Launcher(log))
                {
                    Evaluated = (evaluation, catalogue) => Scores.WriteAll(evaluation, catalogue, claim.Folder),
                },
                stop.Soon
            )
        );
        await shown.CancelAsync();
        await display;
        if (ended.Outcome is null)
            return Failed(ended, claim, log);
        Report(ended.Outcome, claim, clock.GetElapsedTime(begun), console);
        log.Note("done");
        return ExitCode.Done;
    }

    /// <summary>The table that renews itself makes room for a line written through its own console.</summary>
    private static void Warn(string text, bool plain, IAnsiConsole console)
    {
        if (plain)
            Console.Error.WriteLine($"motion: {text}");
        else
            console.WriteLine($"motion: {text}");
    }

    private static async Task<(Outcome? Outcome, Exception? Failure)> Guard(Func<Task<Outcome>> run)
    {
        try
        {
            return (await run(), null);
        }
        catch (Exception e)
        {
            return (null, e);
        }
    }

    private static int Failed((Outcome?, Exception? Failure) ended, Claim claim, RunLog log)
    {
        var (text, code) = ended.Failure switch
        {
            OperationCanceledException => ($"stopped. Go on with: {claim.Folder.ResumeCommand}", ExitCode.Interrupted),
            StartFailed { Error: var error } => (
                $"{(claim.Settings.Find(error.Stage) is { } stage ? $"{stage.Place}: " : "")}{error.Describe()}",
                ExitCode.BadInput
            ),
            StageStopped { Fault: { IsBug: false } fault } => ($"{fault.Stage}: {fault.Text}", ExitCode.BadInput),
            StageStopped { Fault: var fault } => ($"a mistake of this program in {fault.Stage}: {fault.Text}", ExitCode.Bug),
            IOException e => ($"{e.Message}", ExitCode.BadInput),
            var e => ($"a mistake of this program: {e}", ExitCode.Bug),
        };
        log.Note(text);
        Complain.Now(text, code);
        if (code is ExitCode.Bug)
            Console.Error.WriteLine($"motion: please report it with {claim.Folder.Log} and {claim.Folder.Yaml}.");
        else if (code is ExitCode.BadInput && !claim.Folder.AllCheckpoints().IsEmpty)
            Console.Error.WriteLine($"motion: once mended, go on with: {claim.Folder.ResumeCommand}{Without(ended.Failure, claim)}");
        return code;
    }

    /// <summary>Frames that cannot be used can be left out.</summary>
    private static string Without(Exception? failure, Claim claim) =>
        failure is StageStopped { Fault.Stage: var name }
        && claim.Settings.Find(name) is { Placement.OnError: OnError.Stop } stage
        && stage.Kind.In(Phase.Test)?.Gives is { } gives
        && (gives == typeof(FramePair) || gives == typeof(FlowFrame))
            ? $"; or without such frames: {claim.Folder.ResumeCommand} --set stages.{name}.onError=skip"
            : "";

    private static void Report(Outcome outcome, Claim claim, TimeSpan took, IAnsiConsole console)
    {
        if (outcome.Evaluation is { } evaluation)
            Summary.Print(evaluation, console);
        foreach (var sentence in outcome.Skipped)
            Console.WriteLine(sentence);
        if (outcome.SecondsPerIteration is { } seconds)
            Console.WriteLine($"{outcome.Iterations} iterations, {seconds:0.000} s each");
        var html = Path.Combine(claim.Folder.Output(ReportKind.Kind.Name), ReportStage.PageName);
        Console.WriteLine($"done in {Words.Duration(took.TotalSeconds)}: {(File.Exists(html) ? html : claim.Folder.Root)}");
    }
}
