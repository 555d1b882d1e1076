using System.Text.Json;
using Motion.Evaluate;
using Motion.Parity;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>The YouTube-VIS fork of the COCO API (July 2019) on video cases: the statistics, the arrays, and who matched whom.</summary>
public static class YtvisGolden
{
    public static TheoryData<string> Cases => CocoReferences.Cases(video: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Evaluate_EveryVideoCase_GivesTheOriginalsNumbers(string folder)
    {
        var truths = CaseFiles.Tracks(Path.Combine(folder, "gt.json"));
        Assert.All(
            References.Json(Path.Combine(folder, "expected.json")).GetProperty("evals").EnumerateArray(),
            evaluation =>
            {
                var detections = CaseFiles.Results(Path.Combine(folder, evaluation.GetProperty("dt").GetString()!), truths);
                var actual = YtvisEvaluation.Evaluate(
                    truths.Index.Units.Length,
                    truths.Index.Categories.Length,
                    truths.Truths,
                    detections.Tracks,
                    threads: 2
                );
                Assert.Equal(evaluation.GetProperty("type").GetString(), actual.Type);
                Expected.Matches(evaluation, actual, folder);
                if (evaluation.TryGetProperty("details", out var details))
                {
                    var actualDetails = YtvisEvaluation
                        .Details(truths.Index.Units.Length, truths.Index.Categories.Length, truths.Truths, detections.Tracks)
                        .ToDictionary(
                            entry => (truths.Index.Units[entry.Video].Id, truths.Index.Categories[entry.Matches.Class].Id),
                            entry => entry.Matches
                        );
                    Assert.Equal(details.GetArrayLength(), actualDetails.Count);
                    Assert.All(
                        details.EnumerateArray(),
                        expected =>
                            GroupDetails.Match(
                                expected,
                                actualDetails[
                                    (expected.GetProperty("video_id").GetInt64(), expected.GetProperty("category_id").GetInt64())
                                ],
                                i => detections.Ids[i],
                                i => detections.Tracks[i].Score,
                                i => truths.Truths[i].Id
                            )
                    );
                }
            }
        );
    }

    [Fact]
    public static void Example_InThePublishedLayout_GivesTheOriginalsNumbers()
    {
        var truths = CaseFiles.Tracks(CocoReferences.File("ytvis-example.json"));
        var tracks = CaseFiles.Results(CocoReferences.File("ytvis-example-results.json"), truths).Tracks;
        var expected = References.Json(CocoReferences.File("ytvis-example-expected.json"));
        var actual = YtvisEvaluation.Evaluate(truths.Index.Units.Length, truths.Index.Categories.Length, truths.Truths, tracks);
        Expected.Close(Expected.Doubles(expected.GetProperty("stats")), [.. actual.Stats.Values]);
        Assert.All(
            expected.GetProperty("perCategory").EnumerateArray(),
            category =>
                Expected.Matches(category, actual.Categories[truths.Index.CategoryOf(category.GetProperty("category_id").GetInt64())])
        );
        var details = YtvisEvaluation
            .Details(truths.Index.Units.Length, truths.Index.Categories.Length, truths.Truths, tracks)
            .ToDictionary(
                entry => (truths.Index.Units[entry.Video].Id, truths.Index.Categories[entry.Matches.Class].Id),
                entry => entry.Matches
            );
        Assert.All(
            expected.GetProperty("iou").EnumerateArray(),
            entry =>
                Assert.Equal(
                    entry.GetProperty("iou").EnumerateArray().SelectMany(Expected.Doubles),
                    details[(entry.GetProperty("video_id").GetInt64(), entry.GetProperty("category_id").GetInt64())].Iou
                )
        );
    }
}
