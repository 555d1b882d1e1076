using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Tables;
using Motion.Runner.Folders;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>motion tables.</summary>
internal static class TablesCommand
{
    private const string FullScale = "full";

    public static Command Create(StageTable table)
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "Folder with tables.yaml and a yaml a run; pipelines/paper has the paper's four tables.",
        };
        var scale = new Option<string>("--scale")
        {
            Description = "A scale of tables.yaml: full is the paper's; small is for a laptop.",
            HelpName = "NAME",
            DefaultValueFactory = _ => FullScale,
        };
        var data = new Option<string?>("--data") { Description = "The data of every run.", HelpName = "PATH" };
        var to = new Option<string?>("--out")
        {
            Description = "Where runs and tables go; runs/NAME-OF-DIR-SCALE where not given.",
            HelpName = "FOLDER",
        };
        var seeds = new Option<ulong[]>("--seeds")
        {
            Description = "Make every run once for each seed, and print mean ± half the range.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
        };
        var only = new Option<string[]>("--only")
        {
            Description = "Make only these runs (names of their yamls).",
            HelpName = "RUN",
            AllowMultipleArgumentsPerToken = true,
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Change a value in every run, as in motion run.",
            HelpName = "KEY=VALUE",
            AllowMultipleArgumentsPerToken = true,
        };
        var print = new Option<bool>("--print") { Description = "Make nothing; print the tables from what is done." };
        var plain = new Option<bool>("--plain") { Description = "Progress as lines." };
        var command = new Command(
            "tables",
            """
            Make or resume the runs behind a set of tables, and print measured beside published figures; as text, tables.csv and tables.html.

              motion tables pipelines/paper --data /data/ytvis                             the paper's, at full size
              motion tables pipelines/paper --scale small --data /data/DAVIS --seeds 1 2   the same rows on a laptop
              motion tables pipelines/paper --scale small --data /data/DAVIS --print       what is there so far
            """
        )
        {
            folder,
            scale,
            data,
            to,
            seeds,
            only,
            set,
            print,
            plain,
        };
        command.SetAction(
            (parsed, _) =>
            {
                var (name, size) = (parsed.GetRequiredValue(folder), parsed.GetRequiredValue(scale));
                return Run(
                    new(
                        name,
                        size,
                        parsed.GetValue(data),
                        parsed.GetValue(to) ?? Path.Combine("runs", $"{Path.GetFileName(Path.GetFullPath(name).TrimEnd('/'))}-{size}"),
                        parsed.GetValue(seeds) is { Length: > 0 } given ? [.. given.Distinct()] : [1UL],
                        [.. parsed.GetValue(only) ?? []],
                        [.. parsed.GetValue(set) ?? []],
                        parsed.GetValue(print),
                        parsed.GetValue(plain)
                    ),
                    table
                );
            }
        );
        return command;
    }

    private static Task<int> Run(TablesRequest request, StageTable table) =>
        TableSet
            .Read(request.Folder)
            .Match(
                set =>
                    set.Scales.ContainsKey(request.Scale)
                    && request.Only.FirstOrDefault(run => !set.Runs.Contains(run)) is var unknown
                    && unknown is null
                        ? TableRuns
                            .Plan(set, request, table)
                            .Match(runs => Run(set, request, runs, table), errors => Complain.Say(errors.Describe(), ExitCode.BadUsage))
                        : Complain.Say(
                            set.Scales.ContainsKey(request.Scale)
                                ? $"--only names a run that the tables do not have. They have {string.Join(", ", set.Runs)}."
                                : $"there is no scale {request.Scale} in {Path.Combine(request.Folder, TableSet.FileName)}. It has {string.Join(", ", set.Scales.Keys)}.",
                            ExitCode.BadUsage
                        ),
                errors => Complain.Say(errors.Describe(), ExitCode.BadUsage)
            );

    private static async Task<int> Run(TableSet set, TablesRequest request, ImmutableArray<PlannedRun> runs, StageTable table)
    {
        if (!request.PrintOnly && runs.Select(run => run.Conflict()).OfType<string>().FirstOrDefault() is { } conflict)
            return Complain.Now(conflict, ExitCode.BadUsage);
        if (OwnPages.Foreign(Path.Combine(request.Out, "tables.html"), request.Out) is { } foreign)
            return Complain.Now(foreign, ExitCode.BadUsage);
        var wanted = request.PrintOnly
            ? []
            : runs.Where(run => (request.Only.IsEmpty || request.Only.Contains(run.Name)) && run.Made is not Made.Done).ToImmutableArray();
        var code = ExitCode.Done;
        foreach (var (index, run) in wanted.Index())
        {
            Console.WriteLine(
                $"[{index + 1} of {wanted.Length}] {run.Name}, seed {run.Seed.ToString(CultureInfo.InvariantCulture)}{(run.Made is Made.Begun ? ", begun before: going on" : "")}"
            );
            code = await RunCommand.Run(run.Request with { Resume = run.Made is Made.Begun }, table);
            if (code is not ExitCode.Done)
                break;
            Write(set, request, runs); // what is done is not lost with what follows
        }

        var tables = Write(set, request, runs);
        foreach (var filled in tables)
            WriteTables.Print(filled, AnsiConsole.Console);
        foreach (var note in Notes(set, request, runs))
            Console.WriteLine(note);
        Console.WriteLine($"{Path.Combine(request.Out, "tables.html")} and tables.csv");
        if (code is ExitCode.Interrupted)
            Complain.Now("stopped. The same command goes on where this one ended.", code);
        return code;
    }

    private static ImmutableArray<FilledTable> Write(TableSet set, TablesRequest request, ImmutableArray<PlannedRun> runs)
    {
        var tables = FillTables.From(set, runs);
        RunFolder.Write(Path.Combine(request.Out, "tables.csv"), WriteTables.Csv(tables));
        RunFolder.Write(
            Path.Combine(request.Out, "tables.html"),
            WriteTables.Html(set.Title, Lead(request), Notes(set, request, runs), tables, runs)
        );
        return tables;
    }

    private static string Lead(TablesRequest request) =>
        $"Scale {request.Scale}{(request.Data is null ? "" : $", data {request.Data}")}, {(request.Seeds.Length == 1 ? $"seed {request.Seeds[0]}" : $"seeds {string.Join(", ", request.Seeds)}: mean ± half the range")}. AP in percent; \"paper\" is what was published.";

    private static IEnumerable<string> Notes(TableSet set, TablesRequest request, ImmutableArray<PlannedRun> runs)
    {
        if (set.Scales[request.Scale].Note is { Length: > 0 } note)
            yield return note;
        var open = runs.Count(run => run.Made is not Made.Done);
        if (open > 0)
            yield return $"{open} of {runs.Length} runs are not done; their cells are empty or lack a seed.";
    }
}
