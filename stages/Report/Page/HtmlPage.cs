using Motion.Contracts;

namespace Motion.Report.Page;

/// <summary>The page: one file that needs no other and runs no script.</summary>
internal static class HtmlPage
{
    public static string Of(ReportState state, ReportOptions options, string? results)
    {
        var run = state.Run ?? new ReportItem.Run("run", "", new Catalogue([], []), [], []);
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Html.Text(
                run.Name
            )}</title>
            <style>
            {Style.Css}
            </style></head>
            <body><main>
            <header><h1>{Html.Text(run.Name)}</h1><p class="lead">{Lead(state)}</p></header>
            {Notes(run)}{Headline.Section(state)}{StripsSection.Section(state, options)}{Curves.Section(state.Curve)}{Scores.Section(
                state.Score,
                run.Catalogue
            )}{Settings(run)}{Footer(state, results)}
            </main></body></html>

            """;
    }

    private static string Lead(ReportState state)
    {
        var clips = state.Strips.Count + state.HiddenClips.Count;
        var seen = state.Frames == 0 ? "" : $"{Html.Counted(state.Frames, "frame", "frames")} of {Html.Counted(clips, "clip", "clips")}";
        var found = state.Results is null ? "" : $", {Html.Counted(state.Detections, "detection", "detections")}";
        var trained = state.Curve.IsEmpty
            ? ""
            : $"{Html.Counted(state.Curve[^1].Iteration + 1, "training iteration", "training iterations")}";
        return string.Join("; ", new[] { seen + found, trained }.Where(part => part.Length > 0)) is { Length: > 0 } lead
            ? lead + "."
            : "Nothing was reported.";
    }

    private static string Notes(ReportItem.Run run) =>
        run.Notes.IsEmpty
            ? ""
            : $"<ul class=\"notes\" aria-label=\"Notes\">{string.Concat(run.Notes.Select(note => $"<li>{Html.Text(note)}</li>"))}</ul>\n";

    private static string Settings(ReportItem.Run run)
    {
        if (run.Facts.IsEmpty && run.Yaml.Length == 0)
        {
            return "";
        }

        var facts = run.Facts.IsEmpty
            ? ""
            : $"""
                <table><tbody>
                {string.Concat(
                    run.Facts.Select(fact =>
                        $"<tr><th scope=\"row\" class=\"text\">{Html.Text(fact.Key)}</th><td class=\"text\">{Html.Text(fact.Value)}</td></tr>\n"
                    )
                )}</tbody></table>
                """;
        var yaml = run.Yaml.Length == 0 ? "" : $"<details><summary>All settings (yaml)</summary><pre>{Html.Text(run.Yaml)}</pre></details>";
        return $"<section><h2>The run</h2>\n{facts}\n{yaml}</section>\n";
    }

    private static string Footer(ReportState state, string? results)
    {
        var pictures = state.Pictures.IsEmpty
            ? ""
            : $"{ReportStage.PicturesFolder}/ holds the shown frames as PNG files with their masks. ";
        var detections = results is null
            ? ""
            : $"{results} holds all detections in COCO's results format; {ResultsWriter.ImagesName} says which frame each image_id is.";
        return pictures + detections is { Length: > 0 } text
            ? $"<footer><h2>Files beside this page</h2><p class=\"muted\">{text}</p></footer>"
            : "";
    }
}
