using System.Collections.Immutable;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Properties.Generators;
using Motion.Report;
using Motion.Report.Pictures;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Report;

public sealed class ReportStageProperties
{
    private static readonly Size2 Size = new(24, 32);
    private static readonly Catalogue Cats = new(
        [new Category(7, "cat <grey>"), new Category(9, "dog")],
        [new ClipInfo("a", 12, Size), new ClipInfo("b", 12, Size)]
    );

    [Fact, Law]
    public void Results_AnyDetections_ComeBackFromTheFilesWhole() =>
        Laws.Hold(
            Scenes.Some,
            scene =>
            {
                using var scope = NewDisposeScope();
                using var reports = new Reports();
                var files = reports
                    .Write(
                        new ReportOptions { MaxClips = 0 },
                        [Reports.Run(Scenes.Catalogue), .. scene.Select(found => Reports.Picture(found))]
                    )
                    .OrThrow();

                using var results = JsonDocument.Parse(reports.Read(files.ResultsJson!));
                using var images = JsonDocument.Parse(reports.Read("images.json"));
                var expected = scene.SelectMany(found => found.Items.Select(item => (found.Key.Sequence, Item: item))).ToArray();
                var rows = results.RootElement.EnumerateArray().ToArray();
                return rows.Length == expected.Length
                    && rows.Zip(expected).All(pair => IsSame(pair.First, pair.Second.Sequence, pair.Second.Item))
                    && images
                        .RootElement.GetProperty("images")
                        .EnumerateArray()
                        .Select(KeyOf)
                        .SequenceEqual(scene.Select(found => found.Key))
                    && images
                        .RootElement.GetProperty("categories")
                        .EnumerateArray()
                        .Select(c => new Category(c.GetProperty("id").GetInt32(), c.GetProperty("name").GetString()!))
                        .SequenceEqual(Scenes.Catalogue.Categories);
            },
            cases: 20
        );

    [Fact]
    public void Write_WholeRun_LeavesThePageItsPicturesAndResultsAndNothingElse()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        var files = reports.Write(new ReportOptions { PicturesPerClip = 2 }, Whole()).OrThrow();

        Assert.Equal("index.html", files.Html);
        Assert.Equal(["pictures/000000-a-00000.png", "pictures/000006-a-00006.png"], files.Pictures.ToArray());
        Assert.Equal("results.json", files.ResultsJson);
        var left = Directory
            .GetFiles(reports.Folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(reports.Folder, path).Replace('\\', '/'));
        Assert.Equal(["images.json", "index.html", .. files.Pictures, "results.json"], left.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        using var first = new Reports();
        using var second = new Reports();
        var files = first.Write(new ReportOptions(), Whole()).OrThrow();
        second.Write(new ReportOptions(), Whole()).OrThrow();

        foreach (var name in files.Pictures.Append(files.Html).Append(files.ResultsJson!))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(first.Folder, name)), File.ReadAllBytes(Path.Combine(second.Folder, name)));
        }
    }

    [Fact]
    public void Write_Overlay_TintsTheMaskAndFramesTheBox()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        var found = Found(0, "a", 0);
        var files = reports.Write(new ReportOptions(), Reports.Run(Cats), Reports.Picture(found)).OrThrow();

        var png = Png.Read(Path.Combine(reports.Folder, files.Pictures[0])).OrThrow();
        (byte, byte, byte) At(int y, int x) =>
            (png.Samples[3 * ((y * 32) + x)], png.Samples[(3 * ((y * 32) + x)) + 1], png.Samples[(3 * ((y * 32) + x)) + 2]);
        Assert.Equal(Size, png.Size);
        Assert.Equal((100, 100, 100), At(20, 28)); // outside
        Assert.Equal((255, 90, 95), At(4, 8)); // border of the mask: its colour
        Assert.Equal((170, 96, 98), At(8, 12)); // inside: 45 % of it
        Assert.Equal((255, 255, 255), At(2, 6)); // corner of the annotated box, drawn last
    }

    [Fact]
    public void Draw_OverlappingMasks_PutsTheBestInFront()
    {
        var mask = Rles.FromBox(0, 0, 32, 24, Size);
        var both = new[] { 0.9f, 0.5f }.Select(score => new Detection(new Box(0, 0, 32, 24), score, 0, mask)).ToArray();
        var canvas = Overlay.Draw(new Pixels(Size, new byte[3 * Size.Area]), Size, both, []);
        var (red, _, _) = Palette.At(0);
        Assert.Equal(red, canvas.Planes[0]); // the frame and border of the first object
    }

    [Fact]
    public void Drawn_ScoreAtTheThreshold_IsDrawnByFallingScore()
    {
        var found = new Detections(
            new FrameKey(0, "a", 0),
            Size,
            [.. new[] { 0.25f, 0.75f, 0.24f, 0.5f }.Select(score => new Detection(new Box(0, 0, 1, 1), score, 0, null))],
            null
        );
        Assert.Equal([0.75f, 0.5f, 0.25f], Shots.Drawn(found, new ReportOptions { ScoreThreshold = 0.25 }).Select(item => item.Score));
        Assert.Equal([0.75f], Shots.Drawn(found, new ReportOptions { ScoreThreshold = 0.25, MaxObjects = 1 }).Select(item => item.Score));
    }

    [Fact]
    public void Write_WithoutADetector_ShowsFlowAloneAndWritesNoResults()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        var files = reports
            .Write(
                new ReportOptions(),
                Reports.Run(Cats),
                Reports.Picture(new FrameKey(0, "a", 0), Size, null),
                Reports.Picture(new FrameKey(1, "a", 11), Size, null, step: -1)
            )
            .OrThrow();

        Assert.Null(files.ResultsJson);
        Assert.False(File.Exists(Path.Combine(reports.Folder, "results.json")));
        Assert.Contains("moves up to 2 px", reports.Page, StringComparison.Ordinal);
        Assert.Contains("(from the frame before)", reports.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("found", reports.Page[reports.Page.IndexOf("<body>", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NothingButTheRun_IsStillAPage()
    {
        using var reports = new Reports();
        Assert.Empty(reports.Write(new ReportOptions(), Reports.Run(Cats, "quiet")).OrThrow().Pictures);
        Assert.Contains("Nothing was reported.", reports.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FolderThatCannotBe_IsAnErrorThatNamesIt()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        File.WriteAllText(reports.Folder, "a file where the folder should be");

        var error = Assert.IsType<ReportError.CannotWrite>(reports.Write(new ReportOptions(), Whole()).Match(_ => null!, reason => reason));
        Assert.StartsWith(reports.Folder, error.Path, StringComparison.Ordinal);
        Assert.IsType<ReportError.CannotWrite>(reports.Write(new ReportOptions(), Reports.Run(Cats)).Match(_ => null!, reason => reason));
    }

    [Fact]
    public void Step_EveryFrame_IsConsumedShownOrNot()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        var items = Whole().ToArray();
        reports.Write(new ReportOptions { PicturesPerClip = 1 }, items).OrThrow();
        Assert.All(items.OfType<ReportItem.Picture>(), item => Assert.True(item.Frame.Image.IsInvalid && item.Frame.Flow.IsInvalid));
    }

    [Fact]
    public void Step_UnfinishedReport_LeavesTheLastOnesFilesAlone()
    {
        using var scope = NewDisposeScope();
        using var reports = new Reports();
        reports.Write(new ReportOptions(), Whole()).OrThrow();
        var before = reports.Read("results.json");
        var fold = ReportStage.Create(new ReportOptions(), reports.Folder);
        using var state = fold.Step(fold.Step(fold.Start(), Reports.Run(Cats)).OrThrow(), Reports.Picture(Found(0, "a", 0))).OrThrow();

        Assert.Equal(before, reports.Read("results.json"));
    }

    [Fact, Law]
    public void Wants_FramesOfAClip_SpreadsPicturesEvenly() =>
        Laws.Hold(
            from length in Gen.Choose(1, 60)
            from n in Gen.Choose(1, 12)
            from every in Gen.Choose(1, 7)
            select (length, n, every),
            drawn =>
            {
                var (length, n, every) = drawn;
                var strip = new Strip("a", 0, []);
                var shown = new List<int>();
                for (var frame = 0; frame < length; frame += every)
                {
                    if (strip.Wants(frame, length, n))
                    {
                        shown.Add(frame);
                        strip = strip with { Shots = strip.Shots.Add(null!) };
                    }
                }

                var gaps = shown.Append(length).Zip(shown, (next, frame) => next - frame).ToArray();
                var frames = ((length - 1) / every) + 1;
                return shown[0] == 0
                    && shown.Count <= n
                    && (frames > n || shown.Count == frames || every > 1)
                    && gaps.All(gap => gap <= Math.Max(every, length / n) + every);
            }
        );

    [Fact]
    public void Wants_ClipOfUnknownLength_TakesTheFirstFrames()
    {
        var strip = new Strip("a", 0, []);
        Assert.True(strip.Wants(3, 0, 2));
        Assert.False((strip with { Shots = [null!, null!] }).Wants(4, 0, 2));
    }

    private static IEnumerable<ReportItem> Whole() =>
        [
            Reports.Run(Cats),
            Reports.Curve(500),
            .. Enumerable.Range(0, 12).Select(i => Reports.Picture(Found(i, "a", i))),
            new ReportItem.Score(
                new Evaluation(Reports.Kind("bbox", 0.5), Reports.Kind("segm", 0.4), Reports.Kind("segm", 0.1), 0.7, 0.5, 12, 12, 12)
            ),
        ];

    /// <summary>One cat with a mask in (8, 4) .. (20, 16), a bit off its annotation.</summary>
    internal static Detections Found(long sequence, string clip, int frame, float score = 0.875f)
    {
        var mask = Rles.FromBox(8, 4, 20, 16, Size);
        var truth = new Instance(1, 0, new Box(6, 2, 20, 16), Rles.FromBox(6, 2, 20, 16, Size));
        return new Detections(
            new FrameKey(sequence, clip, frame),
            Size,
            [new Detection(new Box(7, 3, 21, 17), score, 0, mask)],
            new Annotation([truth])
        );
    }

    private static bool IsSame(JsonElement row, long sequence, Detection item)
    {
        var box = row.GetProperty("bbox").EnumerateArray().Select(number => number.GetSingle());
        var mask = row.GetProperty("segmentation");
        var size = mask.GetProperty("size").EnumerateArray().Select(side => side.GetInt32()).ToArray();
        return row.GetProperty("image_id").GetInt64() == sequence
            && row.GetProperty("category_id").GetInt32() == Scenes.Catalogue.Categories[item.Class].Id
            && row.GetProperty("score").GetSingle() == item.Score
            && box.SequenceEqual([item.Box.X1, item.Box.Y1, item.Box.Width, item.Box.Height])
            && Rles.Same(Rles.FromText(mask.GetProperty("counts").GetString()!, new Size2(size[0], size[1])).OrThrow(), item.Mask!);
    }

    private static FrameKey KeyOf(JsonElement image) =>
        new(image.GetProperty("id").GetInt64(), image.GetProperty("clip").GetString()!, image.GetProperty("frame").GetInt32());
}
