using Motion.Contracts;
using Motion.Decode;
using Motion.Kernels;
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
        Assert.Equal([("a", 0, 1), ("a", 1, 1), ("a", 2, -1), ("b", 0, 0)], pairs.Select(pair => (pair.Key.Clip, pair.Key.Frame, pair.Step)));
        Assert.Equal([0L, 1, 2, 3], pairs.Select(pair => pair.Sequence));
        foreach (var pair in pairs)
        {
            Assert.Equal(Samples.Planes(PictureSeed(pair.Key.Clip, pair.Key.Frame), Size), Reading.Bytes(pair.First));
            Assert.Equal(Samples.Planes(PictureSeed(pair.Key.Clip, pair.Key.Frame + pair.Step), Size), Reading.Bytes(pair.Second));
        }
    }

    [Fact]
    public async Task Masks_WithObjectNumbers_GiveTightBoxesIdsAndMasks()
    {
        using var folder = Davis(("a", 1));
        folder.Write("Annotations/a/00000.png", Samples.Labels(Size, (y, x) => (y, x) switch
        {
            ( >= 2 and < 5, >= 3 and < 9) => 1,
            (10, 15) => 7,
            (0, _) => 255, // without annotation, as in DAVIS 2017
            _ => 0,
        }));
        var truth = (await Reading.Pairs(Options(folder)))[0].Truth!;
        Assert.Equal([(1L, new Box(3, 2, 9, 5), 18L), (7L, new Box(15, 10, 16, 11), 1L)], truth.Instances.Select(o => (o.Id, o.Box, Rles.Area(o.Mask!))));
        Assert.All(truth.Instances, o => Assert.Equal(o.Box, Rles.Box(o.Mask!)));
    }

    [Fact]
    public async Task Mask_InGreyWithOnly255_IsOneObject()
    {
        using var folder = Davis(("a", 1));
        folder.Write("Annotations/a/00000.png", Samples.RawPng(Size, 8, 0, Enumerable.Range(0, 12).Select(y => Enumerable.Range(0, 16).Select(x => (byte)(y > 5 && x < 4 ? 255 : 0)).ToArray())));
        var only = Assert.Single((await Reading.Pairs(Options(folder)))[0].Truth!.Instances);
        Assert.Equal((1L, new Box(0, 6, 4, 12)), (only.Id, only.Box));
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
        File.Copy(GoldenFiles.Path("rgb420.jpg"), folder["one/2.jpg"]);
        Assert.Equal(2, (await Reading.Pairs(new DecodeOptions { Source = SourceKind.Frames, Path = folder["davis"] })).Single().Truth!.Instances.Single().Id);
        Assert.Equal(["b", "c"], Reading.Open(new DecodeOptions { Source = SourceKind.Frames, Path = folder["plain"] }).Catalogue.Clips.Select(clip => clip.Name));
        Assert.Equal(new ClipInfo("one", 2, Size), Assert.Single(Reading.Open(new DecodeOptions { Source = SourceKind.Frames, Path = folder["one"] }).Catalogue.Clips));
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
                folder.Write($"Annotations/{clip}/{t:D5}.png", Samples.Labels(Size, (y, x) => (byte)(y is >= 2 and < 6 && x >= left && x < left + 5 ? 1 : 0)));
            }
        }

        return folder;
    }
}
