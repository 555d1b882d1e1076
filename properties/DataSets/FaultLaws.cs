using System.Text;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Files with mistakes: one sentence with file, JSON path and id; leniently, a count by kind.</summary>
public sealed class FaultLaws
{
    private const string Good =
        """{"id": 1, "image_id": 5, "category_id": 2, "bbox": [1,1,3,3], "area": 9, "iscrowd": 0, "segmentation": [[1,1,4,1,4,4,1,4]]}""";

    [Theory]
    [InlineData("""{"id": 8, "category_id": 2, "bbox": [1,1,3,3]}""", "$.annotations[1] (id 8)", "image_id", DataFault.MissingMember)]
    [InlineData(
        """{"id": 8, "image_id": 6, "category_id": 2, "bbox": [1,1,3,3]}""",
        "$.annotations[1].image_id (id 8)",
        "no image 6",
        DataFault.UnknownVideo
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 3, "bbox": [1,1,3,3]}""",
        "$.annotations[1].category_id (id 8)",
        "no category 3",
        DataFault.UnknownCategory
    )]
    [InlineData(
        """{"id": 1, "image_id": 5, "category_id": 2, "bbox": [1,1,3,3]}""",
        "$.annotations[1].id (id 1)",
        "twice",
        DataFault.DuplicateId
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": ["1",1,3,3]}""",
        "$.annotations[1].bbox[0] (id 8)",
        "\"1\"",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": "1,1,3,3"}""",
        "$.annotations[1].bbox (id 8)",
        "\"1,1,3,3\"",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1,1,3]}""",
        "$.annotations[1].bbox (id 8)",
        "four numbers",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1,1,3,3,3]}""",
        "$.annotations[1].bbox (id 8)",
        "four numbers",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1,1,-3,3]}""",
        "$.annotations[1].bbox (id 8)",
        "empty",
        DataFault.BadBox
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1,1,300,3]}""",
        "$.annotations[1].bbox (id 8)",
        "border",
        DataFault.BadBox
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1,1,1e999,3]}""",
        "$.annotations[1].bbox[2] (id 8)",
        "finite",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"size": [6,8], "counts": [40]}}""",
        "$.annotations[1].segmentation.counts (id 8)",
        "40",
        DataFault.BadMask
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"size": [6,8], "counts": [-4, 52]}}""",
        "$.annotations[1].segmentation.counts[0] (id 8)",
        "-4",
        DataFault.BadMask
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"size": [6,8], "counts": [4294967295, 4294967295]}}""",
        "$.annotations[1].segmentation.counts (id 8)",
        "8589934590",
        DataFault.BadMask
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"size": [6,8], "counts": 99}}""",
        "$.annotations[1].segmentation.counts (id 8)",
        "99",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"size": [100000,100000], "counts": [10000000000]}}""",
        "$.annotations[1].segmentation.size[0] (id 8)",
        "100000",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"size": [8,6], "counts": [48]}}""",
        "$.annotations[1].segmentation (id 8)",
        "8x6",
        DataFault.MaskSize
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": {"counts": [48]}}""",
        "$.annotations[1].segmentation (id 8)",
        "size",
        DataFault.MissingMember
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": [[1,1,4,1,4]]}""",
        "$.annotations[1].segmentation (id 8)",
        "5 numbers",
        DataFault.BadMask
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "segmentation": [[1,1,4,1,4,"4"]]}""",
        "$.annotations[1].segmentation[0][5] (id 8)",
        "\"4\"",
        DataFault.WrongType
    )]
    [InlineData(
        """{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1,1,3,3], "area": {}}""",
        "$.annotations[1].area (id 8)",
        "{}",
        DataFault.WrongType
    )]
    [InlineData("""{"id": 8.5, "image_id": 5, "category_id": 2, "bbox": [1,1,3,3]}""", "$.annotations[1].id", "8.5", DataFault.WrongType)]
    [InlineData("""{"id": 8, "image_id": 5, "category_id": 2, "bbox": [1 1,3,3]}""", "$.annotations[1]", "not JSON", DataFault.NotJson)]
    [InlineData("[]", "$.annotations[1]", "an object", DataFault.WrongType)]
    public async Task Annotation_WithAMistake_IsNamed_AndLenientlyCounted(string annotation, string place, string fragment, DataFault kind)
    {
        using var folder = new TemporaryFolder();
        Picture(folder);
        var path = folder.Write(
            "instances.json",
            File($"{Good}, {annotation}, {Good.Replace("\"id\": 1", "\"id\": 9", StringComparison.Ordinal)}")
        );
        var options = new DecodeOptions { Source = SourceKind.Coco, Path = path };
        var refusal = Reading.Refusal(options);
        Assert.Contains(place, refusal, StringComparison.Ordinal);
        Assert.Contains(fragment, refusal, StringComparison.Ordinal);
        Assert.Contains("instances.json", refusal, StringComparison.Ordinal);
        var problem = Assert.Single(DataInspect.Run(path, new DataPlace()).OrThrow().Problems);
        Assert.Equal((kind, 1L), (problem.Kind, problem.Count));
        Assert.Equal(refusal, problem.First[0]);
        var lenient = Reading.Open(options with { Policy = ReadingPolicy.Lenient });
        Assert.Contains(refusal, Assert.Single(lenient.Notes), StringComparison.Ordinal);
        Assert.Equal([1L, 9], (await Reading.Pairs(options with { Policy = ReadingPolicy.Lenient }))[0].Truth!.Instances.Select(o => o.Id));
    }

    [Theory]
    [InlineData("""{"id": 6, "height": 6, "width": 8}""", "file_name", DataFault.MissingMember)]
    [InlineData("""{"id": 6, "height": 0, "width": 8, "file_name": "a.png"}""", "0", DataFault.WrongType)]
    [InlineData("""{"id": 6, "height": -6, "width": 8, "file_name": "a.png"}""", "-6", DataFault.WrongType)]
    [InlineData("""{"id": 5, "height": 6, "width": 8, "file_name": "a.png"}""", "twice", DataFault.DuplicateId)]
    [InlineData("""{"id": 6, "height": 6, "width": 99999999999, "file_name": "a.png"}""", "99999999999", DataFault.WrongType)]
    public void Image_WithAMistake_IsLeftOut_WithItsAnnotations(string image, string fragment, DataFault kind)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "instances.json",
            File($$"""{{Good}}, {"id": 2, "image_id": 6, "category_id": 2, "bbox": [1,1,3,3]}""", image)
        );
        Assert.Contains(fragment, Reading.Refusal(new DecodeOptions { Source = SourceKind.Coco, Path = path }), StringComparison.Ordinal);
        var set = DataInspect.Run(path, new DataPlace()).OrThrow();
        Assert.Equal((1, 1), (set.Videos, set.Instances));
        Assert.Equal(1, set.Problems.Single(problem => problem.Kind == kind).Count);
        Assert.Equal(1, set.Problems.Single(problem => problem.Kind == DataFault.UnknownVideo).Count);
    }

    [Fact]
    public void Video_OfNoFrames_OrOfAnotherLength_IsAMistake()
    {
        using var folder = new TemporaryFolder();
        string Video(string members) =>
            folder.Write(
                "instances.json",
                $$"""{"videos": [{"id": 3, "height": 6, "width": 8, {{members}}}], "categories": [], "annotations": []}"""
            );
        Assert.Contains(
            "$.videos[0] (id 3): the video has no frames",
            Reading.Refusal(new DecodeOptions { Source = SourceKind.YoutubeVis, Path = Video("\"file_names\": []") }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "$.videos[0].length (id 3)",
            Reading.Refusal(
                new DecodeOptions { Source = SourceKind.YoutubeVis, Path = Video("\"length\": 2, \"file_names\": [\"a/0.jpg\"]") }
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Text_ThatIsNotUtf8_CostsItsElementOnly()
    {
        using var folder = new TemporaryFolder();
        var bytes = Encoding.UTF8.GetBytes(
            File(Good + ", " + Good.Replace("\"id\": 1", "\"note\": \"#\", \"id\": 2", StringComparison.Ordinal))
        );
        bytes[Array.IndexOf(bytes, (byte)'#')] = 0xFF;
        var path = folder.Write("instances.json", bytes);
        Assert.Contains(
            "$.annotations[1]",
            Reading.Refusal(new DecodeOptions { Source = SourceKind.Coco, Path = path }),
            StringComparison.Ordinal
        );
        var set = DataInspect.Run(path, new DataPlace()).OrThrow();
        Assert.Equal((1, DataFault.NotUtf8, 1), (set.Instances, set.Problems[0].Kind, set.Problems[0].Count));
    }

    [Fact]
    public void EveryTruncation_IsToldOnce_AndLenientlyKeepsWhatIsWhole()
    {
        using var folder = new TemporaryFolder();
        var whole = Encoding.UTF8.GetBytes(File($"{Good}, {Good.Replace("\"id\": 1", "\"id\": 2", StringComparison.Ordinal)}"));
        var kept = new List<long>();
        for (var length = 1; length < whole.Length; length++)
        {
            var path = folder.Write("instances.json", whole[..length]);
            Assert.False(
                DecodeSources.Open(new DecodeOptions { Source = SourceKind.Coco, Path = path }, Reading.Seed).IsOk,
                $"{length} of {whole.Length} bytes were read"
            );
            if (DataInspect.Run(path, new DataPlace(DataFormat.Coco)) is Result<Inventory, DecodeError>.Ok(var set))
            {
                Assert.Equal((DataFault.Truncated, 1), (Assert.Single(set.Problems).Kind, set.Problems[0].Count));
                kept.Add(set.Instances);
            }
        }

        Assert.Equal([0L, 1, 2], kept.Distinct());
        Assert.Equal(kept.Order(), kept);
    }

    [Fact, Law]
    public void AnyFlippedByte_IsCountedOrRefused_NeverACrash()
    {
        using var folder = new TemporaryFolder();
        Laws.Hold(
            Gen.Choose(0, 10_000).Two(),
            drawn =>
            {
                var bytes = Encoding.UTF8.GetBytes(File(Good));
                bytes[drawn.Item1 % bytes.Length] ^= (byte)(1 + (drawn.Item2 % 255));
                var path = folder.Write("instances.json", bytes);
                return DataInspect.Run(path, new DataPlace()).Match(_ => true, error => error.Describe().Length > 0)
                    && DataConvert
                        .Run(
                            path,
                            new DataPlace(Policy: ReadingPolicy.Lenient),
                            folder["out.json"],
                            new ConvertOptions(DataFormat.YoutubeVis, Force: true)
                        )
                        .Match(_ => true, error => error.Describe().Length > 0);
            },
            300
        );
    }

    [Fact]
    public void Line_OfASyntaxError_IsThatOfTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("instances.json", "{\"categories\": [],\n \"images\": [\n  {\"id\": 5,\n   \"height\" 6}]}");
        Assert.Contains(
            "line 4, byte 13",
            Reading.Refusal(new DecodeOptions { Source = SourceKind.Coco, Path = path }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Results_AreNoDataSet()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "motion evaluate",
            DataInspect.Run(folder.Write("dt.json", "[{\"image_id\": 1}]"), new DataPlace()).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    private static string File(string annotations, string? image = null) =>
        $$"""
            {"images": [{"id": 5, "height": 6, "width": 8, "file_name": "p.png"}{{(image is null ? "" : ", " + image)}}],
             "categories": [{"id": 2, "name": "dog"}], "annotations": [{{annotations}}]}
            """;

    private static void Picture(TemporaryFolder folder) => folder.Write("p.png", Samples.PngOf(1, new Size2(6, 8)));
}
