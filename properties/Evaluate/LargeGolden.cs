using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Kernels;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>Golden/Coco/large.json: the generated case, small (the full one is measured, not tested).</summary>
public static class LargeGolden
{
    private static JsonElement Small { get; } = Oracles.Read(Oracles.File("large.json")).GetProperty("cases").GetProperty("small");

    private static LargeParameters Parameters { get; } = ParametersOf(Small.GetProperty("parameters"));

    [Fact]
    public static void Generator_MakesTheOriginalsData()
    {
        var images = LargeCase.Images(Parameters).ToList();
        var (truths, found) = (images.SelectMany(image => image.Truths).ToList(), images.SelectMany(image => image.Found).ToList());
        var check = Small.GetProperty("check");
        Assert.Equal(check.GetProperty("gts").GetInt64(), truths.Count);
        Assert.Equal(check.GetProperty("crowd").GetInt64(), truths.Count(truth => truth.IsCrowd));
        Assert.Equal(check.GetProperty("gtArea").GetInt64(), truths.Sum(truth => truth.Area));
        Assert.Equal(check.GetProperty("detections").GetInt64(), found.Count);
        Assert.Equal(check.GetProperty("dtArea").GetInt64(), found.Sum(item => item.Area));
        Assert.Equal(check.GetProperty("scoreSum").GetInt64(), found.Sum(item => item.Score));
        Assert.Equal(check.GetProperty("gtStringsCrc32").GetString(), Checksum(truths));
        Assert.Equal(check.GetProperty("dtStringsCrc32").GetString(), Checksum(found));
    }

    [Theory]
    [InlineData("bbox", 1)]
    [InlineData("segm", 1)]
    [InlineData("segm", 3)]
    public static void Evaluate_ManyImages_GivesPycocotoolsNumbers(string type, int threads)
    {
        var kind = type == "bbox" ? OverlapKind.Boxes : OverlapKind.Masks;
        var (truths, detections) = LargeCase.Lists(Parameters, LargeCase.Images(Parameters), kind);
        Expected.Matches(Small.GetProperty(type), CocoEvaluation.Evaluate(truths, detections, kind, threads), "");
    }

    private static LargeParameters ParametersOf(JsonElement p) => new(
        p.GetProperty("seed").GetUInt64(), p.GetProperty("N").GetInt32(), p.GetProperty("K").GetInt32(),
        new Size2(p.GetProperty("H").GetInt32(), p.GetProperty("W").GetInt32()), p.GetProperty("D").GetInt32());

    private static string Checksum(IEnumerable<LargeItem> items)
    {
        var lines = string.Concat(items.Select(item => Rles.ToText(item.Mask) + "\n"));
        return Crc32.HashToUInt32(Encoding.ASCII.GetBytes(lines)).ToString("x8");
    }
}
