using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Pipeline.Evaluating;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Numbers, names and ids as tools write them, and folders as they are published.</summary>
public sealed class AsToolsWriteLaws
{
    internal static string Golden(string name) => Generators.GoldenFiles.PathOf("Sets", name);

    [Fact, Law]
    public void Ids_AsTextsOrBeyond64Bits_ReadAsTheSameSet() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var (plain, named) = (made.ToJson(), made.ToJson());
                static void Rename(JsonNode node, string member, string before) =>
                    node[member] = $"{before}{node[member]!.GetValue<int>():D4}";
                foreach (var video in named["videos"]!.AsArray())
                {
                    Rename(video!, "id", "clip/");
                }

                foreach (var category in named["categories"]!.AsArray())
                {
                    Rename(category!, "id", "c");
                }

                foreach (var track in named["annotations"]!.AsArray())
                {
                    Rename(track!, "id", "99999999999999999999");
                    Rename(track!, "video_id", "clip/");
                    Rename(track!, "category_id", "c");
                }

                const SetText.Parts Parts = SetText.Parts.Masks | SetText.Parts.Areas | SetText.Parts.Crowds;
                return SetText.Of(folder.Write("a.json", plain.ToJsonString()), Parts)
                    == SetText.Of(folder.Write("b.json", named.ToJsonString()), Parts);
            },
            40
        );

    [Fact, Law]
    public void Numbers_WithAPointBehindThem_ReadAsTheSameSet() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var json = made.ToJson().ToJsonString();
                var pointed = System.Text.RegularExpressions.Regex.Replace(json, "(?<=[:,\\[])(-?[0-9]+)(?=[,\\]}])", "$1.0");
                return SetText.Of(folder.Write("a.json", json), SetText.Parts.All)
                    == SetText.Of(folder.Write("b.json", pointed), SetText.Parts.All);
            },
            40
        );

    [Fact]
    public void Csv_WholeNumbersWithAPoint_AreRead()
    {
        Assert.Equal(3, DataInspect.Run(Golden("whole-numbers-with-a-point/boxes.csv"), new DataPlace()).OrThrow().Boxes);
        Assert.Equal(1, DataInspect.Run(Golden("whole-numbers-with-a-point/coco.json"), new DataPlace()).OrThrow().Boxes);
    }

    [Fact]
    public void TextImageIds_AreMeasuredAsPycocotoolsDoes()
    {
        var scores = EvaluateFiles
            .Run(
                Golden("text-image-ids/gt.json"),
                Golden("text-image-ids/dt.json"),
                CocoType.Bbox,
                new FileComparison(ReadingPolicy.Strict, 1)
            )
            .OrThrow()
            .Scores;
        double[] expected = [0.8514851485148515, 1, 1, 0.8514851485148515, -1, -1, .85, .85, .85, .85, -1, -1];
        Assert.All(expected.Zip(scores.Stats.Values), pair => Assert.Equal(pair.First, pair.Second, 12));
    }

    [Fact]
    public void Backslashes_LeadIntoFolders()
    {
        var set = DataInspect.Run(Golden("windows-paths/set/result.json"), new DataPlace()).OrThrow();
        Assert.Empty(set.Problems);
        Assert.Equal(Golden("windows-paths/set"), set.PictureRoot);
    }

    private static string Categories(string categories, string used) =>
        $$"""
            {"images": [{"id": 0, "file_name": "a.png", "height": 8, "width": 8}], "categories": [{{categories}}],
             "annotations": [{{used}}]}
            """;

    private static string Annotation(int id, int category) =>
        $$"""{"id": {{id}}, "image_id": 0, "category_id": {{category}}, "bbox": [1, 1, 3, 3]}""";

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void CategoryNamedTwice_IsTheOneThatIsUsed(int used)
    {
        using var folder = new TemporaryFolder();
        const string Twins = """{"id": 0, "name": "cow", "supercategory": "none"}, {"id": 1, "name": "cow", "supercategory": "cow"}""";
        var set = SetText.Open(folder.Write("a.json", Categories(Twins, Annotation(1, used))));
        Assert.Equal(used, Assert.Single(set.Categories).Id);
        Assert.Equal(1, SetText.Open(folder.Write("none.json", Categories(Twins, ""))).Categories.Single().Id);
        var both = DataConvert.Run(
            folder.Write("b.json", Categories(Twins, $"{Annotation(1, 0)}, {Annotation(2, 1)}")),
            new DataPlace(),
            folder["c.json"],
            new ConvertOptions(DataFormat.Coco)
        );
        Assert.Contains(
            "$.categories[1].name (id 1): the category cow occurs twice",
            both.Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ParentOfNothing_IsNoClassOfARun()
    {
        var run = Reading.Open(
            new DecodeOptions
            {
                Source = SourceKind.Coco,
                Path = Golden("roboflow-folder/set"),
                Split = "train",
            }
        );
        Assert.Equal(["cow"], run.Catalogue.Categories.Select(category => category.Name));
    }

    [Fact]
    public void Ignore_IsACrowdForTraining_AndNothingForTheComparison()
    {
        using var folder = new TemporaryFolder();
        DataConvert
            .Run(Golden("ignore-flag/set.json"), new DataPlace(), folder["o.csv"], new ConvertOptions(DataFormat.BoxesCsv))
            .OrThrow();
        Assert.Equal(["0", "1"], File.ReadAllLines(folder["o.csv"]).Skip(1).Select(line => line[^1..]));
        var read = CocoFiles.ReadTruths(Golden("ignore-flag/set.json"), OverlapKind.Boxes, new CocoReading()).OrThrow();
        Assert.All(read.Truths.Items, truth => Assert.False(truth.IsCrowd));
        Assert.Contains("say ignore", Assert.Single(read.Sifted.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Areas_ThatAreNotStated_AreThoseOfMasksOrBoxes()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "a.json",
            Categories(
                """{"id": 0, "name": "cow"}""",
                """
                {"id": 1, "image_id": 0, "category_id": 0, "bbox": [1, 1, 3, 3]},
                {"id": 2, "image_id": 0, "category_id": 0, "bbox": [1, 1, 3, 3], "segmentation": {"size": [8, 8], "counts": [9, 2, 53]}}
                """
            )
        );
        var read = CocoFiles.ReadTruths(path, OverlapKind.Boxes, new CocoReading()).OrThrow();
        Assert.Equal([9, 2], read.Truths.Items.Select(truth => truth.Area));
        Assert.Contains("2 annotations state no area", Assert.Single(read.Sifted.Notes), StringComparison.Ordinal);
        Assert.False(CocoFiles.ReadTruths(path, OverlapKind.Boxes, new CocoReading(ReadingPolicy.AsPycocotools)).IsOk);
    }

    [Fact]
    public void Roboflow_WithoutASplit_IsNeverAnotherForm()
    {
        var refusal = DataInspect.Run(Golden("roboflow-folder/set"), new DataPlace()).Match(_ => "", error => error.Describe());
        Assert.Contains("test, train, valid", refusal, StringComparison.Ordinal);
        var set = DataInspect.Run(Golden("roboflow-folder/set"), new DataPlace(Split: "val")).OrThrow();
        Assert.Equal((DataFormat.Coco, 1L, 1L), (set.Format, set.Videos, set.Instances));
    }

    [Theory]
    [InlineData("notes.xml")]
    [InlineData("cow/00000.txt")]
    [InlineData("cow/boxes.csv")]
    [InlineData("labels/00000.txt")]
    public void PlainPictures_BesideWhatMayAnnotateThem_AreRefused_UnlessThePicturesAreMeant(string file)
    {
        using var folder = new TemporaryFolder();
        folder.Write("cow/00000.png", Samples.PngOf(1, new Size2(4, 4)));
        folder.Write(file, "0 0.5 0.5 0.2 0.2");
        Assert.Contains(
            file,
            DataInspect.Run(folder.Path, new DataPlace()).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
        Assert.Equal(1, DataInspect.Run(folder.Path, new DataPlace(DataFormat.Davis)).OrThrow().Frames);
    }

    [Theory]
    [InlineData("", "train")]
    [InlineData("annotations_train.json", null)]
    public void Ovis_IsFound(string path, string? split)
    {
        var set = DataInspect.Run(Golden($"ovis-folder/ovis/{path}"), new DataPlace(Split: split)).OrThrow();
        Assert.Equal((DataFormat.YoutubeVis, 1L, 5L, 1L, 5L), (set.Format, set.Videos, set.Frames, set.Instances, set.Boxes));
        Assert.Equal(Golden("ovis-folder/ovis/train"), set.PictureRoot);
    }

    [Fact]
    public async Task CvatVideo_AsCoco_IsAVideoWithTracks()
    {
        using var folder = new TemporaryFolder();
        DataConvert
            .Run(Golden("cvat-video-as-coco/set"), new DataPlace(), folder["o.json"], new ConvertOptions(DataFormat.YoutubeVis))
            .OrThrow();
        var set = SetText.Open(folder["o.json"]);
        Assert.Equal(6, Assert.Single(set.Videos).Frames);
        var boxes = new List<string>();
        _ = set.Tracks(
                track =>
                {
                    Assert.NotEqual(0, track.Id);
                    boxes.Add(string.Join(' ', Enumerable.Range(0, 6).Select(t => track.BoxAt(t)!.Value)));
                    return null;
                },
                problem => problem.Error,
                null
            )
            .OrThrow();
        Assert.Equal(
            [.. new[] { 6, 26 }.Select(y => string.Join(' ', Enumerable.Range(0, 6).Select(t => new CocoBox(5 + (2 * t), y, 20, 10))))],
            boxes
        );
        var pairs = await Reading.Pairs(new DecodeOptions { Source = SourceKind.Coco, Path = Golden("cvat-video-as-coco/set") });
        Assert.Equal([1, 1, 1, 1, 1, -1], pairs.Select(pair => pair.Step));
        Assert.All(pairs, pair => Assert.Equal([0L, 1], pair.Truth!.Instances.Select(o => o.Id)));
    }

    [Theory]
    [InlineData("instance_id", "frame_id")]
    [InlineData("track_id", "frame_index")]
    public void Tracks_OfImagesOfVideos_AreFoundUnderTheirNames(string track, string frame)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "a.json",
            $$"""
            {"videos": [{"id": 1, "name": "v"}], "categories": [{"id": 1, "name": "cow"}],
             "images": [{"id": 5, "file_name": "v/10.png", "height": 8, "width": 8, "video_id": 1, "{{frame}}": 30},
                        {"id": 6, "file_name": "v/9.png", "height": 8, "width": 8, "video_id": 1, "{{frame}}": 0}],
             "annotations": [{"id": 1, "image_id": 5, "category_id": 1, "bbox": [2, 1, 3, 3], "{{track}}": 7},
                             {"id": 2, "image_id": 6, "category_id": 1, "bbox": [1, 1, 3, 3], "{{track}}": 7}]}
            """
        );
        Assert.Equal($"v 2\n  0 cow  {new CocoBox(1, 1, 3, 3)} {new CocoBox(2, 1, 3, 3)}", SetText.Of(path, SetText.Parts.Boxes));
    }

    [Fact]
    public void Mots_NumbersAreClassesAndObjects_AndRegionsToIgnoreAreNone()
    {
        var set = DataInspect.Run(Golden("mots-png/set"), new DataPlace()).OrThrow();
        Assert.Equal((2L, 8L), (set.Instances, set.Boxes));
        Assert.Equal([("car", 1L), ("pedestrian", 1L)], set.Classes.Select(c => (c.Name, c.Instances)));
        Assert.Equal(
            "seq 4\n"
                + string.Join('\n', new[] { ("car", (0, 10, 30, 10)), ("pedestrian", (2, 5, 6, 20)) }.Select(pair => $"  0 {pair.Item1}")),
            string.Join(
                '\n',
                SetText
                    .Of(Golden("mots-png/set"), SetText.Parts.Boxes)
                    .Split('\n')
                    .Select(line => string.Join(' ', line.Split(' ').Take(line[0] == ' ' ? 4 : 2)))
            )
        );
    }

    [Fact, Law]
    public void WhatConvertWrites_EvaluateReads() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var path = made.Write(folder, "a.json");
                DataConvert.Run(path, new DataPlace(), folder["b.csv"], new ConvertOptions(DataFormat.BoxesCsv)).OrThrow();
                DataConvert.Run(path, new DataPlace(), folder["c.json"], new ConvertOptions(DataFormat.Coco)).OrThrow();
                DataConvert.Run(folder["c.json"], new DataPlace(), folder["d.json"], new ConvertOptions(DataFormat.YoutubeVis)).OrThrow();
                return CocoFiles.ReadTruths(folder["c.json"], OverlapKind.Boxes, new CocoReading()).IsOk
                    && CocoFiles.ReadTruths(folder["c.json"], OverlapKind.Masks, new CocoReading()).IsOk
                    && YtvisFiles.ReadTruths(folder["d.json"], new CocoReading()).IsOk;
            },
            30
        );
}
