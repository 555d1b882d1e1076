using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>The forward stage as a run knows it: a trainer in a training, a detector in a test.</summary>
public static class ForwardKind
{
    public static StageKind Kind { get; } =
        new("forward", typeof(ForwardOptions), "the two-stream segmenter: learns, and detects")
        {
            Train = StagePart.Trainer<ForwardOptions>(
                (options, context) =>
                    ForwardStage
                        .CreateTrainer(options, context.Catalogue.Categories.Length, context.Seed, device(context.Device), context.Warn)
                        .Widen(),
                (options, iteration) => Schedule.LearningRate(options.Optimiser, iteration),
                ForwardStage.CheckpointProblem
            ),
            Test = StagePart.Map<ForwardOptions, FlowFrame, Detections>(
                (options, context) =>
                    Detector(options, context)
                        .Map<Detect, Func<FlowFrame, Result<Detections, IStageError>>, ForwardError>(detect =>
                            frame => Alone(detect, frame).Widen()
                        )
                        .Widen()
            ),
            MayCopy = true,
            Check = (options, trains) => Problems((ForwardOptions)options, trains),
        };

    /// <summary>The detector of a run: of its checkpoint, or of the weights that its settings name.</summary>
    public static Result<Detect, ForwardError> Detector(ForwardOptions options, StageContext context) =>
        from weights in WeightsOf(options, context)
        from detect in ForwardStage.CreateDetector(options, context.Catalogue.Categories.Length, weights, device(context.Device))
        select detect;

    /// <summary>The same network, asked what its masks are made from.</summary>
    public static Result<Activate, ForwardError> Activations(ForwardOptions options, StageContext context) =>
        from weights in WeightsOf(options, context)
        from activate in ForwardStage.CreateActivations(options, context.Catalogue.Categories.Length, weights, device(context.Device))
        select activate;

    /// <summary>The same network, drawing masks in boxes that are given.</summary>
    public static Result<DrawInBoxes, ForwardError> InBoxes(ForwardOptions options, StageContext context) =>
        from weights in WeightsOf(options, context)
        from draw in ForwardStage.CreateInBoxes(options, context.Catalogue.Categories.Length, weights, device(context.Device), context.Warn)
        select draw;

    private static Result<Weights, ForwardError> WeightsOf(ForwardOptions options, StageContext context) =>
        ForwardStage.ReadWeights(context.Start.Checkpoint ?? options.Weights!, options, context.Catalogue.Categories.Length);

    /// <summary>Detection needs no graph.</summary>
    private static Result<Detections, ForwardError> Alone(Detect detect, FlowFrame frame)
    {
        using var noGrad = no_grad();
        return detect(frame);
    }

    private static IEnumerable<OptionProblem> Problems(ForwardOptions options, bool trains)
    {
        foreach (var problem in OptionChecks.Problems(options, trains))
            yield return problem;
        if (!trains && options.Weights is null)
        {
            yield return new(
                "weights",
                "there is no training, so the detector needs weights",
                "Name a checkpoint (runs/NAME/checkpoints/...) or a file with AdelaiDet's names, or add train."
            );
        }
    }
}
