using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;
using Motion.Report.Page;

namespace Motion.Pipeline.Labelling;

/// <summary>A frame with its masks drawn in, kept for the page.</summary>
/// <param name="Worst">Least quality of its masks.</param>
/// <param name="Jpeg">The picture.</param>
internal sealed record Shot(string Clip, int Frame, double Worst, byte[] Jpeg);

/// <summary>The page to look at: the masks to distrust first, then frames evenly over each video.</summary>
internal static class ReportPage
{
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(
        LabelFolder folder,
        Catalogue catalogue,
        ImmutableArray<DrawnClip> clips,
        IReadOnlyList<Shot> worst,
        IReadOnlyList<Shot> even,
        IEnumerable<string> notes
    )
    {
        var pictures = Path.Combine(Path.GetDirectoryName(folder.Page)!, "pictures");
        Directory.CreateDirectory(pictures);
        foreach (var shot in worst.Concat(even).DistinctBy(NameOf))
            WholeFile.Write(Path.Combine(pictures, NameOf(shot)), shot.Jpeg, lasting: false);
        var body = new StringBuilder();
        body.Append(
            "<p>Files: <a href=\"../masks.json\">masks.json</a> (YouTube-VIS), <a href=\"../quality.csv\">quality.csv</a> (worst first), <a href=\"../model/CARD.md\">the model</a>.</p>"
        );
        Section(body, "Look at these first", worst);
        foreach (var clip in even.GroupBy(shot => shot.Clip))
            Section(body, clip.Key, [.. clip.OrderBy(shot => shot.Frame)]);
        body.Append(
            "<h2>Objects</h2><table><thead><tr><th>video</th><th>object</th><th>class</th><th>masks</th><th>mean quality</th><th>worst</th></tr></thead><tbody>"
        );
        foreach (var clip in clips)
        {
            foreach (var (id, track) in MaskFiles.Tracks(clip))
            {
                var masks = track.OfType<DrawnMask>().ToArray();
                body.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr><td>{PlainPage.Text(clip.Clip.Name)}</td><td>{id}</td><td>{PlainPage.Text(catalogue.Categories[masks[0].Class].Name)}</td><td>{masks.Length}</td><td>{masks.Average(mask => mask.Quality):0.00}</td><td>{masks.Min(mask => mask.Quality):0.00}</td></tr>"
                );
            }
        }

        body.Append("</tbody></table>");
        WholeFile.Write(
            folder.Page,
            PlainPage.Of(
                "Masks",
                $"{clips.Sum(clip => clip.Frames.Sum(frame => frame.Length))} masks in {clips.Length} {(clips.Length == 1 ? "video" : "videos")}. The quality says how far a mask is to be trusted, from 0 to 1.",
                notes,
                body.ToString()
            )
        );
    }

    private static string NameOf(Shot shot) =>
        $"{string.Concat(shot.Clip.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_').Take(60))}-{(uint)shot.Clip.Aggregate(17, (hash, c) => unchecked((hash * 31) + c)):x8}-{shot.Frame:D6}.jpg";

    private static void Section(StringBuilder body, string title, IReadOnlyList<Shot> shots)
    {
        if (shots.Count == 0)
            return;
        body.Append(CultureInfo.InvariantCulture, $"<section><h2>{PlainPage.Text(title)}</h2><div class=\"strip\">");
        foreach (var shot in shots)
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $"<figure class=\"shot\"><a href=\"pictures/{NameOf(shot)}\"><img src=\"pictures/{NameOf(shot)}\" alt=\"{PlainPage.Text(shot.Clip)}, frame {shot.Frame}, with its masks\" loading=\"lazy\"></a><figcaption><b>{PlainPage.Text(shot.Clip)}, frame {shot.Frame}</b>, quality {shot.Worst:0.00}</figcaption></figure>"
            );
        }

        body.Append("</div></section>");
    }
}
