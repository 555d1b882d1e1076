using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Parity;
using Motion.Properties.Evaluate;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>
/// rle.json (see <see cref="CocoReferences"/>): pycocotools 2.0.11 on masks, strings, polygons, boxes, merges and overlaps; everything
/// compares exactly.
/// </summary>
public static class RleGolden
{
    private static JsonElement[] Roots { get; } = [.. CocoReferences.Files("rle.json").Select(References.Json)];

    [Fact]
    public static void Masks_EncodeAndDecode_AsPycocotools() =>
        Assert.All(
            Entries("masks"),
            entry =>
            {
                var size = new Size2(entry.GetProperty("h").GetInt32(), entry.GetProperty("w").GetInt32());
                var pixels = Pixels(entry.GetProperty("rows"));
                AssertRecord(Rles.Encode(pixels, size), entry);
                Assert.Equal(pixels, Rles.Decode(new Rle(size, Counts(entry))));
            }
        );

    [Fact]
    public static void Strings_ReadAndWrite_AsPycocotools() =>
        Assert.All(
            Entries("strings"),
            entry =>
            {
                AssertRecord(Mask(entry), entry);
                AssertRecord(Rles.FromCounts(Counts(entry), Size(entry)).OrThrow(), entry);
            }
        );

    [Fact]
    public static void Polygons_Fill_AsPycocotools() =>
        Assert.All(
            Entries("polygons"),
            entry =>
            {
                var size = new Size2(entry.GetProperty("h").GetInt32(), entry.GetProperty("w").GetInt32());
                var polygons = entry.GetProperty("polygons").EnumerateArray().Select(Doubles).ToArray();
                Assert.All(
                    polygons.Zip(entry.GetProperty("parts").EnumerateArray()),
                    pair => AssertRecord(Rles.FromPolygons([pair.First], size).OrThrow(), pair.Second)
                );
                AssertRecord(Rles.FromPolygons(polygons, size).OrThrow(), entry.GetProperty("merged"));
            }
        );

    [Fact]
    public static void Boxes_Fill_AsPycocotools() =>
        Assert.All(
            Entries("boxes"),
            entry =>
            {
                var box = Doubles(entry.GetProperty("box"));
                AssertRecord(Rles.FromBox(box[0], box[1], box[0] + box[2], box[1] + box[3], Size(entry)), entry);
            }
        );

    [Fact]
    public static void Uncompressed_WithZeroLengthRuns_KeepThemInTheString() =>
        Assert.All(
            Entries("uncompressed"),
            entry =>
            {
                var mask = Rles.FromCounts(Counts(entry), Size(entry)).OrThrow();
                AssertRecord(mask, entry);
                Assert.Equal(Pixels(entry.GetProperty("rows")), Rles.Decode(mask));
            }
        );

    [Fact]
    public static void Merge_AsPycocotools() =>
        Assert.All(
            Entries("merge"),
            entry =>
            {
                var masks = entry.GetProperty("masks").EnumerateArray().Select(Mask).ToArray();
                AssertRecord(Rles.Merge(masks), entry.GetProperty("union"));
                AssertRecord(Rles.Merge(masks, intersect: true), entry.GetProperty("intersection"));
            }
        );

    [Fact]
    public static void Merge_OfDifferentSizes_IsTheMaskOfNoSize() =>
        Assert.All(
            Roots.Select(root => root.GetProperty("mergeOfDifferentSizes")),
            entry =>
            {
                var merged = Rles.Merge([.. entry.GetProperty("masks").EnumerateArray().Select(Mask)]);
                Assert.Equal(Size(entry.GetProperty("union")), merged.Size);
                Assert.Equal("", Rles.ToText(merged));
                Assert.Equal(0, Rles.Area(merged));
            }
        );

    [Fact]
    public static void MaskIou_AsPycocotools() =>
        Assert.All(
            Entries("iouMasks"),
            entry =>
            {
                var truths = entry.GetProperty("gt").EnumerateArray().Select(Mask).ToArray();
                var detections = entry.GetProperty("dt").EnumerateArray().Select(Mask).ToArray();
                AssertIou(entry, (d, g, crowd) => Rles.Iou(detections[d], truths[g], crowd));
            }
        );

    private static void AssertIou(JsonElement entry, Func<int, int, bool, double> iou)
    {
        var crowd = entry.GetProperty("iscrowd").EnumerateArray().Select(flag => flag.GetInt32() == 1).ToArray();
        var expected = entry.GetProperty("iou").EnumerateArray().Select(Doubles).ToArray();
        Assert.All(expected, (row, d) => Assert.All(row, (value, g) => Assert.Equal(value, iou(d, g, crowd[g]))));
    }

    private static void AssertRecord(Rle actual, JsonElement expected)
    {
        Assert.Equal(expected.GetProperty("string").GetString(), Rles.ToText(actual));
        Assert.Equal(Counts(expected).ToArray(), actual.Counts.ToArray());
        Assert.Equal(expected.GetProperty("area").GetInt64(), Rles.Area(actual));
        var box = expected.GetProperty("bbox");
        if (box.ValueKind != JsonValueKind.Null) // pycocotools gives nonsense there
        {
            var bounds = Rles.Bounds(actual);
            Assert.Equal(Doubles(box), new double[] { bounds.X, bounds.Y, bounds.Width, bounds.Height });
        }
    }

    private static List<JsonElement> Entries(string key) => [.. Roots.SelectMany(root => root.GetProperty(key).EnumerateArray())];

    private static Rle Mask(JsonElement record) => Rles.FromText(record.GetProperty("string").GetString()!, Size(record)).OrThrow();

    private static Size2 Size(JsonElement record) =>
        new(record.GetProperty("size")[0].GetInt32(), record.GetProperty("size")[1].GetInt32());

    private static ImmutableArray<uint> Counts(JsonElement record) =>
        [.. record.GetProperty("counts").EnumerateArray().Select(count => count.GetUInt32())];

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private static byte[] Pixels(JsonElement rows) =>
        [.. rows.EnumerateArray().SelectMany(row => row.GetString()!).Select(letter => (byte)(letter - '0'))];
}
