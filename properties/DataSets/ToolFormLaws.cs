using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>
/// Forms of tools as people have them: YOLO's folders, MOTChallenge's, VIA's JSON; what is written so that the tool takes it, and what is
/// refused.
/// </summary>
public sealed class ToolFormLaws
{
    private static string Describe<T>(Result<T, DecodeError> result) => result.Match(_ => "", error => error.Describe());

    private static List<string> Lines(DataSet set)
    {
        var lines = new List<string>();
        _ = set.ByVideo(
                (v, tracks) =>
                {
                    lines.AddRange(
                        tracks
                            .SelectMany(track =>
                                track
                                    .Told.ToArray()
                                    .Select(t =>
                                        (
                                            t,
                                            Text: string.Create(
                                                CultureInfo.InvariantCulture,
                                                $"{set.Videos[v].Name} {t} {set.Categories[track.Category].Name} {track.Seen(t)!.Value.X} {track.Seen(t)!.Value.Y} {track.Seen(t)!.Value.Width} {track.Seen(t)!.Value.Height}"
                                            )
                                        )
                                    )
                            )
                            .OrderBy(pair => pair.t)
                            .Select(pair => pair.Text)
                    );
                    return null;
                },
                problem => problem.Error,
                null
            )
            .OrThrow();
        return lines;
    }

    private static void Pictures(TemporaryFolder folder, string at, int count, int height = 100, int width = 200)
    {
        for (var i = 1; i <= count; i++)
        {
            folder.Write($"{at}/{i}.png", Samples.PngOf(1, new Size2(height, width)));
        }
    }

    private const string Names = "path: ../anywhere\ntrain: images/train\nnames:\n  0: cow\n  1: \"a horse\"\n";

    [Theory]
    [InlineData("set/images", "set/labels", "set/data.yaml", "set", null)]
    [InlineData("set/images/train", "set/labels/train", "set/data.yaml", "set", "train")]
    [InlineData("set/images/train", "set/labels/train", "set/data.yaml", "set", null)]
    [InlineData("set/train/images", "set/train/labels", "set/data.yaml", "set", "train")]
    [InlineData("set/train/images", "set/train/labels", "set/data.yaml", "set/train", null)]
    [InlineData("set/images", "set/labels", "set/data.yaml", "set/labels", null)]
    [InlineData("set/images", "set/labels", "set/data.yaml", "set/data.yaml", null)]
    [InlineData("set", "set", "set/data.yaml", "set", null)]
    public void Yolo_InAnyOfItsFolders_IsItsBoxes(string pictures, string labels, string names, string path, string? split)
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, pictures, 10);
        folder.Write($"{labels}/2.txt", "1 0.5 0.5 0.2 0.4\n0 0.25 0.25 0.1 0.1 0.87\n");
        folder.Write($"{labels}/10.txt", "0 0.1 0.2 0.3 0.2 0.3 0.5 0.1 0.5\n"); // an outline
        folder.Write($"{labels}/3.txt", "");
        folder.Write(names, Names);
        var set = SetText.Open(folder[path], new DataPlace(Split: split));
        Assert.Equal(DataFormat.Yolo, set.Format);
        var clip = Path.GetFileName(pictures);
        Assert.Equal(
            [$"{clip} 1 a horse 80 30 40 40", $"{clip} 1 cow 40 20 20 10", $"{clip} 9 cow 20 20 40 30"],
            Lines(set).Order(StringComparer.Ordinal)
        );
        Assert.Equal(10, set.AnnotatedFrames!(0).Count);
        Assert.Contains(set.Notes, note => note.Contains("7 pictures without a text", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Yolo_OfARun_IsItsTruth_EmptyWhereThereIsNoText()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "set/images", 3);
        folder.Write("set/labels/2.txt", "1 0.5 0.5 0.2 0.4\n");
        folder.Write("set/data.yaml", Names);
        var options = new DecodeOptions
        {
            Source = SourceKind.Frames,
            Path = folder["set/images"],
            Boxes = folder["set"],
        };
        Assert.Equal(["cow", "a horse"], Reading.Open(options).Catalogue.Categories.Select(category => category.Name));
        var truths = (await Reading.Pairs(options)).Select(pair =>
            string.Join(' ', pair.Truth!.Instances.Select(o => $"{o.Class} {o.Box.X1} {o.Box.Y1} {o.Box.X2} {o.Box.Y2}"))
        );
        Assert.Equal(["", "1 80 30 120 70", ""], truths);
    }

    [Fact]
    public void StatedForms_ThatAFileIsNot_AreRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", "1,1,2,3,4,5,1,1,1\n");
        Assert.Contains(
            "is of the form mot, not yolo",
            Describe(DataInspect.Run(folder["a.txt"], new DataPlace(DataFormat.Yolo))),
            StringComparison.Ordinal
        );
        Assert.True(DataInspect.Run(folder["a.txt"], new DataPlace(DataFormat.Mot)).IsOk);
        Assert.False(DataInspect.Run(folder.Path, new DataPlace(DataFormat.Labelme)).IsOk);
    }

    [Theory]
    [InlineData("data.yaml", "names: [cow, horse]\nnc: 2\n")]
    [InlineData("data.yml", "names:\n- cow\n- horse\n")]
    [InlineData("classes.txt", "cow\r\nhorse\r\n")]
    [InlineData("obj.names", "cow\nhorse")]
    [InlineData("labels/classes.txt", "cow\nhorse\n\n")]
    public void Yolo_NamesOfClasses_StandWhereToolsPutThem(string file, string text)
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "set/images", 1);
        folder.Write("set/labels/1.txt", "1 0.5 0.5 0.2 0.4");
        folder.Write($"set/{file}", text);
        Assert.Equal(["images 0 horse 80 30 40 40"], Lines(SetText.Open(folder["set"])));
        Assert.Equal(["cow", "horse"], SetText.Open(folder["set"]).Categories.Select(category => category.Name));
    }

    [Theory]
    [InlineData("1 0.5 0.5 0.2", "labels/1.txt row 1")]
    [InlineData("\n9 0.5 0.5 0.2 0.2", "row 2: the class 9 is none of the 2")]
    [InlineData("0 120 40 30 20", "shares of the picture")]
    [InlineData("cow 0.5 0.5 0.2 0.2", "a row of YOLO")]
    [InlineData("0 0.5 0.5 NaN 0.2", "a row of YOLO")]
    public void Yolo_RowsThatAreNone_AreRefusedWithTheirPlace(string row, string words)
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "set/images", 1);
        folder.Write("set/labels/1.txt", row);
        folder.Write("set/data.yaml", Names);
        Assert.Contains(words, Describe(DataInspect.Run(folder["set"], new DataPlace())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("names: {0: cow, 2: horse}", "up to the number 2")]
    [InlineData("names: {cow: 0}", "the number of a class")]
    [InlineData("names: [cow, cow]", "named twice")]
    [InlineData("names: [cow", "not YAML")]
    public void Yolo_NamesThatAreNone_AreRefused(string yaml, string words)
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "set/images", 1);
        folder.Write("set/labels/1.txt", "0 0.5 0.5 0.2 0.2");
        folder.Write("set/data.yaml", yaml);
        var text = Describe(DataInspect.Run(folder["set"], new DataPlace()));
        Assert.Contains("data.yaml", text, StringComparison.Ordinal);
        Assert.Contains(words, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Yolo_OfSeveralSplits_AsksForOne()
    {
        using var folder = new TemporaryFolder();
        folder.Write("set/labels/train/1.txt", "0 0.5 0.5 0.2 0.2");
        folder.Write("set/labels/val/1.txt", "0 0.5 0.5 0.2 0.2");
        folder.Write("set/data.yaml", Names);
        Assert.Contains("train, val", Describe(DataInspect.Run(folder["set"], new DataPlace())), StringComparison.Ordinal);
    }

    [Fact]
    public void Yolo_PicturesOfSeveralSizes_AreByThemselves()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "set/images", 1);
        folder.Write("set/images/2.png", Samples.PngOf(1, new Size2(50, 40)));
        folder.Write("set/labels/1.txt", "0 0.5 0.5 0.2 0.4");
        folder.Write("set/labels/2.txt", "0 0.5 0.5 0.5 0.4");
        folder.Write("set/data.yaml", Names);
        Assert.Equal(["1 0 cow 80 30 40 40", "2 0 cow 10 15 20 20"], Lines(SetText.Open(folder["set"])));
    }

    private static readonly SetVideo Street = new(1, "street", [], 20, new Size2(100, 200));

    [Theory]
    [InlineData("frame_000003", 3)] // CVAT
    [InlineData("street_3", 2)] // Ultralytics
    [InlineData("street/00003", 3)] // as conversions write it
    public void PicturesOfAVideoFile_AreFramesByTheirNumbers(string name, int frame)
    {
        var file = new BoxFile(
            "a",
            ["cow"],
            [new StatedFrame(null, 0, "x")],
            [new StatedBox(null, 0, 1, "cow", new Box(1, 1, 5, 5), new StatedCorners(1, 1, 5, 5), false, "x")]
        )
        {
            Pictures = [name],
            PicturesWithoutEnding = true,
        };
        Assert.Equal(("street", frame), Placing.On(file, [Street]).OrThrow().Boxes.Select(box => (box.Clip, box.Frame)).Single());
        Assert.Contains(
            "there is no picture \"other_3\"",
            Describe(Placing.On(file with { Pictures = ["other_3"] }, [Street])),
            StringComparison.Ordinal
        );
    }

    private const string Region =
        """{"shape_attributes": {"name": "rect", "x": 3, "y": 4, "width": 10, "height": 20}, "region_attributes": {"kind": "cow", "track_id": "7"}}""";

    [Theory]
    [InlineData(
        """{"a2.png9": {"filename": "a2.png", "size": 9, "regions": [REGION], "file_attributes": {}}, "a10.png9": {"filename": "a10.png", "size": 9, "regions": [], "file_attributes": {}}}"""
    )]
    [InlineData(
        """{"a2.png9": {"filename": "a2.png", "size": 9, "regions": {"0": REGION}, "file_attributes": {}}, "a10.png9": {"filename": "a10.png", "size": 9, "regions": {}}}"""
    )]
    [InlineData(
        """{"_via_settings": {"core": {}}, "_via_img_metadata": {"a2.png9": {"filename": "a2.png", "size": 9, "regions": [REGION]}, "a10.png9": {"filename": "a10.png", "size": 9, "regions": []}}, "_via_attributes": {}, "_via_image_id_list": ["a2.png9", "a10.png9"]}"""
    )]
    public void Via_JsonAndProject_AreItsBoxes(string json)
    {
        using var folder = new TemporaryFolder();
        var set = SetText.Open(folder.Write("v.json", json.Replace("REGION", Region, StringComparison.Ordinal)));
        Assert.Equal(DataFormat.Via, set.Format);
        Assert.Equal(["v 0 cow 3 4 10 20"], Lines(set));
        Assert.Equal(2, set.AnnotatedFrames!(0).Count); // a2 before a10
    }

    [Theory]
    [InlineData("""{"a.png9": {"filename": "a.png", "size": 9, "regions": [{"region_attributes": {}}]}}""", "shape_attributes")]
    [InlineData(
        """{"a.png9": {"filename": "a.png", "size": 9, "regions": [{"shape_attributes": {"name": "rect", "x": 1}}]}}""",
        "lacks one of its numbers"
    )]
    [InlineData("""{"a.png9": {"filename": "a.png", "size": 9, "regions": 5}}""", "a list of regions")]
    [InlineData("""{"project": {"pid": "x", "vid_list": ["1"]}, "config": {}, "metadata": {}}""", "VIA 3")]
    public void Via_JsonThatIsNone_IsRefusedWithItsPlace(string json, string words)
    {
        using var folder = new TemporaryFolder();
        var text = Describe(DataInspect.Run(folder.Write("v.json", json), new DataPlace()));
        Assert.Contains("v.json, $", text, StringComparison.Ordinal);
        Assert.Contains(words, text, StringComparison.Ordinal);
    }

    [Fact]
    public void MotFolders_AreClips_WithTheSizeOfSeqinfo()
    {
        using var folder = new TemporaryFolder();
        foreach (var (sequence, x) in (((string, int)[])[("MOT17-02", 11), ("MOT17-10", 21)]))
        {
            folder.Write($"mot/train/{sequence}/gt/gt.txt", $"1,1,{x},7,20,10,1,1,1\n3,1,{x + 2},7,20,10,1,1,1\n2,4,5,5,9,9,0,8,1\n");
            folder.Write($"mot/train/{sequence}/det/det.txt", "1,-1,1,1,5,5,0.0,-1,-1,-1\n");
            folder.Write(
                $"mot/train/{sequence}/seqinfo.ini",
                $"[Sequence]\r\nname={sequence}\r\nimDir=img1\r\nframeRate=30\r\nseqLength=5\r\nimWidth=200\r\nimHeight=100\r\nimExt=.jpg\r\n"
            );
        }

        folder.Write("mot/test/MOT17-01/det/det.txt", "1,-1,1,1,5,5,0.9,-1,-1,-1\n");
        foreach (var path in (string[])["mot", "mot/train"])
        {
            var set = SetText.Open(folder[path]);
            Assert.Equal(
                [("MOT17-02", 5, new Size2(100, 200)), ("MOT17-10", 5, new Size2(100, 200))],
                set.Videos.Select(video => (video.Name, video.Frames, video.Size))
            );
            Assert.Equal(
                ["MOT17-02 0 pedestrian 10 6 20 10", "MOT17-02 1 distractor 4 4 9 9", "MOT17-02 2 pedestrian 12 6 20 10"],
                Lines(set).Take(3)
            );
        }

        Assert.Equal(["MOT17-10"], SetText.Open(folder["mot/train/MOT17-10"]).Videos.Select(video => video.Name));
        Assert.False(BoxFile.Read(folder["mot/train/MOT17-10/det/det.txt"]).OrThrow().Boxes.Single().IsCrowd); // a confidence, no flag
        folder.Write("mot/train/MOT17-10/seqinfo.ini", "[Sequence]\nseqLength=many\n");
        Assert.Contains(
            "seqinfo.ini, seqlength",
            Describe(DataInspect.Run(folder["mot/train"], new DataPlace())),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Mot_IsWrittenWithItsOwnNumbers_WhereAllClassesAreItsOwn()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "pictures/street", 4);
        folder.Write(
            "own.csv",
            "frame,id,class,x1,y1,x2,y2,crowd\n0,7,car,1,2,11,22.5,0\n2,7,car,3,2,13,22.5,0\n2,8,distractor,0,0,4,4,1\n"
        );
        folder.Write("other.csv", "frame,id,class,x1,y1,x2,y2\n0,7,cow,1,2,11,22.5\n");
        void To(string from, string to) =>
            DataConvert
                .Run(folder[from], new DataPlace(Source: folder["pictures"]), folder[to], new ConvertOptions(DataFormat.Mot))
                .OrThrow();
        To("own.csv", "own");
        To("other.csv", "other");
        Assert.Equal(
            ["1,7,2,3,10,20.5,1,3,1", "3,7,4,3,10,20.5,1,3,1", "3,8,1,1,4,4,0,8,1"],
            File.ReadAllLines(folder["own/street/gt/gt.txt"])
        );
        Assert.False(File.Exists(folder["own/street/gt/labels.txt"]));
        Assert.Contains("seqLength=4", File.ReadAllLines(folder["own/street/seqinfo.ini"]));
        Assert.Equal(["1,7,1,2,10,20.5,1,1,1"], File.ReadAllLines(folder["other/street/gt/gt.txt"]));
        Assert.Equal(["cow"], File.ReadAllLines(folder["other/street/gt/labels.txt"]));
    }

    [Fact]
    public void OneClip_IsOneFile_WhoseGapsToolsSee()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "pictures/street", 6);
        var csv = folder.Write("a.csv", "frame,id,class,x1,y1,x2,y2\n0,7,cow,1,2,11,22\n1,7,cow,2,2,12,22\n4,7,cow,3,2,13,22\n");
        void To(DataFormat form, string to) =>
            DataConvert.Run(csv, new DataPlace(Source: folder["pictures"]), folder[to], new ConvertOptions(form)).OrThrow();
        To(DataFormat.Cvat, "a.xml");
        To(DataFormat.LabelStudio, "b.json");
        var shapes = System
            .Xml.Linq.XDocument.Load(folder["a.xml"])
            .Descendants("box")
            .Select(box => $"{box.Attribute("frame")!.Value}{(box.Attribute("outside")!.Value == "1" ? " outside" : "")}");
        Assert.Equal(["0", "1", "2 outside", "4", "5 outside"], shapes);
        var keys = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(folder["b.json"]))![0]!["annotations"]![0]!["result"]![0]![
            "value"
        ]!["sequence"]!.AsArray();
        Assert.Equal(["1 true", "2 false", "5 false"], keys.Select(key => $"{key!["frame"]} {key["enabled"]}"));
        foreach (var file in (string[])["a.xml", "b.json"])
        {
            Assert.Equal(
                ["street 0 cow 1 2 10 20", "street 1 cow 2 2 10 20", "street 4 cow 3 2 10 20"],
                Lines(SetText.Open(folder[file], new DataPlace(Source: folder["pictures"])))
            );
        }
    }

    [Fact]
    public void Yolo_WithPictures_IsASetByItself()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "pictures/street", 3);
        var csv = folder.Write("a.csv", "frame,id,class,x1,y1,x2,y2\n0,7,cow,1,2,11,22\n2,7,cow,3,2,13,22\n");
        DataConvert
            .Run(
                csv,
                new DataPlace(Source: folder["pictures"]),
                folder["yolo"],
                new ConvertOptions(DataFormat.Yolo, Pictures: PicturesAs.Copy)
            )
            .OrThrow();
        Assert.Equal(["street 0 cow 1 2 10 20", "street 2 cow 3 2 10 20"], Lines(SetText.Open(folder["yolo"])));
    }

    [Fact]
    public void SetsWithoutAnObject_ComeBackFromYolo()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "pictures/street", 2);
        var json = folder.Write("a.json", """{"frames": [{"frame": 0, "boxes": []}]}""");
        DataConvert.Run(json, new DataPlace(Source: folder["pictures"]), folder["yolo"], new ConvertOptions(DataFormat.Yolo)).OrThrow();
        Assert.Empty(Lines(SetText.Open(folder["yolo"], new DataPlace(Source: folder["pictures"]))));
    }

    [Fact]
    public void NamesThatAFormDoesNotKeep_AreRefused_AndNothingIsWritten()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder, "pictures/street", 1);
        var json = folder.Write("a.json", """{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": "a\nb", "box": [1, 1, 5, 5]}]}]}""");
        foreach (var form in FormHolds.Targets.Where(form => form.IsOfBoxes() && form is not (DataFormat.BoxesCsv or DataFormat.BoxesJson)))
        {
            Assert.Contains(
                "Rename the class",
                Describe(DataConvert.Run(json, new DataPlace(Source: folder["pictures"]), folder["out"], new ConvertOptions(form))),
                StringComparison.Ordinal
            );
            Assert.False(Path.Exists(folder["out"]));
        }
    }

    [Theory]
    [InlineData(DataFormat.Cvat)]
    [InlineData(DataFormat.LabelStudio)]
    [InlineData(DataFormat.Mot)]
    [InlineData(DataFormat.Labelme)]
    [InlineData(DataFormat.Yolo)]
    public void FramesOfUnknownSize_AreRefused_WithTheWayOn(DataFormat form)
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("a.csv", "frame,id,class,x1,y1,x2,y2\n0,7,cow,1,2,11,22\n");
        Assert.Contains(
            "--source",
            Describe(DataConvert.Run(csv, new DataPlace(), folder["out"], new ConvertOptions(form))),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "a.csv",
        "frame,id,class,x1,y1,x2,y2\n0,cow-b,cow,1,2,11,22\n0,12,cow,5,2,11,22\n0,cow-a,cow,9,2,11,22\n1,cow-b,cow,2,2,12,22\n"
    )]
    [InlineData(
        "a.json",
        """{"frames": [{"frame": 0, "boxes": [{"id": "cow-b", "class": "cow", "box": [1, 2, 11, 22]}, {"id": "12", "class": "cow", "box": [5, 2, 11, 22]}, {"id": "cow-a", "class": "cow", "box": [9, 2, 11, 22]}]}, {"frame": 1, "boxes": [{"id": "cow-b", "class": "cow", "box": [2, 2, 12, 22]}]}]}"""
    )]
    public void IdsThatAreTexts_FollowObjects(string name, string text)
    {
        using var folder = new TemporaryFolder();
        var boxes = BoxFile.Read(folder.Write(name, text)).OrThrow().Boxes;
        Assert.Equal([(14L, 1m), (12L, 5m), (13L, 9m), (14L, 2m)], boxes.Select(box => (box.Id, box.Corners.X1)));
    }

    /// <summary>Any other yaml (of a run, say) is no set, and what lies around it is not looked at.</summary>
    [Fact]
    public void Yaml_WithoutNamesOfClasses_IsNoSet()
    {
        using var folder = new TemporaryFolder();
        folder.Write("labels/a.txt", "not numbers at all\n");
        var refused = BoxFile
            .Read(folder.Write("run.yaml", "run: {name: a}\nstages: {decode: {}}\n"))
            .Match(_ => "", error => error.Describe());
        Assert.Contains("run.yaml names no classes, as YOLO's data.yaml does", refused, StringComparison.Ordinal);
    }
}
