using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>What the report says about the run beside its results. Kept as a file, so that a report in a process of its own has it too.</summary>
internal sealed record Facts(ImmutableArray<KeyValuePair<string, string>> Values, ImmutableArray<string> Notes)
{
    public static void Write(Facts facts, string path) => SealedJson.Write(path, facts);

    /// <exception cref="DamagedFile">It is not what was written.</exception>
    public static Facts Read(string path) => File.Exists(path) ? SealedJson.Read<Facts>(path) : new([], []);

    public static void WriteCatalogue(Catalogue catalogue, string path) => SealedJson.Write(path, catalogue);

    /// <exception cref="DamagedFile">It is not what was written.</exception>
    public static Catalogue ReadCatalogue(string path) => SealedJson.Read<Catalogue>(path);

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

        SealedJson.Write(path, scores);
    }
}
