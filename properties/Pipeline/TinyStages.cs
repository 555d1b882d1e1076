using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Pipeline.Running;
using Motion.Pipeline.Settings;
using TorchSharp;

namespace Motion.Properties.Pipeline;

internal enum TinyOrder
{
    Sequential,
    FirstLast,
}

internal sealed record TinyDecode(
    [property: ShareOfTraining, Range(1, 100_000)] int Frames = 8, string? Path = null, ImmutableArray<string>? Clips = null, ImmutableArray<int>? Bad = null)
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
/// Stages that take no time: a frame is its number, flow halves it, the model is one number w, a prediction is w plus the frames' mean, the loss is its
/// square. Every answer depends on every message before it, so a message lost, doubled or swapped shows in the end.
/// </summary>
internal static class TinyStages
{
    public static ImmutableArray<StageKind> Kinds { get; } =
    [
        new("decode", typeof(TinyDecode), [], [typeof(FramePair)], HasPhases: true),
        new("flow", typeof(TinyFlow), [new(typeof(FramePair))], [typeof(FlowFrame)], typeof(TinyExtras), MayCopy: true),
        new("forward", typeof(TinyForward), [new(typeof(FlowFrame)), new(typeof(Gradient), Required: false)], [typeof(Prediction), typeof(Detections)], MayCopy: true),
        new("loss", typeof(TinyLoss), [new(typeof(Prediction))], [typeof(Gradient)]),
        new("evaluate", typeof(TinyEvaluate), [new(typeof(Detections))], [typeof(Evaluation)], AnswersAtEnd: true),
        new("report", typeof(TinyReport), [new(typeof(FlowFrame)), new(typeof(Detections), Required: false), new(typeof(Evaluation), Required: false)], [], AnswersAtEnd: true),
    ];

    /// <param name="seen">Told what the report is told.</param>
    /// <param name="visit">Told each stage and number that a stage begins with.</param>
    public static StageTable Table(Action<Message>? seen = null, Action<string, long>? visit = null) => new(
        Kinds,
        (settings, phase) => new Source(new([new(1, "thing")], [new("clip", settings.Find("decode")!.Of<TinyDecode>(phase).Frames, new(1, 1))]), 0),
        (stage, context) => Result.Ok<Worker, StartError>(Make(stage, context, seen ?? (_ => { }), visit ?? ((_, _) => { }))),
        (settings, _) => settings.Find("forward")!.Of<TinyForward>(Phase.Train).LearningRate,
        (_, iteration, path) => File.ReadAllText(path).Split(' ') is [string w, string own] && double.TryParse(w, out double _) && own == $"{iteration}" ? null : "it is damaged");

    private static Worker Make(StageSettings stage, StageContext context, Action<Message> seen, Action<string, long> visit)
    {
        T Visited<T>(Message message, Func<T> then)
        {
            visit(stage.Name, message.Sequence);
            return then();
        }

        return stage.Name switch
        {
            "decode" => Steps.Source("decode", () => { }, cancel => Decode(stage.Of<TinyDecode>(context.Phase), context, visit, cancel)),
            "flow" => Steps.Map("flow", () => { }, Steps.Of<FramePair, FlowFrame, TinyError>("flow", pair => Visited(pair, () => Flow(pair, stage.Of<TinyFlow>(context.Phase))))),
            "forward" when context.Phase is Phase.Train => Trainer(stage, context, visit),
            "forward" => Steps.Map("forward", () => { }, Steps.Of<FlowFrame, Detections, TinyError>("forward", Detect)),
            "loss" => Steps.Map("loss", () => { }, Steps.Of<Prediction, Gradient, LossError>("loss", prediction => Loss(prediction, stage.Of<TinyLoss>(context.Phase)))),
            "evaluate" => Steps.Fold("evaluate", () => { }, () => Evaluate, stream => stream.OfType<Detections>().Select(found => Visited(found, () => found)), evaluation => evaluation),
            "report" => Steps.Fold("report", () => { }, () => Report(seen), stream => stream, count => new EndOfStream(count)),
            _ => throw new ArgumentException(stage.Name, nameof(stage)),
        };
    }

    public static FramePair Pair(long number) => new(
        new(number, "clip", (int)number), new(1, 1), torch.full([3, 1, 1], Held.Of(number % 251), torch.uint8), torch.full([3, 1, 1], Held.Of(number % 251), torch.uint8), 1, null, null);

    private static async IAsyncEnumerable<Message> Decode(TinyDecode options, StageContext context, Action<string, long> visit, [EnumeratorCancellation] CancellationToken cancel)
    {
        var endless = context.Phase is Phase.Train;
        for (var number = 0L; endless || number < options.Frames; number++)
        {
            cancel.ThrowIfCancellationRequested();
            if (number <= context.Start.Sequence) continue;
            visit("decode", number);
            yield return options.Bad?.Contains((int)number) == true ? new Fault(number, "decode", $"frame {number} is bad", IsBug: false) : Pair(number);
        }

        await Task.CompletedTask;
    }

    private static Result<FlowFrame, TinyError> Flow(FramePair pair, TinyFlow options)
    {
        if (pair.Sequence == options.Refuses) return new TinyError($"flow refuses {pair.Sequence}");
        if (pair.Sequence == options.Throws) throw new InvalidOperationException($"flow broke at {pair.Sequence}");
        return new FlowFrame(pair.Key, pair.OriginalSize, pair.First, torch.full([2, 1, 1], Held.Of(pair.Sequence / 2.0), torch.float32), 1, "tiny", null);
    }

    private static Result<Detections, TinyError> Detect(FlowFrame frame) =>
        new Detections(frame.Key, frame.OriginalSize, [new(new(0, 0, 1, 1), frame.Flow.mean().item<float>(), 0, null)], null);

    private static Worker Trainer(StageSettings stage, StageContext context, Action<string, long> visit)
    {
        var rate = stage.Of<TinyForward>(Phase.Train).LearningRate;
        var trainer = new Trainer(
            () => State(1, 0),
            (state, sequence, batch) => new ForwardPass(Predicted(state, sequence, batch), torch.zeros(1)),
            (state, _, gradient) =>
            {
                visit("forward", gradient.Sequence);
                return State(W(state) - (rate * gradient.ClassLogits.item<float>()), state.Iteration + 1);
            },
            (state, path) =>
            {
                RunFolder.Write(path, $"{W(state):R} {state.Iteration}");
                return default(Unit);
            },
            path => File.ReadAllText(path).Split(' ') is [var w, var iteration] ? State(double.Parse(w), int.Parse(iteration)) : new ForwardError.BadWeights(path, "not a checkpoint"));
        var start = context.Start.Checkpoint is { } path ? trainer.Load(path) : trainer.Start();
        return TrainerWorker.Of("forward", () => { }, trainer, start.OrThrow(), TrainerPlan.Of(stage, context));
    }

    private static Prediction Predicted(TrainState state, long sequence, ImmutableArray<FlowFrame> batch) =>
        Prediction(sequence, state.Iteration, W(state) + batch.Average(frame => (double)frame.Flow.mean().item<float>() % 7));

    /// <summary>One location, no object.</summary>
    public static Prediction Prediction(long sequence, int? iteration = null, double logit = 1)
    {
        static torch.Tensor No(params long[] shape) => torch.zeros(shape, torch.int64);
        var logits = torch.full([1, 1], Held.Of(logit), torch.float32);
        return new(
            sequence, iteration ?? (int)sequence, logits, torch.zeros(1, 4), torch.zeros(1), No(1), torch.zeros(1, 4), torch.zeros(0, 1, 1), No(0), No(0), torch.zeros(0, 4), No(0),
            torch.zeros([1, 3, 1, 1], torch.uint8), torch.zeros(1, 3, 1, 1), No(1, 2));
    }

    private static Result<Gradient, LossError> Loss(Prediction prediction, TinyLoss options)
    {
        if (prediction.Sequence == options.NotFinite) return new LossError.NotFinite(prediction.Iteration, "tiny");
        var logit = prediction.ClassLogits.item<float>();
        return new Gradient(
            prediction.Sequence, prediction.Iteration, [new("loss_tiny", logit * logit / 100)], torch.full([1, 1], Held.Of(logit / 50), torch.float32), torch.zeros(1, 4), torch.zeros(1), torch.zeros(0, 1, 1));
    }

    private static TrainState State(double w, int iteration) => new(Weights.Of([new("w", torch.tensor(w))]), Weights.Empty, iteration);

    private static double W(TrainState state) => state.Weights["w"].item<double>();

    /// <summary>An evaluation whose numbers depend on the order of all detections.</summary>
    private static Fold<Detections, (double Mix, int Frames), Evaluation, EvaluateError> Evaluate { get; } = new(
        () => (0, 0),
        (state, found) => (((state.Mix * 31) + found.Items[0].Score + 1) % 1009, state.Frames + 1),
        state => new Evaluation(new("bbox", new([.. Enumerable.Repeat(state.Mix, 12)]), [], [], [], []), null, null, null, null, state.Frames, 0, state.Frames));

    private static Fold<Message, int, int, ReportError> Report(Action<Message> seen) => new(
        () => 0,
        (count, message) =>
        {
            seen(message);
            return count + 1;
        },
        count => count);
}
