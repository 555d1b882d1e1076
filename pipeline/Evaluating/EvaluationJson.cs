using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;

namespace Motion.Pipeline.Evaluating;

/// <summary>An evaluation as JSON: every number with all its digits, so that reading it as a double gives it back.</summary>
internal static class EvaluationJson
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Names of the twelve numbers, in COCO's order.</summary>
    public static IReadOnlyList<string> StatsOrder(DetectionLimits limits) =>
        ["AP", "AP50", "AP75", "APs", "APm", "APl", .. limits.Values.Select(limit => $"AR{limit}"), "ARs", "ARm", "ARl"];

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(FileEvaluation evaluation, string truths, string results, string path) =>
        WholeFile.Write(
            path,
            file =>
            {
                using var json = new Utf8JsonWriter(file, Indented);
                var videos = evaluation.Type == CocoType.Ytvis;
                json.WriteStartObject();
                json.WriteString("type", evaluation.Scores.Type);
                json.WriteString("gt", truths);
                json.WriteString("dt", results);
                json.WriteNumber(videos ? "videos" : "images", evaluation.Index.Units.Length);
                json.WriteNumber("categories", evaluation.Index.Categories.Length);
                json.WriteNumber(videos ? "tracks" : "gts", evaluation.Truths);
                json.WriteNumber("detections", evaluation.Detections);
                json.WriteString("rules", evaluation.Lvis is null ? "coco" : "lvis");
                WriteTexts(
                    json,
                    "statsOrder",
                    evaluation.Lvis is null ? StatsOrder(evaluation.Limits) : EvaluationText.Lvis(evaluation).Select(one => one.Name)
                );
                json.WriteStartArray("maxDets");
                foreach (var (limit, _) in Recalls(evaluation))
                {
                    json.WriteNumberValue(limit);
                }

                json.WriteEndArray();
                json.WriteStartArray("stats");
                foreach (
                    var value in evaluation.Lvis is null
                        ? evaluation.Scores.Stats.Values
                        : EvaluationText.Lvis(evaluation).Select(one => one.Value)
                )
                {
                    json.WriteNumberValue(value);
                }

                json.WriteEndArray();
                WriteCategories(json, evaluation);
                WriteSifted(json, evaluation);
                WriteTexts(json, "notes", EvaluationText.Notes(evaluation, truths, results));
                json.WriteEndObject();
            }
        );

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteCategories(Utf8JsonWriter json, FileEvaluation evaluation)
    {
        json.WriteStartArray("perCategory");
        foreach (var category in evaluation.Scores.Categories)
        {
            json.WriteStartObject();
            json.WriteNumber("category_id", evaluation.Index.Categories[category.Class].Id);
            json.WriteString("name", evaluation.Index.Categories[category.Class].Name);
            foreach (var (name, value) in Numbers(category, evaluation))
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The numbers of a category by name.</summary>
    public static IEnumerable<(string Name, double Value)> Numbers(CategoryStats category, FileEvaluation evaluation) =>
        [
            ("ap", category.Ap),
            ("ap50", category.Ap50),
            ("ap75", category.Ap75),
            ("ap_small", category.ApSmall),
            ("ap_medium", category.ApMedium),
            ("ap_large", category.ApLarge),
            .. Recalls(evaluation).Select(recall => ($"ar{recall.Limit}", recall.Of(category))),
        ];

    /// <summary>The limits of detections, and what of a category goes by each: three, but of LVIS's rules one.</summary>
    public static IEnumerable<(int Limit, Func<CategoryStats, double> Of)> Recalls(FileEvaluation evaluation)
    {
        var limits = evaluation.Limits.Values;
        return evaluation.Lvis is null
            ? [(limits[0], category => category.Ar1), (limits[1], category => category.Ar10), (limits[2], category => category.Ar100)]
            : [(limits[2], category => category.Ar100)];
    }

    private static void WriteSifted(Utf8JsonWriter json, FileEvaluation evaluation)
    {
        json.WriteStartObject("leftOut");
        foreach (var (file, sifted) in new[] { ("gt", evaluation.OfTruths), ("dt", evaluation.OfResults) })
        {
            json.WriteStartArray(file);
            foreach (var kind in sifted.LeftOut)
            {
                json.WriteStartObject();
                json.WriteString("kind", FaultText.Name(kind.Kind));
                json.WriteNumber("count", kind.Count);
                json.WriteString("first", kind.First[0]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartObject("passedOver");
        foreach (
            var (kind, count) in evaluation
                .OfTruths.PassedOver.Concat(evaluation.OfResults.PassedOver)
                .GroupBy(pair => pair.Key, pair => pair.Value)
                .Select(group => (group.Key, group.Sum()))
        )
        {
            json.WriteNumber(kind, count);
        }

        json.WriteEndObject();
    }
}
