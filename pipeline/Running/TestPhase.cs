using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>The stages of an evaluation or inference. Without forward the report shows frames and flow alone.</summary>
internal sealed record TestStations(Station Decode, Station Flow, Station? Forward, Station? Evaluate, Station? Report, Func<string, int> Buffer);

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
        var (decode, flow, forward, evaluate, report, buffer) = stations;
        Evaluation? evaluation = null;
        var nothing = Arrow.Of(1);
        nothing.Writer.Complete();
        var pairs = Arrow.Of(buffer(flow.Stage));
        var frames = Arrow.Of(buffer(forward?.Stage ?? report!.Stage));
        decode.Meter.Waiting = () => pairs.Reader.Count;
        flow.Meter.Waiting = () => frames.Reader.Count;
        var parts = new List<Func<CancellationToken, Task>>
        {
            token => StageRunner.Run(decode, nothing.Reader, pairs.Writer, token),
            token => StageRunner.Run(flow, pairs.Reader, frames.Writer, token),
        };
        var toReport = Arrow.Of(report is null ? 1 : buffer(report.Stage));
        var scored = new TaskCompletionSource<Evaluation?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (forward is null)
        {
            scored.SetResult(null);
            parts.Add(token => FramesToReport(frames.Reader, ending, toReport.Writer, token));
        }
        else
        {
            Detect(forward);
        }

        if (report is not null)
        {
            var done = Arrow.Of(1);
            parts.Add(token => StageRunner.Run(report, toReport.Reader, done.Writer, token));
            parts.Add(token => Arrows.Drain(done.Reader, token));
        }

        await Together.Run(cancel, parts);
        return evaluation;

        void Detect(Station detector)
        {
            var found = Arrow.Of(buffer(evaluate?.Stage ?? report?.Stage ?? detector.Stage));
            detector.Meter.Waiting = () => found.Reader.Count;
            var toDetect = frames;
            var foundParts = new List<ChannelWriter<Message>>();
            if (report is not null)
            {
                var (detectIn, reportFrames, reportFound) = (Arrow.Of(buffer(detector.Stage)), Arrow.Of(buffer(report.Stage)), Arrow.Of(buffer(report.Stage)));
                toDetect = detectIn;
                foundParts.Add(reportFound.Writer);
                parts.Add(token => Arrows.FanOut(frames.Reader, [detectIn.Writer, reportFrames.Writer], token));
                parts.Add(token => ToReport(reportFrames.Reader, reportFound.Reader, scored.Task, ending, toReport.Writer, token));
            }

            parts.Add(token => StageRunner.Run(detector, toDetect.Reader, found.Writer, token));
            if (evaluate is null)
            {
                scored.SetResult(null);
            }
            else
            {
                var (toEvaluate, score) = (Arrow.Of(buffer(evaluate.Stage)), Arrow.Of(1));
                foundParts.Add(toEvaluate.Writer);
                parts.Add(token => StageRunner.Run(evaluate, toEvaluate.Reader, score.Writer, token));
                parts.Add(async token =>
                {
                    evaluation = await score.Reader.ReadAsync(token) as Evaluation;
                    scored.SetResult(evaluation);
                });
            }

            parts.Add(token => foundParts.Count == 0 ? Arrows.Drain(found.Reader, token) : Arrows.FanOut(found.Reader, foundParts, token));
        }
    }

    /// <summary>Frame, detections, frame, detections, ..., and the evaluation at the end.</summary>
    private static async Task ToReport(
        ChannelReader<Message> frames, ChannelReader<Message> found, Task<Evaluation?> scored, Action ending, ChannelWriter<Message> output, CancellationToken cancel)
    {
        await Arrows.Zip(frames, found, output, cancel);
        if (await scored.WaitAsync(cancel) is { } evaluation) await output.WriteAsync(evaluation, cancel);
        ending();
        output.TryComplete();
    }

    private static async Task FramesToReport(ChannelReader<Message> frames, Action ending, ChannelWriter<Message> output, CancellationToken cancel)
    {
        await foreach (var message in frames.ReadAllAsync(cancel))
        {
            if (message is FlowFrame) await output.WriteAsync(message, cancel);
        }

        ending();
        output.TryComplete();
    }
}
