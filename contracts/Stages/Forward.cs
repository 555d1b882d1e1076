using System.Collections.Immutable;
using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>Inference: a frame and its motion in, objects with masks out. Consumes the frame.</summary>
public delegate Result<Detections, ForwardError> Detect(FlowFrame frame);

/// <summary>
/// First half of a training step: a batch in, predictions and targets out. Consumes the frames; the pass keeps the graph until Learn.
/// </summary>
public delegate Result<ForwardPass, ForwardError> PredictBatch(TrainState state, long sequence, ImmutableArray<FlowFrame> batch);

/// <summary>
/// Second half: back-propagates the gradient of the loss through the pass's graph and takes the optimiser's step.
/// Consumes state and pass: only the returned state may be used afterwards.
/// </summary>
public delegate Result<TrainState, ForwardError> Learn(TrainState state, ForwardPass pass, Gradient gradient);

/// <summary>Everything a training carries from one step to the next, and what a checkpoint holds.</summary>
/// <param name="Weights">Parameters and buffers by state-dict name.</param>
/// <param name="Momentum">One buffer a trainable parameter, by the same name.</param>
/// <param name="Iteration">Steps taken.</param>
public sealed record TrainState(Weights Weights, Weights Momentum, int Iteration) : IDisposable
{
    public void Dispose()
    {
        Weights.Dispose();
        Momentum.Dispose();
    }
}

/// <summary>A prediction and the graph behind it.</summary>
/// <param name="Prediction">Detached: to be sent to the loss, whose receiver owns it.</param>
/// <param name="Graph">What Learn needs; disposed by Learn, or by the caller of a pass that is given up.</param>
public sealed record ForwardPass(Prediction Prediction, IDisposable Graph);

/// <summary>The forward stage as a trainer.</summary>
/// <param name="Start">The state of iteration 0: published or random weights.</param>
/// <param name="Predict">First half of a step.</param>
/// <param name="Learn">Second half of a step.</param>
/// <param name="Save">Writes a checkpoint (temporary name, then renamed).</param>
/// <param name="Load">Reads a checkpoint; the continued training is the same to the bit.</param>
public sealed record Trainer(
    Func<Result<TrainState, ForwardError>> Start,
    PredictBatch Predict,
    Learn Learn,
    Func<TrainState, string, Result<Unit, ForwardError>> Save,
    Func<string, Result<TrainState, ForwardError>> Load
);

/// <summary>Every way the forward stage can refuse.</summary>
public abstract record ForwardError : IStageError
{
    private ForwardError() { }

    /// <summary>A weights file or checkpoint that cannot be used.</summary>
    public sealed record BadWeights(string Path, string Problem) : ForwardError;

    /// <summary>A frame that cannot be trained on or detected in.</summary>
    public sealed record BadFrame(FrameKey Key, string Problem, string Remedy) : ForwardError;

    /// <summary>A number that is not finite appeared in training.</summary>
    public sealed record NotFinite(int Iteration, string Where, string Remedy) : ForwardError;

    /// <summary>Settings that the stage cannot follow, all of them; each names its option.</summary>
    public sealed record BadSettings(ImmutableArray<string> Problems) : ForwardError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                BadSettings(var problems) => $"forward: {string.Join("; ", problems)}.",
                BadWeights(var path, var problem) => $"{path}: {problem}",
                BadFrame(var key, var problem, var remedy) => $"{key}: {problem}. {remedy}",
                NotFinite(var iteration, var where, var remedy) => $"iteration {iteration}: {where} is not a finite number. {remedy}",
                _ => throw new UnreachableException(),
            }
        );
}
