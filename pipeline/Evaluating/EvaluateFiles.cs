using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Kernels;

namespace Motion.Pipeline.Evaluating;

/// <summary>A results file measured against an annotation file.</summary>
/// <param name="Type">What was compared.</param>
/// <param name="Scores">The numbers; classes are indices of <paramref name="Index"/>.</param>
/// <param name="Index">Images or videos, and categories.</param>
/// <param name="Truths">Annotated objects or tracks that took part.</param>
/// <param name="Detections">Detected ones.</param>
/// <param name="OfTruths">What of the annotations was left out.</param>
/// <param name="OfResults">What of the results was left out.</param>
internal sealed record FileEvaluation(
    CocoType Type,
    TypeEvaluation Scores,
    CocoIndex Index,
    int Truths,
    int Detections,
    Sifted OfTruths,
    Sifted OfResults
)
{
    /// <summary>How many detections counted.</summary>
    public DetectionLimits Limits { get; init; } = DetectionLimits.Usual;

    /// <summary>Detections beyond the last limit.</summary>
    public long BeyondLimit { get; init; }

    /// <summary>LVIS's own numbers, where its rules were asked for.</summary>
    public LvisScores? Lvis { get; init; }
}

/// <summary>How files are read and compared.</summary>
/// <param name="Policy">By which rules files are read.</param>
/// <param name="Threads">Images compared at a time; changes no number.</param>
/// <param name="Progress">Told what is being done, and how much of how much.</param>
internal sealed record FileComparison(ReadingPolicy Policy, int Threads, Action<string, long, long>? Progress = null)
{
    /// <summary>How many detections count.</summary>
    public DetectionLimits Limits { get; init; } = DetectionLimits.Usual;

    /// <summary>By whose rules.</summary>
    public CocoRules Rules { get; init; }

    public CocoReading Reading(string path) =>
        new(Policy, Progress is { } tell ? (done, all) => tell($"reading {Path.GetFileName(path)}", done, all) : null) { Rules = Rules };
}

/// <summary>From two files to the numbers.</summary>
internal static class EvaluateFiles
{
    /// <summary>What is being done once all is read.</summary>
    public const string Comparing = "comparing";

    /// <param name="truths">Annotations: COCO's, or YouTube-VIS'.</param>
    /// <param name="results">Results of them.</param>
    /// <param name="type">What to compare.</param>
    /// <param name="how">How.</param>
    public static Result<FileEvaluation, DecodeError> Run(string truths, string results, CocoType type, FileComparison how) =>
        type switch
        {
            CocoType.Ytvis when how.Rules == CocoRules.Lvis => new DecodeError.BadSetting(
                "--rules",
                "LVIS's rules are of images, and tracks are asked for",
                "Say --type bbox or segm."
            ),
            CocoType.Bbox when how.Rules == CocoRules.Lvis => ByLvis(truths, results, type, OverlapKind.Boxes, how),
            CocoType.Segm when how.Rules == CocoRules.Lvis => ByLvis(truths, results, type, OverlapKind.Masks, how),
            CocoType.Bbox => OfImages(truths, results, type, OverlapKind.Boxes, how),
            CocoType.Segm => OfImages(truths, results, type, OverlapKind.Masks, how),
            _ => OfVideos(truths, results, how),
        };

    private static Result<FileEvaluation, DecodeError> OfImages(
        string truths,
        string results,
        CocoType type,
        OverlapKind kind,
        FileComparison how
    ) =>
        from there in CocoFiles.ReadTruths(truths, kind, how.Reading(truths))
        from found in CocoFiles.ReadResults(results, there, kind, how.Reading(results))
        let scores = Measured(how, () => CocoEvaluation.Evaluate(there.Truths, found.Detections, kind, how.Threads, how.Limits))
        select new FileEvaluation(
            type,
            scores,
            there.Index,
            there.Truths.Items.Length,
            found.Detections.Items.Length,
            there.Sifted,
            found.Sifted
        )
        {
            Limits = how.Limits,
            BeyondLimit = Beyond(found.Detections.Items.Select(item => (item.Image, item.Class)), how.Limits),
        };

    private static Result<FileEvaluation, DecodeError> ByLvis(
        string truths,
        string results,
        CocoType type,
        OverlapKind kind,
        FileComparison how
    ) =>
        from there in CocoFiles.ReadTruths(truths, kind, how.Reading(truths))
        from rules in LvisRules.Of(there)
        from found in CocoFiles.ReadResults(results, there, kind, how.Reading(results))
        let scores = Measured(
            how,
            () =>
                LvisEvaluation.Evaluate(
                    there.Truths,
                    found.Detections,
                    kind,
                    rules,
                    [.. there.Index.Categories.Select(category => category.Frequency)],
                    how.Threads,
                    how.Limits.Most
                )
        )
        select new FileEvaluation(
            type,
            scores.Scores,
            there.Index,
            there.Truths.Items.Length,
            found.Detections.Items.Length,
            there.Sifted,
            found.Sifted
        )
        {
            Limits = how.Limits,
            BeyondLimit = scores.BeyondLimit,
            Lvis = scores,
        };

    private static Result<FileEvaluation, DecodeError> OfVideos(string truths, string results, FileComparison how) =>
        from there in YtvisFiles.ReadTruths(truths, how.Reading(truths))
        from found in YtvisFiles.ReadResults(results, there, how.Reading(results))
        let scores = Measured(
            how,
            () =>
                YtvisEvaluation.Evaluate(
                    there.Index.Units.Length,
                    there.Index.Categories.Length,
                    there.Truths,
                    found.Tracks,
                    how.Threads,
                    how.Limits
                )
        )
        select new FileEvaluation(CocoType.Ytvis, scores, there.Index, there.Truths.Length, found.Tracks.Length, there.Sifted, found.Sifted)
        {
            Limits = how.Limits,
            BeyondLimit = Beyond(found.Tracks.Select(item => (item.Video, item.Class)), how.Limits),
        };

    private static long Beyond(IEnumerable<(int Unit, int Class)> found, DetectionLimits limits) =>
        found.GroupBy(pair => pair).Sum(group => Math.Max(0L, group.Count() - limits.Most));

    private static T Measured<T>(FileComparison how, Func<T> measure)
    {
        how.Progress?.Invoke(Comparing, 0, 0);
        return measure();
    }
}
