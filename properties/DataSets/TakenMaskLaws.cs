using System.Globalization;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Masks as the forms of other tools write them, and what a run found as a data set.</summary>
public sealed class TakenMaskLaws
{
    [Fact, Law]
    public void Polygons_OfAnyMask_AreFilledToIt() =>
        Laws.Hold(
            Pictures.Sizes.SelectMany(Pictures.Of),
            picture =>
                MaskPolygons.Of(picture.Mask) is { } polygons
                    ? Rles.Same(Rles.FromPolygons(polygons, picture.Size).OrThrow(), picture.Mask)
                    : Rles.Area(picture.Mask) == 0,
            cases: 300
        );

    [Fact, Law]
    public void CvatMask_WrittenAndRead_IsTheMask() =>
        Laws.Hold(
            Pictures.Sizes.SelectMany(Pictures.Of).Where(picture => picture.Pixels.Contains((byte)1)),
            picture =>
            {
                var cropped = CroppedMask.Of(picture.Mask);
                return Rles.Same(CroppedMask.Parse(string.Join(", ", cropped.Runs), cropped.At)!.In(picture.Size), picture.Mask);
            },
            cases: 300
        );

    [Fact]
    public void CvatMask_ByHand_RunsAlongTheRowsOfItsBox()
    {
        // 0 0 0 0
        // 0 1 1 0
        // 0 0 1 0
        var mask = Rles.Encode([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0], new Size2(3, 4));
        var cropped = CroppedMask.Of(mask);
        Assert.Equal(new RleBounds(1, 1, 2, 2), cropped.At);
        Assert.Equal(new uint[] { 0, 2, 1, 1 }, cropped.Runs.ToArray());
    }

    [Theory]
    [InlineData("0, 2, 1")]
    [InlineData("0, 2, 1, 1, 1")]
    [InlineData("0, -2, 6")]
    [InlineData("")]
    [InlineData("4294967295, 4294967295")]
    public void CvatMask_WhoseRunsDoNotFillItsBox_IsRefused(string runs)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "a.xml",
            $"""<annotations><track id="1" label="cow"><mask frame="0" keyframe="1" outside="0" rle="{runs}" left="1" top="1" width="2" height="2"/></track></annotations>"""
        );
        Assert.Contains(
            "add up to its width * height, 2 * 2",
            BoxFile.Read(path).Match(_ => "read", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void CvatMask_LargerThanItsFrame_IsCutAndNotWalkedOver()
    {
        var mask = CroppedMask.Parse("0, 4294967295, 1, 4294967295, 1, 4294967295, 1", new RleBounds(-5, -5, 1, int.MaxValue - 8));
        Assert.Null(mask);
        var wide = CroppedMask.Parse("0, 2147483647", new RleBounds(1, 1, int.MaxValue, 1))!;
        Assert.Equal([0, 0, 0, 0, 1, 1], Rles.Decode(wide.In(new Size2(2, 3))));
    }

    /// <summary>Groups of other people's files: two objects in one frame are two, whatever group they are of.</summary>
    [Fact]
    public void CvatMasks_OfAGroup_AreOneObjectOnlyWhereTheyNeverMeet()
    {
        using var folder = new TemporaryFolder();
        string Mask(int track, int frame, string label = "cow") =>
            $"""<track id="{track}" label="{label}" group_id="7"><mask frame="{frame}" keyframe="1" outside="0" rle="0, 4" left="0" top="0" width="2" height="2"/></track>""";
        long[] Ids(params string[] tracks) =>
            [
                .. BoxFile
                    .Read(folder.Write("a.xml", $"<annotations>{string.Concat(tracks)}</annotations>"))
                    .OrThrow()
                    .Boxes.Select(box => box.Id),
            ];
        Assert.Equal([7L, 7L], Ids(Mask(1, 0), Mask(2, 1)));
        Assert.Equal([1L, 2L], Ids(Mask(1, 0), Mask(2, 0)));
        Assert.Equal([1L, 2L], Ids(Mask(1, 0), Mask(2, 1, "dog")));
    }

    [Fact, Law]
    public void Mots_TextAndPictures_SayTheSame() =>
        Laws.Hold(
            MadeSets.Disjoint,
            made =>
            {
                using var folder = new TemporaryFolder();
                DataConvert
                    .Run(made.Write(folder, "a.json"), new DataPlace(), folder["mots"], new ConvertOptions(DataFormat.Mots))
                    .OrThrow();
                return made
                    .Videos.Index()
                    .All(video =>
                    {
                        var rows = File.ReadAllLines(folder[$"mots/instances_txt/v{video.Index}.txt"])
                            .Select(line => line.Split(' '))
                            .ToArray();
                        return Enumerable
                            .Range(0, video.Item.Frames)
                            .All(frame =>
                            {
                                var png = Png.Read(folder[$"mots/instances/v{video.Index}/{frame:D5}.png"]).OrThrow();
                                var told = rows.Where(row => row[0] == frame.ToString(CultureInfo.InvariantCulture)).ToArray();
                                return png.Depth == 16
                                    && told.Length == png.Deep.Where(number => number != 0).Distinct().Count()
                                    && told.All(row =>
                                        row[2]
                                            == (int.Parse(row[1], CultureInfo.InvariantCulture) / 1000).ToString(
                                                CultureInfo.InvariantCulture
                                            )
                                        && Rles.Same(
                                            Rles.FromText(row[5], png.Size).OrThrow(),
                                            Rles.Encode(
                                                [
                                                    .. png.Deep.Select(number =>
                                                        number == ushort.Parse(row[1], CultureInfo.InvariantCulture) ? (byte)1 : (byte)0
                                                    ),
                                                ],
                                                png.Size
                                            )
                                        )
                                    );
                            });
                    });
            },
            cases: 30
        );

    [Fact, Law]
    public void MasksAlone_WithoutTheirPictures_AreReadBack() =>
        Laws.Hold(
            from made in MadeSets.Disjoint
            from form in Gen.Elements(DataFormat.Davis, DataFormat.Mots)
            where made.Videos.Any(video => video.Tracks.Length > 0)
            select (made, form),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                var start = drawn.made.Write(folder, "a.json");
                DataConvert.Run(start, new DataPlace(), folder["x"], new ConvertOptions(drawn.form)).OrThrow();
                return SetText.Of(folder["x"], SetText.Parts.Masks) == SetText.Of(start, SetText.Parts.Masks);
            },
            cases: 30
        );

    [Fact, Law]
    public void PolygonsOfASet_AreItsMasks() =>
        Laws.Hold(
            from made in MadeSets.Any
            from form in Gen.Elements(DataFormat.Coco, DataFormat.YoutubeVis)
            select (made, form),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                var start = drawn.made.Write(folder, "a.json");
                DataConvert.Run(start, new DataPlace(), folder["x.json"], new ConvertOptions(drawn.form) { Polygons = true }).OrThrow();
                return !File.ReadAllText(folder["x.json"]).Contains("counts", StringComparison.Ordinal)
                    && SetText.Of(folder["x.json"], SetText.Parts.Masks) == SetText.Of(start, SetText.Parts.Masks);
            },
            cases: 30
        );

    private const string Images =
        """{"images": [{"id": 4, "clip": "b", "frame": 2, "height": 3, "width": 4}, {"id": 3, "clip": "a", "frame": 0, "height": 3, "width": 4}], "categories": [{"id": 9, "name": "cow"}]}""";

    private static string Found(int image, double left = 1) =>
        $"{{\"image_id\": {image}, \"category_id\": 9, \"bbox\": [{left.ToString(CultureInfo.InvariantCulture)}, 0, 2, 3], \"score\": 0.5, \"segmentation\": {{\"size\": [3, 4], \"counts\": [3, 6, 3]}}}}";

    [Fact]
    public void DetectionsOfARun_AreObjectsOfTheirFrames()
    {
        using var folder = new TemporaryFolder();
        folder.Write("images.json", Images);
        var path = folder.Write("results.json", $"[{Found(4)}, {Found(3)}, {Found(4, 2)}]");
        DataConvert.Run(path, new DataPlace(), folder["x.json"], new ConvertOptions(DataFormat.YoutubeVis)).OrThrow();
        var lines = new List<string>();
        ShownMasks
            .Each(
                folder["x.json"],
                new DataPlace(),
                video =>
                {
                    lines.Add(
                        $"{video.Name} {video.Frames}: "
                            + string.Join(
                                ' ',
                                video.Objects.SelectMany(one =>
                                    one.Frames.Select(frame =>
                                        $"{one.Class} {frame.Key} {frame.Value.Box.X1} {Rles.Area(frame.Value.Mask!)}"
                                    )
                                )
                            )
                    );
                    return null;
                }
            )
            .OrThrow();
        Assert.Equal(["b 3: cow 2 1 6 cow 2 2 6", "a 1: cow 0 1 6"], lines);
    }

    [Theory]
    [InlineData(
        """{"images": [{"id": 4, "clip": "b", "frame": 2, "height": 3, "width": 4}, {"id": 4, "clip": "b", "frame": 3, "height": 3, "width": 4}], "categories": []}""",
        "the id 4 occurs twice"
    )]
    [InlineData(
        """{"images": [{"id": 4, "clip": "b", "frame": 2000000000, "height": 3, "width": 4}], "categories": []}""",
        "far beyond the others"
    )]
    [InlineData("""{"categories": []}""", "\"images\" is missing")]
    [InlineData(null, "images.json")]
    public void DetectionsOfARun_WhoseFramesAreNotKnown_AreRefused(string? images, string sentence)
    {
        using var folder = new TemporaryFolder();
        if (images is not null)
        {
            folder.Write("images.json", images);
        }

        var path = folder.Write("results.json", $"[{Found(4)}]");
        Assert.Contains(
            sentence,
            DataConvert
                .Run(path, new DataPlace(), folder["x.json"], new ConvertOptions(DataFormat.Coco))
                .Match(_ => "converted", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact, Law]
    public void TracksOfARun_AreItsObjects() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var all = made.ToJson();
                made.Write(folder, "run/tracks-truth.json");
                var tracks = all["annotations"]!.DeepClone().AsArray();
                foreach (var track in tracks)
                {
                    track!.AsObject().Remove("iscrowd");
                    track["score"] = 0.5;
                }

                var path = folder.Write("run/tracks.json", tracks.ToJsonString());
                if (tracks.Count == 0)
                {
                    return true; // an empty list does not say what it is a list of
                }

                DataConvert.Run(path, new DataPlace(), folder["x.json"], new ConvertOptions(DataFormat.YoutubeVis)).OrThrow();
                return SetText.Of(folder["x.json"], SetText.Parts.Masks)
                    == SetText.Of(folder["run/tracks-truth.json"], SetText.Parts.Masks);
            },
            cases: 30
        );

    [Fact]
    public void QualitiesOfMasks_AreTold()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "masks.json",
            """
            {"videos": [{"id": 1, "width": 4, "height": 3, "length": 2, "file_names": ["a/00000.jpg", "a/00001.jpg"]}], "categories": [{"id": 1, "name": "cow"}],
             "annotations": [{"id": 12, "track_id": 3, "video_id": 1, "category_id": 1, "bboxes": [[1, 0, 2, 3], null], "segmentations": [{"size": [3, 4], "counts": [3, 6, 3]}, null],
                              "qualities": [0.25, null], "given": [true, null]}]}
            """
        );
        ShownVideo? shown = null;
        ShownMasks
            .Each(
                path,
                new DataPlace(),
                video =>
                {
                    shown = video;
                    return null;
                }
            )
            .OrThrow();
        var one = Assert.Single(shown!.Objects);
        Assert.Equal((3, 0.25, true), (one.Id, one.Frames[0].Quality, one.Frames[0].Given));
        Assert.Single(one.Frames);
    }
}
