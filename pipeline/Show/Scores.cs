using Motion.Contracts;
using Motion.Runner.Folders;

namespace Motion.Pipeline.Show;

/// <summary>An evaluation as a file of a run.</summary>
internal static class Scores
{
    /// <summary>All that an evaluation leaves: its numbers, and its tracks where there are some.</summary>
    public static void WriteAll(Evaluation evaluation, Catalogue catalogue, RunFolder folder)
    {
        Write(evaluation, folder.Scores);
        if (evaluation.Tracks is { } tracks)
            TrackFiles.Write(tracks, catalogue, folder);
    }

    private static void Write(Evaluation evaluation, string path)
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
        foreach (var (name, type) in Summary.Rows(evaluation))
        {
            scores[name] = Stats(type);
            scores[$"{name} by class"] = type.Categories;
        }

        SealedJson.Write(path, scores);
    }
}
