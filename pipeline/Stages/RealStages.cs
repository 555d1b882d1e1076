using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Flow;
using Motion.Forward;
using Motion.Loss;
using Motion.Pipeline.Running;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Yaml;
using Motion.Report;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Stages;

/// <summary>The stages of the product: what each takes and gives, and how it is made from its settings.</summary>
internal static class RealStages
{
    public static StageTable Table { get; } = new(Kinds(), Open, Make, LearningRate, CheckpointProblem);

    private static ImmutableArray<StageKind> Kinds() =>
    [
        new("decode", typeof(DecodeOptions), [], [typeof(FramePair)], HasPhases: true, Defaults: DecodeDefaults),
        new("flow", typeof(FlowOptions), [new(typeof(FramePair))], [typeof(FlowFrame)], typeof(CacheSettings), MayCopy: true, Check: CheckFlow),
        new("forward", typeof(ForwardOptions), [new(typeof(FlowFrame)), new(typeof(Gradient), Required: false)], [typeof(Prediction), typeof(Detections)], MayCopy: true, Check: CheckForward),
        new("loss", typeof(LossOptions), [new(typeof(Prediction))], [typeof(Gradient)]),
        new("evaluate", typeof(EvaluateOptions), [new(typeof(Detections)), new(typeof(FlowFrame), Required: false, If: LinksTracks)], [typeof(Evaluation)], AnswersAtEnd: true),
        new("report", typeof(ReportOptions), [new(typeof(FlowFrame)), new(typeof(Detections), Required: false), new(typeof(Evaluation), Required: false)], [], AnswersAtEnd: true),
    ];

    /// <summary>Tracks are linked along the flow, which only frames have.</summary>
    private static bool LinksTracks(StageSettings stage) => stage.Of<EvaluateOptions>(Phase.Test) is { Tracks: true, Masks: true };

    /// <summary>Training sees the frames in an order of their own, endlessly; the test sees each once.</summary>
    private static Node.Map DecodeDefaults(Phase phase)
    {
        var place = new Place("default", 0, 0);
        Node.Entry Entry(string key, string value) => new(new(place, key), new Node.Scalar(place, value));
        return new(place, phase is Phase.Train ? [Entry("order", "shuffled"), Entry("family", "train")] : [Entry("order", "sequential"), Entry("family", "test")]);
    }

    private static IEnumerable<SettingProblem> CheckFlow(StageSettings stage, PipelineSettings settings)
    {
        var options = stage.Of<FlowOptions>(Phase.Test);
        if (FlowCache.Estimates(options.Network) && options.Weights is null)
        {
            yield return new("weights", $"the network {Shape.Kebab(options.Network.ToString())} needs weights", "Name a .pth or .safetensors file, or \"random\" to test.");
        }
    }

    private static IEnumerable<SettingProblem> CheckForward(StageSettings stage, PipelineSettings settings)
    {
        if (settings.Train is null && stage.Of<ForwardOptions>(Phase.Test).Weights is null)
        {
            yield return new("weights", "there is no training, so the detector needs weights", "Name a checkpoint (runs/NAME/checkpoints/...) or a file with AdelaiDet's names, or add train.");
        }
    }

    private static Result<Source, StartError> Open(PipelineSettings settings, Phase phase)
    {
        var options = Decoding(settings.Find("decode")!, phase);
        return DecodeSources.Open(options, SeedOf(settings, "decode"), silence: TimeSpan.FromSeconds(settings.Run.Silence))
            .Map(stage => new Source(stage.Catalogue, phase is Phase.Train ? 0 : Listed(stage.Catalogue, options)) { Notes = [.. stage.Notes.Select(note => $"decode: {note}"), .. FlowNote.WorkSizes(settings, phase, stage.Catalogue)] })
            .MapError(error => new StartError("decode", error.Describe()));
    }

    /// <summary>What a run skips message by message, decode skips in the files of annotations too.</summary>
    private static DecodeOptions Decoding(StageSettings stage, Phase phase) =>
        stage.Of<DecodeOptions>(phase) is { Policy: ReadingPolicy.Strict } options && stage.Placement.OnError is OnError.Skip ? options with { Policy = ReadingPolicy.Lenient } : stage.Of<DecodeOptions>(phase);

    private static long Listed(Catalogue catalogue, DecodeOptions options) =>
        Math.Min(options.MaxFrames ?? long.MaxValue, catalogue.Clips.Sum(clip => ((clip.Frames - 1L) / options.Every) + 1));

    private static double LearningRate(PipelineSettings settings, int iteration) =>
        Schedule.LearningRate(settings.Find("forward")!.Of<ForwardOptions>(Phase.Train).Optimiser, iteration);

    private static string? CheckpointProblem(PipelineSettings settings, int iteration, string path) =>
        ForwardStage.CheckpointProblem(path, iteration, SeedOf(settings, "forward"));

    private static Result<Worker, StartError> Make(StageSettings stage, StageContext context)
    {
        // The number of threads changes the order of sums: it is set on every stage's thread, to the same.
        void Prepare() => set_num_threads(context.Settings.Run.Threads);
        Prepare();
        return stage.Name switch
        {
            "decode" => Decode(Decoding(stage, context.Phase), context, Prepare),
            "flow" => Flow(stage, context, Prepare),
            "forward" when context.Phase is Phase.Train => Train(stage, context, Prepare),
            "forward" => Detector(stage.Of<ForwardOptions>(context.Phase), context, Prepare),
            "loss" => Loss(stage.Of<LossOptions>(context.Phase), DeviceOf(context), Prepare),
            "evaluate" => Steps.Fold("evaluate", Prepare, () => EvaluateStage.Create(stage.Of<EvaluateOptions>(context.Phase), context.Catalogue), SeenFrames, found => found),
            "report" => ReportWorker.Of(stage.Of<ReportOptions>(context.Phase), context, Prepare),
            _ => throw new ArgumentException($"there is no stage {stage.Name}", nameof(stage)),
        };
    }

    private static Result<Worker, StartError> Decode(DecodeOptions options, StageContext context, Action prepare) =>
        DecodeSources.Open(options with { CacheFolder = options.CacheFolder ?? context.Folder.Cache }, SeedOf(context.Settings, "decode"), context.Warn, TimeSpan.FromSeconds(context.Settings.Run.Silence)).Map(stage => Steps.Source("decode", prepare, cancel => Messages(stage, context.Start.Sequence + 1, cancel)))
            .MapError(error => new StartError("decode", error.Describe()));

    /// <summary>The stream from a position on. A frame that cannot be read is a fault at its place.</summary>
    private static async IAsyncEnumerable<Message> Messages(DecodeStage stage, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var position = from;
        await foreach (var item in stage.Frames(from, cancel))
        {
            var at = position++;
            yield return item.Match<Message>(pair => pair, error => new Fault(at, "decode", error.Describe(), IsBug: false));
        }
    }

    /// <summary>The flow stage as a function, with its cache in front.</summary>
    internal static Result<EstimateFlow, StartError> Estimator(StageSettings stage, StageContext context) =>
        from estimate in FlowStage.Create(stage.Of<FlowOptions>(context.Phase), DeviceOf(context)).MapError(error => new StartError("flow", error.Describe()))
        select FlowCache.Over(estimate, stage, context);

    /// <summary>A trained network as functions: what it finds, and what its masks are made from.</summary>
    internal static Result<(Detect Detect, Activate Activate), StartError> Looks(StageSettings stage, StageContext context)
    {
        set_num_threads(context.Settings.Run.Threads);
        var (options, classes) = (stage.Of<ForwardOptions>(context.Phase), context.Catalogue.Categories.Length);
        return (from weights in ForwardStage.ReadWeights(context.Start.Checkpoint ?? options.Weights!, options, classes)
                from detect in ForwardStage.CreateDetector(options, classes, weights, DeviceOf(context))
                from activate in ForwardStage.CreateActivations(options, classes, weights, DeviceOf(context))
                select (detect, activate)).MapError(error => new StartError("forward", error.Describe()));
    }

    private static Result<Worker, StartError> Flow(StageSettings stage, StageContext context, Action prepare) =>
        from cached in Estimator(stage, context)
        select Steps.Map("flow", prepare, Steps.Of<FramePair, FlowFrame, FlowError>("flow", new(cached)));

    private static Result<Worker, StartError> Train(StageSettings stage, StageContext context, Action prepare) =>
        (from trainer in ForwardStage.CreateTrainer(stage.Of<ForwardOptions>(Phase.Train), context.Catalogue.Categories.Length, SeedOf(context.Settings, "forward"), DeviceOf(context), context.Warn)
         from start in context.Start.Checkpoint is { } path ? trainer.Load(path) : trainer.Start()
         select TrainerWorker.Of("forward", prepare, trainer, start, TrainerPlan.Of(stage, context)))
        .MapError(error => new StartError("forward", error.Describe()));

    private static Result<Worker, StartError> Detector(ForwardOptions options, StageContext context, Action prepare)
    {
        var classes = context.Catalogue.Categories.Length;
        return (from weights in ForwardStage.ReadWeights(context.Start.Checkpoint ?? options.Weights!, options, classes)
                from detect in ForwardStage.CreateDetector(options, classes, weights, DeviceOf(context))
                select Steps.Map("forward", prepare, Steps.Of<FlowFrame, Detections, ForwardError>("forward", frame => Alone(detect, frame))))
            .MapError(error => new StartError("forward", error.Describe()));
    }

    /// <summary>Detection needs no graph.</summary>
    private static Result<Detections, ForwardError> Alone(Detect detect, FlowFrame frame)
    {
        using var noGrad = no_grad();
        return detect(frame);
    }

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
                    if (!behind) frame?.Dispose();
                    yield return new(found, behind ? frame : null);
                    frame = null;
                    break;
                default:
                    throw new InvalidOperationException($"an evaluation takes frames and their detections; got {message.GetType().Name}");
            }
        }

        frame?.Dispose();
    }

    private static Worker Loss(LossOptions options, Device device, Action prepare)
    {
        var compute = LossStage.Create(options);
        return Steps.Map("loss", prepare, Steps.Of<Prediction, Gradient, LossError>("loss", prediction => compute(OnDevice.Move(prediction, device))));
    }

    private static Seed SeedOf(PipelineSettings settings, string stage) => settings.Seed.Derive(stage);

    private static Device DeviceOf(StageContext context) => device(context.Settings.Run.Device);
}
