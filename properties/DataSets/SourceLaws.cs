using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.DataSets;

/// <summary>Published sets as sources of a run: layouts, splits, images.</summary>
public sealed class SourceLaws
{
    private static readonly Size2 Size = new(6, 8);

    [Fact]
    public async Task CocoImage_IsAClipOfOneFrame_WithoutMotion()
    {
        using var folder = new TemporaryFolder();
        Coco(folder, "instances.json", "images", "a", "b");
        var pairs = await Reading.Pairs(new DecodeOptions { Source = SourceKind.Coco, Path = folder.Path });
        Assert.Equal([("a", 0, 0), ("b", 0, 0)], pairs.Select(pair => (pair.Key.Clip, pair.Key.Frame, pair.Step)));
        Assert.All(pairs, pair => Assert.Equal(Reading.Bytes(pair.First), Reading.Bytes(pair.Second)));
        var only = Assert.Single(pairs[0].Truth!.Instances);
        Assert.Equal((new Box(1, 1, 4, 4), 9.5, 9), (only.Box, only.Area, (int)Rles.Area(only.Mask!)));
        Assert.Empty(pairs[1].Truth!.Instances);
    }

    [Fact]
    public void ZeroMotion_LeavesThePairwiseLabelsToColour()
    {
        using var scope = NewDisposeScope();
        byte[] alike = [.. Samples.Planes(3, new Size2(24, 10)).Select(value => (byte)(value / 32))]; // many neighbours pass, not all
        var colours = tensor(alike, [2, 3, 12, 10], dtype: uint8);
        using var flow = zeros([2, 2, 12, 10]);
        var wheel = FlowColour.Wheel(flow).to_type(ScalarType.Float32).Over(255);
        var sizes = tensor(new long[] { 48, 40, 48, 40 }, [2, 2]);
        PseudoLabels Of(bool withFlow) =>
            PseudoLabels.Of(colours, wheel, sizes, ScalarType.Float32, new PairwiseOptions { Flow = withFlow });
        Assert.True(Tensors.SameBits(Of(true).Same, Of(false).Same));
        Assert.InRange(Of(true).Same.mean().item<float>(), 0.05f, 0.95f);
    }

    [Theory]
    [InlineData("annotations/instances_train2017.json", "train2017", "", "train")]
    [InlineData("annotations/instances_val2017.json", "val2017", "", "val")]
    [InlineData("annotations/instances_val2017.json", "val2017", "", "val2017")]
    [InlineData("val/instances.json", "val/images", "", "val")]
    [InlineData("instances.json", "images", "", null)]
    [InlineData("instances.json", "images", "images", null)]
    [InlineData("train.json", "", "", null)]
    [InlineData("annotations/only.json", "images", "", null)]
    public async Task CocoLayouts_AreFound(string json, string pictures, string path, string? split)
    {
        using var folder = new TemporaryFolder();
        Coco(folder, json, pictures, "a");
        Assert.Single(
            await Reading.Pairs(
                new DecodeOptions
                {
                    Source = SourceKind.Coco,
                    Path = folder[path],
                    Split = split,
                }
            )
        );
        Assert.Equal(1, DataInspect.Run(folder[path], new DataPlace(Split: split)).OrThrow().Videos);
    }

    [Theory]
    [InlineData("train.json", "train/JPEGImages", "", "train")]
    [InlineData("train/instances.json", "train/JPEGImages", "", "train")]
    [InlineData("valid/instances.json", "valid/JPEGImages", "", "val")]
    [InlineData("valid.json", "valid/JPEGImages", "", "val")]
    [InlineData("annotations/instances_train_sub.json", "train/JPEGImages", "", "train")]
    [InlineData("train.json", "JPEGImages", "", null)]
    [InlineData("train.json", "JPEGImages", "JPEGImages", null)]
    [InlineData("train.json", "train/JPEGImages", "train", null)]
    [InlineData("train/train.json", "train/JPEGImages", "train", null)]
    [InlineData("train/instances.json", "train/JPEGImages", "train/JPEGImages", null)]
    [InlineData("train/instances.json", "train/JPEGImages", "train/instances.json", null)]
    public async Task YoutubeVisLayouts_AreFound(string json, string pictures, string path, string? split)
    {
        using var folder = new TemporaryFolder();
        folder.Write($"{pictures}/v/00000.png", Samples.PngOf(1, Size));
        folder.Write($"{pictures}/v/00005.png", Samples.PngOf(2, Size));
        folder.Write(
            json,
            """
            {"videos": [{"id": 1, "height": 6, "width": 8, "length": 2, "file_names": ["v/00000.png", "v/00005.png"]}],
             "categories": [{"id": 1, "name": "airplane", "supercategory": "object"}], "annotations": null}
            """
        );
        var pairs = await Reading.Pairs(
            new DecodeOptions
            {
                Source = SourceKind.YoutubeVis,
                Path = folder[path],
                Split = split,
            }
        );
        Assert.Equal([1, -1], pairs.Select(pair => pair.Step));
        Assert.All(pairs, pair => Assert.Null(pair.Truth));
        Assert.Equal(folder[pictures], DataInspect.Run(folder[path], new DataPlace(Split: split)).OrThrow().PictureRoot);
    }

    [Fact]
    public void Split_ThatIsNotThere_IsNamed()
    {
        using var folder = new TemporaryFolder();
        Coco(folder, "train.json", "", "a");
        Assert.Contains(
            "val.json",
            Reading.Refusal(
                new DecodeOptions
                {
                    Source = SourceKind.Coco,
                    Path = folder.Path,
                    Split = "val",
                }
            ),
            StringComparison.Ordinal
        );
        folder.Write("JPEGImages/a/0.png", Samples.PngOf(1, Size));
        Assert.Contains(
            "lists no split val",
            Reading.Refusal(
                new DecodeOptions
                {
                    Source = SourceKind.Frames,
                    Path = folder.Path,
                    Split = "val",
                }
            ),
            StringComparison.Ordinal
        );
        Assert.Contains("synthetic", Reading.Refusal(new DecodeOptions { Split = "val" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ImageSets/2017/val.txt", "b\nc\n", "val")]
    [InlineData("ImageSets/2016/val.txt", "b\r\nc", "val")]
    [InlineData(
        "ImageSets/480p/val.txt",
        "/JPEGImages/480p/b/00000.jpg /Annotations/480p/b/00000.png\n/JPEGImages/480p/b/00001.jpg /Annotations/480p/b/00001.png\n/JPEGImages/480p/c/00000.jpg /Annotations/480p/c/00000.png\n",
        "val"
    )]
    [InlineData("mine.txt", "b\n\nc\n", "mine.txt")]
    public void DavisSplit_IsTheClipsOfItsList(string file, string text, string split)
    {
        using var folder = Davis("480p");
        folder.Write(file, text);
        var options = new DecodeOptions
        {
            Source = SourceKind.Frames,
            Path = folder.Path,
            Split = split.EndsWith(".txt", StringComparison.Ordinal) ? folder[split] : split,
        };
        Assert.Equal(["b", "c"], Reading.Open(options).Catalogue.Clips.Select(clip => clip.Name));
        Assert.Equal(["c"], Reading.Open(options with { Clips = ["a", "c"] }).Catalogue.Clips.Select(clip => clip.Name));
    }

    [Fact]
    public async Task DavisResolutions_AreChosen_The480pOneWhereNothingIsSaid()
    {
        using var folder = Davis("480p", "1080p");
        folder.Write("JPEGImages/1080p/a/00001.png", Samples.PngOf(1, Size));
        var options = new DecodeOptions
        {
            Source = SourceKind.Frames,
            Path = folder.Path,
            Clips = ["a"],
        };
        Assert.Single(await Reading.Pairs(options));
        Assert.Equal(2, (await Reading.Pairs(options with { Resolution = "1080p" })).Count);
        Assert.Contains("480p, 1080p", Reading.Refusal(options with { Resolution = "4k" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DavisMask_SavedInColoursThatAreGreys_IsAGreyOne()
    {
        using var folder = Davis("480p");
        var planes = Enumerable.Range(0, 3 * 48).Select(i => (byte)(i % 48 < 16 ? 255 : 0)).ToArray();
        folder.Write("Annotations/480p/a/00000.png", PngWriter.Encode(planes, Size).OrThrow());
        var only = Assert.Single((
                await Reading.Pairs(
                    new DecodeOptions
                    {
                        Source = SourceKind.Frames,
                        Path = folder.Path,
                        Clips = ["a"],
                    }
                )
            )[0].Truth!.Instances);
        Assert.Equal((1, new Box(0, 0, 8, 2)), (only.Id, only.Box));
    }

    [Fact]
    public void LabelPicture_IsReadAsItWasWritten()
    {
        var labels = Enumerable.Range(0, 300 * 7).Select(i => (byte)(i % 256)).ToArray();
        var size = new Size2(7, 300);
        var png = Png.Read(Png.EncodeLabels(labels, size), "labels").OrThrow();
        Assert.Equal((PngKind.Palette, 8, size), (png.Kind, png.Depth, png.Size));
        Assert.Equal(labels, png.Samples);
        Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0], png.Colours.Take(12)); // black, red, green, olive: DAVIS's first colours
    }

    [Fact]
    public void Categories_Of2021_AreThoseOfItsFile_InTheOrderOfTheAlphabet() =>
        Assert.Equal(
            Classing.YoutubeVis2021.Categories.Select(category => category.Name).Order(StringComparer.Ordinal),
            Classing.YoutubeVis2021.Categories.Select(category => category.Name)
        );

    private static TemporaryFolder Davis(params string[] levels)
    {
        var folder = new TemporaryFolder();
        foreach (var level in levels)
        {
            foreach (var clip in (string[])["a", "b", "c"])
            {
                folder.Write($"JPEGImages/{level}/{clip}/00000.png", Samples.PngOf(1, Size));
            }
        }

        return folder;
    }

    private static void Coco(TemporaryFolder folder, string json, string pictures, params string[] names)
    {
        foreach (var name in names)
        {
            folder.Write(Path.Combine(pictures, name + ".png"), Samples.PngOf(1, Size));
        }

        folder.Write(
            json,
            $$"""
            {"images": [{{string.Join(
                ", ",
                names.Select((name, i) => $$"""{"id": {{i + 1}}, "height": 6, "width": 8, "file_name": "{{name}}.png"}""")
            )}}],
             "categories": [{"id": 2, "name": "dog"}],
             "annotations": [{"id": 4, "image_id": 1, "category_id": 2, "bbox": [1,1,3,3], "area": 9.5, "iscrowd": 0, "segmentation": [[1,1,4,1,4,4,1,4]]},
                             {"id": 5, "image_id": 1, "category_id": 2, "bbox": [1,1,0,3], "area": 0, "iscrowd": 0, "segmentation": []}]}
            """
        );
    }
}
