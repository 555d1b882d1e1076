using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;

namespace Motion.Report.Page;

/// <summary>The section on training: each loss term over the iterations, and the learning rate.</summary>
internal static class Curves
{
    private const int RowsOfNumbers = 12;

    public static string Section(ImmutableArray<TrainingPoint> points)
    {
        if (points.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder(
            """
            <section><h2>Training</h2>
            <p class="muted">Each term of the loss over the iterations. The line is the mean of neighbouring iterations, the band their range; point at a chart for values.</p>
            <div class="controls" role="radiogroup" aria-label="Vertical axis"><label><input type="radio" name="scale" id="scale-linear" checked> linear axis</label>
            <label><input type="radio" name="scale" id="scale-log"> logarithmic axis</label></div><div class="charts">

            """
        );
        foreach (var (name, explanation, line) in Lines(points))
        {
            AppendChart(text, name, explanation, line);
        }

        return text.Append("</div>").Append(Numbers(points)).Append("</section>\n").ToString();
    }

    private static IEnumerable<(string Name, string Explanation, Line Line)> Lines(ImmutableArray<TrainingPoint> points)
    {
        yield return ("total", "sum of the terms", LineOf(points, point => point.Terms.Sum(term => term.Value)));
        foreach (var name in points[0].Terms.Select(term => term.Name))
        {
            yield return (name, Explain(name), LineOf(points, point => ValueOf(point, name)));
        }

        yield return ("learning rate", "", LineOf(points, point => point.LearningRate));
    }

    private static Line LineOf(ImmutableArray<TrainingPoint> points, Func<TrainingPoint, double> value) =>
        new([.. points.Select(point => (X: (double)point.Iteration, Y: value(point))).Where(point => double.IsFinite(point.Y))]);

    private static double ValueOf(TrainingPoint point, string name) =>
        point.Terms.Where(term => term.Name == name).Select(term => term.Value).FirstOrDefault(double.NaN);

    private static string Explain(string name) =>
        name switch
        {
            "loss_fcos_cls" => "classes (focal)",
            "loss_fcos_loc" => "boxes (GIoU)",
            "loss_fcos_ctr" => "centre-ness",
            "loss_prj" => "masks fill their boxes",
            "loss_pairwise" => "alike neighbours agree",
            _ => "",
        };

    private static void AppendChart(StringBuilder text, string name, string explanation, Line line)
    {
        if (line.Points.IsEmpty)
        {
            return;
        }

        var (first, last) = (line.Points[0], line.Points[^1]);
        var label =
            $"{name} from {Html.Short(first.Y)} at iteration {Html.Short(first.X)} to {Html.Short(last.Y)} at iteration {Html.Short(last.X)}";
        text.Append($"""<figure class="chart"><figcaption><b>{Html.Text(name)}</b> <span>{Html.Text(explanation)}</span></figcaption>""")
            .Append(Chart.Svg(label, "iteration", [line], AxisScale.Linear, "linear"))
            .Append(Chart.Svg(label + ", logarithmic axis", "iteration", [line], AxisScale.Log, "log"))
            .Append("</figure>\n");
    }

    private static string Numbers(ImmutableArray<TrainingPoint> points)
    {
        var step = Math.Max(1, (points.Length - 1) / (double)(RowsOfNumbers - 1));
        var rows = Enumerable
            .Range(0, Math.Min(RowsOfNumbers, points.Length))
            .Select(i => points[Math.Min(points.Length - 1, (int)Math.Round(i * step))])
            .ToArray();
        var names = points[0].Terms.Select(term => term.Name).ToArray();
        var text = new StringBuilder(
            """<details><summary>Numbers</summary><div class="wide"><table><thead><tr><th scope="col">iteration</th><th scope="col">total</th>"""
        );
        text.AppendJoin("", names.Select(name => $"""<th scope="col">{Html.Text(name)}</th>"""))
            .Append("""<th scope="col">learning rate</th><th scope="col">since start</th></tr></thead><tbody>""");
        foreach (var point in rows)
        {
            text.Append(
                    $"<tr><th scope=\"row\">{Html.Count(point.Iteration)}</th><td>{Html.Short(point.Terms.Sum(term => term.Value))}</td>"
                )
                .AppendJoin("", names.Select(name => $"<td>{Html.Short(ValueOf(point, name))}</td>"))
                .Append($"<td>{Html.Short(point.LearningRate)}</td><td>{Html.Duration(point.Seconds)}</td></tr>");
        }

        return text.Append("</tbody></table></div></details>").ToString();
    }
}
