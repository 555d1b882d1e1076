using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Spectre.Console;

namespace Motion.Pipeline.Evaluating;

/// <summary>An evaluation in words: the twelve lines as COCO people know them, and a table by class.</summary>
internal static class EvaluationText
{
    /// <summary>Of each line which of the three limits it has.</summary>
    private static readonly (bool Precision, string Iou, string Area, int Limit)[] Lines =
    [
        (true, "0.50:0.95", "all", 2), (true, "0.50", "all", 2), (true, "0.75", "all", 2),
        (true, "0.50:0.95", "small", 2), (true, "0.50:0.95", "medium", 2), (true, "0.50:0.95", "large", 2),
        (false, "0.50:0.95", "all", 0), (false, "0.50:0.95", "all", 1), (false, "0.50:0.95", "all", 2),
        (false, "0.50:0.95", "small", 2), (false, "0.50:0.95", "medium", 2), (false, "0.50:0.95", "large", 2),
    ];

    /// <summary>How much was compared.</summary>
    public static string Counts(FileEvaluation evaluation)
    {
        var videos = evaluation.Type == CocoType.Ytvis;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{evaluation.Scores.Type}: {evaluation.Index.Units.Length} {(videos ? "videos" : "images")}, {evaluation.Index.Categories.Length} categories, {evaluation.Truths} annotated {(videos ? "tracks" : "objects")}, {evaluation.Detections} detected");
    }

    /// <summary>The twelve numbers, three digits each, one a line; -1.000 where nothing is defined.</summary>
    public static IEnumerable<string> Summary(CocoStats stats, DetectionLimits limits) => Lines.Zip(stats.Values, (line, value) => string.Create(
        CultureInfo.InvariantCulture,
        $" {(line.Precision ? "Average Precision  (AP)" : "Average Recall     (AR)")} @[ IoU={line.Iou,-9} | area={line.Area,6} | maxDets={limits.Values[line.Limit],3} ] = {value:0.000}"));

    /// <summary>One row a class.</summary>
    public static Table Classes(FileEvaluation evaluation)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("id", "class", "AP", "AP50", "AP75", "APs", "APm", "APl", $"AR{evaluation.Limits.Values[0]}", $"AR{evaluation.Limits.Values[1]}", $"AR{evaluation.Limits.Values[2]}");
        foreach (var category in evaluation.Scores.Categories)
        {
            var (id, name) = evaluation.Index.Categories[category.Class];
            table.AddRow([id.ToString(CultureInfo.InvariantCulture), Legible.Line(name).EscapeMarkup(), .. EvaluationJson.Numbers(category, evaluation.Limits).Select(number => Show(number.Value))]);
        }

        return table;
    }

    private static string Show(double value) => value < 0 ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>What was left out or had no effect, one sentence a kind.</summary>
    public static IEnumerable<string> Notes(FileEvaluation evaluation, string truths, string results) =>
        new[] { (truths, evaluation.OfTruths), (results, evaluation.OfResults) }.SelectMany(file => file.Item2.LeftOut
            .Select(FaultText.Sentence)
            .Concat(file.Item2.PassedOver.Select(kind => $"{file.Item1}: passed over {kind.Value} {kind.Key}"))
            .Concat(file.Item2.Notes.Select(note => $"{file.Item1}: {note}")))
        .Concat(evaluation.BeyondLimit == 0 ? [] :
        [
            $"{results}: {evaluation.BeyondLimit} detections beyond the best {evaluation.Limits.Most} of their {(evaluation.Type == CocoType.Ytvis ? "video" : "image")} and class do not count (--max-dets)",
        ]);
}
