using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Parity;
using Motion.Parity.Fills;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>large.json (see <see cref="CocoReferences"/>): the generated case, small; the full one is measured, not tested.</summary>
public static class LargeGolden
{
    private static IEnumerable<JsonElement> Smalls =>
        CocoReferences.Files("large.json").Select(path => References.Json(path).GetProperty("cases").GetProperty("small"));

    [Fact]
    public static void Generator_MakesTheOriginalsData() =>
        Assert.All(
            Smalls,
            small =>
            {
                var images = LargeCase.Images(ParametersOf(small)).ToList();
                var (truths, found) = (images.SelectMany(image => image.Truths).ToList(), images.SelectMany(image => image.Found).ToList());
                var check = small.GetProperty("check");
                Assert.Equal(check.GetProperty("gts").GetInt64(), truths.Count);
                Assert.Equal(check.GetProperty("crowd").GetInt64(), truths.Count(truth => truth.IsCrowd));
                Assert.Equal(check.GetProperty("gtArea").GetInt64(), truths.Sum(truth => truth.Area));
                Assert.Equal(check.GetProperty("detections").GetInt64(), found.Count);
                Assert.Equal(check.GetProperty("dtArea").GetInt64(), found.Sum(item => item.Area));
                Assert.Equal(check.GetProperty("scoreSum").GetInt64(), found.Sum(item => item.Score));
                Assert.Equal(check.GetProperty("gtStringsCrc32").GetString(), Checksum(truths));
                Assert.Equal(check.GetProperty("dtStringsCrc32").GetString(), Checksum(found));
                AssertFirst(small.GetProperty("first").GetProperty("gts"), images[0].Truths);
                AssertFirst(small.GetProperty("first").GetProperty("dts"), images[0].Found);
            }
        );

    [Theory]
    [InlineData("bbox", 1)]
    [InlineData("segm", 1)]
    [InlineData("segm", 3)]
    public static void Evaluate_ManyImages_GivesPycocotoolsNumbers(string type, int threads) =>
        Assert.All(
            Smalls,
            small =>
            {
                var (parameters, kind) = (ParametersOf(small), type == "bbox" ? OverlapKind.Boxes : OverlapKind.Masks);
                var (truths, detections) = LargeCase.Lists(parameters, LargeCase.Images(parameters), kind);
                Expected.Matches(small.GetProperty(type), CocoEvaluation.Evaluate(truths, detections, kind, threads), "");
            }
        );

    private static LargeParameters ParametersOf(JsonElement entry)
    {
        var p = entry.GetProperty("parameters");
        return new LargeParameters(
            p.GetProperty("seed").GetUInt64(),
            p.GetProperty("N").GetInt32(),
            p.GetProperty("K").GetInt32(),
            new Size2(p.GetProperty("H").GetInt32(), p.GetProperty("W").GetInt32()),
            p.GetProperty("D").GetInt32()
        );
    }

    private static void AssertFirst(JsonElement expected, IEnumerable<LargeItem> items) =>
        Assert.All(
            expected.EnumerateArray().Zip(items),
            pair =>
            {
                var (entry, item) = pair;
                Assert.Equal(entry.GetProperty("category_id").GetInt32(), item.Class + 1);
                Assert.Equal(
                    Expected.Doubles(entry.GetProperty("shape")),
                    new double[] { item.Shape.Cx, item.Shape.Cy, item.Shape.Rx, item.Shape.Ry }
                );
                Assert.Equal(
                    Expected.Doubles(entry.GetProperty("bbox")),
                    new[] { item.Box.X, item.Box.Y, item.Box.Width, item.Box.Height }
                );
                Assert.Equal(entry.GetProperty("area").GetInt64(), item.Area);
                Assert.Equal(entry.GetProperty("counts").GetString(), Rles.ToText(item.Mask));
            }
        );

    private static string Checksum(IEnumerable<LargeItem> items)
    {
        var lines = string.Concat(items.Select(item => Rles.ToText(item.Mask) + "\n"));
        return Crc32.HashToUInt32(Encoding.ASCII.GetBytes(lines)).ToString("x8");
    }
}
