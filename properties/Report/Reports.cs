using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Report;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Report;

/// <summary>Runs of the report in a folder that goes away.</summary>
internal sealed class Reports : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("motion-report-");

    public string Folder => Path.Combine(_root.FullName, "report");

    public string Page => Read("index.html");

    public string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public Result<ReportFiles, ReportError> Write(ReportOptions options, params IEnumerable<ReportItem> items)
    {
        var fold = ReportStage.Create(options, Folder);
        return items
            .Aggregate(Result.Ok<ReportState, ReportError>(fold.Start()), (state, item) => state.Bind(s => fold.Step(s, item)))
            .Bind(fold.Finish);
    }

    public static ReportItem.Run Run(Catalogue catalogue, string name = "a run", params string[] notes) =>
        new(name, "run: {name: x}", catalogue, [KeyValuePair.Create("machine", "two cores")], [.. notes]);

    public static ReportItem.Curve Curve(int points) =>
        new([
            .. Enumerable
                .Range(0, points)
                .Select(i => new TrainingPoint(
                    i,
                    [new LossTerm("loss_prj", 2.0 / (i + 1)), new LossTerm("loss_pairwise", 0.001 * i)],
                    0.01,
                    3.0 * i
                )),
        ]);

    /// <summary>A grey frame of the detections' size, perhaps scaled, with flow (2, 0) everywhere.</summary>
    public static ReportItem.Picture Picture(
        FrameKey key,
        Size2 size,
        Detections? found,
        Annotation? truth = null,
        int step = 1,
        int divide = 1
    )
    {
        var (h, w) = (size.Height / divide, size.Width / divide);
        var image = full([3, h, w], Held.Of(100), dtype: ScalarType.Byte);
        var flow = stack([full([h, w], Held.Of(2f)), zeros(h, w)]);
        return new ReportItem.Picture(new FlowFrame(key, size, image, flow, step, "raft-small", truth), found);
    }

    public static ReportItem.Picture Picture(Detections found, int step = 1, int divide = 1) =>
        Picture(found.Key, found.OriginalSize, found, found.Truth, step, divide);

    public static TypeEvaluation Kind(string type, double ap)
    {
        double[] values = [ap, ap, ap, -1, ap, ap, ap, ap, ap, -1, ap, ap];
        return new TypeEvaluation(
            type,
            new CocoStats([.. values]),
            [new CategoryStats(0, ap, ap, ap, -1, ap, ap, ap, ap, ap), new CategoryStats(1, -1, -1, -1, -1, -1, -1, -1, -1, -1)],
            [.. Enumerable.Repeat(ap, 10 * 101 * 4 * 3)],
            [],
            []
        );
    }

    public void Dispose() => _root.Delete(recursive: true);
}
