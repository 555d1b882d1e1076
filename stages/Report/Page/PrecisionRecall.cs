using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;
using Motion.Report.Page;

namespace Motion.Report;

/// <summary>
/// Precision over recall as one page that needs nothing beside it: the mean of all classes at each overlap, and each class at all of them.
/// </summary>
public static class PrecisionRecallPage
{
    private const int Thresholds = 10;
    private const int RecallSteps = 101;
    private const int Areas = 4;
    private const int Limits = 3;

    /// <summary>The page.</summary>
    /// <param name="title">What was measured.</param>
    /// <param name="scores">The arrays.</param>
    /// <param name="classes">Names of the classes, by index.</param>
    /// <param name="detections">How many detections counted, the best of each image.</param>
    public static string Of(string title, TypeEvaluation scores, ImmutableArray<string> classes, int detections)
    {
        var text = new StringBuilder(
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Html.Text(
                title
            )}</title>
            <style>{Style.Css}{OverlapColours()}</style></head><body><main>
            <h1>Precision over recall</h1>
            <p class="lead">{Html.Text(title)}: AP {Html.Ap(scores.Stats.Ap)}, AP50 {Html.Ap(scores.Stats.Ap50)}, AP75 {Html.Ap(
                scores.Stats.Ap75
            )} percent. All sizes, the best {detections} detections; precision is that of COCO, the highest at this recall or beyond. The area below a curve is the AP.</p>

            """
        );
        AppendMeans(text, scores);
        AppendClasses(text, scores, classes);
        return text.Append("</main></body></html>\n").ToString();
    }

    private static void AppendMeans(StringBuilder text, TypeEvaluation scores)
    {
        text.Append("<section><h2>All classes, by overlap</h2><div class=\"charts\">");
        for (var threshold = 0; threshold < Thresholds; threshold++)
        {
            var points = Scores.MeanPrecision(scores, threshold);
            if (!points.IsEmpty)
            {
                AppendChart(text, $"overlap {Overlap(threshold)}", points.Average(point => point.Y), [new Line(points)]);
            }
        }

        text.Append("</div></section>\n");
    }

    private static void AppendClasses(StringBuilder text, TypeEvaluation scores, ImmutableArray<string> classes)
    {
        text.Append("<section><h2>By class</h2><p class=\"muted\">Ten curves each, for overlaps of ")
            .AppendJoin(" ", Enumerable.Range(0, Thresholds).Select(t => $"<span class=\"key t{t}\"></span>{Overlap(t)}"))
            .Append(
                "; the values under the pointer are those of 0.50. Classes without a countable object are not shown.</p><div class=\"charts\">"
            );
        var counted = scores.Counted;
        foreach (var (place, k) in counted.Index())
        {
            var category = scores.Categories[k];
            AppendChart(
                text,
                classes[category.Class],
                category.Ap,
                [
                    .. Enumerable
                        .Range(0, Thresholds)
                        .Select(threshold => new Line(Points(scores, threshold, place, counted.Length), $"t{threshold}")),
                ]
            );
        }

        text.Append("</div></section>\n");
    }

    private static void AppendChart(StringBuilder text, string name, double ap, ImmutableArray<Line> lines) =>
        text.Append($"""<figure class="chart"><figcaption><b>{Html.Text(name)}</b> <span>AP {Html.Ap(ap)}</span></figcaption>""")
            .Append(Chart.Svg($"Precision over recall, {name}", "recall", lines, AxisScale.Linear, "", top: 1))
            .Append("</figure>\n");

    private static ImmutableArray<(double X, double Y)> Points(TypeEvaluation scores, int threshold, int place, int counted) =>
        [
            .. Enumerable
                .Range(0, RecallSteps)
                .Select(r =>
                    (
                        r / (RecallSteps - 1.0),
                        scores.Precision[(((((threshold * RecallSteps) + r) * counted) + place) * Areas * Limits) + Limits - 1]
                    )
                ),
        ];

    private static string Overlap(int threshold) => Html.Fixed(0.5 + (0.05 * threshold), 2);

    /// <summary>From blue for 0.50 to orange for 0.95.</summary>
    private static string OverlapColours() =>
        string.Concat(
            Enumerable
                .Range(0, Thresholds)
                .Select(t =>
                    $".line.t{t} {{ stroke: color-mix(in oklab, var(--second) {100 * t / (Thresholds - 1)}%, var(--first)); }} .key.t{t} {{ border-color: color-mix(in oklab, var(--second) {100 * t / (Thresholds - 1)}%, var(--first)); }}\n"
                )
        );
}
