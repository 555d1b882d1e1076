using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>The stages of an evaluation or inference. Without forward the report shows frames and flow alone.</summary>
/// <param name="Decode">The source.</param>
/// <param name="Flow">Its motion.</param>
/// <param name="Forward">The detector.</param>
/// <param name="Evaluate">What measures.</param>
/// <param name="Report">What shows.</param>
/// <param name="EvaluateSeesFrames">Whether evaluate is sent each frame before its detections: it links tracks along the flow.</param>
internal sealed record TestStations(Station Decode, Station Flow, Station? Forward, Station? Evaluate, Station? Report, bool EvaluateSeesFrames = false)
{
    /// <summary>Those there are, in the order of the stream.</summary>
    public IEnumerable<Station> All => new[] { Decode, Flow, Forward, Evaluate, Report }.OfType<Station>();
}

/// <summary>decode -> flow -> forward -> evaluate, report: every frame of the test stream once, in order.</summary>
internal static class TestPhase
{
    /// <summary>Runs to the end of the stream.</summary>
    /// <param name="stations">The stages.</param>
    /// <param name="ending">Called when all frames are through, before the report ends.</param>
    /// <param name="cancel">Stops everything at once.</param>
    /// <returns>The evaluation, where there is an evaluate stage and it found something to measure.</returns>
    public static async Task<Evaluation?> Run(TestStations stations, Action ending, CancellationToken cancel)
    {
        var wiring = new Wiring();
        var (evaluate, report) = (stations.Evaluate, stations.Report);
        var scored = new TaskCompletionSource<Evaluation?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var decoded = wiring.Stage(stations.Decode, Wiring.Nothing());
        if (stations.Forward is { } forward) Detect(wiring, stations, forward, decoded, scored, ending);
        else if (report is not null) Show(wiring, report, FramesAlone(wiring.Stage(stations.Flow, decoded), ending, cancel));
        else wiring.End(wiring.Stage(stations.Flow, decoded), message => message.Dispose());
        if (evaluate is null) scored.SetResult(null);
        await Together.Run(cancel, wiring.Parts);
        return await scored.Task;
    }

    private static void Detect(
        Wiring wiring, TestStations stations, Station forward, ChannelReader<Message> decoded, TaskCompletionSource<Evaluation?> scored, Action ending)
    {
        var (evaluate, report) = (stations.Evaluate, stations.Report);
        var evaluateSees = evaluate is not null && stations.EvaluateSeesFrames;
        var seen = wiring.Stage(stations.Flow, decoded, arms: 1 + (evaluateSees ? 1 : 0) + (report is null ? 0 : 1));
        var found = wiring.Stage(forward, seen[0], arms: evaluate is null || report is null ? 1 : 2);
        if (evaluate is not null) wiring.End(wiring.Stage(evaluate, evaluateSees ? new Pulled(Arrows.Zip(seen[1], found[0])) : found[0]), answer => scored.SetResult(answer as Evaluation));
        if (report is not null) Show(wiring, report, FramesAndFound(seen[^1], found[^1], scored.Task, ending));
        if (evaluate is null && report is null) wiring.End(found[0], message => message.Dispose());
    }

    private static void Show(Wiring wiring, Station report, IAsyncEnumerable<Message> items) => wiring.End(wiring.Stage(report, new Pulled(items)), message => message.Dispose());

    /// <summary>Frame, detections, frame, detections, ..., and the evaluation at the end.</summary>
    private static async IAsyncEnumerable<Message> FramesAndFound(
        ChannelReader<Message> frames, ChannelReader<Message> found, Task<Evaluation?> scored, Action ending, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var message in Arrows.Zip(frames, found, cancel)) yield return message;
        if (await scored.WaitAsync(cancel) is { } evaluation) yield return evaluation;
        ending();
    }

    private static async IAsyncEnumerable<Message> FramesAlone(ChannelReader<Message> frames, Action ending, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var message in frames.ReadAllAsync(cancel))
        {
            if (message is FlowFrame) yield return message;
        }

        ending();
    }
}
