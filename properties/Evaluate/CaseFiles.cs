using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;

namespace Motion.Properties.Evaluate;

/// <summary>The oracles' files through the product's own readers, where they are known to be good.</summary>
public static class CaseFiles
{
    private static CocoReading Strict { get; } = new();

    public static CocoTruthFile Truths(string path, OverlapKind kind) => CocoFiles.ReadTruths(path, kind, Strict).OrThrow();

    public static CocoResultsFile Results(string path, CocoTruthFile truths, OverlapKind kind) => CocoFiles.ReadResults(path, truths, kind, Strict).OrThrow();

    public static YtvisTruthFile Tracks(string path) => YtvisFiles.ReadTruths(path, Strict).OrThrow();

    public static YtvisResultsFile Results(string path, YtvisTruthFile truths) => YtvisFiles.ReadResults(path, truths, Strict).OrThrow();
}
