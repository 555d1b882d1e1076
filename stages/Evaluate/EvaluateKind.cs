using Motion.Contracts;

namespace Motion.Evaluate;

/// <summary>The evaluate stage as a run knows it.</summary>
public static class EvaluateKind
{
    public static StageKind Kind { get; } =
        new("evaluate", typeof(EvaluateOptions), "measures detections against the truth")
        {
            Test = StagePart.Fold<EvaluateOptions>(
                [new(typeof(FlowFrame), Required: false) { If = LinksTracks }, new(typeof(Detections))],
                typeof(Evaluation),
                (options, context) =>
                {
                    var stage = EvaluateStage.Create(options, context.Catalogue);
                    return Result.Ok<Func<IEnumerable<Message>, Result<Message, IStageError>>, IStageError>(stream =>
                        stage.Run(SeenFrames(stream)).Map(Message (found) => found).Widen()
                    );
                }
            ),
        };

    /// <summary>Tracks are linked along the flow, which only frames have.</summary>
    private static bool LinksTracks(object options) => options is EvaluateOptions { Tracks: true, Masks: true };

    /// <summary>Detections, each behind its frame where the stage is sent frames.</summary>
    private static IEnumerable<SeenFrame> SeenFrames(IEnumerable<Message> stream)
    {
        FlowFrame? frame = null;
        foreach (var message in stream)
        {
            switch (message)
            {
                case FlowFrame next:
                    frame?.Dispose();
                    frame = next;
                    break;
                case Detections found:
                    var behind = frame is not null && frame.Key == found.Key;
                    if (!behind)
                        frame?.Dispose();
                    yield return new(found, behind ? frame : null);
                    frame = null;
                    break;
                default:
                    throw new InvalidOperationException($"an evaluation takes frames and their detections; got {message.GetType().Name}");
            }
        }

        frame?.Dispose();
    }
}
