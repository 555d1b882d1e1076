namespace Motion.Report.Page;

/// <summary>A page of our looks for what is no run: tables over several runs, figures.</summary>
public static class PlainPage
{
    /// <summary>By which a page of this program's is known.</summary>
    public const string Mark = "<meta name=\"generator\" content=\"Motion.Pipeline\">";

    /// <param name="title">Plain text.</param>
    /// <param name="lead">Plain text below the title.</param>
    /// <param name="notes">Plain sentences the reader must know, in a box.</param>
    /// <param name="body">HTML.</param>
    /// <returns>One file that needs no other but what <paramref name="body"/> names, and runs no script.</returns>
    public static string Of(string title, string lead, IEnumerable<string> notes, string body)
    {
        var list = string.Concat(notes.Select(note => $"<li>{Text(note)}</li>"));
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{Mark}<title>{Text(
                title
            )}</title>
            <style>
            {Style.Css}
            </style></head>
            <body><main>
            <header><h1>{Text(title)}</h1><p class="lead">{Text(lead)}</p></header>
            {(list.Length == 0 ? "" : $"<ul class=\"notes\" aria-label=\"Notes\">{list}</ul>")}
            {body}
            </main></body></html>

            """;
    }

    /// <summary>Text from data, safe between tags and inside quoted attributes.</summary>
    public static string Text(string text) => Html.Text(text);
}
