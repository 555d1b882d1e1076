using System.Diagnostics;
using Motion.Contracts;
using Motion.Pipeline.Cli;
using Motion.Runner.Folders;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>
/// The program as it is started, with the real stages and real processes: a handful of starts of .NET and libtorch, a second or two each,
/// which nothing else covers.
/// </summary>
public sealed class ExecutableTests : MotionProgram
{
    internal const string Yaml = """
        run: {name: real, seed: 3}
        stages:
          decode: {source: synthetic, synthetic: {clips: 2, frames: 3, height: 32, width: 48, objectsMax: 2}}
          flow: {network: zero}
          forward:
            backbone: {network: small, smallChannels: [8, 8, 8, 8], freeze: none}
            pyramid: {channels: 16}
            head: {towerConvs: 1, boxBias: 1}
            mask: {branchConvs: 1, branchChannels: 8, channels: 8}
            view: {shortestSides: [32], testShortestSide: 32}
            optimiser: {warmup: 5}
          loss: {}
          evaluate: {}
          report: {}
        train: {iterations: 60, batch: 2, checkpointEvery: 20}
        """;

    public ExecutableTests() => File.WriteAllText(Path.Combine(Here, "real.yaml"), Yaml);

    /// <summary>The final state, the scores and the results: the bytes that a run is for.</summary>
    private void AssertSame(string expected, string actual)
    {
        foreach (var file in new[] { "checkpoints/iteration-000060.safetensors", "metrics.json", "report/results.json" })
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(Folder(expected).Root, file))
                    .AsSpan()
                    .SequenceEqual(File.ReadAllBytes(Path.Combine(Folder(actual).Root, file))),
                file
            );
        }
    }

    [Fact]
    public async Task Run_InOneProcessOrMany_KilledOrStopped_EndsInTheSameBytes()
    {
        await Succeeds("run", "real.yaml");
        await InManyProcessesKilledTwice();
        AssertSame("real", "many");
        await Succeeds("replay", "runs/many", "--stage", "loss");
        await StoppedAndResumed();
        AssertSame("real", "stopped");
    }

    /// <summary>Of the whole group, as a terminal sends it: the second one ends a run at once that is still at its last step.</summary>
    [Fact]
    public async Task Run_StoppedTwice_EndsAtOnceAndLeavesNothing()
    {
        using var run = Start(["run", "real.yaml", "--name", "twice", "--set", "train.iterations=100000", .. Owns]);
        await Reached("twice", 1, run);
        await Signal(run, "TERM");
        await Signal(run, "TERM");
        var said = await run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == ExitCode.Interrupted, said);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        await NobodyIsLeft();
    }

    [Fact]
    public async Task Stages_WhoseRunnerWasKilled_EndByThemselves()
    {
        using var run = Start(["run", "real.yaml", "--name", "orphans", "--set", "train.iterations=100000", .. Owns]);
        await Reached("orphans", 1, run);
        await Signal(run, "KILL");
        await run.WaitForExitAsync();
        await NobodyIsLeft();
    }

    private static readonly string[] Owns =
    [
        "stages.decode.process=own",
        "stages.flow.process=own",
        "stages.forward.process=own",
        "stages.loss.process=own",
    ];

    private static async Task Signal(Process process, string name)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Processes of stages have the run's folder on their command line.</summary>
    private async Task NobodyIsLeft()
    {
        string[] left = [];
        for (var looks = 0; looks < 100; looks++)
        {
            left = [.. (await CommandLines()).Where(line => line.Contains(Here, StringComparison.Ordinal))];
            if (left.Length == 0)
                break;
            await Task.Delay(100);
        }

        Assert.Empty(left);
    }

    /// <summary>Of all processes: from /proc where there is one, else from ps.</summary>
    private static async Task<IEnumerable<string>> CommandLines()
    {
        if (Directory.Exists("/proc/self"))
            return Directory
                .EnumerateDirectories("/proc")
                .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
                .Select(CommandLine);
        using var list = Process.Start(
            new ProcessStartInfo("ps", ["-A", "-w", "-w", "-o", "args="]) { RedirectStandardOutput = true, UseShellExecute = false }
        )!;
        return (await list.StandardOutput.ReadToEndAsync()).Split('\n');
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has gone
        }
    }

    /// <summary>The flow's process, and later the trainer's, get SIGKILL in the middle of the training.</summary>
    private async Task InManyProcessesKilledTwice()
    {
        using var run = Start(
            "run",
            "real.yaml",
            "--name",
            "many",
            "--set",
            "stages.decode.process=own",
            "stages.flow.process=own",
            "stages.flow.copies=2",
            "stages.forward.process=own",
            "stages.loss.process=own",
            "stages.evaluate.process=own",
            "stages.report.process=own",
            "stages.loss.record=true",
            "stages.forward.buffer=1"
        );
        foreach (var (stage, iteration) in new[] { ("flow", 1), ("forward", 30) })
        {
            await Reached("many", iteration, run);
            var log = await File.ReadAllTextAsync(Folder("many").Log);
            var number = log.Split('\n').Last(line => line.Contains($"{stage} runs in process", StringComparison.Ordinal)).Split(' ')[^1];
            using var child = Process.GetProcessById(int.Parse(number));
            child.Kill();
            await Logged(
                "many",
                stage is "flow"
                    ? "the process of flow was ended by signal 9; starting it again"
                    : "the process of forward was ended by signal 9",
                run
            );
        }

        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == ExitCode.Done, await run.StandardError.ReadToEndAsync());
    }

    private async Task StoppedAndResumed()
    {
        using var run = Start("run", "real.yaml", "--name", "stopped");
        await Reached("stopped", 2, run);
        // SIGTERM, which is handled as Ctrl-C is: a test run started in the background hands an ignored SIGINT on to its children.
        await EndsWell(run, "TERM");
        using var again = Start("run", "runs/stopped/run.yaml", "--resume");
        await Reached("stopped", Curve.Read(Folder("stopped").Curve).Length, again);
        await EndsWell(again, "HUP");
        await Succeeds("run", "runs/stopped/run.yaml", "--resume");
    }

    private static async Task EndsWell(Process run, string signal)
    {
        await Signal(run, signal);
        await run.WaitForExitAsync();
        var said = await run.StandardError.ReadToEndAsync();
        Assert.True(run.ExitCode == ExitCode.Interrupted, said);
        Assert.Contains("motion run runs/stopped/run.yaml --resume", said, StringComparison.Ordinal);
    }

    /// <summary>
    /// One disturbance is dealt with before the next: a trainer that dies meanwhile would end the flow's process with the rest.
    /// </summary>
    private async Task Logged(string name, string text, Process run)
    {
        while (!(await File.ReadAllTextAsync(Folder(name).Log)).Contains(text, StringComparison.Ordinal))
        {
            Assert.False(run.HasExited, $"the run ended without saying: {text}");
            await Task.Delay(5);
        }
    }

    private async Task Reached(string name, int iteration, Process run)
    {
        while (Curve.Read(Folder(name).Curve).Length <= iteration)
        {
            Assert.False(run.HasExited, "the run ended before it could be disturbed");
            await Task.Delay(5);
        }
    }

    [Fact]
    public async Task CommandLine_ThatIsWrong_IsExitCode2()
    {
        Assert.Equal(ExitCode.BadUsage, (await Motion("run")).Code);
        var (code, _, error) = await Motion("run", "real.yaml", "--set", "stages.flow.netwrok=zero", "run.threads=0");
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains(
            "--set stages.flow.netwrok: stages.flow: the key netwrok is not known here. Did you mean network?",
            error,
            StringComparison.Ordinal
        );
        Assert.Contains("--set run.threads: run.threads: got \"0\". Expected a whole number in 1 .. 256.", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Here, "runs")));
    }

    [Fact]
    public async Task Run_OfAFileThatIsNotThere_IsExitCode3()
    {
        var (code, _, error) = await Motion("run", "real.yaml", "--set", "stages.decode.source=frames", "stages.decode.path=nowhere");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("nowhere", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Motion_WithoutArguments_Teaches()
    {
        var (code, output, _) = await Motion();
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("motion run pipeline.yaml", output, StringComparison.Ordinal);
        var (_, help, _) = await Motion("--help");
        Assert.StartsWith(output.TrimEnd(), help, StringComparison.Ordinal);
        Assert.Contains("\n  tables    Make or resume the runs", help, StringComparison.Ordinal);
        var (_, own, _) = await Motion("figures", "--help");
        Assert.Contains("--baseline", own, StringComparison.Ordinal);
        Assert.DoesNotContain("\n  stage ", help, StringComparison.Ordinal); // what only the runner starts is not listed
    }
}
