using Motion.Contracts;

namespace Motion.Report;

/// <summary>
/// The report stage as a run knows it: frames, each with its detections where there are some, and the evaluation at the end.
/// </summary>
public static class ReportKind
{
    public static StageKind Kind { get; } =
        new("report", typeof(ReportOptions), "a page of pictures, curves and scores; results as JSON")
        {
            Test = StagePart.Fold<ReportOptions>(
                [new(typeof(FlowFrame)), new(typeof(Detections), Required: false), new(typeof(Evaluation), Required: false)],
                null,
                (options, context) =>
                {
                    var stage = ReportStage.Create(options, context.Output);
                    return Result.Ok<Func<IEnumerable<Message>, Result<Message, IStageError>>, IStageError>(stream =>
                        stage.Run(Items(stream, context)).Map(Message (files) => new EndOfStream(files.Pictures.Length)).Widen()
                    );
                }
            ),
        };

    /// <summary>
    /// What the report is told. Of the run itself it is told twice: first, since its pictures need the catalogue, and last, when what was
    /// skipped is known.
    /// </summary>
    private static IEnumerable<ReportItem> Items(IEnumerable<Message> stream, StageContext context)
    {
        yield return RunItem(context);
        yield return new ReportItem.Curve(context.Story().Curve);
        var detects = context.Fed.Contains(typeof(Detections));
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
                    throw new InvalidOperationException(
                        $"a report takes frames with their detections and an evaluation; got {message.GetType().Name}"
                    );
            }
        }

        yield return RunItem(context);
    }

    private static ReportItem.Run RunItem(StageContext context)
    {
        var story = context.Story();
        return new(story.Name, story.Yaml, context.Catalogue, story.Facts, story.Notes);
    }
}
