using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>Folders of pictures with masks, in DAVIS's layout.</summary>
public sealed class FramesLaws
{
    private static readonly Size2 Size = new(12, 16);

    [Fact]
    public async Task Frames_OfAClip_ArePairedWithTheirSuccessor_TheLastWithItsPredecessor()
    {
        using var folder = Davis(("a", 3), ("b", 1));
        var pairs = await Reading.Pairs(Options(folder));
        Assert.Equal(
            [("a", 0, 1), ("a", 1, 1), ("a", 2, -1), ("b", 0, 0)],
            pairs.Select(pair => (pair.Key.Clip, pair.Key.Frame, pair.Step))
        );
        Assert.Equal([0L, 1, 2, 3], pairs.Select(pair => pair.Sequence));
        foreach (var pair in pairs)
        {
            Assert.Equal(Samples.Planes(PictureSeed(pair.Key.Clip, pair.Key.Frame), Size), Reading.Bytes(pair.First));
            Assert.Equal(Samples.Planes(PictureSeed(pair.Key.Clip, pair.Key.Frame + pair.Step), Size), Reading.Bytes(pair.Second));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task HoldOut_OfClips_PartsThemIntoSeenAndUnseen(int every)
    {
        using var folder = Davis(("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1));
        async Task<string[]> Clips(ClipSplit split) =>
            [.. (await Reading.Pairs(Options(folder) with { HoldOut = every, Family = split })).Select(pair => pair.Key.Clip)];
        var (seen, unseen) = (await Clips(ClipSplit.Train), await Clips(ClipSplit.Test));
        Assert.Equal(["a", "b", "c", "d", "e"], seen.Concat(unseen).Order(StringComparer.Ordinal));
        Assert.Equal(5 / every, unseen.Length);
        Assert.DoesNotContain("a", unseen);
        Assert.Contains("holdOut", Reading.Refusal(Options(folder) with { HoldOut = 6 }), StringComparison.Ordinal);
        Assert.Contains("holdOut", Reading.Refusal(Options(folder) with { HoldOut = 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masks_WithObjectNumbers_GiveTightBoxesIdsAndMasks()
    {
        using var folder = Davis(("a", 1));
        folder.Write(
            "Annotations/a/00000.png",
            Samples.Labels(
                Size,
                (y, x) =>
                    (y, x) switch
                    {
                        (>= 2 and < 5, >= 3 and < 9) => 1,
                        (10, 15) => 7,
                        (0, _) => 255, // without annotation, as in DAVIS 2017
                        _ => 0,
                    }
            )
        );
        var truth = (await Reading.Pairs(Options(folder)))[0].Truth!;
        Assert.Equal(
            [(1L, new Box(3, 2, 9, 5), 18L), (7L, new Box(15, 10, 16, 11), 1L)],
            truth.Instances.Select(o => (o.Id, o.Box, Rles.Area(o.Mask!)))
        );
        Assert.All(truth.Instances, o => Assert.Equal(o.Box, Rles.Box(o.Mask!)));
    }

    [Fact]
    public async Task Mask_InGreyWithOnly255_IsOneObject()
    {
        using var folder = Davis(("a", 1));
        folder.Write(
            "Annotations/a/00000.png",
            Samples.RawPng(
                Size,
                8,
                0,
                Enumerable.Range(0, 12).Select(y => Enumerable.Range(0, 16).Select(x => (byte)(y > 5 && x < 4 ? 255 : 0)).ToArray())
            )
        );
        var only = Assert.Single((await Reading.Pairs(Options(folder)))[0].Truth!.Instances);
        Assert.Equal((1L, new Box(0, 6, 4, 12)), (only.Id, only.Box));
    }

    [Fact]
    public async Task Mask_InAPaletteWithOnly255_IsWithoutAnObject()
    {
        using var folder = Davis(("a", 1));
        folder.Write("Annotations/a/00000.png", Samples.Labels(Size, (y, _) => (byte)(y > 5 ? 255 : 0)));
        Assert.Empty((await Reading.Pairs(Options(folder)))[0].Truth!.Instances);
    }

    [Fact]
    public async Task Frame_WithoutAMask_HasNoAnnotation()
    {
        using var folder = Davis(("a", 2));
        File.Delete(folder["Annotations/a/00001.png"]);
        Assert.Equal([false, true], (await Reading.Pairs(Options(folder))).Select(pair => pair.Truth is null));
    }

    [Fact]
    public async Task Layout_WithAResolutionLevel_OrAsPlainFolders_IsFound()
    {
        using var folder = new TemporaryFolder();
        folder.Write("davis/JPEGImages/480p/a/00000.png", Samples.PngOf(1, Size));
        folder.Write("davis/Annotations/480p/a/00000.png", Samples.Labels(Size, (_, x) => (byte)(x > 4 ? 2 : 0)));
        folder.Write("plain/b/1.png", Samples.PngOf(1, Size));
        folder.Write("plain/c/1.png", Samples.PngOf(1, Size));
        folder.Write("one/1.png", Samples.PngOf(1, Size));
        File.Copy(GoldenFiles.PathOf("Decode", "rgb420.jpg"), folder["one/2.jpg"]);
        Assert.Equal(
            2,
            (await Reading.Pairs(new DecodeOptions { Source = SourceKind.Frames, Path = folder["davis"] }))
                .Single()
                .Truth!.Instances.Single()
                .Id
        );
        Assert.Equal(
            ["b", "c"],
            Reading.Open(new DecodeOptions { Source = SourceKind.Frames, Path = folder["plain"] }).Catalogue.Clips.Select(clip => clip.Name)
        );
        Assert.Equal(
            new ClipInfo("one", 2, Size),
            Assert.Single(Reading.Open(new DecodeOptions { Source = SourceKind.Frames, Path = folder["one"] }).Catalogue.Clips)
        );
    }

    [Fact]
    public async Task Frame_ThatIsCorrupt_IsOneErrorItem_AndItsPredecessorLooksBack()
    {
        using var folder = Davis(("a", 5));
        folder.Write("JPEGImages/a/00002.png", "no picture");
        var items = await Reading.Items(Options(folder));
        Assert.Equal([true, true, false, true, true], items.Select(item => item.IsOk));
        Assert.Equal([1, -1, 1, -1], items.Where(item => item.IsOk).Select(item => item.OrThrow().Step));
        Assert.Contains("00002.png", Reading.Text(items[2]), StringComparison.Ordinal);
        Assert.Equal([0L, 1, 3, 4], items.Where(item => item.IsOk).Select(item => item.OrThrow().Sequence));
    }

    [Fact]
    public async Task FirstFrame_ThatIsCorrupt_DoesNotCloseTheClip()
    {
        using var folder = Davis(("a", 3));
        folder.Write("JPEGImages/a/00000.png", "no picture");
        Assert.Equal([false, true, true], (await Reading.Items(Options(folder))).Select(item => item.IsOk));
        folder.Write("JPEGImages/a/00001.png", "no picture");
        folder.Write("JPEGImages/a/00002.png", "no picture");
        Assert.Contains("00000.png", Reading.Refusal(Options(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_OfAnotherSize_AreErrors()
    {
        using var folder = Davis(("a", 3));
        folder.Write("JPEGImages/a/00001.png", Samples.PngOf(1, new Size2(12, 15)));
        folder.Write("Annotations/a/00002.png", Samples.Labels(new Size2(11, 16), (_, _) => 1));
        var items = await Reading.Items(Options(folder));
        Assert.Equal([true, false, false], items.Select(item => item.IsOk));
        Assert.Equal(0, items[0].OrThrow().Step); // for want of a second frame: its only neighbour cannot be used
        Assert.Contains("12x15", Reading.Text(items[1]), StringComparison.Ordinal);
        Assert.Contains("11x16", Reading.Text(items[2]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masks_ThatAreNoLabels_AreErrorsOfTheirFrame()
    {
        using var folder = Davis(("a", 4));
        folder.Write("Annotations/a/00000.png", Samples.PngOf(1, Size));
        folder.Write(
            "Annotations/a/00001.png",
            Samples.RawPng(Size, 16, 0, Enumerable.Range(0, 12).Select(y => (byte[])[(byte)(y / 11 * 4), 210, .. new byte[30]]))
        );
        folder.Write("Annotations/a/00002.png", "no picture");
        var items = await Reading.Items(Options(folder));
        Assert.Equal([false, false, false, true], items.Select(item => item.IsOk));
        Assert.Contains("colours", Reading.Text(items[0]), StringComparison.Ordinal);
        Assert.Contains("at most 255; this one, of 16 bits, has 1234", Reading.Text(items[1]), StringComparison.Ordinal);
        Assert.Contains("00002.png", Reading.Text(items[2]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masks_Of16BitsWhoseNumbersFitIntoEight_AreTheirNumbers()
    {
        using var folder = Davis(("a", 1));
        folder.Write(
            "Annotations/a/00000.png",
            Samples.RawPng(Size, 16, 0, Enumerable.Range(0, 12).Select(y => (byte[])[0, (byte)(y < 4 ? 7 : 0), .. new byte[30]]))
        );
        var pair = Assert.Single(await Reading.Pairs(Options(folder)));
        Assert.Equal([(7L, new Box(0, 0, 1, 4))], pair.Truth!.Instances.Select(instance => (instance.Id, instance.Box)));
        pair.Dispose();
    }

    [Fact]
    public async Task ObjectsJson_SaysWhatEachObjectIs()
    {
        using var folder = Davis(("a", 1), ("b", 1));
        folder.Write(
            "Annotations/a/00000.png",
            Samples.Labels(
                Size,
                (_, x) =>
                    (byte)(
                        x < 5 ? 1
                        : x < 9 ? 2
                        : 0
                    )
            )
        );
        folder.Write(
            "objects.json",
            """
            [{"video": "a", "objects": [{"id": 1, "what": "rider", "ytvis": "person"}, {"id": 2, "what": "bicycle", "ytvis": null}]},
             {"video": "b", "objects": [{"id": 1, "what": "hound", "ytvis": "dog"}]}]
            """
        );
        var own = Reading.Open(Options(folder)).Catalogue.Categories;
        Assert.Equal(["bicycle", "hound", "rider"], own.Select(category => category.Name));
        Assert.Equal(
            [
                [2, 0],
                [1],
            ],
            (await Reading.Pairs(Options(folder))).Select(pair => pair.Truth!.Instances.Select(o => o.Class))
        );
        var ytvis = Options(folder) with { Classes = ClassNaming.Ytvis };
        Assert.Equal(
            [
                [(1L, 0)],
                [(1L, 7)],
            ],
            (await Reading.Pairs(ytvis)).Select(pair => pair.Truth!.Instances.Select(o => (o.Id, o.Class)))
        ); // the bicycle is none of the 40
        Assert.Equal(
            [
                [0, 0],
                [0],
            ],
            (await Reading.Pairs(Options(folder) with { Classes = ClassNaming.Agnostic })).Select(pair =>
                pair.Truth!.Instances.Select(o => o.Class)
            )
        );
        var strict = await Reading.Items(Options(folder) with { Categories = ["hound", "rider"] });
        Assert.Equal([false, true], strict.Select(item => item.IsOk));
        Assert.Contains("bicycle is none of hound, rider", Reading.Text(strict[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"video": "a", "objects": [{"id": 1, "what": "x"}, {"id": 1, "what": "y"}]}]""", "listed twice")]
    [InlineData("""[{"video": "a", "objects": [{"id": 0, "what": "x"}]}]""", "$[0].objects[0].id")]
    [InlineData("""[{"video": "a", "objects": [{"id": 1}]}]""", "what")]
    [InlineData("""[{"video": "a"}]""", "objects")]
    [InlineData("""{}""", "an array")]
    [InlineData("""[{"video" "a"}]""", "JSON")]
    public void ObjectsJson_WithAMistake_IsRefused(string text, string fragment)
    {
        using var folder = Davis(("a", 1));
        folder.Write("objects.json", text);
        var refusal = Reading.Refusal(Options(folder));
        Assert.Contains("objects.json", refusal, StringComparison.Ordinal);
        Assert.Contains(fragment, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Object_ThatObjectsJsonDoesNotList_IsAnErrorOfItsFrame()
    {
        using var folder = Davis(("a", 1), ("b", 1));
        folder.Write("objects.json", """[{"video": "a", "objects": [{"id": 1, "what": "dog"}]}]""");
        var items = await Reading.Items(Options(folder));
        Assert.Equal([true, false], items.Select(item => item.IsOk));
        Assert.Contains("clip b: the masks have an object 1", Reading.Text(items[1]), StringComparison.Ordinal);
        Assert.Contains(
            "objects.json",
            Reading.Refusal(Options(folder) with { Path = folder["JPEGImages"], Classes = ClassNaming.Ytvis }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Folders_WithoutClips_AndUnknownClips_AreRefused()
    {
        using var folder = Davis(("a", 1), ("b", 1));
        Assert.Contains("nowhere", Reading.Refusal(Options(folder) with { Path = folder["nowhere"] }), StringComparison.Ordinal);
        Directory.CreateDirectory(folder["empty/JPEGImages"]);
        Assert.Contains("JPEGImages", Reading.Refusal(Options(folder) with { Path = folder["empty"] }), StringComparison.Ordinal);
        Assert.Contains(
            "has no clip c. It has a, b.",
            Reading.Refusal(Options(folder) with { Clips = ["a", "c"] }),
            StringComparison.Ordinal
        );
        Assert.Equal(["b", "a"], Reading.Open(Options(folder) with { Clips = ["b", "a"] }).Catalogue.Clips.Select(clip => clip.Name));
    }

    [Fact]
    public async Task Flows_OfAFolder_BecomeKnownFlow_WhereTheyExist()
    {
        using var folder = Davis(("a", 3));
        folder.Write("flows/a/00000.flo", Flow(Size, 2, -1));
        folder.Write("flows/a/00001.flo", Flow(new Size2(3, 3), 2, -1));
        var items = await Reading.Items(Options(folder) with { Flows = folder["flows"] });
        Assert.Equal([true, false, true], items.Select(item => item.IsOk));
        var known = items[0].OrThrow().KnownFlow!;
        Assert.Equal([2, 12, 16], known.shape);
        Assert.Equal([2f, -1f], known.Elements<float>().Chunk(12 * 16).Select(plane => plane.Distinct().Single()));
        Assert.Contains("00001.flo", Reading.Text(items[1]), StringComparison.Ordinal);
        Assert.False(FlowField.Known(items[2].OrThrow().KnownFlow!).any().item<bool>()); // the last frame needs no file
    }

    [Fact]
    public async Task Flows_WithoutTheFileOfAFrame_NameItAndWhatIsThere()
    {
        using var folder = Davis(("a", 3));
        folder.Write("flows/a/00000.flo", Flow(Size, 2, -1));
        folder.Write("flows/a/1.flo", Flow(Size, 2, -1));
        var items = await Reading.Items(Options(folder) with { Flows = folder["flows"] });
        Assert.Equal([true, false, true], items.Select(item => item.IsOk));
        Assert.All(
            ["flows/a/00001.flo", "00001.png", "the folder has 00000.flo, 1.flo"],
            part => Assert.Contains(part, Reading.Text(items[1]), StringComparison.Ordinal)
        );
        Assert.All(
            await Reading.Items(Options(folder) with { Flows = folder["elsewhere"] }),
            item => Assert.Contains("there is no such folder", Reading.Text(item), StringComparison.Ordinal)
        );
    }

    private static byte[] Flow(Size2 size, float u, float v)
    {
        using var field = TorchSharp.torch.tensor(
            [.. Enumerable.Repeat(u, (int)size.Area), .. Enumerable.Repeat(v, (int)size.Area)],
            [2, size.Height, size.Width]
        );
        return Flo.Format(FloTensors.ToFile(field));
    }

    private static DecodeOptions Options(TemporaryFolder folder) => new() { Source = SourceKind.Frames, Path = folder.Path };

    private static uint PictureSeed(string clip, int frame) => (uint)((clip[0] * 100) + frame);

    /// <summary>Clips of noise with one object each: a box of 4x5 pixels that walks right.</summary>
    private static TemporaryFolder Davis(params (string Clip, int Frames)[] clips)
    {
        var folder = new TemporaryFolder();
        foreach (var (clip, frames) in clips)
        {
            for (var t = 0; t < frames; t++)
            {
                var left = t;
                folder.Write($"JPEGImages/{clip}/{t:D5}.png", Samples.PngOf(PictureSeed(clip, t), Size));
                folder.Write(
                    $"Annotations/{clip}/{t:D5}.png",
                    Samples.Labels(Size, (y, x) => (byte)(y is >= 2 and < 6 && x >= left && x < left + 5 ? 1 : 0))
                );
            }
        }

        return folder;
    }
}
