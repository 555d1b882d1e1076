using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Taking;
using Motion.Runner.Folders;
using Motion.Runner.Processes;
using Motion.Studio;

namespace Motion.Pipeline.Cli;

/// <summary>motion studio: the page in the browser.</summary>
internal static class StudioCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Videos, folders of videos, or folders of pictures; this folder where none is named.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var folder = new Option<string?>("--out")
        {
            Description = "The project's folder: boxes, masks, what is taken away; studio/NAME of the first path where not given.",
            HelpName = "DIR",
        };
        var port = new Option<int>("--port")
        {
            Description = "Of the page's address; any that is free where not given.",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        };
        var cache = new Option<int>("--cache")
        {
            Description = "Megabytes of decoded frames that are kept on disk.",
            HelpName = "MB",
            DefaultValueFactory = _ => 2048,
        };
        var threads = new Option<int?>("--threads") { Description = "Of the labelling, as motion label has it.", HelpName = "N" };
        var command = new Command(
            "studio",
            """
            Boxes and masks in the browser: draw boxes in a few frames, label, look at the worst first, correct, take away.

              motion studio street.mp4
              motion studio videos/ --out project        a folder of videos; the project can be opened again with the same line
              motion studio DAVIS/JPEGImages/480p/dog

            Prints an address that works on this machine only, and in the browser that opened it. Every change is kept at once, in the project's folder: studio.json
            is what was drawn, boxes.json the same for motion label and motion data. Ctrl-C ends it. In the page ? shows the keys.
            """
        )
        {
            paths,
            folder,
            port,
            cache,
            threads,
        };
        command.SetAction(
            (parsed, cancel) =>
                Run(
                    parsed.GetValue(paths) is { Length: > 0 } named ? named : ["."],
                    parsed.GetValue(folder),
                    parsed.GetValue(port),
                    parsed.GetValue(cache),
                    parsed.GetValue(threads),
                    cancel
                )
        );
        return command;
    }

    private static async Task<int> Run(string[] paths, string? folder, int port, int cacheMegabytes, int? threads, CancellationToken cancel)
    {
        if (port is < 0 or > 65535 || cacheMegabytes < 1 || threads < 1)
        {
            return Complain.Now("--port must be from 0 to 65535, --cache and --threads at least 1.", ExitCode.BadUsage);
        }

        var root = folder ?? Path.Combine("studio", Path.GetFileNameWithoutExtension(Path.GetFullPath(paths[0]).TrimEnd('/')));
        using var claim = ClaimFolder
            .Hold(root, "studio.lock")
            .Match<FileStream?>(
                held => held,
                error =>
                {
                    Console.Error.WriteLine($"motion: {error.Describe()}");
                    return null;
                }
            );
        if (claim is null)
        {
            return ExitCode.BadUsage;
        }

        var opened = Project.Open(root, paths);
        if (opened is not Result<Project, DecodeError>.Ok(var project))
        {
            return Complain.Now(opened.Match(_ => "", error => error.Describe()), ExitCode.BadInput);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        StudioServer server;
        try
        {
            server = await StudioServer.Start(project, Tools(threads), new StudioOptions(port, (long)cacheMegabytes << 20), stop.Token);
        }
        catch (IOException e)
        {
            return Complain.Now($"port {port} cannot be had: {e.Message.TrimEnd('.')}. Give another --port, or none.", ExitCode.BadInput);
        }

        await using (server)
        {
            Console.WriteLine(
                $"{project.Videos.Length} videos, kept in {Legible.Line(root)}. Open this in a browser of this machine (Ctrl-C ends it; every change is kept at once):\n\n  {server.Address}\n"
            );
            await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return ExitCode.Done;
    }

    private static StudioTools Tools(int? threads) =>
        new(
            plan => Labelled(plan, threads),
            [.. TakeForm.All.Select(form => (form.Name, form.Words))],
            async (masks, sources, form, folder, progress, cancel) =>
                (
                    await TakeAway.Write(
                        masks,
                        sources,
                        [TakeForm.Of(form)!],
                        folder,
                        new OverlayOptions(),
                        (_, done, of) => progress(done, of),
                        cancel
                    )
                ).Map(taken => (taken[0].Path, taken[0].Lost))
        );

    /// <summary>This program again, as motion label; what it says goes to log.txt of its folder.</summary>
    private static LabelJob Labelled(LabelPlan plan, int? threads)
    {
        var (program, before) = ChildProcess.ThisProgram();
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (
            var argument in (string[])
                [
                    .. before,
                    .. plan.ToArguments(),
                    .. threads is { } number
                        ? new[] { "--threads", number.ToString(System.Globalization.CultureInfo.InvariantCulture) }
                        : [],
                ]
        )
        {
            info.ArgumentList.Add(argument);
        }

        var process = Process.Start(info)!;
        Leaving.Running(process);
        return new LabelJob(Followed(process, Path.Combine(plan.Out, "log.txt")), () => Leaving.Ask(process));
    }

    private static async Task<LabelEnd> Followed(Process process, string log)
    {
        var (gate, last) = (new Lock(), "");
        await using (var text = new StreamWriter(log) { AutoFlush = true })
        {
            void Heard(string? line)
            {
                if (line is not null)
                {
                    lock (gate)
                    {
                        text.WriteLine(line);
                        last = line.Length > 0 ? line : last;
                    }
                }
            }

            process.OutputDataReceived += (_, line) => Heard(line.Data);
            process.ErrorDataReceived += (_, line) => Heard(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await process.WaitForExitAsync();
        }

        Leaving.Gone(process);
        var code = process.ExitCode;
        process.Dispose();
        return new LabelEnd(code, last.StartsWith("motion: ", StringComparison.Ordinal) ? last["motion: ".Length..] : last);
    }
}
