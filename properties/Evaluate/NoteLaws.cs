using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Pipeline.Evaluating;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>What a comparison says beside its numbers, and how many detections count.</summary>
public sealed class NoteLaws
{
    private static string Golden(string name) => GoldenFiles.PathOf("Sets", name);

    private static FileEvaluation Run(string folder, CocoType type, DetectionLimits? limits = null, string results = "dt.json") =>
        EvaluateFiles
            .Run(
                Golden($"{folder}/gt.json"),
                Golden($"{folder}/{results}"),
                type,
                new FileComparison(ReadingPolicy.Strict, 1) { Limits = limits ?? DetectionLimits.Usual }
            )
            .OrThrow();

    private static string Notes(FileEvaluation evaluation) => string.Join('\n', EvaluationText.Notes(evaluation, "gt", "dt"));

    [Fact]
    public void TruthWithoutAMask_AgainstMasks_IsSaid() =>
        Assert.Contains(
            "none of the 1 annotations has a mask",
            Notes(Run("box-truth-mask-results", CocoType.Segm)),
            StringComparison.Ordinal
        );

    [Fact]
    public void SizesByBoxes_AreSaid_WhereResultsCarryBoth()
    {
        Assert.Contains("areas of their boxes", Notes(Run("sizes-by-box", CocoType.Segm)), StringComparison.Ordinal);
        Assert.Empty(Notes(Run("sizes-by-box", CocoType.Segm, results: "dt-without-bbox.json")));
    }

    [Fact]
    public void Limits_AreThoseAskedFor_AndWhatIsBeyondIsSaid()
    {
        var usual = Run("more-than-100", CocoType.Bbox);
        Assert.Equal(0.6633663366336634, usual.Scores.Stats.Ap, 12);
        Assert.Contains("50 detections beyond the best 100", Notes(usual), StringComparison.Ordinal);
        var all = Run("more-than-100", CocoType.Bbox, DetectionLimits.Create([150]));
        Assert.Equal(
            [1, 1, 1, 1.0 / 150, 10.0 / 150, 1],
            new[] { 0, 1, 2, 6, 7, 8 }
                .Select(i => Math.Round(all.Scores.Stats.Values[i], 12))
                .Zip([1, 1, 1, 1.0 / 150, 10.0 / 150, 1], (a, b) => Math.Abs(a - b) < 1e-11 ? b : a)
        );
        Assert.Empty(Notes(all));
        Assert.Equal(["AR1", "AR10", "AR150"], EvaluationJson.StatsOrder(all.Limits).Skip(6).Take(3));
    }

    [Theory]
    [InlineData(5, 1, 5, 5)]
    [InlineData(300, 1, 10, 300)]
    public void OneLimit_LeavesTheLowerOnes(int one, int first, int second, int third) =>
        Assert.Equal([first, second, third], DetectionLimits.Create([one])!.Values.AsEnumerable());

    [Fact]
    public void LimitsThatFall_AreNone()
    {
        Assert.Null(DetectionLimits.Create([10, 1, 100]));
        Assert.Null(DetectionLimits.Create([0]));
        Assert.Null(DetectionLimits.Create([1, 10]));
    }
}
