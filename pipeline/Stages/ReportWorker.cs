using Motion.Contracts;
using Motion.Pipeline.Running;
using Motion.Report;

namespace Motion.Pipeline.Stages;

/// <summary>The report stage as a worker: frames, each with its detections where there is a detector, and the evaluation at the end.</summary>
internal static class ReportWorker
{
    public static Worker Of(ReportOptions options, StageContext context, Action prepare) => Steps.Fold(
        "report", prepare, () => ReportStage.Create(options, context.Folder.Report), stream => Items(stream, context), files => new EndOfStream(files.Pictures.Length));

    /// <summary>
    /// What the report is told. Of the run itself it is told twice: first, since its pictures need the catalogue, and last, when what was skipped is known.
    /// </summary>
    private static IEnumerable<ReportItem> Items(IEnumerable<Message> stream, StageContext context)
    {
        yield return RunItem(context);
        yield return new ReportItem.Curve([.. Curve.Read(context.Folder.Curve).Select(line => line.Point)]);
        var detects = context.Settings.Has("forward");
        FlowFrame? waiting = null;
        foreach (var message in stream)
        {
            switch (message)
            {
                case FlowFrame frame when detects:
                    waiting = frame;
                    break;
                case FlowFrame frame:
                    yield return new ReportItem.Picture(frame, null);
                    break;
                case Detections found when waiting is { } frame:
                    waiting = null;
                    yield return new ReportItem.Picture(frame, found);
                    break;
                case Evaluation evaluation:
                    yield return new ReportItem.Score(evaluation);
                    break;
                default:
                    throw new InvalidOperationException($"a report takes frames with their detections and an evaluation; got {message.GetType().Name}");
            }
        }

        yield return RunItem(context);
    }

    private static ReportItem.Run RunItem(StageContext context)
    {
        var facts = Facts.Read(context.Folder.Facts);
        return new(context.Settings.Run.Name, RunYaml.Shown(context.Folder), context.Catalogue, facts.Values, facts.Notes);
    }
}
