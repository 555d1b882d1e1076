using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Parity;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>pycocotools 2.0.11 on image cases: the statistics, the arrays, and who matched whom.</summary>
public static class CocoGolden
{
    public static TheoryData<string> Cases => CocoReferences.Cases(video: false);

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Evaluate_EveryCase_GivesPycocotoolsNumbers(string folder)
    {
        Assert.All(
            References.Json(Path.Combine(folder, "expected.json")).GetProperty("evals").EnumerateArray(),
            evaluation =>
            {
                var kind = KindOf(evaluation);
                var truths = CaseFiles.Truths(Path.Combine(folder, "gt.json"), kind);
                var detections = CaseFiles.Results(Path.Combine(folder, evaluation.GetProperty("dt").GetString()!), truths, kind);
                var actual = CocoEvaluation.Evaluate(truths.Truths, detections.Detections, kind);
                Assert.Equal(evaluation.GetProperty("type").GetString(), actual.Type);
                Expected.Matches(evaluation, actual, folder);
                if (evaluation.TryGetProperty("details", out var details))
                {
                    DetailsMatch(details, truths, detections, kind);
                }
            }
        );
    }

    [Fact]
    public static void Evaluate_Arrays_AreTheOriginalsDoubles()
    {
        var truths = CaseFiles.Truths(CocoReferences.File("simple/gt.json"), OverlapKind.Masks);
        var detections = CaseFiles.Results(CocoReferences.File("simple/dt-segm.json"), truths, OverlapKind.Masks);
        Expected.Arrays(
            CocoReferences.File("simple/arrays-segm.safetensors"),
            CocoEvaluation.Evaluate(truths.Truths, detections.Detections, OverlapKind.Masks)
        );
    }

    [Fact]
    public static void Thresholds_AreTheOriginalsDoubles()
    {
        var expected = References.Json(CocoReferences.File("thresholds.json"));
        Expected.Same(Expected.Doubles(expected.GetProperty("iou")), [.. CocoConstants.IouThresholds]);
        Expected.Same(Expected.Doubles(expected.GetProperty("recall")), [.. CocoConstants.RecallThresholds]);
        Expected.Same(Expected.Doubles(expected.GetProperty("maxDets")), [.. CocoConstants.MaxDetections]);
        foreach (var (name, ranges) in new[] { ("areaImage", AreaRanges.Images), ("areaVideo", AreaRanges.Videos) })
        {
            Expected.Same(
                [.. expected.GetProperty(name).EnumerateArray().SelectMany(Expected.Doubles)],
                [.. ranges.Bounds.SelectMany(b => new[] { b.Low, b.High })]
            );
        }
    }

    [Fact]
    public static void BoxIou_AsPycocotools() =>
        Assert.All(
            CocoReferences.Files("rle.json").SelectMany(path => References.Json(path).GetProperty("iouBoxes").EnumerateArray()),
            entry =>
            {
                var (detections, truths) = (Boxes(entry.GetProperty("dt")), Boxes(entry.GetProperty("gt")));
                var crowd = entry.GetProperty("iscrowd").EnumerateArray().Select(flag => flag.GetInt32() == 1).ToArray();
                Assert.All(
                    entry.GetProperty("iou").EnumerateArray(),
                    (row, d) =>
                        Expected.Same(Expected.Doubles(row), [.. truths.Select((truth, g) => CocoBox.Iou(detections[d], truth, crowd[g]))])
                );
            }
        );

    public static OverlapKind KindOf(JsonElement evaluation) =>
        evaluation.GetProperty("type").GetString() == "bbox" ? OverlapKind.Boxes : OverlapKind.Masks;

    private static CocoBox[] Boxes(JsonElement boxes) =>
        [.. boxes.EnumerateArray().Select(Expected.Doubles).Select(box => new CocoBox(box[0], box[1], box[2], box[3]))];

    private static void DetailsMatch(JsonElement details, CocoTruthFile truths, CocoResultsFile detections, OverlapKind kind)
    {
        var actual = CocoEvaluation
            .Details(truths.Truths, detections.Detections, kind)
            .ToDictionary(
                entry => (truths.Index.Units[entry.Image].Id, truths.Index.Categories[entry.Matches.Class].Id),
                entry => entry.Matches
            );
        Assert.Equal(details.GetArrayLength(), actual.Count);
        Assert.All(
            details.EnumerateArray(),
            expected =>
                GroupDetails.Match(
                    expected,
                    actual[(expected.GetProperty("image_id").GetInt64(), expected.GetProperty("category_id").GetInt64())],
                    i => detections.Ids[i],
                    i => detections.Detections.Items[i].Score,
                    i => truths.Truths.Items[i].Id
                )
        );
    }
}
