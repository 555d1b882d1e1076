using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;
using TorchSharp;

namespace Motion.Properties.Pipeline;

internal enum TinyOrder
{
    Sequential,
    FirstLast,
}

internal sealed record TinyDecode(
    [property: ShareOfTraining, Range(1, 100_000)] int Frames = 8,
    string? Path = null,
    ImmutableArray<string>? Clips = null,
    ImmutableArray<int>? Bad = null
)
{
    public TinyOrder Order { get; init; }
}

internal sealed record TinyInner([property: Range(0.0, 1.0)] double Rate = 0.5, bool On = true);

internal sealed record TinyFlow
{
    public TinyInner Inner { get; init; } = new(0.25);

    [AllowedValues("gma", "zero")]
    public string Network { get; init; } = "gma";

    /// <summary>A number that a frame refuses by; -1 for none.</summary>
    [ShareOfTraining]
    public long Refuses { get; init; } = -1;

    /// <summary>A number that a frame throws by.</summary>
    public long Throws { get; init; } = -1;
}

internal sealed record TinyForward(double LearningRate = 0.1, string? Weights = null);

internal sealed record TinyLoss(long NotFinite = -1);

internal sealed record TinyEvaluate;

internal sealed record TinyReport;

internal sealed record TinyExtras(bool Cache = true);

internal sealed record TinyError(string Text) : IStageError
{
    public string Describe() => Text;
}

/// <summary>
/// Stages that take no time: a frame is its number, flow halves it, the model is one number w, a prediction is w plus the frames' mean, the
/// loss is its square. Every answer depends on every message before it, so a message lost, doubled or swapped shows in the end.
/// </summary>
internal static class TinyStages
{
    public static ImmutableArray<StageKind> Kinds { get; } = Table().Kinds;

    /// <param name="seen">Told what the report is told.</param>
    /// <param name="visit">Told each stage and number that a stage begins with.</param>
    /// <param name="reached">Told each iteration.</param>
    public static StageTable Table(Action<Message>? seen = null, Action<string, long>? visit = null, Action<int>? reached = null)
    {
        T Visited<T>(string stage, long number, Func<T> then)
        {
            visit?.Invoke(stage, number);
            return then();
        }

        var decode = StagePart.Source<TinyDecode>(
            typeof(FramePair),
            (options, context) =>
                Ok(
                    new OpenedSource(
                        new([new(1, "thing")], [new("clip", options.Frames, new(1, 1))]),
                        (from, cancel) => Decode(options, context.Phase, from, number => visit?.Invoke("decode", number), cancel),
                        0
                    )
                )
        );
        var flow = StagePart.Map<TinyFlow, FramePair, FlowFrame>(
            (options, _) =>
                Ok<Func<FramePair, Result<FlowFrame, IStageError>>>(pair =>
                    Visited("flow", pair.Sequence, () => Flow(pair, options).Widen())
                )
        );
        return new([
            new("decode", typeof(TinyDecode), "counts")
            {
                Train = decode,
                Test = decode,
                HasPhases = true,
            },
            new("flow", typeof(TinyFlow), "halves")
            {
                Train = flow,
                Test = flow,
                Extras = typeof(TinyExtras),
                MayCopy = true,
            },
            new("forward", typeof(TinyForward), "learns")
            {
                Train = StagePart.Trainer<TinyForward>(
                    (options, _) => Ok(Trainer(options.LearningRate, number => visit?.Invoke("forward", number))),
                    (options, iteration) =>
                    {
                        reached?.Invoke(iteration);
                        return options.LearningRate;
                    },
                    (path, iteration, _) =>
                        File.ReadAllText(path).Split(' ') is [string w, string own]
                        && double.TryParse(w, out double _)
                        && own == $"{iteration}"
                            ? null
                            : "it is damaged"
                ),
                Test = StagePart.Map<TinyForward, FlowFrame, Detections>(
                    (_, _) => Ok<Func<FlowFrame, Result<Detections, IStageError>>>(frame => Detect(frame).Widen())
                ),
                MayCopy = true,
            },
            new("loss", typeof(TinyLoss), "squares")
            {
                Train = StagePart.Map<TinyLoss, Prediction, Gradient>(
                    (options, _) => Ok<Func<Prediction, Result<Gradient, IStageError>>>(prediction => Loss(prediction, options).Widen())
                ),
            },
            new("evaluate", typeof(TinyEvaluate), "mixes")
            {
                Test = StagePart.Fold<TinyEvaluate>(
                    [new(typeof(Detections))],
                    typeof(Evaluation),
                    (_, _) =>
                        Ok<Func<IEnumerable<Message>, Result<Message, IStageError>>>(stream =>
                            Evaluate
                                .Run(stream.OfType<Detections>().Select(found => Visited("evaluate", found.Sequence, () => found)))
                                .Map(Message (found) => found)
                                .Widen()
                        )
                ),
            },
            new("report", typeof(TinyReport), "lists")
            {
                Test = StagePart.Fold<TinyReport>(
                    [new(typeof(FlowFrame)), new(typeof(Detections), Required: false), new(typeof(Evaluation), Required: false)],
                    null,
                    (_, _) =>
                        Ok<Func<IEnumerable<Message>, Result<Message, IStageError>>>(stream =>
                            Report(seen ?? (_ => { })).Run(stream).Map(Message (count) => new EndOfStream(count)).Widen()
                        )
                ),
            },
        ]);
    }

    private static Result<T, IStageError> Ok<T>(T value) => Result.Ok<T, IStageError>(value);

    public static FramePair Pair(long number) =>
        new(
            new(number, "clip", (int)number),
            new(1, 1),
            torch.full([3, 1, 1], Held.Of(number % 251), torch.uint8),
            torch.full([3, 1, 1], Held.Of(number % 251), torch.uint8),
            1,
            null,
            null
        );

    private static async IAsyncEnumerable<Result<Message, IStageError>> Decode(
        TinyDecode options,
        Phase phase,
        long from,
        Action<long> visit,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var endless = phase is Phase.Train;
        for (var number = from; endless || number < options.Frames; number++)
        {
            cancel.ThrowIfCancellationRequested();
            visit(number);
            yield return options.Bad?.Contains((int)number) == true
                ? Result.Error<Message, IStageError>(new TinyError($"frame {number} is bad"))
                : Ok<Message>(Pair(number));
        }

        await Task.CompletedTask;
    }

    private static Result<FlowFrame, TinyError> Flow(FramePair pair, TinyFlow options)
    {
        if (pair.Sequence == options.Refuses)
            return new TinyError($"flow refuses {pair.Sequence}");
        if (pair.Sequence == options.Throws)
            throw new InvalidOperationException($"flow broke at {pair.Sequence}");
        return new FlowFrame(
            pair.Key,
            pair.OriginalSize,
            pair.First,
            torch.full([2, 1, 1], Held.Of(pair.Sequence / 2.0), torch.float32),
            1,
            "tiny",
            null
        );
    }

    private static Result<Detections, TinyError> Detect(FlowFrame frame) =>
        new Detections(frame.Key, frame.OriginalSize, [new(new(0, 0, 1, 1), frame.Flow.mean().item<float>(), 0, null)], null);

    private static Trainer Trainer(double rate, Action<long> visit) =>
        new(
            () => State(1, 0),
            (state, sequence, batch) => new ForwardPass(Predicted(state, sequence, batch), torch.zeros(1)),
            (state, _, gradient) =>
            {
                visit(gradient.Sequence);
                return State(W(state) - (rate * gradient.Maps.ClassLogits.item<float>()), state.Iteration + 1);
            },
            (state, path) =>
            {
                RunFolder.Write(path, $"{W(state):R} {state.Iteration}");
                return default(Unit);
            },
            path =>
                File.ReadAllText(path).Split(' ') is [var w, var iteration]
                    ? State(double.Parse(w), int.Parse(iteration))
                    : new ForwardError.BadWeights(path, "not a checkpoint")
        );

    private static Prediction Predicted(TrainState state, long sequence, ImmutableArray<FlowFrame> batch) =>
        Prediction(sequence, state.Iteration, W(state) + batch.Average(frame => (double)frame.Flow.mean().item<float>() % 7));

    /// <summary>One location, no object.</summary>
    public static Prediction Prediction(long sequence, int? iteration = null, double logit = 1)
    {
        static torch.Tensor No(params long[] shape) => torch.zeros(shape, torch.int64);
        var logits = torch.full([1, 1], Held.Of(logit), torch.float32);
        return new(
            sequence,
            iteration ?? (int)sequence,
            new(logits, torch.zeros(1, 4), torch.zeros(1)),
            new(No(1), torch.zeros(1, 4)),
            new(torch.zeros(0, 1, 1), No(0), No(0)),
            new(torch.zeros(0, 4), No(0), torch.zeros([1, 3, 1, 1], torch.uint8), torch.zeros(1, 3, 1, 1), No(1, 2))
        );
    }

    private static Result<Gradient, LossError> Loss(Prediction prediction, TinyLoss options)
    {
        if (prediction.Sequence == options.NotFinite)
            return new LossError.NotFinite(prediction.Iteration, "tiny");
        var logit = prediction.Maps.ClassLogits.item<float>();
        return new Gradient(
            prediction.Sequence,
            prediction.Iteration,
            [new("loss_tiny", logit * logit / 100)],
            new(torch.full([1, 1], Held.Of(logit / 50), torch.float32), torch.zeros(1, 4), torch.zeros(1)),
            torch.zeros(0, 1, 1)
        );
    }

    private static TrainState State(double w, int iteration) => new(Weights.Of([new("w", torch.tensor(w))]), Weights.Empty, iteration);

    private static double W(TrainState state) => state.Weights["w"].item<double>();

    /// <summary>An evaluation whose numbers depend on the order of all detections.</summary>
    private static Fold<Detections, (double Mix, int Frames), Evaluation, EvaluateError> Evaluate { get; } =
        new(
            () => (0, 0),
            (state, found) => (((state.Mix * 31) + found.Items[0].Score + 1) % 1009, state.Frames + 1),
            state => new Evaluation(
                new("bbox", new([.. Enumerable.Repeat(state.Mix, 12)]), [], [], [], []),
                null,
                null,
                null,
                null,
                state.Frames,
                0,
                state.Frames
            )
        );

    private static Fold<Message, int, int, ReportError> Report(Action<Message> seen) =>
        new(
            () => 0,
            (count, message) =>
            {
                seen(message);
                return count + 1;
            },
            count => count
        );
}
