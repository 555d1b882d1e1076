using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Motion.Contracts;
using Motion.Pipeline.Comparing;
using Motion.Pipeline.Tables;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Text;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>motion compare.</summary>
internal static class CompareCommand
{
    private const string Page = "comparison.html";

    public static Command Create(StageTable table)
    {
        var files = new Argument<string[]>("YAML")
        {
            Description = "Two yamls or more, each a method; differences are later minus earlier.",
            Arity = new ArgumentArity(2, 20),
        };
        var data = new Option<string?>("--data") { Description = "The data of every run.", HelpName = "PATH" };
        var folds = new Option<int>("--folds")
        {
            Description = "Parts of the clips: each is the test of a training on the others. 1: the test that the yamls name.",
            HelpName = "K",
            DefaultValueFactory = _ => 5,
        };
        var seeds = new Option<int>("--seeds")
        {
            Description = "Trainings of each method and fold, with the seeds 1 to N.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        var to = new Option<string?>("--out")
        {
            Description = "Where runs and the comparison go; runs/compare-A-B where not given.",
            HelpName = "FOLDER",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Change a value in every run, as in motion run.",
            HelpName = "KEY=VALUE",
            AllowMultipleArgumentsPerToken = true,
        };
        var resamples = new Option<int>("--resamples")
        {
            Description = "Of the bootstrap that gives the intervals.",
            HelpName = "N",
            DefaultValueFactory = _ => 1000,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Resamples measured at a time; changes no number. Those of a training are run.threads.",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var print = new Option<bool>("--print") { Description = "Make nothing; print what is done." };
        var plain = new Option<bool>("--plain") { Description = "Progress as lines." };
        folds.Within(1, 1000);
        seeds.Within(1, 1000);
        resamples.Within(20, 1_000_000);
        threads.Within(1, 1024);

        var command = new Command(
            "compare",
            Hints.Typed(
                """
                Train and test methods on the same clips with the same seeds, and say how far they differ, with an interval.

                  motion compare boxinst.yaml mine.yaml --data DAVIS --folds 5 --seeds 3
                  motion compare A.yaml B.yaml C.yaml --data DAVIS --set train.iterations=400
                  motion compare A.yaml B.yaml --data DAVIS --print      what is there so far

                Flow and frozen features are computed once for all. Ctrl-C stops; the same command goes on. comparison.html has the clips where
                the last method differs most from the first, side by side; comparison.csv every number.
                """
            )
        )
        {
            files,
            data,
            folds,
            seeds,
            to,
            set,
            resamples,
            threads,
            print,
            plain,
        };
        command.Validators.Add(parsed =>
        {
            var given = parsed.GetResult(files)?.Tokens.Select(token => token.Value).ToArray() ?? [];
            if (given.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).Count() < given.Length)
                parsed.AddError("a yaml is named twice; two methods are two yamls");
        });
        command.SetAction(
            (parsed, _) =>
            {
                var given = parsed.GetRequiredValue(files);
                return Run(
                    new(
                        [.. given],
                        parsed.GetValue(data),
                        parsed.GetValue(to)
                            ?? Path.Combine("runs", $"compare-{string.Join('-', given.Select(Path.GetFileNameWithoutExtension))}"),
                        parsed.GetValue(folds),
                        parsed.GetValue(seeds),
                        [.. parsed.GetValue(set) ?? []],
                        parsed.GetValue(resamples),
                        parsed.GetValue(threads),
                        parsed.GetValue(print),
                        parsed.GetValue(plain)
                    ),
                    table
                );
            }
        );
        return command;
    }

    private static Task<int> Run(CompareRequest request, StageTable table) =>
        CompareRuns
            .Plan(request, table)
            .Match(runs => Run(request, runs, table), errors => Complain.Say(errors.Describe(), ExitCode.BadUsage));

    private static async Task<int> Run(CompareRequest request, ImmutableArray<FoldRun> runs, StageTable table)
    {
        if (!request.PrintOnly && runs.Select(CompareRuns.Conflict).OfType<string>().FirstOrDefault() is { } conflict)
            return Complain.Now(conflict, ExitCode.BadUsage);
        if (OwnPages.Foreign(Path.Combine(request.Out, Page), request.Out) is { } foreign)
            return Complain.Now(foreign, ExitCode.BadUsage);
        var code = request.PrintOnly ? ExitCode.Done : await Make(request, runs, table);
        if (request.PrintOnly && runs.Select(CompareRuns.Conflict).OfType<string>().FirstOrDefault() is { } other)
            return Complain.Now(other, ExitCode.BadUsage);
        var told = await Tell(request, runs);
        if (code is ExitCode.Interrupted)
            Complain.Now("stopped. The same command goes on where this one ended.", code);
        return code is ExitCode.Done ? told : code;
    }

    /// <summary>
    /// Makes what is not done, fold by fold with the methods side by side, so that what is there can be compared at any time.
    /// </summary>
    private static async Task<int> Make(CompareRequest request, ImmutableArray<FoldRun> runs, StageTable table)
    {
        var wanted = runs.Where(run => run.Run.Made is not Made.Done).ToImmutableArray();
        var pace = new Pace(runs);
        Console.WriteLine(
            $"{runs.Length} runs of {runs[0].Run.Settings.Train!.Iterations} iterations, {runs.Length - wanted.Length} done before{pace.Left(wanted.Length)}"
        );
        foreach (var (index, run) in wanted.Index())
        {
            Console.WriteLine(
                $"[{index + 1} of {wanted.Length}] {run.Run.Settings.Run.Name}{(run.Run.Made is Made.Begun ? ", begun before: going on" : "")}"
            );
            var begun = Stopwatch.GetTimestamp();
            var code = await RunCommand.Run(run.Run.Request with { Resume = run.Run.Made is Made.Begun }, table);
            if (code is not ExitCode.Done)
                return code;
            pace.Took(Stopwatch.GetElapsedTime(begun));
            if (index + 1 < wanted.Length)
                Console.WriteLine($"{wanted.Length - index - 1} runs to go{pace.Left(wanted.Length - index - 1)}");
        }

        return ExitCode.Done;
    }

    /// <summary>Prints and writes what is done: of the seeds and folds that every method has.</summary>
    private static async Task<int> Tell(CompareRequest request, ImmutableArray<FoldRun> runs)
    {
        var open = runs.Where(run => run.Run.Made is not Made.Done).Select(run => run.Run.Seed).ToHashSet();
        var complete = runs.Where(run => !open.Contains(run.Run.Seed)).ToImmutableArray();
        var missing = runs.Count(run => run.Run.Made is not Made.Done);
        string[] notes =
        [
            .. missing > 0
                ? [$"{missing} of {runs.Length} runs are not done; only seeds of which every run is done are compared."]
                : Array.Empty<string>(),
            .. request.Seeds == 1 ? ["One seed: the intervals tell how clips vary, and not how trainings do."] : Array.Empty<string>(),
        ];
        Compared? compared = null;
        if (!complete.IsEmpty)
        {
            var classes = complete
                .Select(run =>
                    string.Join(", ", Facts.ReadCatalogue(run.Run.Folder.Catalogue(Phase.Test)).Categories.Select(one => one.Name))
                )
                .Distinct(StringComparer.Ordinal)
                .ToArray();
            if (classes.Length > 1)
            {
                return Complain.Now(
                    $"the folds have different classes ({classes[0]}; {classes[1]}). Set stages.decode.classes=agnostic, or name all in stages.decode.categories.",
                    ExitCode.BadInput
                );
            }

            var methods = await CompareRuns.Read(request, complete, classes[0].Split(", ").Length);
            if (methods is Result<ImmutableArray<Method>, string>.Error(var problem))
                return Complain.Now(problem, ExitCode.BadInput);
            compared = Comparison.Of(
                methods.Match(all => all, _ => []),
                classes[0].Split(", ").Length,
                request.Resamples,
                new Seed(1),
                request.Threads
            );
            WriteComparison.Print(compared, AnsiConsole.Console);
            RunFolder.Write(Path.Combine(request.Out, "comparison.csv"), WriteComparison.Csv(compared));
        }

        RunFolder.Write(Path.Combine(request.Out, Page), WriteComparison.Html(Lead(request), notes, compared, runs, request.Out));
        foreach (var note in notes)
            Console.WriteLine(note);
        Console.WriteLine(Path.Combine(request.Out, Page) + (compared is null ? "" : " and comparison.csv"));
        return ExitCode.Done;
    }

    private static string Lead(CompareRequest request) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", request.Names)}{(request.Data is null ? "" : $"; data {request.Data}")}; {(request.Folds == 1 ? "the yamls' own test" : $"{request.Folds} folds over the clips")}, {request.Seeds} {(request.Seeds == 1 ? "seed" : "seeds")}, {request.Resamples} resamples."
        );

    /// <summary>
    /// How long a run takes: as those of this sitting did, else as long as the iterations of those that were made before.
    /// </summary>
    private sealed class Pace(ImmutableArray<FoldRun> runs)
    {
        private readonly List<double> _taken = [];

        public void Took(TimeSpan time) => _taken.Add(time.TotalSeconds);

        public string Left(int count)
        {
            var known = _taken.Count > 0 ? _taken : Before();
            return count == 0 ? ""
                : known.Count == 0 ? "; how long they take is told after the first"
                : $", about {Words.Duration(known.Average() * count)} left";
        }

        private List<double> Before() =>
            [
                .. runs.Where(run => run.Run.Made is Made.Done)
                    .Select(run => Curve.Read(run.Run.Folder.Curve).Sum(line => line.Point.Seconds)),
            ];
    }
}
