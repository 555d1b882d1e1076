using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;

namespace Motion.Report.Page;

/// <summary>The section on scores: COCO's numbers for boxes, masks and filled boxes, over all classes and for each.</summary>
internal static class Scores
{
    private const int RecallSteps = 101;
    private const int Areas = 4;
    private const int Limits = 3;

    private static readonly ImmutableArray<(string Name, string Meaning)> Numbers =
    [
        ("AP", "average precision, mean over overlaps 0.50 to 0.95"),
        ("AP50", "at overlap 0.50"),
        ("AP75", "at overlap 0.75"),
        ("APs", "objects under 32x32 pixels"),
        ("APm", "up to 96x96"),
        ("APl", "larger"),
        ("AR1", "average recall with 1 detection a frame"),
        ("AR10", "with 10"),
        ("AR100", "with 100"),
        ("ARs", "AR100 of small objects"),
        ("ARm", "of medium ones"),
        ("ARl", "of large ones"),
    ];

    private const string TracksNote =
        " Tracks are masks linked over the frames of a clip, measured as YouTube-VIS does: overlap is summed over frames, AR counts detections a clip, and sizes are bounded by 128x128 and 256x256.";

    public static string Section(Evaluation? score, Catalogue catalogue)
    {
        if (score is null)
        {
            return "";
        }

        var kinds = Kinds(score).ToArray();
        return $"""
            <section><h2>Scores</h2>
            <p class="muted">COCO's measures in percent; a dash where no object counts. Filled boxes are the same detections with each mask replaced by its box: what masks would score without knowing any shape.{(
                score.Tracks is null ? "" : TracksNote
            )}</p>
            <div class="wide"><table><thead><tr><th></th>{string.Concat(
                Numbers.Select(number => $"""<th scope="col"><abbr title="{number.Meaning}">{number.Name}</abbr></th>""")
            )}</tr></thead><tbody>
            {string.Concat(
                kinds.Select(kind =>
                    $"<tr><th scope=\"row\">{kind.Name}</th>{string.Concat(kind.Result.Stats.Values.Select(value => $"<td>{Html.Ap(value)}</td>"))}</tr>\n"
                )
            )}</tbody></table></div>
            {Recall(score)}
            {Classes(kinds, catalogue)}
            </section>

            """;
    }

    private static IEnumerable<(string Name, TypeEvaluation Result)> Kinds(Evaluation score)
    {
        if (score.Masks is { } masks)
        {
            yield return ("masks", masks);
        }

        if (score.FilledBoxes is { } filled)
        {
            yield return ("filled boxes", filled);
        }

        yield return ("boxes", score.Boxes);
        if (score.Tracks is { } tracks)
        {
            yield return ("tracks", tracks.Scores);
        }
    }

    /// <summary>Precision over recall at overlaps 0.50 and 0.75: masks beside filled boxes.</summary>
    private static string Recall(Evaluation score)
    {
        var text = new StringBuilder("""<div class="charts">""");
        foreach (var (threshold, name) in new[] { (0, "0.50"), (5, "0.75") })
        {
            var lines = new[] { (score.Masks ?? score.Boxes, ""), (score.FilledBoxes, "second") }
                .Select(pair => new Line(pair.Item1 is { } kind ? MeanPrecision(kind, threshold) : [], pair.Item2))
                .Where(line => !line.Points.IsEmpty)
                .ToImmutableArray();
            if (!lines.IsEmpty)
            {
                text.Append($"""<figure class="chart"><figcaption><b>precision over recall</b> <span>overlap {name}</span></figcaption>""")
                    .Append(Chart.Svg($"Precision over recall at overlap {name}", "recall", lines, AxisScale.Linear, "", top: 1))
                    .Append("</figure>");
            }
        }

        var keys = score.FilledBoxes is null
            ? ""
            : """<p class="muted"><span class="key"></span>masks <span class="key second"></span>filled boxes</p>""";
        return text.Append("</div>").Append(keys).ToString();
    }

    /// <summary>Mean over the classes that have objects, all sizes, 100 detections a frame; empty if no class has any.</summary>
    internal static ImmutableArray<(double X, double Y)> MeanPrecision(TypeEvaluation kind, int threshold)
    {
        var classes = kind.Counted.Length;
        if (kind.Precision.Length != 10 * RecallSteps * classes * Areas * Limits)
        {
            return [];
        }

        var points = ImmutableArray.CreateBuilder<(double X, double Y)>();
        for (var r = 0; r < RecallSteps; r++)
        {
            var values = Enumerable
                .Range(0, classes)
                .Select(k => kind.Precision[(((((threshold * RecallSteps) + r) * classes) + k) * Areas * Limits) + Limits - 1])
                .Where(value => value > -1)
                .ToArray();
            if (values.Length > 0)
            {
                points.Add((r / (RecallSteps - 1.0), values.Average()));
            }
        }

        return points.ToImmutable();
    }

    private static string Classes((string Name, TypeEvaluation Result)[] kinds, Catalogue catalogue)
    {
        var text = new StringBuilder("""<h3>By class</h3><div class="wide"><table><thead><tr><th scope="col">class</th>""");
        foreach (var (name, _) in kinds)
        {
            text.Append($"""<th scope="col">{name} AP</th><th scope="col">AP50</th><th scope="col">AP75</th>""");
        }

        text.Append("</tr></thead><tbody>");
        foreach (var entry in kinds[0].Result.Categories)
        {
            var rows = kinds.Select(kind => kind.Result.Categories.First(other => other.Class == entry.Class)).ToArray();
            if (rows.All(row => row.Ap < 0))
            {
                continue;
            }

            text.Append($"<tr><th scope=\"row\">{Html.Text(Names.ClassName(catalogue, entry.Class))}</th>")
                .AppendJoin("", rows.Select(row => $"<td>{Html.Ap(row.Ap)}</td><td>{Html.Ap(row.Ap50)}</td><td>{Html.Ap(row.Ap75)}</td>"))
                .Append("</tr>\n");
        }

        return text.Append("</tbody></table></div>").ToString();
    }
}

internal static class Names
{
    /// <summary>A class as the data set calls it.</summary>
    public static string ClassName(Catalogue catalogue, int index) =>
        index >= 0 && index < catalogue.Categories.Length ? catalogue.Categories[index].Name : $"class {index}";
}
