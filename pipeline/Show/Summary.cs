using System.Globalization;
using Motion.Contracts;
using Spectre.Console;

namespace Motion.Pipeline.Show;

/// <summary>What is printed when a run is done.</summary>
internal static class Summary
{
    /// <summary>AP of boxes, masks, filled boxes and tracks, and how well masks and boxes cover the objects.</summary>
    public static void Print(Evaluation evaluation, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("", "AP", "AP50", "AP75", "APs", "APm", "APl");
        foreach (var (name, type) in Rows(evaluation))
        {
            table.AddRow([name, .. type.Stats.Values.Take(6).Select(Percent)]);
        }

        console.Write(table);
        Console.WriteLine($"{evaluation.Frames} frames, {evaluation.Truths} objects, {evaluation.Found} detections");
        if (evaluation is { MeanBestIou: { } iou, MeanFilledBoxIou: { } box })
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"mean best mask IoU {iou:0.000}; the true box, filled, has {box:0.000}")
            );
        }
    }

    /// <summary>One row a kind of evaluation there is.</summary>
    public static IEnumerable<(string Name, TypeEvaluation Type)> Rows(Evaluation evaluation)
    {
        yield return ("boxes", evaluation.Boxes);
        if (evaluation.Masks is { } masks)
            yield return ("masks", masks);
        if (evaluation.FilledBoxes is { } filled)
            yield return ("filled boxes", filled);
        if (evaluation.Tracks is { } tracks)
            yield return ("tracks", tracks.Scores);
    }

    private static string Percent(double value) => value < 0 ? "-" : (100 * value).ToString("0.0", CultureInfo.InvariantCulture);
}
