using System.Collections.Immutable;
using System.CommandLine;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Cli;
using Motion.Properties.Generators;
using Motion.Runner.Yaml;
using Spectre.Console;

namespace Motion.Properties.Verify;

/// <summary>motion verify.</summary>
internal static class VerifyCommand
{
    public const int PipedWidth = 180;

    private const string Lesson = """
        States the laws of the method and hunts for counterexamples.

          motion verify                          every law, 100 cases each
          motion verify --runs 1000 --seed 7     more cases, others
          motion verify pairwise                 laws whose area, class or name contains the word
          motion verify 'Giou_*' 'Nms_*'         or matches a pattern
          motion verify --list                   their names, by area
          motion verify --run runs/NAME          laws that speak of data, on what a run recorded
                                                 (motion run FILE.yaml --set stages.loss.record=true, and
                                                 decode, flow, forward likewise)

        A law that does not hold prints what refutes it, shrunk, and the command that draws it again. Exit code 1 then.
        """;

    public static Command Create()
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "Only laws whose full name (Area.Class.Law) contains this, or matches it with * and ?.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var runs = new Option<int?>("--runs")
        {
            Description = "Cases of a law; one whose case costs much takes its share of them, which the table shows. 100 where not given.",
            HelpName = "N",
        };
        var seed = new Option<string?>("--seed")
        {
            Description = "Where the cases come from; or SEED,GAMMA,SIZE, as a broken law prints it, for one case.",
            HelpName = "S",
        };
        var jobs = new Option<int?>("--jobs") { Description = "Laws at a time; one a core where not given.", HelpName = "N" };
        var run = new Option<string?>("--run")
        {
            Description = "Check the laws that speak of data on the recordings of a run; --runs is then the messages a law sees at most.",
            HelpName = "DIR",
        };
        var list = new Option<bool>("--list") { Description = "Only list the laws." };
        var json = new Option<string?>("--json") { Description = "Write the results to a file as well.", HelpName = "FILE" };
        var command = new Command("verify", Lesson) { names, runs, seed, jobs, run, list, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(runs) is < 1)
                result.AddError("--runs is a number from 1 on.");
            if (result.GetValue(jobs) is < 1)
                result.AddError("--jobs is a number from 1 on.");
            if (result.GetValue(seed) is { } text && !LawNames.TrySeed(text, out _))
                result.AddError($"--seed is a number, or SEED,GAMMA,SIZE as a broken law prints it; got {text}.");
        });
        command.SetAction(
            (parsed, cancel) =>
            {
                var from =
                    parsed.GetValue(seed) is { } text && LawNames.TrySeed(text, out var given) ? given : new(Laws.UsualSeed, 0, null);
                var (which, listed, file) = (parsed.GetValue(names) ?? [], parsed.GetValue(list), parsed.GetValue(json));
                return parsed.GetValue(run) is { } folder
                    ? VerifyRun.Check(new(folder, which, parsed.GetValue(runs) ?? long.MaxValue, from.Seed, listed, file), cancel)
                    : Check(
                        new(
                            which,
                            parsed.GetValue(runs) ?? Laws.UsualCases,
                            from,
                            parsed.GetValue(jobs) ?? Environment.ProcessorCount,
                            listed,
                            file
                        ),
                        cancel
                    );
            }
        );
        return command;
    }

    private sealed record Request(string[] Names, int Runs, LawSeed Seed, int Jobs, bool List, string? Json);

    private static async Task<int> Check(Request request, CancellationToken cancel)
    {
        var all = Catalogue.All();
        var laws = LawNames.Matching(all, request.Names);
        if (laws.IsEmpty)
            return Complain.Now(Unknown(request.Names, all), ExitCode.BadUsage);
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = PipedWidth;
        if (request.List)
        {
            ShowLaws.List(laws, console);
            return ExitCode.Done;
        }

        LawSeed SeedOf(Law law) => request.Seed.Size is null ? LawSeed.Of(request.Seed.Seed, law.Name) : request.Seed;
        try
        {
            var clock = TimeProvider.System;
            var begun = clock.GetTimestamp();
            var outcomes = await Progress(
                console,
                laws.Length,
                done => CheckLaws.Run(laws, request.Runs, SeedOf, request.Jobs, clock, done, cancel)
            );
            ShowLaws.Print(outcomes, request.Runs, console);
            ShowLaws.Summary(outcomes, clock.GetElapsedTime(begun).TotalSeconds, console);
            if (request.Json is { } file)
                ShowLaws.Write(file, outcomes, request.Seed.Seed, request.Runs);
            return outcomes.Any(outcome => outcome.Broken is not null) ? ExitCode.CheckFailed : ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            return Complain.Now("stopped", ExitCode.Interrupted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Complain.Now($"{request.Json} cannot be written: {e.Message}", ExitCode.BadInput);
        }
    }

    private static async Task<ImmutableArray<LawOutcome>> Progress(
        IAnsiConsole console,
        int count,
        Func<Action<LawOutcome>, Task<ImmutableArray<LawOutcome>>> check
    )
    {
        if (Console.IsOutputRedirected || !console.Profile.Capabilities.Interactive)
            return await check(_ => { });
        return await console
            .Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask($"{count} laws", maxValue: count);
                return await check(outcome =>
                {
                    bar.Increment(1);
                    bar.Description = Markup.Escape(outcome.Law.Name);
                });
            });
    }

    private static string Unknown(string[] names, ImmutableArray<Law> all)
    {
        var near = names
            .Select(name =>
                Suggest.Nearest(name, all.SelectMany(law => new[] { law.Name, law.Area, law.Method.DeclaringType!.Name }).Distinct())
            )
            .FirstOrDefault(name => name is not null);
        return $"no law's name contains {string.Join(" or ", names)}. {(near is null ? "" : $"Did you mean {near}? ")}motion verify --list shows them all.";
    }
}
