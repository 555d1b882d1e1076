using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using Motion.Report;
using Motion.Report.Page;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Report;

public sealed partial class PageProperties
{
    private static readonly Size2 Size = new(24, 32);
    private static readonly Catalogue Cats = new([new Category(7, "cat <grey>"), new Category(9, "dog")], [new ClipInfo("a", 12, Size)]);
    private static readonly string[] Void = ["meta", "img", "input", "br", "!doctype"];

    [Fact, Law]
    public void Page_AnyRun_ClosesItsTagsAndAsksForNoOtherFile() =>
        Laws.Hold(
            Scenes.Some,
            scene =>
            {
                using var scope = NewDisposeScope();
                using var reports = new Reports();
                reports
                    .Write(
                        new ReportOptions(),
                        [
                            Reports.Run(Scenes.Catalogue),
                            Reports.Curve(200),
                            .. scene.Select(found => Reports.Picture(found)),
                            Score(0.3, 0.1),
                        ]
                    )
                    .OrThrow();
                var page = reports.Page;
                return IsBalanced(page)
                    && !page.Contains("<script", StringComparison.Ordinal)
                    && !page.Contains("NaN", StringComparison.Ordinal)
                    && References()
                        .Matches(page)
                        .All(match => match.Groups[1].Value.StartsWith("data:image/jpeg;base64,", StringComparison.Ordinal));
            },
            cases: 10
        );

    [Fact]
    public void Page_NamesFromData_AreEscaped()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        const string Evil = "<script>alert('x')</script>&\"";
        var found = ReportStageProperties.Found(0, Evil, 0);
        reports
            .Write(new ReportOptions(), Reports.Run(Cats with { Categories = [new Category(1, Evil)] }, Evil, Evil), Reports.Picture(found))
            .OrThrow();

        Assert.DoesNotContain("<script", reports.Page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            "..",
            reports
                .Write(new ReportOptions(), Reports.Run(Cats), Reports.Picture(ReportStageProperties.Found(0, "../../x", 0)))
                .OrThrow()
                .Pictures[0],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0.3, 0.1, "20.0 points of AP more than their filled boxes")]
    [InlineData(0.1, 0.3, "Filled boxes would score 20.0 points of AP more")]
    [InlineData(0.2, 0.2, "The masks score as much as their filled boxes would")]
    public void Page_Scores_SaysWhatTheMasksAreWorth(double masks, double filled, string sentence)
    {
        using var reports = new Reports();
        reports.Write(new ReportOptions(), Reports.Run(Cats), Score(masks, filled)).OrThrow();
        Assert.Contains(sentence, reports.Page, StringComparison.Ordinal);
        Assert.Contains($">{100 * masks:F1}</div>", reports.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_UndefinedScores_AreDashes()
    {
        using var reports = new Reports();
        reports.Write(new ReportOptions(), Reports.Run(Cats), Score(-1, -1)).OrThrow();
        Assert.Contains("<div class=\"value\">–</div>", reports.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("-100", reports.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.875f, 0.3, "<b>Frame 0</b> · 1 found · 1 annotated · masks overlap the annotation by 0.73 · moves up to 2 px")]
    [InlineData(0.125f, 0.3, "<b>Frame 0</b> · nothing above 0.30 (best 0.12) · 1 annotated · moves up to 2 px")]
    public void Page_Caption_SaysWhatIsSeen(float score, double threshold, string caption)
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        reports
            .Write(
                new ReportOptions { ScoreThreshold = threshold },
                Reports.Run(Cats),
                Reports.Picture(ReportStageProperties.Found(0, "a", 0, score))
            )
            .OrThrow();
        Assert.Contains(caption, reports.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_SmallerFrames_ShowBoxesAndMasksAtTheirScale()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        reports.Write(new ReportOptions(), Reports.Run(Cats), Reports.Picture(ReportStageProperties.Found(0, "a", 0), divide: 2)).OrThrow();
        Assert.Contains("""viewBox="0 0 16 12" """.TrimEnd(), reports.Page, StringComparison.Ordinal);
        Assert.Contains("""<path class="mask" d="M4 2l6 0 0 6 -6 0z"/>""", reports.Page, StringComparison.Ordinal);
        Assert.Contains("""<rect class="" x="3.5" y="1.5" width="7" height="7"/>""", reports.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_ClipsBeyondTheLimit_AreCounted()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        reports
            .Write(
                new ReportOptions { MaxClips = 1 },
                [
                    Reports.Run(Cats),
                    .. new[] { "a", "b", "c", "a" }.Select((clip, i) => Reports.Picture(ReportStageProperties.Found(i, clip, i))),
                ]
            )
            .OrThrow();
        Assert.Contains("2 more clips are not shown", reports.Page, StringComparison.Ordinal);
        Assert.Contains("4 frames of 3 clips, 4 detections", reports.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Curve_TellsFirstAndLastValues()
    {
        using var reports = new Reports();
        reports.Write(new ReportOptions(), Reports.Run(Cats), Reports.Curve(101)).OrThrow();
        Assert.Contains("loss_prj from 2 at iteration 0 to 0.0198 at iteration 100", reports.Page, StringComparison.Ordinal);
        Assert.Contains("101 iterations in 5 min", reports.Page, StringComparison.Ordinal);
    }

    [Fact, Law]
    public void Labels_BoxesApart_DoNotOverlapAndStayInside() =>
        Laws.Hold(
            from count in Gen.Choose(1, 6)
            from tops in Gen.Choose(0, 300).ArrayOf(count)
            from lefts in Gen.Choose(0, 460).ArrayOf(count)
            select tops.Zip(lefts).ToArray(),
            corners =>
            {
                var shot = new Shot(
                    new FrameKey(0, "a", 0),
                    new Size2(360, 480),
                    [],
                    [],
                    0,
                    1,
                    "",
                    [.. corners.Select(c => new ShotObject(0, 0.5, new Box(c.Second, c.First, c.Second + 20, c.First + 60), null))],
                    [],
                    null,
                    null,
                    null
                );
                var labels = Labels.Place(shot, _ => "dog 0.50");
                return labels.All(label =>
                        label.X >= 0 && label.X + label.Width <= 480 && label.Baseline - label.Size >= 0 && label.Baseline <= 360
                    ) && (corners.Length > 2 || labels.Length < 2 || !labels[0].Overlaps(labels[1]));
            }
        );

    private static ReportItem.Score Score(double masks, double filled) =>
        new(new Evaluation(Reports.Kind("bbox", masks), Reports.Kind("segm", masks), Reports.Kind("segm", filled), 0.7, 0.5, 3, 4, 5));

    private static bool IsBalanced(string page)
    {
        var open = new Stack<string>();
        foreach (var tag in Tags().Matches(page).Where(match => !match.Value.EndsWith("/>", StringComparison.Ordinal)))
        {
            var name = tag.Groups[2].Value;
            if (tag.Groups[1].Value.Length > 0)
            {
                if (open.Count == 0 || open.Pop() != name)
                {
                    return false;
                }
            }
            else if (!Void.Contains(name))
            {
                open.Push(name);
            }
        }

        return open.Count == 0;
    }

    [GeneratedRegex("<(/?)([!a-z0-9]+)[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("""(?:href|src|url)\s*[=(]\s*["']?([^"')]*)""")]
    private static partial Regex References();
}
