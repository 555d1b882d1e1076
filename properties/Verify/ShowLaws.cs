using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Motion.Contracts;
using Spectre.Console;

namespace Motion.Properties.Verify;

/// <summary>What a check of laws prints and writes.</summary>
internal static class ShowLaws
{
    private const int KindsShown = 4;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public static void List(ImmutableArray<Law> laws, IAnsiConsole console)
    {
        foreach (var area in laws.GroupBy(law => law.Area))
        {
            console.MarkupLineInterpolated($"[bold]{area.Key}[/] ({area.Count()} laws)");
            foreach (var law in area)
                console.WriteLine($"  {law.Name}");
        }

        console.WriteLine($"{laws.Length} laws");
    }

    public static void Print(ImmutableArray<LawOutcome> outcomes, int runs, IAnsiConsole console)
    {
        var table = new Table { Border = TableBorder.Simple };
        table
            .AddColumn("law")
            .AddColumn(new TableColumn("cases") { Alignment = Justify.Right, NoWrap = true })
            .AddColumn(new TableColumn("seconds") { Alignment = Justify.Right, NoWrap = true })
            .AddColumn("what was drawn");
        foreach (var area in outcomes.GroupBy(outcome => outcome.Law.Area))
        {
            table.AddRow(new Markup($"[bold]{Markup.Escape(area.Key)}[/]"));
            foreach (var outcome in area)
            {
                table.AddRow(
                    new Markup($"{(outcome.Broken is null ? "[green]holds[/]" : "[red]BROKEN[/]")} {Markup.Escape(outcome.Law.Name)}"),
                    new Markup($"{outcome.Cases}{Weight(outcome.Weight)}"),
                    new Text(outcome.Seconds.ToString("0.00", CultureInfo.InvariantCulture)),
                    new Text(Distribution(outcome))
                );
            }
        }

        console.Write(table);
        foreach (var outcome in outcomes.Where(outcome => outcome.Broken is not null))
            PrintBroken(outcome, runs, console);
    }

    public static void Summary(ImmutableArray<LawOutcome> outcomes, double seconds, IAnsiConsole console)
    {
        var broken = outcomes.Count(outcome => outcome.Broken is not null);
        console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{outcomes.Length - broken} laws hold, {broken} are broken; {outcomes.Sum(outcome => (long)outcome.Cases)} cases in {seconds:0.0} s"
            )
        );
    }

    public static void Write(string file, ImmutableArray<LawOutcome> outcomes, ulong seed, int runs) =>
        WholeFile.Write(
            file,
            stream =>
                JsonSerializer.Serialize(
                    stream,
                    new
                    {
                        seed,
                        runs,
                        laws = outcomes.Select(outcome => new
                        {
                            name = outcome.Law.Name,
                            area = outcome.Law.Area,
                            holds = outcome.Broken is null,
                            cases = outcome.Cases,
                            weight = outcome.Weight,
                            seconds = outcome.Seconds,
                            distribution = outcome.Distribution.ToDictionary(kind => kind.Kind, kind => kind.Share),
                            counterExample = outcome.Broken is { } broken
                                ? new
                                {
                                    broken.Case,
                                    broken.Original,
                                    broken.Shrunk,
                                    broken.Shrinks,
                                    broken.Why,
                                    replay = Command(outcome, runs),
                                }
                                : null,
                        }),
                    },
                    Indented
                )
        );

    private static void PrintBroken(LawOutcome outcome, int runs, IAnsiConsole console)
    {
        var broken = outcome.Broken!;
        console.MarkupLineInterpolated($"[red]{outcome.Law.FullName} does not hold[/] (case {broken.Case})");
        if (broken.Original.Length > 0)
        {
            console.WriteLine($"  drawn:  {broken.Original}");
            console.WriteLine($"  shrunk: {broken.Shrunk}  (in {broken.Shrinks} steps)");
        }

        if (broken.Why.Length > 0)
            console.WriteLine($"  why:    {broken.Why}");
        console.WriteLine($"  again:  {Command(outcome, runs)}");
    }

    /// <summary>Draws the very case again; where no case was reached, all of them.</summary>
    private static string Command(LawOutcome outcome, int runs) =>
        outcome.Broken!.Replay is { Size: not null } one
            ? $"./motion verify '{outcome.Law.FullName}' --seed {one}"
            : $"./motion verify '{outcome.Law.FullName}' --seed {outcome.Broken.Replay} --runs {runs}";

    private static string Weight(double weight) =>
        weight >= 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" [dim](1 in {1 / weight:0.#})[/]");

    /// <summary>What was so in every case says little, unless it is all there is.</summary>
    private static string Distribution(LawOutcome outcome) =>
        string.Join(
            ", ",
            outcome
                .Distribution.OrderBy(kind => kind.Share >= 1)
                .TakeWhile((kind, at) => kind.Share < 1 || at == 0)
                .Take(KindsShown)
                .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Share:0%} {kind.Kind}"))
        );
}
