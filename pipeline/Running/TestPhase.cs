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
        var frames = wiring.Stage(stations.Flow, wiring.Stage(stations.Decode, Wiring.Nothing()));
        var scored = new TaskCompletionSource<Evaluation?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (stations.Forward is { } forward) Detect(wiring, stations, forward, frames, scored, ending);
        else if (stations.Report is { } report) Show(wiring, report, (output, token) => FramesAlone(frames, ending, output, token));
        else wiring.End(frames, message => message.Dispose());
        if (stations.Evaluate is null) scored.SetResult(null);
        await Together.Run(cancel, wiring.Parts);
        return await scored.Task;
    }

    private static void Detect(
        Wiring wiring, TestStations stations, Station forward, ChannelReader<Message> frames, TaskCompletionSource<Evaluation?> scored, Action ending)
    {
        var (evaluate, report) = (stations.Evaluate, stations.Report);
        var evaluateSees = evaluate is not null && stations.EvaluateSeesFrames;
        var seen = wiring.Split(frames, 1 + (evaluateSees ? 1 : 0) + (report is null ? 0 : 1), stations.Flow.Buffer);
        var found = wiring.Split(wiring.Stage(forward, seen[0]), evaluate is null || report is null ? 1 : 2, forward.Buffer);
        var judged = evaluateSees ? wiring.Join(evaluate!.Buffer, (output, token) => Arrows.Zip(seen[1], found[0], output, token)) : found[0];
        if (evaluate is not null) wiring.End(wiring.Stage(evaluate, judged), answer => scored.SetResult(answer as Evaluation));
        if (report is not null) Show(wiring, report, (output, token) => FramesAndFound(seen[^1], found[^1], scored.Task, ending, output, token));
        if (evaluate is null && report is null) wiring.End(found[0], message => message.Dispose());
    }

    private static void Show(Wiring wiring, Station report, Func<ChannelWriter<Message>, CancellationToken, Task> items) =>
        wiring.End(wiring.Stage(report, wiring.Join(report.Buffer, items)), message => message.Dispose());

    /// <summary>Frame, detections, frame, detections, ..., and the evaluation at the end.</summary>
    private static async Task FramesAndFound(
        ChannelReader<Message> frames, ChannelReader<Message> found, Task<Evaluation?> scored, Action ending, ChannelWriter<Message> output, CancellationToken cancel)
    {
        await Arrows.Zip(frames, found, output, cancel);
        if (await scored.WaitAsync(cancel) is { } evaluation) await output.WriteAsync(evaluation, cancel);
        ending();
    }

    private static async Task FramesAlone(ChannelReader<Message> frames, Action ending, ChannelWriter<Message> output, CancellationToken cancel)
    {
        await foreach (var message in frames.ReadAllAsync(cancel))
        {
            if (message is FlowFrame) await output.WriteAsync(message, cancel);
        }

        ending();
    }
}
