using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;
using Motion.Report;
using Motion.Report.Page;
using Motion.Runner.Text;
using Spectre.Console;

namespace Motion.Pipeline.Tables;

/// <summary>Tables for the terminal, for spreadsheets and for reading.</summary>
internal static class WriteTables
{
    /// <summary>Two lines a row: what was published, and what was measured here.</summary>
    public static void Print(FilledTable filled, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(Heading(filled.Table)));
        table.AddColumns("", "");
        table.AddColumns([.. filled.Table.Columns.Select(column => new TableColumn(NameOf(column)).RightAligned())]);
        foreach (var row in filled.Rows)
        {
            var method = row.Row.Backbone is { } backbone ? $"{row.Row.Method}, {backbone}" : row.Row.Method;
            table.AddRow([Markup.Escape(method), "paper", .. row.Cells.Select(cell => Number(cell.Published))]);
            table.AddRow(["", "here", .. row.Cells.Select(Shown)]);
        }

        console.Write(table);
    }

    /// <summary>One line a cell: table, method, backbone, run, average, published, measured (mean), spread, seeds.</summary>
    public static string Csv(ImmutableArray<FilledTable> tables)
    {
        var text = new StringBuilder("table,measures,method,backbone,run,average,published,measured,spread,seeds\n");
        foreach (
            var (filled, row, cell, column) in from filled in tables
            from row in filled.Rows
            from pair in row.Cells.Zip(filled.Table.Columns)
            select (filled, row, pair.First, pair.Second)
        )
        {
            text.AppendJoin(
                    ',',
                    Field(filled.Table.Name),
                    filled.Table.Of is Measured.Masks ? "masks" : "boxes",
                    Field(row.Row.Method),
                    Field(row.Row.Backbone ?? ""),
                    Field(row.Row.Run),
                    NameOf(column),
                    Number(cell.Published),
                    Exact(cell.Mean),
                    Exact(cell.Spread),
                    cell.Measured.Length.ToString(CultureInfo.InvariantCulture)
                )
                .Append('\n');
        }

        return text.ToString();
    }

    /// <summary>All tables as one page.</summary>
    /// <param name="lead">Scale, data and seeds in a sentence.</param>
    /// <param name="notes">What the reader must know.</param>
    public static string Html(
        string title,
        string lead,
        IEnumerable<string> notes,
        ImmutableArray<FilledTable> tables,
        ImmutableArray<PlannedRun> runs
    ) => PlainPage.Of(title, lead, notes, string.Concat(tables.Select(Section)) + RunList(runs));

    private static string Section(FilledTable filled)
    {
        var hasBackbone = HasBackbone(filled);
        var text = new StringBuilder(
            $"<section><h2>{PlainPage.Text(Heading(filled.Table))}</h2>\n<div class=\"wide\"><table><thead><tr><th rowspan=\"2\" class=\"text\">Method</th>"
        );
        if (hasBackbone)
            text.Append("<th rowspan=\"2\" class=\"text\">Backbone</th>");
        foreach (var column in filled.Table.Columns)
            text.Append(CultureInfo.InvariantCulture, $"<th colspan=\"2\" scope=\"colgroup\">{NameOf(column)}</th>");
        text.Append("</tr>\n<tr>")
            .Append(string.Concat(Enumerable.Repeat("<th>paper</th><th>here</th>", filled.Table.Columns.Length)))
            .Append("</tr></thead>\n<tbody>\n");
        foreach (var row in filled.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\" class=\"text\">{PlainPage.Text(row.Row.Method)}</th>");
            if (hasBackbone)
                text.Append(CultureInfo.InvariantCulture, $"<td class=\"text\">{PlainPage.Text(row.Row.Backbone ?? "")}</td>");
            foreach (var cell in row.Cells)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"<td class=\"muted\">{Number(cell.Published)}</td><td>{PlainPage.Text(Shown(cell))}</td>"
                );
            text.Append("</tr>\n");
        }

        return text.Append("</tbody></table></div></section>\n").ToString();
    }

    private static string RunList(ImmutableArray<PlannedRun> runs)
    {
        var rows = runs.Select(run =>
        {
            var report = Path.Combine(run.Settings.Run.Name, ReportKind.Kind.Name, Report.ReportStage.PageName);
            var name = PlainPage.Text(run.Settings.Run.Name);
            var link =
                run.Made is Made.Done && run.Settings.Find(ReportKind.Kind) is not null
                    ? $"<a href=\"{PlainPage.Text(report)}\">{name}</a>"
                    : name;
            var iterations = run.Settings.Train?.Iterations.ToString(CultureInfo.InvariantCulture) ?? "–";
            var frames = run.Settings.Train is { } train ? train.Batch.ToString(CultureInfo.InvariantCulture) : "–";
            return $"<tr><th scope=\"row\" class=\"text\">{link}</th><td>{iterations}</td><td>{frames}</td><td class=\"text\">{Words(run.Made)}</td></tr>\n";
        });
        return $"<section><h2>The runs</h2>\n<div class=\"wide\"><table><thead><tr><th class=\"text\">Run</th><th>iterations</th><th>frames each</th><th class=\"text\">state</th></tr></thead><tbody>\n{string.Concat(rows)}</tbody></table></div></section>\n";
    }

    public static string Words(Made made) =>
        made switch
        {
            Made.Done => "done",
            Made.Begun => "begun",
            Made.Missing => "not made yet",
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static string Heading(TableSpec table) =>
        $"Table {table.Name}: {table.Title} ({(table.Of is Measured.Masks ? "masks" : "boxes")})";

    private static bool HasBackbone(FilledTable filled) => filled.Rows.Any(row => row.Row.Backbone is not null);

    private static string NameOf(Average average) =>
        average switch
        {
            Average.Ap => "AP",
            Average.Ap50 => "AP50",
            Average.Ap75 => "AP75",
            Average.ApS => "APs",
            Average.ApM => "APm",
            Average.ApL => "APl",
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static string Shown(Cell cell) =>
        cell.Mean is not { } mean ? "–"
        : cell.Spread is { } spread ? $"{Number(mean)} ± {Number(spread)}"
        : Number(mean);

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Exact(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
