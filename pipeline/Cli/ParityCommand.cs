using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using Motion.Contracts;
using Motion.Parity;
using Motion.Pipeline.Published;
using Motion.Pipeline.Show;
using Motion.Runner.Text;
using Spectre.Console;
using static TorchSharp.torch;

namespace Motion.Pipeline.Cli;

/// <summary>motion parity, as typed.</summary>
internal sealed record ParityRequest(string Folder, string? Json, string? Only, bool IsList, int Threads, bool Force = false);

/// <summary>motion parity.</summary>
internal static class ParityCommand
{
    private const string Lesson = """
        Recompute a folder of reference numbers with this program's own stages, and compare.

          motion parity oracles/gma                          every quantity, its difference, its tolerance, a verdict
          motion parity oracles/boxinst --only case_a        only the cases whose name holds case_a
          motion parity oracles/boxinst --list               what would be checked
          motion parity oracles/gma --json parity.json       the same for machines, unrounded

        Files are recognised by what they hold; docs/parity.md tells the forms, the tolerances and their reasons.
        Exit codes: 0 all agree, 1 something differs or cannot be compared, 2 bad command line, 3 no such folder or nothing in it is understood.
        """;

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of reference numbers; its subfolders are looked through too." };
        var json = new Option<string?>("--json") { Description = "Write the findings there.", HelpName = "FILE" };
        var only = new Option<string?>("--only")
        {
            Description = "Only cases whose name holds this, or fits it where it has * or ?.",
            HelpName = "PATTERN",
        };
        var list = new Option<bool>("--list") { Description = "Compute nothing: list the cases that are recognised." };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of the tensor library; the order of its sums, and with it last digits, depend on it.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var force = new Option<bool>("--force") { Description = "Overwrite what --json names." };
        var command = new Command("parity", Lesson) { folder, json, only, list, threads, force };
        command.SetAction(
            (parsed, cancel) =>
                Task.FromResult(
                    Run(
                        new(
                            parsed.GetRequiredValue(folder),
                            parsed.GetValue(json),
                            parsed.GetValue(only),
                            parsed.GetValue(list),
                            parsed.GetValue(threads),
                            parsed.GetValue(force)
                        ),
                        cancel
                    )
                )
        );
        return command;
    }

    /// <summary>The command as typed; the answer is its exit code.</summary>
    public static int Run(ParityRequest request, CancellationToken cancel)
    {
        var (root, json, only, list, threads, force) = request;
        if (File.Exists(root))
            return Complain.Now($"{root} is a file; give the folder it lies in, and --only for one case of it.", ExitCode.BadUsage);
        if (!Directory.Exists(root))
            return Complain.Now($"there is no folder {root}.", ExitCode.BadInput);
        if (
            json is not null
            && Outputs.Refusal([json], force, Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)) is { } taken
        )
            return Complain.Now(taken, ExitCode.BadUsage);
        if (threads < 1)
            return Complain.Now($"--threads {threads}: at least 1.", ExitCode.BadUsage);
        set_num_threads(threads);
        ImmutableArray<OracleFolder> folders = [.. OracleFolder.Read(root)];
        if (folders.IsEmpty)
            return Complain.Now($"{root} is empty; docs/parity.md says what such a folder holds.", ExitCode.BadInput);
        var plan = RunParity.Plan(folders, only);
        if (list)
            return List(plan.Cases);
        if (plan.Cases.IsEmpty && !plan.HasDamage)
        {
            return Complain.Now(
                only is null
                    ? $"nothing in {root} is of a form that is understood; docs/parity.md lists the forms."
                    : $"no case in {root} fits {only}; --list shows their names.",
                ExitCode.BadInput
            );
        }

        var clock = TimeProvider.System;
        var begun = clock.GetTimestamp();
        var outcome = Compute(plan, clock, cancel);
        ParityTable.Print(outcome, clock.GetElapsedTime(begun), AnsiConsole.Console);
        return json is null || Write(json, root, outcome)
            ? outcome.Passes
                ? ExitCode.Done
                : ExitCode.CheckFailed
            : ExitCode.BadInput;
    }

    private static bool Write(string path, string folder, ParityOutcome outcome)
    {
        try
        {
            ParityReport.Write(path, folder, outcome);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain.Now($"{path} cannot be written: {e.Message}", ExitCode.BadInput);
            return false;
        }
    }

    private static int List(IReadOnlyList<PlannedCase> plan)
    {
        foreach (var planned in plan)
            Console.WriteLine($"{planned.Name, -32} {planned.Form.Name, -22} {planned.Form.About}");
        return ExitCode.Done;
    }

    /// <summary>On a terminal, which case, how many, and how long it will still take; nothing where the output is piped.</summary>
    private static ParityOutcome Compute(ParityPlan plan, TimeProvider clock, CancellationToken cancel)
    {
        var published = new PublishedResnet(WeightStore.Fetched("resnet50"), $"{Hints.Program} weights fetch resnet50");
        if (Console.IsOutputRedirected || !AnsiConsole.Console.Profile.Capabilities.Interactive)
        {
            return RunParity.Run(plan, published, _ => { }, cancel);
        }

        var begun = clock.GetTimestamp();
        return AnsiConsole
            .Status()
            .Start(
                "reading",
                status =>
                    RunParity.Run(
                        plan,
                        published,
                        index =>
                        {
                            var seconds = clock.GetElapsedTime(begun).TotalSeconds;
                            var left =
                                index == 0
                                    ? ""
                                    : $", {seconds / index:0.0} s each, about {Words.Duration(seconds / index * (plan.Cases.Length - index))} left";
                            status.Status($"{index + 1} of {plan.Cases.Length}: {plan.Cases[index].Name}{left}".EscapeMarkup());
                        },
                        cancel
                    )
            );
    }
}
