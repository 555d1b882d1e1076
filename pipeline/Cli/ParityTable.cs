using System.Globalization;
using Motion.Parity;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>The outcome of motion parity for people.</summary>
internal static class ParityTable
{
    private const int WidthOfPipes = 220;
    private const int MostListed = 40;

    /// <summary>Prints the table, then what is not covered, then the totals.</summary>
    public static void Print(ParityOutcome outcome, TimeSpan took, IAnsiConsole console)
    {
        if (!console.Profile.Capabilities.Interactive)
            console.Profile.Width = WidthOfPipes;
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("case", "quantity", "largest absolute", "largest relative", "tolerance", "verdict");
        var last = "";
        foreach (var finding in outcome.Findings)
        {
            table.AddRow(
                finding.Case == last ? "" : finding.Case.EscapeMarkup(),
                finding.Quantity.EscapeMarkup(),
                Number(finding.Difference?.Absolute),
                Number(finding.Difference?.Relative),
                finding.Tolerance?.ToString().EscapeMarkup() ?? "",
                finding.Passes ? "[green]pass[/]" : $"[red]FAIL[/] {(finding.Note ?? "").EscapeMarkup()}"
            );
            last = finding.Case;
        }

        if (!outcome.Findings.IsEmpty)
            console.Write(table);
        List(console, "not covered", outcome.NotCovered);
        List(console, "nothing to recompute (how the references were made)", outcome.Asides);
        foreach (var remark in outcome.Remarks)
            console.WriteLine(remark);
        console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{outcome.Cases} cases, {outcome.Findings.Length} quantities of {outcome.Findings.Sum(finding => finding.Difference?.Elements ?? 0)} numbers: {outcome.Findings.Length - outcome.Failed} pass, {outcome.Failed} fail; {(outcome.NotCovered.IsEmpty ? "nothing" : $"{outcome.NotCovered.Length}")} not covered; {took.TotalSeconds:0.0} s"
            )
        );
    }

    private static string Number(double? number) =>
        number switch
        {
            null => "",
            0 => "0",
            { } value => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
        };

    private static void List(IAnsiConsole console, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return;
        console.WriteLine($"{title}:");
        foreach (var line in lines.Take(MostListed))
            console.WriteLine($"  {line}");
        if (lines.Count > MostListed)
            console.WriteLine($"  and {lines.Count - MostListed} more (--json lists all)");
    }
}
