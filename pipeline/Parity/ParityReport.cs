using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;
using Motion.Runner.Yaml;
using Spectre.Console;

namespace Motion.Pipeline.Parity;

/// <summary>The outcome for people and for machines.</summary>
internal static class ParityReport
{
    private const int WidthOfPipes = 220;
    private const int MostListed = 40;

    /// <summary>Prints the table, then what is not covered, then the totals.</summary>
    public static void Print(ParityOutcome outcome, TimeSpan took, IAnsiConsole console)
    {
        if (!console.Profile.Capabilities.Interactive) console.Profile.Width = WidthOfPipes;
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("case", "quantity", "largest absolute", "largest relative", "tolerance", "verdict");
        var last = "";
        foreach (var finding in outcome.Findings)
        {
            table.AddRow(
                finding.Case == last ? "" : finding.Case.EscapeMarkup(), finding.Quantity.EscapeMarkup(),
                Number(finding.Difference?.Absolute), Number(finding.Difference?.Relative), finding.Tolerance?.ToString().EscapeMarkup() ?? "",
                finding.Passes ? "[green]pass[/]" : $"[red]FAIL[/] {(finding.Note ?? "").EscapeMarkup()}");
            last = finding.Case;
        }

        if (!outcome.Findings.IsEmpty) console.Write(table);
        List(console, "not covered", outcome.NotCovered);
        List(console, "nothing to recompute (how the references were made)", outcome.Asides);
        foreach (var remark in outcome.Remarks) console.WriteLine(remark);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{outcome.Cases} cases, {outcome.Findings.Length} quantities of {outcome.Findings.Sum(finding => finding.Difference?.Elements ?? 0)} numbers: {outcome.Findings.Length - outcome.Failed} pass, {outcome.Failed} fail; {(outcome.NotCovered.IsEmpty ? "nothing" : $"{outcome.NotCovered.Length}")} not covered; {took.TotalSeconds:0.0} s"));
    }

    /// <summary>Writes the same, unrounded, as JSON.</summary>
    public static void Write(string path, string folder, ParityOutcome outcome)
    {
        var json = new JsonObject
        {
            ["folder"] = folder,
            ["passes"] = outcome.Passes,
            ["cases"] = outcome.Cases,
            ["passed"] = outcome.Findings.Length - outcome.Failed,
            ["failed"] = outcome.Failed,
            ["findings"] = new JsonArray([.. outcome.Findings.Select(Node)]),
            ["notCovered"] = Texts(outcome.NotCovered),
            ["nothingToRecompute"] = Texts(outcome.Asides),
            ["documents"] = Texts(outcome.Documents),
        };
        WholeFile.Write(path, file =>
        {
            using var writer = new Utf8JsonWriter(file, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteTo(writer);
        });
    }

    private static JsonNode Node(Finding finding) => new JsonObject
    {
        ["case"] = finding.Case,
        ["quantity"] = finding.Quantity,
        ["file"] = finding.File,
        ["elements"] = finding.Difference?.Elements,
        ["largestAbsolute"] = Finite(finding.Difference?.Absolute),
        ["largestRelative"] = Finite(finding.Difference?.Relative),
        ["shareOfTolerance"] = Finite(finding.Difference?.Share),
        ["tolerance"] = finding.Tolerance is { } tolerance
            ? new JsonObject { ["name"] = tolerance.Name, ["absolute"] = tolerance.Absolute, ["ofLargest"] = tolerance.OfLargest, ["ofEach"] = tolerance.OfEach }
            : null,
        ["verdict"] = finding.Passes ? "pass" : "fail",
        ["note"] = finding.Note,
    };

    /// <summary>JSON has no NaN and no infinity; they are told as text.</summary>
    private static JsonValue? Finite(double? number) => number is not { } value ? null
        : double.IsFinite(value) ? JsonValue.Create(value)
        : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static string Number(double? number) => number switch
    {
        null => "",
        0 => "0",
        { } value => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
    };

    private static void List(IAnsiConsole console, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        console.WriteLine($"{title}:");
        foreach (var line in lines.Take(MostListed)) console.WriteLine($"  {line}");
        if (lines.Count > MostListed) console.WriteLine($"  and {lines.Count - MostListed} more (--json lists all)");
    }
}
