using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;

namespace Motion.Properties.Evaluate;

/// <summary>The oracles' files through the product's own readers, where they are known to be good.</summary>
public static class CaseFiles
{
    private static CocoReading AsPycocotools { get; } = new(ReadingPolicy.AsPycocotools);

    public static CocoTruthFile Truths(string path, OverlapKind kind) => CocoFiles.ReadTruths(path, kind, AsPycocotools).OrThrow();

    public static CocoResultsFile Results(string path, CocoTruthFile truths, OverlapKind kind) =>
        CocoFiles.ReadResults(path, truths, kind, AsPycocotools).OrThrow();

    public static YtvisTruthFile Tracks(string path) => YtvisFiles.ReadTruths(path, AsPycocotools).OrThrow();

    public static YtvisResultsFile Results(string path, YtvisTruthFile truths) =>
        YtvisFiles.ReadResults(path, truths, AsPycocotools).OrThrow();
}
