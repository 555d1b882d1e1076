using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Report.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Report.Page;

/// <summary>The section of pictures: for each clip some frames with what was found, and the flow below each.</summary>
internal static class StripsSection
{
    private const int WheelSide = 96;

    public static string Section(ReportState state, ReportOptions options)
    {
        if (state.Strips.IsEmpty)
        {
            return "";
        }

        var shots = state.Strips.SelectMany(strip => strip.Shots).ToArray();
        var text = new StringBuilder("<section><h2>Pictures</h2>\n").Append(Explanation(shots, options)).Append(Controls(shots));
        foreach (var strip in state.Strips)
        {
            AppendStrip(text, strip, state.Run?.Catalogue ?? new Catalogue([], []), options);
        }

        if (!state.HiddenClips.IsEmpty)
        {
            text.Append(
                $"<p class=\"muted\">{Html.Counted(state.HiddenClips.Count, "more clip is", "more clips are")} not shown (report.maxClips: {options.MaxClips}).</p>"
            );
        }

        return text.Append("</section>\n").ToString();
    }

    private static string Explanation(Shot[] shots, ReportOptions options)
    {
        var found = shots.Any(shot => shot.Found is not null)
            ? $"Tinted shapes are the masks that were found, with class and score (from {Html.Fixed(options.ScoreThreshold, 2)} up). "
            : "";
        var truth = shots.Any(shot => !shot.Truth.IsEmpty) ? "Dashed lines are the annotation. " : "";
        return $"""
            <p class="muted">{found}{truth}Below each frame is its optical flow.</p>
            <div class="legend"><img src="{Wheel()}" width="{WheelSide}" height="{WheelSide}" alt="Colour wheel of the flow: red to the right, yellow down, cyan to the left, violet up, white in the middle">
            <p class="muted">Hue is the direction of the motion, as on the wheel (a red pixel moves to the right); the stronger the colour, the faster, in relation to the frame's
            longest vector. White does not move.</p></div>

            """;
    }

    /// <summary>The colours of all directions, in the directions themselves.</summary>
    private static string Wheel()
    {
        using var scope = NewDisposeScope();
        var axis = linspace(-1, 1, WheelSide);
        var (u, v) = (axis.unsqueeze(0).expand(WheelSide, WheelSide), axis.unsqueeze(1).expand(WheelSide, WheelSide)); // [H, W] each
        var disc = u.mul(u).Plus(v.mul(v)).le(Held.Of(1)).to(ScalarType.Float32);
        var picture = Pixels.Of(FlowColour.Wheel(stack([u.mul(disc), v.mul(disc)])));
        return Html.Jpeg(JpegWriter.Encode(picture.Planes, picture.Size, quality: 92));
    }

    private static string Controls(Shot[] shots)
    {
        var found = shots.Any(shot => !shot.Drawn.IsEmpty)
            ? """<label><input type="checkbox" id="show-found" checked> found</label>"""
            : "";
        var boxes = shots.Any(shot => !shot.Truth.IsEmpty)
            ? """<label><input type="checkbox" id="show-boxes" checked> annotated boxes</label>"""
            : "";
        var masks = shots.Any(shot => shot.Truth.Any(item => item.Path is not null))
            ? """<label><input type="checkbox" id="show-masks"> annotated masks</label>"""
            : "";
        return found + boxes + masks is { Length: > 0 } controls ? $"<div class=\"controls\">{controls}</div>\n" : "";
    }

    private static void AppendStrip(StringBuilder text, Strip strip, Catalogue catalogue, ReportOptions options)
    {
        var how =
            strip.Shots.Length == strip.Frames
                ? Html.Counted(strip.Frames, "frame", "frames")
                : $"{strip.Shots.Length} of {Html.Counted(strip.Frames, "frame", "frames")}";
        text.Append($"<h3>{Html.Text(strip.Clip)} <span class=\"muted\">· {how}</span></h3>\n<div class=\"strip\">\n");
        foreach (var shot in strip.Shots)
        {
            AppendShot(text, shot, catalogue, options);
        }

        text.Append("</div>\n");
    }

    private static void AppendShot(StringBuilder text, Shot shot, Catalogue catalogue, ReportOptions options)
    {
        var (h, w) = (shot.Size.Height, shot.Size.Width);
        var caption = Caption(shot, options);
        text.Append(
            $"""<figure class="shot"><svg viewBox="0 0 {w} {h}" role="img" aria-label="{Html.Text(Spoken(shot, catalogue))}"><image href="{Html.Jpeg(shot.Picture)}" width="{w}" height="{h}"/>"""
        );
        AppendTruth(text, shot);
        AppendFound(text, shot, catalogue);
        text.Append(
                $"""</svg><img src="{Html.Jpeg(shot.Flow)}" width="{w}" height="{h}" alt="Optical flow of frame {shot.Key.Frame} as colours">"""
            )
            .Append($"<figcaption>{caption}</figcaption></figure>\n");
    }

    private static void AppendTruth(StringBuilder text, Shot shot)
    {
        foreach (var item in shot.Truth)
        {
            text.Append($"""<g class="truth boxes">{Rectangle(item.Box, "under")}{Rectangle(item.Box, "over")}</g>""");
            if (item.Path is { Length: > 0 } path)
            {
                text.Append($"""<g class="truth masks"><path class="under" d="{path}"/><path class="over" d="{path}"/></g>""");
            }
        }
    }

    /// <summary>The best in front, and all labels before all shapes.</summary>
    private static void AppendFound(StringBuilder text, Shot shot, Catalogue catalogue)
    {
        var labels = Labels.Place(shot, item => $"{Names.ClassName(catalogue, item.Class)} {Html.Fixed(item.Score ?? 0, 2)}");
        for (var i = shot.Drawn.Length - 1; i >= 0; i--)
        {
            var item = shot.Drawn[i];
            text.Append($"""<g class="found object" style="--c:{Palette.Hex(i)}"><title>{Html.Text(labels[i].Text)}</title>""")
                .Append(item.Path is { Length: > 0 } path ? $"""<path class="mask" d="{path}"/>""" : "")
                .Append(Rectangle(item.Box, ""))
                .Append("</g>");
        }

        foreach (var label in labels.Reverse())
        {
            text.Append(
                $"""<text class="found label" x="{Html.Pixel(label.X)}" y="{Html.Pixel(label.Baseline)}" font-size="{Html.Pixel(label.Size)}">{Html.Text(label.Text)}</text>"""
            );
        }
    }

    private static string Rectangle(Box box, string cssClass) =>
        $"""<rect class="{cssClass}" x="{Html.Pixel(box.X1)}" y="{Html.Pixel(box.Y1)}" width="{Html.Pixel(Math.Max(0, box.Width))}" height="{Html.Pixel(Math.Max(0, box.Height))}"/>""";

    private static string Caption(Shot shot, ReportOptions options)
    {
        var parts = new List<string>();
        if (shot.Found is { } found)
        {
            parts.Add(Found(shot, found, options));
        }

        if (!shot.Truth.IsEmpty)
        {
            parts.Add($"{shot.Truth.Length} annotated");
        }

        if (shot.BestOverlap is { } overlap)
        {
            parts.Add($"masks overlap the annotation by {Html.Fixed(overlap, 2)}");
        }

        parts.Add(
            shot.Step switch
            {
                0 => "a single frame has no flow",
                _ when shot.LongestFlow is null => "its flow is not known",
                -1 => $"moves up to {Html.Short(shot.LongestFlow.Value)} px (from the frame before)",
                _ => $"moves up to {Html.Short(shot.LongestFlow.Value)} px",
            }
        );
        return $"<b>Frame {shot.Key.Frame}</b> · {string.Join(" · ", parts)}";
    }

    private static string Found(Shot shot, int found, ReportOptions options) =>
        (found, shot.Drawn.Length) switch
        {
            (0, _) => "nothing found",
            (_, 0) => $"nothing above {Html.Fixed(options.ScoreThreshold, 2)} (best {Html.Fixed(shot.BestScore ?? 0, 2)})",
            var (all, drawn) when all == drawn => $"{all} found",
            var (all, drawn) => $"{drawn} found ({all - drawn} more not drawn)",
        };

    private static string Spoken(Shot shot, Catalogue catalogue)
    {
        var found = shot.Drawn.Select(item => $"{Names.ClassName(catalogue, item.Class)} {Html.Fixed(item.Score ?? 0, 2)}");
        var truth = shot.Truth.Select(item => Names.ClassName(catalogue, item.Class));
        return $"Frame {shot.Key.Frame} of {shot.Key.Clip}. {(shot.Drawn.IsEmpty ? "" : $"Found: {string.Join(", ", found)}. ")}{(shot.Truth.IsEmpty ? "" : $"Annotated: {string.Join(", ", truth)}.")}";
    }
}
