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
    private static readonly (bool Precision, string Iou, string Area, int Limit)[] Lines =
    [
        (true, "0.50:0.95", "all", 100), (true, "0.50", "all", 100), (true, "0.75", "all", 100),
        (true, "0.50:0.95", "small", 100), (true, "0.50:0.95", "medium", 100), (true, "0.50:0.95", "large", 100),
        (false, "0.50:0.95", "all", 1), (false, "0.50:0.95", "all", 10), (false, "0.50:0.95", "all", 100),
        (false, "0.50:0.95", "small", 100), (false, "0.50:0.95", "medium", 100), (false, "0.50:0.95", "large", 100),
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
    public static IEnumerable<string> Summary(CocoStats stats) => Lines.Zip(stats.Values, (line, value) => string.Create(
        CultureInfo.InvariantCulture,
        $" {(line.Precision ? "Average Precision  (AP)" : "Average Recall     (AR)")} @[ IoU={line.Iou,-9} | area={line.Area,6} | maxDets={line.Limit,3} ] = {value:0.000}"));

    /// <summary>One row a class.</summary>
    public static Table Classes(FileEvaluation evaluation)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("id", "class", "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100");
        foreach (var category in evaluation.Scores.Categories)
        {
            var (id, name) = evaluation.Index.Categories[category.Class];
            table.AddRow([id.ToString(CultureInfo.InvariantCulture), Legible.Line(name).EscapeMarkup(), .. EvaluationJson.Numbers(category).Select(number => Show(number.Value))]);
        }

        return table;
    }

    private static string Show(double value) => value < 0 ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>What was left out or had no effect, one sentence a kind.</summary>
    public static IEnumerable<string> Notes(FileEvaluation evaluation, string truths, string results) =>
        new[] { (truths, evaluation.OfTruths), (results, evaluation.OfResults) }.SelectMany(file => file.Item2.LeftOut
            .Select(FaultText.Sentence)
            .Concat(file.Item2.PassedOver.Select(kind => $"{file.Item1}: passed over {kind.Value} {kind.Key}")));
}
