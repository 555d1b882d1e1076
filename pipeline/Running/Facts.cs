using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>What the report says about the run beside its results. Kept as a file, so that a report in a process of its own has it too.</summary>
internal sealed record Facts(ImmutableArray<KeyValuePair<string, string>> Values, ImmutableArray<string> Notes)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(Facts facts, string path) => RunFolder.Write(path, JsonSerializer.Serialize(facts, Indented));

    public static Facts Read(string path) => File.Exists(path) ? JsonSerializer.Deserialize<Facts>(File.ReadAllText(path))! : new([], []);

    public static void WriteCatalogue(Catalogue catalogue, string path) => RunFolder.Write(path, JsonSerializer.Serialize(catalogue, Indented));

    public static Catalogue ReadCatalogue(string path) => JsonSerializer.Deserialize<Catalogue>(File.ReadAllText(path))!;

    public static void WriteScores(Evaluation evaluation, string path)
    {
        static double[] Stats(TypeEvaluation type) => [.. type.Stats.Values];
        var scores = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["frames"] = evaluation.Frames,
            ["truths"] = evaluation.Truths,
            ["found"] = evaluation.Found,
            ["meanBestIou"] = evaluation.MeanBestIou,
            ["meanFilledBoxIou"] = evaluation.MeanFilledBoxIou,
            ["statsAre"] = "AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl",
        };
        foreach (var (name, type) in Show.Summary.Rows(evaluation))
        {
            scores[name] = Stats(type);
            scores[$"{name} by class"] = type.Categories;
        }

        RunFolder.Write(path, JsonSerializer.Serialize(scores, Indented));
    }
}
