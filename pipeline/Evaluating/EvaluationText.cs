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
        (true, "0.50:0.95", "all", 2),
        (true, "0.50", "all", 2),
        (true, "0.75", "all", 2),
        (true, "0.50:0.95", "small", 2),
        (true, "0.50:0.95", "medium", 2),
        (true, "0.50:0.95", "large", 2),
        (false, "0.50:0.95", "all", 0),
        (false, "0.50:0.95", "all", 1),
        (false, "0.50:0.95", "all", 2),
        (false, "0.50:0.95", "small", 2),
        (false, "0.50:0.95", "medium", 2),
        (false, "0.50:0.95", "large", 2),
    ];

    /// <summary>LVIS's: COCO's without those of fewer detections, and with those of groups of classes by how rare they are.</summary>
    public static IReadOnlyList<(string Name, double Value, string Line)> Lvis(FileEvaluation evaluation)
    {
        var (stats, lvis, most) = (evaluation.Scores.Stats.Values, evaluation.Lvis!, evaluation.Limits.Most);
        (string, double, string) One(
            string name,
            double value,
            bool precision,
            string iou = "0.50:0.95",
            string area = "all",
            string classes = "all"
        ) =>
            (
                name,
                value,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $" {(precision ? "Average Precision  (AP)" : "Average Recall     (AR)")} @[ IoU={iou, -9} | area={area, 6} | maxDets={most, 3} catIds={classes, 3} ] = {value:0.000}"
                )
            );
        return
        [
            One("AP", stats[0], true),
            One("AP50", stats[1], true, iou: "0.50"),
            One("AP75", stats[2], true, iou: "0.75"),
            One("APs", stats[3], true, area: "small"),
            One("APm", stats[4], true, area: "medium"),
            One("APl", stats[5], true, area: "large"),
            One("APr", lvis.Ap.Rare, true, classes: "r"),
            One("APc", lvis.Ap.Common, true, classes: "c"),
            One("APf", lvis.Ap.Frequent, true, classes: "f"),
            One($"AR@{most}", stats[8], false),
            One($"ARs@{most}", stats[9], false, area: "small"),
            One($"ARm@{most}", stats[10], false, area: "medium"),
            One($"ARl@{most}", stats[11], false, area: "large"),
        ];
    }

    /// <summary>How much was compared.</summary>
    public static string Counts(FileEvaluation evaluation)
    {
        var videos = evaluation.Type == CocoType.Ytvis;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{evaluation.Scores.Type}: {evaluation.Index.Units.Length} {(videos ? "videos" : "images")}, {evaluation.Index.Categories.Length} categories, {evaluation.Truths} annotated {(videos ? "tracks" : "objects")}, {evaluation.Detections} detected"
        );
    }

    /// <summary>The numbers, three digits each, one a line; -1.000 where nothing is defined.</summary>
    public static IEnumerable<string> Summary(FileEvaluation evaluation) =>
        evaluation.Lvis is null ? Summary(evaluation.Scores.Stats, evaluation.Limits) : Lvis(evaluation).Select(one => one.Line);

    /// <summary>The twelve numbers, three digits each, one a line; -1.000 where nothing is defined.</summary>
    public static IEnumerable<string> Summary(CocoStats stats, DetectionLimits limits) =>
        Lines.Zip(
            stats.Values,
            (line, value) =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $" {(line.Precision ? "Average Precision  (AP)" : "Average Recall     (AR)")} @[ IoU={line.Iou, -9} | area={line.Area, 6} | maxDets={limits.Values[line.Limit], 3} ] = {value:0.000}"
                )
        );

    /// <summary>One row a class.</summary>
    public static Table Classes(FileEvaluation evaluation)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns([
            "id",
            "class",
            "AP",
            "AP50",
            "AP75",
            "APs",
            "APm",
            "APl",
            .. EvaluationJson.Recalls(evaluation).Select(recall => $"AR{recall.Limit}"),
        ]);
        foreach (var category in evaluation.Scores.Categories)
        {
            var (id, name) = evaluation.Index.Categories[category.Class];
            table.AddRow([
                id.ToString(CultureInfo.InvariantCulture),
                Legible.Line(name).EscapeMarkup(),
                .. EvaluationJson.Numbers(category, evaluation).Select(number => Show(number.Value)),
            ]);
        }

        return table;
    }

    private static string Show(double value) => value < 0 ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>What was left out or had no effect, one sentence a kind.</summary>
    public static IEnumerable<string> Notes(FileEvaluation evaluation, string truths, string results) =>
        new[] { (truths, evaluation.OfTruths), (results, evaluation.OfResults) }
            .SelectMany(file =>
                file.Item2.LeftOut.Select(FaultText.Sentence)
                    .Concat(file.Item2.PassedOver.Select(kind => $"{file.Item1}: passed over {kind.Value} {kind.Key}"))
                    .Concat(file.Item2.Notes.Select(note => $"{file.Item1}: {note}"))
            )
            .Concat(
                evaluation.Lvis is { Unsaid: > 0 and var unsaid }
                    ?
                    [
                        $"{results}: {unsaid} detections of classes of which their image says nothing (neither an object nor neg_category_ids) do not count, by LVIS's rules",
                    ]
                    : []
            )
            .Concat(
                evaluation.Lvis is not null
                && evaluation.Index.Categories.Count(category => category.Frequency is not ("r" or "c" or "f")) is > 0 and var unknown
                    ? [$"{truths}: {unknown} categories say no frequency (r, c or f), and are in none of APr, APc and APf"]
                    : []
            )
            .Concat(
                evaluation.Lvis is null && evaluation.Index.Units.Any(unit => unit.IsFederated)
                    ?
                    [
                        $"{truths}: its images say of which categories they were not annotated (neg_category_ids, not_exhaustive_category_ids), as those of LVIS and TAO, and COCO's rules, by which this is measured, do not look at it: --rules lvis",
                    ]
                    : []
            )
            .Concat(
                evaluation.BeyondLimit == 0 ? []
                : evaluation.Lvis is not null
                    ?
                    [
                        $"{results}: {evaluation.BeyondLimit} detections beyond the best {evaluation.Limits.Most} of their image, of all classes together, do not count (--max-dets)",
                    ]
                :
                [
                    $"{results}: {evaluation.BeyondLimit} detections beyond the best {evaluation.Limits.Most} of their {(evaluation.Type == CocoType.Ytvis ? "video" : "image")} and class do not count (--max-dets)",
                ]
            );
}
