using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;

namespace Motion.Parity;

/// <summary>The outcome for machines.</summary>
internal static class ParityReport
{
    /// <summary>Writes every finding, unrounded, as JSON.</summary>
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
        WholeFile.Write(
            path,
            file =>
            {
                using var writer = new Utf8JsonWriter(
                    file,
                    new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
                );
                json.WriteTo(writer);
            }
        );
    }

    private static JsonNode Node(Finding finding) =>
        new JsonObject
        {
            ["case"] = finding.Case,
            ["quantity"] = finding.Quantity,
            ["file"] = finding.File,
            ["elements"] = finding.Difference?.Elements,
            ["largestAbsolute"] = Finite(finding.Difference?.Absolute),
            ["largestRelative"] = Finite(finding.Difference?.Relative),
            ["shareOfTolerance"] = Finite(finding.Difference?.Share),
            ["tolerance"] = finding.Tolerance is { } tolerance
                ? new JsonObject
                {
                    ["name"] = tolerance.Name,
                    ["absolute"] = tolerance.Absolute,
                    ["ofLargest"] = tolerance.OfLargest,
                    ["ofEach"] = tolerance.OfEach,
                }
                : null,
            ["verdict"] = finding.Passes ? "pass" : "fail",
            ["note"] = finding.Note,
        };

    /// <summary>JSON has no NaN and no infinity; they are told as text.</summary>
    private static JsonValue? Finite(double? number) =>
        number is not { } value ? null
        : double.IsFinite(value) ? JsonValue.Create(value)
        : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
