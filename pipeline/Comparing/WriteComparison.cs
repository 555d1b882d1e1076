using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;
using Motion.Pipeline.Tables;
using Motion.Report;
using Motion.Report.Page;
using Spectre.Console;

namespace Motion.Pipeline.Comparing;

/// <summary>A comparison for the terminal, for spreadsheets and for reading.</summary>
internal static class WriteComparison
{
    private const int ShownClips = 5;

    public static void Print(Compared compared, IAnsiConsole console)
    {
        var reached = new Table().Border(TableBorder.Simple).Title(Markup.Escape("reached, percent: mean over the seeds [95 % interval]"));
        reached.AddColumns("");
        reached.AddColumns([.. Enum.GetValues<Measure>().Select(measure => new TableColumn(NameOf(measure)).RightAligned())]);
        foreach (var method in compared.Reached.GroupBy(one => one.Method.Name))
        {
            reached.AddRow([
                Markup.Escape(method.Key),
                .. Enum.GetValues<Measure>()
                    .Select(measure =>
                        method.FirstOrDefault(one => one.Measure == measure) is { } one ? Markup.Escape(Show(one.Pooled)) : "–"
                    ),
            ]);
        }

        console.Write(reached);
        var differences = new Table()
            .Border(TableBorder.Simple)
            .Title(Markup.Escape("differences, points: paired over clips and seeds [95 % interval]"));
        differences.AddColumns("");
        differences.AddColumns([.. Enum.GetValues<Measure>().Select(measure => new TableColumn(NameOf(measure)).RightAligned())]);
        foreach (var pair in compared.Differences.GroupBy(one => (one.First, one.Second)))
        {
            differences.AddRow([
                Markup.Escape($"{pair.Key.Second} - {pair.Key.First}"),
                .. Enum.GetValues<Measure>()
                    .Select(measure =>
                        pair.FirstOrDefault(one => one.Measure == measure) is { } one ? Markup.Escape(Signed(one.Pooled)) : "–"
                    ),
            ]);
        }

        console.Write(differences);
    }

    /// <summary>One line a number: what (reached, difference or clip), measure, method or second method, first method, clip, value,
    /// bounds.</summary>
    public static string Csv(Compared compared)
    {
        var text = new StringBuilder("what,measure,method,minus,clip,value,low,high\n");
        foreach (var one in compared.Reached)
            Line(text, "reached", one.Measure, one.Method.Name, "", "", one.Pooled);
        foreach (var one in compared.Differences)
        {
            Line(text, "difference", one.Measure, one.Second, one.First, "", one.Pooled);
            foreach (var (clip, value) in one.OfClips)
                Line(text, "clip", one.Measure, one.Second, one.First, clip, new Interval(value, double.NaN, double.NaN));
        }

        return text.ToString();
    }

    /// <summary>The page.</summary>
    /// <param name="lead">Data, folds and seeds in a sentence.</param>
    /// <param name="notes">What the reader must know.</param>
    /// <param name="compared">The numbers; null while no method is done.</param>
    /// <param name="runs">All of them.</param>
    /// <param name="folder">Where the page will lie.</param>
    public static string Html(string lead, IEnumerable<string> notes, Compared? compared, ImmutableArray<FoldRun> runs, string folder) =>
        PlainPage.Of(
            "Comparison",
            lead,
            notes,
            (compared is null ? "" : ReachedSection(compared) + DifferenceSection(compared) + ClipSections(compared, runs, folder))
                + WriteTables.RunList([.. runs.Select(run => run.Run)])
        );

    private static string ReachedSection(Compared compared) =>
        TableSection(
            "Reached",
            "Percent; pooled over all clips, mean over the seeds, and the interval of 95 % of the resampled values.",
            from method in compared.Reached.GroupBy(one => one.Method.Name)
            select (
                method.Key,
                (Func<Measure, string?>)(
                    measure => method.FirstOrDefault(one => one.Measure == measure) is { } one ? Show(one.Pooled) : null
                )
            )
        );

    private static string DifferenceSection(Compared compared) =>
        TableSection(
            "Differences",
            "Points; clips and seeds are drawn with replacement, the same of both methods. An interval that leaves zero out is set in bold.",
            from pair in compared.Differences.GroupBy(one => $"{one.Second} − {one.First}")
            select (
                pair.Key,
                (Func<Measure, string?>)(
                    measure =>
                        pair.FirstOrDefault(one => one.Measure == measure) is { } one
                            ? one.Pooled.IsClear
                                ? $"<b>{Signed(one.Pooled)}</b>"
                                : Signed(one.Pooled)
                            : null
                )
            )
        );

    private static string TableSection(string title, string lead, IEnumerable<(string Name, Func<Measure, string?> Cell)> rows)
    {
        var measures = Enum.GetValues<Measure>();
        var head = string.Concat(measures.Select(measure => $"<th>{NameOf(measure)}</th>"));
        var body = string.Concat(
            rows.Select(row =>
                $"<tr><th scope=\"row\" class=\"text\">{PlainPage.Text(row.Name)}</th>{string.Concat(measures.Select(measure => $"<td>{row.Cell(measure) ?? "–"}</td>"))}</tr>\n"
            )
        );
        return $"<section><h2>{title}</h2><p class=\"muted\">{lead}</p>\n<div class=\"wide\"><table><thead><tr><th class=\"text\"></th>{head}</tr></thead><tbody>\n{body}</tbody></table></div></section>\n";
    }

    /// <summary>
    /// Of the last method against the first: the clips where they differ most, with the pictures that both runs have of them.
    /// </summary>
    private static string ClipSections(Compared compared, ImmutableArray<FoldRun> runs, string folder)
    {
        var main =
            compared.Differences.LastOrDefault(one => one.Measure == Measure.MaskAp && one.First == compared.Reached[0].Method.Name)
            ?? compared.Differences.LastOrDefault();
        if (main is null)
            return "";
        var sorted = main.OfClips.OrderByDescending(clip => clip.Value).ToArray();
        var rows = string.Concat(
            sorted.Select(clip =>
                $"<tr><th scope=\"row\" class=\"text\">{PlainPage.Text(clip.Key)}</th><td>{Signed(clip.Value)}</td></tr>\n"
            )
        );
        var heading = $"{NameOf(main.Measure)} of each clip: {main.Second} − {main.First}";
        var better = sorted.Where(clip => clip.Value > 0).Take(ShownClips);
        var worse = sorted.Reverse().Where(clip => clip.Value < 0).Take(ShownClips);
        return $"<section><h2>{PlainPage.Text(heading)}</h2>\n<div class=\"wide\"><table><thead><tr><th class=\"text\">Clip</th><th>points, mean over the seeds</th></tr></thead><tbody>\n{rows}</tbody></table></div></section>\n"
            + Pictures($"Where {main.Second} gains most", better, main, runs, folder)
            + Pictures($"Where {main.Second} loses most", worse, main, runs, folder);
    }

    private static string Pictures(
        string title,
        IEnumerable<KeyValuePair<string, double>> clips,
        Difference of,
        ImmutableArray<FoldRun> runs,
        string folder
    )
    {
        var shown = string.Concat(
            clips.Select(clip =>
                $"<h3>{PlainPage.Text(clip.Key)}, {Signed(clip.Value)}</h3><div class=\"strip\">{Picture(of.First, clip.Key, runs, folder)}{Picture(of.Second, clip.Key, runs, folder)}</div>\n"
            )
        );
        return shown.Length == 0 ? "" : $"<section><h2>{PlainPage.Text(title)}</h2>\n{shown}</section>\n";
    }

    /// <summary>The middle one of the pictures that a method's first seed has of a clip; what it would be, where there is none.</summary>
    private static string Picture(string method, string clip, ImmutableArray<FoldRun> runs, string folder)
    {
        var pictures = (
            from run in runs
            where run.Run.Name == method && run.Run.Seed == 1
            let place = Path.Combine(run.Run.Folder.Output(ReportKind.Kind.Name), "pictures")
            where Directory.Exists(place)
            from file in Directory.EnumerateFiles(place, $"??????-{clip}-?????.png")
            orderby file
            select file
        ).ToArray();
        return pictures.Length == 0
            ? $"<figure><figcaption>{PlainPage.Text(method)}: no picture of it (stages.report.maxClips)</figcaption></figure>"
            : $"<figure><img loading=\"lazy\" alt=\"{PlainPage.Text($"{clip} with the masks of {method}")}\" src=\"{PlainPage.Text(Path.GetRelativePath(folder, pictures[pictures.Length / 2]).Replace('\\', '/'))}\"><figcaption>{PlainPage.Text(method)}</figcaption></figure>";
    }

    private static void Line(StringBuilder text, string what, Measure measure, string method, string minus, string clip, Interval value) =>
        text.AppendJoin(
                ',',
                what,
                NameOf(measure),
                WriteTables.Field(method),
                WriteTables.Field(minus),
                WriteTables.Field(clip),
                Exact(value.Value),
                Exact(value.Low),
                Exact(value.High)
            )
            .Append('\n');

    private static string Exact(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    public static string NameOf(Measure measure) =>
        measure switch
        {
            Measure.MaskAp => "mask AP",
            Measure.BoxAp => "box AP",
            Measure.BestIou => "mean best IoU",
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static string Show(Interval value) => $"{Number(value.Value)} [{Number(value.Low)}, {Number(value.High)}]";

    private static string Signed(Interval value) => $"{Signed(value.Value)} [{Signed(value.Low)}, {Signed(value.High)}]";

    private static string Signed(double value) => value.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
