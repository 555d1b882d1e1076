using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>The YouTube-VIS form.</summary>
public sealed class YoutubeVisLaws
{
    private static readonly Size2 Size = new(6, 8);

    // Columns of 6: the mask is columns 2 and 3, rows 1..4.
    private static readonly Rle Mask = new(Size, [13, 4, 2, 4, 25]);
    private static readonly Box Tight = new(2, 1, 4, 5);

    [Fact]
    public async Task Masks_InEveryForm_AreOneMask()
    {
        using var folder = Folder();
        var truth = (
            await Reading.Pairs(
                Options(
                    folder,
                    folder.Write(
                        "instances.json",
                        "\uFEFF"
                            + $$"""
                            {"annotations": [{{Track(1, 10, 7, "[2,1,2,4]", """{"size": [6, 8], "counts": [13, 4, 2, 4, 25]}""")}},
                                             {{Track(
                                2,
                                10,
                                7,
                                "[2,1,2,4]",
                                $$"""{"size": [6, 8], "counts": "{{Rles.ToText(Mask).Replace("\\", "\\\\", StringComparison.Ordinal)}}"}"""
                            )}},
                                             {{Track(3, 10, 9, "[2,1,2,4]", "[[2, 1, 4, 1, 4, 5, 2, 5]]")}}],
                             "info": {"x": [1, {"y": null}]}, {{Rest}} }
                            """
                    )
                )
            )
        )[0].Truth!;
        Assert.Equal([1L, 2, 3], truth.Instances.Select(o => o.Id));
        Assert.Equal([0, 0, 1], truth.Instances.Select(o => o.Class));
        Assert.All(truth.Instances, o => Assert.True(o.Box == Tight && Rles.Same(o.Mask!, Mask) && o.Area == 8 && !o.IsCrowd));
    }

    [Fact]
    public async Task Frames_WithNull_LackTheObject()
    {
        using var folder = Folder();
        var pairs = await Reading.Pairs(
            Options(
                folder,
                folder.Write(
                    "instances.json",
                    $$"""
                    {{{Rest}}, "annotations": [
                      {"id": 4, "video_id": 10, "category_id": 9, "iscrowd": 1, "bboxes": [null, [1,1,3,3]], "segmentations": [null, null], "areas": [null, 9]},
                      {"id": 5, "video_id": 10, "category_id": 9, "segmentations": [{"size": [6,8], "counts": [13,4,2,4,25]}, {"size": [6,8], "counts": [48]}]},
                      {"id": 6, "video_id": 10, "category_id": 9, "bboxes": [[0,0,0,0], [0,0,8,6]]}]}
                    """
                )
            )
        );
        Assert.Equal([5L], pairs[0].Truth!.Instances.Select(o => o.Id));
        Assert.Equal(Tight, pairs[0].Truth!.Instances[0].Box);
        Assert.Equal(
            [(4L, new Box(1, 1, 4, 4), true, (double?)9), (6L, new Box(0, 0, 8, 6), false, null)],
            pairs[1].Truth!.Instances.Select(o => (o.Id, o.Box, o.IsCrowd, o.Area))
        );
        Assert.Empty(pairs[2].Truth!.Instances); // another clip, annotated, without an object
    }

    [Fact]
    public void Catalogue_IsTheFiles_InTheOrderOfIds()
    {
        using var folder = Folder();
        folder.Write("instances.json", $$"""{{{Rest}}}""");
        var catalogue = Reading.Open(Options(folder, null)).Catalogue;
        Assert.Equal([new Category(7, "dog"), new Category(9, "lion")], catalogue.Categories.AsEnumerable());
        Assert.Equal([new ClipInfo("a", 2, Size), new ClipInfo("b", 1, Size)], catalogue.Clips.AsEnumerable());
        Assert.Equal(
            ["object"],
            Reading.Open(Options(folder, null) with { Classes = ClassNaming.Agnostic }).Catalogue.Categories.Select(c => c.Name)
        );
    }

    [Fact]
    public async Task Classes_OfYoutubeVis_LeaveOthersOut()
    {
        using var folder = Folder();
        var path = folder.Write(
            "instances.json",
            $$"""{{{Rest}}, "annotations": [{{Track(1, 10, 7, "[2,1,2,4]", "null")}}, {{Track(2, 10, 9, "[2,1,2,4]", "null")}}]}"""
        );
        var pairs = await Reading.Pairs(Options(folder, path) with { Classes = ClassNaming.Ytvis, Clips = ["a"] });
        var only = Assert.Single(pairs[0].Truth!.Instances);
        Assert.Equal((1L, 7), (only.Id, only.Class)); // dog is the eighth of the 40
        Assert.Contains("lion", Reading.Refusal(Options(folder, path) with { Categories = ["dog"] }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_WithoutAnnotations_HasNoTruth()
    {
        using var folder = Folder();
        Assert.All(
            await Reading.Pairs(Options(folder, folder.Write("instances.json", $$"""{{{Rest}}}"""))),
            pair => Assert.Null(pair.Truth)
        );
    }

    [Fact]
    public async Task Picture_ThatIsNotThereOrOfAnotherSize_IsOneErrorItem()
    {
        using var folder = Folder();
        File.Delete(folder["JPEGImages/a/1.png"]);
        folder.Write("JPEGImages/b/0.png", Samples.PngOf(1, new Size2(5, 8)));
        var items = await Reading.Items(Options(folder, folder.Write("instances.json", $$"""{{{Rest}}}""")));
        Assert.Equal([true, false, false], items.Select(item => item.IsOk));
        Assert.Contains("1.png", Reading.Text(items[1]), StringComparison.Ordinal);
        Assert.Contains("5x8", Reading.Text(items[2]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id": 1}""", "$.annotations[0]", "video_id")]
    [InlineData("""{"id": 1, "video_id": 10, "category_id": 7}""", "$.annotations[0]", "neither bboxes")]
    [InlineData("""{"id": 1, "video_id": 11, "category_id": 7, "bboxes": [null, null]}""", "$.annotations[0].video_id", "no video 11")]
    [InlineData("""{"id": 1, "video_id": 10, "category_id": 8, "bboxes": [null, null]}""", "$.annotations[0].category_id", "no category 8")]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "bboxes": [null]}""",
        "$.annotations[0].bboxes",
        "1 entries for a video of 2"
    )]
    [InlineData("""{"id": 1, "video_id": 10, "category_id": 7, "bboxes": [null, [1,1,0,3]]}""", "$.annotations[0].bboxes[1]", "empty")]
    [InlineData("""{"id": 1, "video_id": 10, "category_id": 7, "bboxes": [null, [1,1,30,3]]}""", "$.annotations[0].bboxes[1]", "border")]
    [InlineData("""{"id": 1, "video_id": 10, "category_id": 7, "bboxes": [null, ["1",1,3,3]]}""", "$.annotations[0].bboxes[1][0]", "\"1\"")]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "segmentations": [null, 3]}""",
        "$.annotations[0].segmentations[1]",
        "a mask"
    )]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "segmentations": [null, {"size": [6,8], "counts": [1,2]}]}""",
        "$.annotations[0].segmentations[1].counts",
        "48"
    )]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "segmentations": [null, {"size": [6,8], "counts": [1,-2]}]}""",
        "$.annotations[0].segmentations[1].counts[1]",
        "-2"
    )]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "segmentations": [null, {"size": [6,8], "counts": "~~"}]}""",
        "$.annotations[0].segmentations[1].counts",
        "letter"
    )]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "segmentations": [null, {"size": [8,6], "counts": [0,48]}]}""",
        "$.annotations[0].segmentations[1]",
        "8x6"
    )]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "segmentations": [null, [[1,1,3,3]]]}""",
        "$.annotations[0].segmentations[1]",
        "4 numbers"
    )]
    [InlineData(
        """{"category_id": 7, "segmentations": [null, {"size": [6,8], "counts": [48, 4294967296]}], "video_id": 10, "id": 31}""",
        "$.annotations[0].segmentations[1].counts[1] (id 31)",
        "4294967296"
    )]
    [InlineData("""{"id": 1, "video_id": 10, "category_id": 7, "iscrowd": 2, "bboxes": [null, null]}""", "$.annotations[0].iscrowd", "2")]
    [InlineData(
        """{"id": 1, "video_id": 10, "category_id": 7, "bboxes": [null, null]}, {"id": 1, "video_id": 10, "category_id": 7, "bboxes": [null, null]}""",
        "$.annotations[1].id",
        "twice"
    )]
    public void Annotation_WithAMistake_IsRefusedWithItsJsonPath(string annotation, string path, string fragment)
    {
        using var folder = Folder();
        var refusal = Reading.Refusal(Options(folder, folder.Write("instances.json", $$"""{{{Rest}}, "annotations": [{{annotation}}]}""")));
        Assert.Contains($"instances.json, {path}", refusal, StringComparison.Ordinal);
        Assert.Contains(fragment, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "one JSON object")]
    [InlineData("""{"videos": []}""", "the list categories is missing")]
    [InlineData("""{"videos": [], "categories": []}""", "no clip")]
    [InlineData("""{"videos": [{"id": 1, "file_names": [], "height": 6, "width": 8}], "categories": []}""", "no frames")]
    [InlineData("""{"videos": [{"id": 1, "file_names": ["a"], "height": 0, "width": 8}], "categories": []}""", "$.videos[0].height")]
    [InlineData(
        """{"videos": [{"id": 1, "file_names": ["a"], "height": 6, "width": 8}, {"id": 1, "file_names": ["b"], "height": 6, "width": 8}], "categories": []}""",
        "video id 1 occurs twice"
    )]
    [InlineData(
        """{"videos": [{"id": 1, "file_names": ["a"], "height": 6, "width": 8}], "categories": [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]}""",
        "category id 1 occurs twice"
    )]
    [InlineData(
        """{"videos": [{"id": 1, "file_names": ["a"], "height": 6, "width": 8}], "categories": [{"id": 1, "name": "x"}, {"id": 2, "name": "x"}]}""",
        "category x occurs twice"
    )]
    [InlineData("""{"videos": [], "videos": [], "categories": []}""", "one array")]
    [InlineData("""{"videos": {}, "categories": []}""", "one array")]
    [InlineData("""{"videos": [], "categories": []} x""", "JSON")]
    public void File_WithAMistake_IsRefused(string text, string fragment)
    {
        using var folder = Folder();
        Assert.Contains(fragment, Reading.Refusal(Options(folder, folder.Write("instances.json", text))), StringComparison.Ordinal);
    }

    [Fact]
    public void File_ThatIsEmptyOrNotThere_IsRefused()
    {
        using var folder = Folder();
        Assert.Contains("instances.json", Reading.Refusal(Options(folder, null)), StringComparison.Ordinal);
        Assert.Contains("empty", Reading.Refusal(Options(folder, folder.Write("instances.json", ""))), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryTruncation_IsAnError()
    {
        using var folder = Folder();
        var whole = Encoding.UTF8.GetBytes($$"""{{{Rest}}, "annotations": [{{Track(1, 10, 7, "[2,1,2,4]", "null")}}]}""");
        Assert.True(DecodeSources.Open(Options(folder, folder.Write("instances.json", whole)), Reading.Seed).IsOk);
        for (var length = 0; length < whole.Length; length += 3)
        {
            Assert.False(
                DecodeSources.Open(Options(folder, folder.Write("instances.json", whole[..length])), Reading.Seed).IsOk,
                $"{length} of {whole.Length} bytes were read"
            );
        }
    }

    [Fact, Law]
    public void AnyFlippedByte_IsReadOrRefused_NeverACrash()
    {
        using var folder = new TemporaryFolder();
        Laws.Hold(
            Gen.Choose(0, 10_000).Two(),
            drawn =>
            {
                var bytes = Encoding.UTF8.GetBytes(
                    $$"""{{{Rest}}, "annotations": [{{Track(1, 10, 7, "[2,1,2,4]", """{"size": [6, 8], "counts": [13, 4, 2, 4, 25]}""")}}]}"""
                );
                bytes[drawn.Item1 % bytes.Length] ^= (byte)(1 + (drawn.Item2 % 255));
                return Reading.Refusal(Options(folder, folder.Write("instances.json", bytes))).Length > 0;
            },
            300
        );
    }

    [Fact, Law]
    public void Tracks_OfAnyBoxes_ComeBackAsWritten() =>
        Laws.Hold(
            (from x in Gen.Choose(0, 6) from y in Gen.Choose(0, 4) from side in Gen.Choose(1, 2) select (X: x, Y: y, Side: side))
                .ArrayOf(3)
                .NonEmptyListOf(),
            tracks =>
            {
                using var folder = new TemporaryFolder();
                for (var t = 0; t < 3; t++)
                {
                    folder.Write($"v/{t}.png", Samples.PngOf(1, Size));
                }

                var annotations = new JsonArray([
                    .. tracks.Select(
                        (track, id) =>
                            new JsonObject
                            {
                                ["id"] = id,
                                ["video_id"] = 1,
                                ["category_id"] = 1,
                                ["bboxes"] = new JsonArray([
                                    .. track.Select(b => b.X == 0 ? null : (JsonNode)new JsonArray(b.X, b.Y, b.Side, b.Side)),
                                ]),
                            }
                    ),
                ]);
                var text =
                    $$"""{"videos": [{"id": 1, "height": 6, "width": 8, "file_names": ["v/0.png", "v/1.png", "v/2.png"]}], "categories": [{"id": 1, "name": "x"}], "annotations": {{annotations.ToJsonString()}}}""";
                var pairs = Reading.Pairs(Options(folder, folder.Write("instances.json", text))).GetAwaiter().GetResult();
                return pairs.All(pair =>
                    pair.Truth!.Instances.Select(o => (o.Id, o.Box))
                        .SequenceEqual(
                            tracks
                                .Select((track, id) => (Id: (long)id, At: track[pair.Key.Frame]))
                                .Where(o => o.At.X > 0)
                                .Select(o => (o.Id, new Box(o.At.X, o.At.Y, o.At.X + o.At.Side, o.At.Y + o.At.Side)))
                        )
                );
            },
            30
        );

    private const string Rest = """
        "videos": [{"id": 10, "height": 6, "width": 8, "length": 2, "file_names": ["a/0.png", "a/1.png"]}, {"id": 12, "height": 6, "width": 8, "file_names": ["b/0.png"]}],
        "categories": [{"id": 9, "name": "lion"}, {"id": 7, "name": "dog"}]
        """;

    private static string Track(int id, int video, int category, string box, string mask) =>
        $$"""{"id": {{id}}, "video_id": {{video}}, "category_id": {{category}}, "iscrowd": 0, "height": 6, "width": 8, "bboxes": [{{box}}, null], "areas": [8, null], "segmentations": [{{mask}}, null]}""";

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        foreach (var name in (string[])["a/0.png", "a/1.png", "b/0.png"])
        {
            folder.Write("JPEGImages/" + name, Samples.PngOf(1, Size));
        }

        return folder;
    }

    private static DecodeOptions Options(TemporaryFolder folder, string? json) =>
        new()
        {
            Source = SourceKind.YoutubeVis,
            Path = folder.Path,
            Boxes = json,
        };
}
