using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>From one form to another and back is the identity on what both hold.</summary>
public sealed class ConvertLaws
{
    private const int Cases = 30; // each writes and reads several files

    [Fact, Law]
    public void YoutubeVis_ThroughCoco_ComesBackWhole() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var there = Convert(made.Write(folder, "a.json"), folder["b.json"], DataFormat.Coco);
                var back = Convert(there, folder["c.json"], DataFormat.YoutubeVis);
                return SetText.Of(back, SetText.Parts.All) == SetText.Of(folder["a.json"], SetText.Parts.All);
            },
            Cases
        );

    [Fact, Law]
    public void YoutubeVis_ThroughItself_IsTheSame() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                var back = Convert(made.Write(folder, "a.json"), folder["b.json"], DataFormat.YoutubeVis);
                return SetText.Of(back, SetText.Parts.All) == SetText.Of(folder["a.json"], SetText.Parts.All);
            },
            Cases
        );

    [Theory, Law]
    [InlineData(DataFormat.BoxesCsv, "b.csv")]
    [InlineData(DataFormat.BoxesJson, "b.json")]
    public void YoutubeVis_ThroughBoxes_KeepsEveryBoxToTheBit(DataFormat form, string name) =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                made.WritePictures(folder, "pictures");
                var there = Convert(made.Write(folder, "a.json"), folder[name], form);
                var back = Convert(there, folder["c.json"], DataFormat.YoutubeVis, new DataPlace(Source: folder["pictures"]));
                return SetText.Of(back, SetText.Parts.Crowds) == SetText.Of(folder["a.json"], SetText.Parts.Crowds);
            },
            Cases
        );

    [Fact, Law]
    public void YoutubeVis_ThroughDavis_KeepsMasksThatDoNotOverlap() =>
        Laws.Hold(
            MadeSets.Disjoint,
            made =>
            {
                using var folder = new TemporaryFolder();
                made.WritePictures(folder, "JPEGImages");
                made.Write(folder, "instances.json");
                var report = DataConvert
                    .Run(
                        folder["instances.json"],
                        new DataPlace(),
                        folder["davis"],
                        new ConvertOptions(DataFormat.Davis, Pictures: PicturesAs.Link)
                    )
                    .OrThrow();
                var back = Convert(folder["davis"], folder["c.json"], DataFormat.YoutubeVis, new DataPlace(DataFormat.Davis));
                var parts = SetText.Parts.Masks | SetText.Parts.Areas;
                return report.Lost.All(loss =>
                        loss.What.StartsWith("ids of", StringComparison.Ordinal) || loss.What == "members that are not read: info"
                    )
                    && SetText.Of(back, parts) == SetText.Of(folder["instances.json"], parts);
            },
            15
        );

    [Fact]
    public void Davis_SaysWhatItCannotHold()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "a.json",
            """
            {"videos": [{"id": 1, "height": 4, "width": 4, "file_names": ["a/0.png"]}], "categories": [{"id": 1, "name": "dog"}], "annotations": [
              {"id": 1, "video_id": 1, "category_id": 1, "bboxes": [[0,0,4,4]], "areas": [9], "segmentations": [{"size": [4,4], "counts": [0,8,8]}]},
              {"id": 2, "video_id": 1, "category_id": 1, "iscrowd": 1, "bboxes": [[0,0,4,4]], "areas": [16], "segmentations": [{"size": [4,4], "counts": [0,16]}]},
              {"id": 3, "video_id": 1, "category_id": 1, "bboxes": [[0,0,4,4]]}]}
            """
        );
        var lost = DataConvert
            .Run(folder["a.json"], new DataPlace(), folder["davis"], new ConvertOptions(DataFormat.Davis))
            .OrThrow()
            .Lost.ToDictionary(loss => loss.What, loss => loss.Count);
        Assert.Equal(8, lost["pixels of an object behind another"]);
        Assert.Equal(1, lost["boxes that are not the tight ones of their masks"]);
        Assert.Equal(1, lost["areas that are not those of their masks"]);
        Assert.Equal(1, lost["marks of crowds"]);
        Assert.Equal(1, lost["objects without any mask"]);
        Assert.Equal(1, lost["boxes without a mask"]);
    }

    [Fact, Law]
    public void BoxesOnly_DropsMasksAndNothingElse() =>
        Laws.Hold(
            MadeSets.Any,
            made =>
            {
                using var folder = new TemporaryFolder();
                made.Write(folder, "a.json");
                made.Write(folder, "boxes.json", masks: false);
                var report = DataConvert
                    .Run(folder["a.json"], new DataPlace(), folder["b.json"], new ConvertOptions(DataFormat.YoutubeVis, BoxesOnly: true))
                    .OrThrow();
                return report.Masks == 0
                    && SetText.Of(folder["b.json"], SetText.Parts.All) == SetText.Of(folder["boxes.json"], SetText.Parts.All);
            },
            Cases
        );

    [Fact]
    public void Polygons_StayOutlines()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "a.json",
            """
            {"images": [{"id": 7, "height": 8, "width": 8, "file_name": "x.png"}], "categories": [{"id": 3, "name": "dog", "supercategory": "animal"}],
             "annotations": [{"id": 70, "image_id": 7, "category_id": 3, "iscrowd": 0, "area": 8.25, "bbox": [1.1, 2.2, 3.3, 4.4],
               "segmentation": [[1.5, 2.25, 4.125, 2.5, 3.0, 6.5]]}]}
            """
        );
        var back = Convert(Convert(folder["a.json"], folder["b.json"], DataFormat.YoutubeVis), folder["c.json"], DataFormat.Coco);
        Assert.Equal(SetText.Of(folder["a.json"], SetText.Parts.All), SetText.Of(back, SetText.Parts.All));
        Assert.Contains("[[1.5, 2.25, 4.125, 2.5, 3.0, 6.5]]", File.ReadAllText(back), StringComparison.Ordinal);
        Assert.Contains("\"supercategory\":\"animal\"", File.ReadAllText(back), StringComparison.Ordinal);
    }

    [Fact]
    public void Output_ThatIsThere_IsLeftAlone_UnlessForced()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "a.json",
            """{"videos": [{"id": 1, "height": 4, "width": 4, "file_names": ["a/0.png"]}], "categories": [], "annotations": []}"""
        );
        folder.Write("b.json", "mine");
        Result<ConvertReport, DecodeError> Run(bool force) =>
            DataConvert.Run(path, new DataPlace(), folder["b.json"], new ConvertOptions(DataFormat.Coco, Force: force));
        Assert.Contains("--force", Run(false).Match(_ => "", error => error.Describe()), StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(folder["b.json"]));
        Assert.True(Run(true).IsOk);
    }

    [Fact]
    public void Failure_LeavesNoFileBehind()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "a.json",
            """{"videos": [{"id": 1, "height": 4, "width": 4, "file_names": ["a/0.png"]}], "categories": [], "annotations": [{"id": 1}]}"""
        );
        foreach (
            var (to, name) in new[]
            {
                (DataFormat.Coco, "b.json"),
                (DataFormat.BoxesCsv, "b.csv"),
                (DataFormat.BoxesJson, "c.json"),
                (DataFormat.Davis, "davis"),
            }
        )
        {
            Assert.Contains(
                "$.annotations[0]",
                DataConvert.Run(path, new DataPlace(), folder[name], new ConvertOptions(to)).Match(_ => "", error => error.Describe()),
                StringComparison.Ordinal
            );
        }

        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact, Law]
    public void Corners_OfAnyWidth_GiveItBack() =>
        Laws.Hold(
            FsCheck.Fluent.Gen.Choose(0, int.MaxValue - 1),
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                double Any() => Math.Round(draws.NextDouble() * 4000, draws.Next(13)) + (draws.Next(2) * draws.NextDouble());
                var box = new CocoBox(Any() - 50, Any() - 50, Any(), Any());
                return StatedCorners.Of(box).ToXywh() == box;
            },
            1000
        );

    private static string Convert(string from, string to, DataFormat form, DataPlace? place = null)
    {
        DataConvert.Run(from, place ?? new DataPlace(), to, new ConvertOptions(form)).OrThrow();
        return to;
    }
}
