using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>The forward stage: the two-stream segmenter as a trainer and as a detector.</summary>
public static class ForwardStage
{
    /// <summary>
    /// A trainer. Its Predict draws each frame's view from the seed and the frame's sequence number; nothing else is random after Start.
    /// </summary>
    /// <param name="classes">Categories of the source.</param>
    /// <param name="warn">Told of kept features that are damaged, and computed again, and of a class layer that starts afresh.</param>
    /// <remarks>
    /// Learn changes the state it is given in place. If it refuses a gradient that is not finite, that state is untouched and still the
    /// caller's.
    /// </remarks>
    public static Result<Trainer, ForwardError> CreateTrainer(
        ForwardOptions options,
        int classes,
        Seed seed,
        Device device,
        Action<string>? warn = null
    ) =>
        from valid in OptionChecks.Check(options, classes, training: true)
        select Trainer(
            TrainerSettings.Of(valid, classes, seed, device, warn),
            new FeatureStore(valid.Features, warn),
            new StampMemo(),
            new FrozenBackboneMemo()
        );

    /// <summary>A detector with its own copy of the weights: those given may change or be disposed of afterwards.</summary>
    /// <param name="weights">Of a training state, or from <see cref="ReadWeights"/>.</param>
    public static Result<Detect, ForwardError> CreateDetector(ForwardOptions options, int classes, Weights weights, Device device) =>
        from valid in OptionChecks.Check(options, classes, training: false)
        from complete in Complete(valid, classes, weights)
        select Detector(DetectorModel.Of(valid, classes, complete, device));

    /// <summary>Masks of boxes that are given; with its own copy of the weights.</summary>
    /// <param name="weights">Of a training state, or from <see cref="ReadWeights"/>.</param>
    /// <param name="warn">Told of kept features that are damaged, and computed again.</param>
    public static Result<DrawInBoxes, ForwardError> CreateInBoxes(
        ForwardOptions options,
        int classes,
        Weights weights,
        Device device,
        Action<string>? warn = null
    ) =>
        from valid in OptionChecks.Check(options, classes, training: false)
        from complete in Complete(valid, classes, weights)
        select BoxMasks.Of(
            valid,
            DetectorModel.Of(valid, classes, complete, device).Weights,
            new FeatureStore(valid.Features, warn),
            classes,
            device
        );

    /// <summary>What the streams give the mask head, for looking at; with its own copy of the weights.</summary>
    public static Result<Activate, ForwardError> CreateActivations(ForwardOptions options, int classes, Weights weights, Device device) =>
        from valid in OptionChecks.Check(options, classes, training: false)
        from complete in Complete(valid, classes, weights)
        select Activator(DetectorModel.Of(valid, classes, complete, device));

    /// <summary>The model in a checkpoint of a trainer, or in a file with AdelaiDet's names.</summary>
    public static Result<Weights, ForwardError> ReadWeights(string path, ForwardOptions options, int classes) =>
        from valid in OptionChecks.Check(options, classes, training: false)
        from weights in Checkpoints.ReadModel(path, valid, classes)
        select weights;

    /// <summary>
    /// What is wrong with a checkpoint of a training with this seed, at this iteration; null where nothing is. Reads all of it.
    /// </summary>
    public static string? CheckpointProblem(string path, int iteration, Seed seed) => Checkpoints.Problem(path, iteration, seed);

    private static Trainer Trainer(TrainerSettings settings, FeatureStore store, StampMemo stamps, FrozenBackboneMemo backbones) =>
        new(
            () => Trainers.Start(settings),
            (state, sequence, batch) => Trainers.Predict(settings, store, stamps, state, sequence, batch),
            (state, pass, gradient) => Trainers.Learn(settings, state, pass, gradient),
            (state, path) => Checkpoints.Write(state, settings.Seed, backbones.Of(settings.Options, state.Weights), path),
            path => Trainers.Load(settings, path)
        );

    private static Detect Detector(DetectorModel model) => frame => Detectors.Detect(model, frame);

    private static Activate Activator(DetectorModel model) => frame => Activations.Of(model, frame);

    private static Result<Weights, ForwardError> Complete(ForwardOptions options, int classes, Weights weights)
    {
        var lacking = Segmenter
            .Entries(options, classes)
            .Where(entry => weights.Find(entry.Name) is not { } tensor || !entry.Shape.AsSpan().SequenceEqual(tensor.shape))
            .Select(entry => entry.Name)
            .ToArray();
        return lacking.Length == 0
            ? weights
            : new ForwardError.BadWeights(
                "the model's weights",
                $"lack, or have in another shape: {string.Join(", ", lacking.Take(8))} ({lacking.Length} in all). "
                    + "The options of the forward stage must be those they were trained with."
            );
    }
}
