using System.Text;
using Motion.Contracts;

namespace Motion.Report.Page;

/// <summary>The numbers one looks for first.</summary>
internal static class Headline
{
    private const double LastShare = 0.05; // of the training: what "at the end" is averaged over

    public static string Section(ReportState state)
    {
        var text = new StringBuilder();
        if (state.Score is { } score)
        {
            AppendScores(text, score);
        }

        if (!state.Curve.IsEmpty)
        {
            AppendTraining(text, state);
        }

        return text.Length == 0
            ? ""
            : $"<section aria-label=\"Headline numbers\"><div class=\"tiles\">{text}</div>{Verdict(state.Score)}</section>\n";
    }

    private static void AppendScores(StringBuilder text, Evaluation score)
    {
        if (score is { Masks: { } masks, FilledBoxes: { } filled })
        {
            text.Append(
                Tile(
                    "Mask AP",
                    Html.Ap(masks.Stats.Ap),
                    Bar("masks", masks.Stats.Ap, Html.Ap(masks.Stats.Ap), "own")
                        + Bar("filled boxes", filled.Stats.Ap, Html.Ap(filled.Stats.Ap))
                )
            );
        }

        if (score is { MeanBestIou: { } iou, MeanFilledBoxIou: { } box })
        {
            text.Append(
                Tile(
                    "Best mask overlap (IoU)",
                    Html.Fixed(iou, 2),
                    Bar("masks", iou, Html.Fixed(iou, 2), "own") + Bar("true boxes, filled", box, Html.Fixed(box, 2))
                )
            );
        }

        text.Append(
            Tile(
                "Box AP",
                Html.Ap(score.Boxes.Stats.Ap),
                $"<p>AP50 {Html.Ap(score.Boxes.Stats.Ap50)}, AP75 {Html.Ap(score.Boxes.Stats.Ap75)}</p>"
            )
        );
        text.Append(
            Tile(
                "Evaluated",
                Html.Count(score.Frames),
                $"<p>frames with {Html.Counted(score.Truths, "annotated object", "annotated objects")}; {Html.Counted(score.Found, "detection", "detections")}</p>"
            )
        );
    }

    private static void AppendTraining(StringBuilder text, ReportState state)
    {
        var count = Math.Max(1, (int)(state.Curve.Length * LastShare));
        double Mean(IEnumerable<TrainingPoint> points) => points.Average(point => point.Terms.Sum(term => term.Value));
        var (first, last) = (Mean(state.Curve.Take(count)), Mean(state.Curve.TakeLast(count)));
        var end = state.Curve[^1];
        text.Append(
            Tile(
                "Loss at the end",
                Html.Short(last),
                $"<p>from {Html.Short(first)}; {Html.Counted(end.Iteration + 1, "iteration", "iterations")} in {Html.Duration(end.Seconds)}</p>"
            )
        );
    }

    private static string Tile(string title, string value, string below) =>
        $"<div class=\"tile\"><h3>{title}</h3><div class=\"value\">{value}</div>{below}</div>\n";

    private static string Bar(string name, double share, string value, string cssClass = "") =>
        $"<div class=\"bar {cssClass}\"><span>{name}</span><span class=\"track\"><span class=\"fill\" style=\"width:{Html.Pixel(100 * Math.Clamp(share, 0, 1))}%\"></span></span><output>{value}</output></div>";

    /// <summary>In words, whether masks are worth their trouble.</summary>
    private static string Verdict(Evaluation? score) =>
        score is not { Masks.Stats.Ap: >= 0 and var masks, FilledBoxes.Stats.Ap: >= 0 and var filled }
            ? ""
            : (masks - filled) switch
            {
                > 0.0005 and var gain =>
                    $"<p>The masks score {Html.Fixed(100 * gain, 1)} points of AP more than their filled boxes would: they know shapes that the boxes do not tell.</p>",
                < -0.0005 and var gain =>
                    $"<p>Filled boxes would score {Html.Fixed(-100 * gain, 1)} points of AP more than the masks: so far the masks have not learnt shapes.</p>",
                _ => "<p>The masks score as much as their filled boxes would: no shapes have been learnt yet.</p>",
            };
}
