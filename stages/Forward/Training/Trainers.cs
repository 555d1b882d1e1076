using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What a trainer is made of and never changes.</summary>
internal sealed record TrainerSettings(
    ForwardOptions Options,
    int Classes,
    Seed Seed,
    Device Device,
    ImmutableArray<Entry> Entries,
    ImmutableArray<Entry> Trained,
    Action<string> Warn
)
{
    public static TrainerSettings Of(ForwardOptions options, int classes, Seed seed, Device device, Action<string>? warn = null)
    {
        var entries = Segmenter.Entries(options, classes);
        return new(options, classes, seed, device, entries, Segmenter.Trained(options, entries), warn ?? (_ => { }));
    }
}

/// <summary>The halves of a training step, and the state it starts from.</summary>
internal static class Trainers
{
    public static Result<TrainState, ForwardError> Start(TrainerSettings settings) =>
        from weights in FirstWeights(settings)
        select new TrainState(
            OnDevice(weights, settings.Device),
            Weights.Of(
                settings.Trained.Select(entry =>
                    KeyValuePair.Create(entry.Name, zeros([.. entry.Shape], ScalarType.Float32, settings.Device).DetachFromDisposeScope())
                )
            ),
            0
        );

    public static Result<TrainState, ForwardError> Load(TrainerSettings settings, string path) =>
        Checkpoints
            .Read(path, settings.Options, settings.Classes)
            .Map(state =>
                state with
                {
                    Weights = OnDevice(state.Weights, settings.Device),
                    Momentum = OnDevice(state.Momentum, settings.Device),
                }
            );

    /// <param name="store">Memo of frozen features; used where the whole backbone is frozen.</param>
    public static Result<ForwardPass, ForwardError> Predict(
        TrainerSettings settings,
        FeatureStore store,
        StampMemo stamps,
        TrainState state,
        long sequence,
        ImmutableArray<FlowFrame> batch
    )
    {
        try
        {
            return
                batch.Select(frame => FrameChecks.TrainingProblem(frame, settings.Classes)).FirstOrDefault(problem => problem is not null)
                    is { } error
                ? error
                : PredictChecked(settings, store, stamps, state, sequence, batch);
        }
        finally
        {
            foreach (var frame in batch)
            {
                frame.Dispose();
            }
        }
    }

    /// <summary>Back-propagates and steps. Where a gradient is not finite the state is as it was and stays the caller's.</summary>
    public static Result<TrainState, ForwardError> Learn(TrainerSettings settings, TrainState state, ForwardPass pass, Gradient gradient)
    {
        using var graph = (PassGraph)pass.Graph;
        using var scope = NewDisposeScope();
        Tensor[] upstream = [gradient.Maps.ClassLogits, gradient.Maps.BoxRegression, gradient.Maps.Centerness, gradient.MaskLogits];
        var outputs = graph.Outputs;
        var gradients = Gradients.Of(
            [.. outputs],
            [.. graph.Leaves],
            [.. upstream.Take(outputs.Length).Select(each => each.to(settings.Device))]
        );
        var named = settings.Trained.Zip(gradients, (entry, each) => new ParameterGradient(entry, each)).ToArray();
        var rate = Schedule.LearningRate(settings.Options.Optimiser, state.Iteration);
        if (Sgd.Step(state.Weights, state.Momentum, named, settings.Options.Optimiser, rate) is { } broken)
        {
            return new ForwardError.NotFinite(
                state.Iteration,
                $"the gradient of {broken}",
                "Lower forward.optimiser.learningRate, or set forward.optimiser.clip: parameter."
            );
        }

        return state with
        {
            Weights = WithStatistics(state, graph.Statistics, settings.Device),
            Iteration = state.Iteration + 1,
        };
    }

    private static ForwardPass PredictChecked(
        TrainerSettings settings,
        FeatureStore store,
        StampMemo stamps,
        TrainState state,
        long sequence,
        ImmutableArray<FlowFrame> batch
    )
    {
        var options = settings.Options;
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var views = batch.Select(frame => Views.Draw(options.View, settings.Seed, frame)).ToArray();
        var agnostic = options.Head.Classes == HeadClasses.Agnostic;
        var targets = batch.Zip(views, (frame, view) => Views.Targets(frame, view, agnostic)).ToArray();
        var valid = batch
            .Zip(views, (frame, view) => Views.ValidSize(view, frame.OriginalSize, options.Mask.BottomPixelsRemoved))
            .ToArray();
        var (leaves, weights) = Leaves(settings, state);
        var encoded =
            options.Backbone.Freeze == Freeze.All
                ? Encoder.Frozen(options, state.Weights, store, stamps.Of(options, state.Weights), batch, views, settings.Device)
                : Encoder.Learning(options, weights, batch, views, settings.Device);
        return TrainingPass.Run(options, settings.Classes, weights, leaves, encoded, sequence, state.Iteration, targets, valid);
    }

    /// <summary>The state's parameters as roots of a graph (the caller's to free), and the model with them in place.</summary>
    internal static (ImmutableArray<Tensor> Leaves, Weights Weights) Leaves(TrainerSettings settings, TrainState state)
    {
        var leaves = settings
            .Trained.Select(entry => state.Weights[entry.Name].detach().requires_grad_(true).DetachFromDisposeScope())
            .ToImmutableArray();
        return (leaves, state.Weights.With(settings.Trained.Zip(leaves, (entry, leaf) => KeyValuePair.Create(entry.Name, leaf))));
    }

    // The replaced statistics are freed; the new ones belong to the state.
    private static Weights WithStatistics(TrainState state, IReadOnlyDictionary<string, Tensor> statistics, Device device)
    {
        var next = statistics.ToDictionary(pair => pair.Key, pair => pair.Value.alias().DetachFromDisposeScope(), StringComparer.Ordinal);
        next[Segmenter.IterationName] = tensor([(float)(state.Iteration + 1)], device: device).DetachFromDisposeScope();
        foreach (var name in next.Keys)
        {
            state.Weights[name].Dispose();
        }

        return state.Weights.With(next);
    }

    private static Result<Weights, ForwardError> FirstWeights(TrainerSettings settings)
    {
        var (options, seed) = (settings.Options, settings.Seed.Derive("weights"));
        if (options.Weights is { } model)
        {
            return Checkpoints
                .ReadModel(model, options, settings.Classes, file => WithClassLayer(settings, model, file))
                .Map(weights =>
                    Replaced(
                        weights,
                        [KeyValuePair.Create(Segmenter.IterationName, zeros([1], ScalarType.Float32).DetachFromDisposeScope())]
                    )
                );
        }

        return options.Backbone.Weights is { } path
            ? BackboneFiles
                .Read(path, options.Backbone)
                .Map(backbone => Replaced(Initialise.Draw(settings.Entries, seed), [.. backbone.All, .. Identities(settings, backbone)]))
            : Initialise.Draw(settings.Entries, seed);
    }

    /// <summary>
    /// A model that was trained on another number of classes, with a class layer for those of this source, drawn afresh. Consumes the
    /// model.
    /// </summary>
    private static Weights WithClassLayer(TrainerSettings settings, string path, Weights file)
    {
        var layer = settings.Entries.Where(entry => FcosHead.ClassLayer.Contains(entry.Name)).ToList();
        if (
            !layer.TrueForAll(entry =>
                file.Find(entry.Name) is { } tensor
                && tensor.shape.AsSpan() is [_, .. var sides]
                && entry.Shape.AsSpan()[1..].SequenceEqual(sides)
            ) || layer.TrueForAll(entry => file[entry.Name].shape[0] == entry.Shape[0])
        )
        {
            return file;
        }

        settings.Warn(
            $"{path}: its class layer is of {Count(file[layer[0].Name].shape[0])}, this training of {Count(layer[0].Shape[0])}: the class layer ({string.Join(", ", layer.Select(entry => entry.Name))}) starts afresh, all other layers from the file"
        );
        return Replaced(file, Initialise.Draw(layer, settings.Seed.Derive("weights")).All);

        static string Count(long classes) => classes == 1 ? "1 class" : $"{classes} classes";
    }

    /// <summary>
    /// The last convolutions of blocks that a grown backbone has beyond its file, as zeros: relu(0 + x) = x, since x is a relu's.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, Tensor>> Identities(TrainerSettings settings, Weights file) =>
        from entry in Spec.Scope(Backbones.Scope, Backbones.Entries(settings.Options.Backbone))
        where entry.Name.EndsWith(".conv3.weight", StringComparison.Ordinal) && file.Find(entry.Name) is null
        select KeyValuePair.Create(entry.Name, zeros([.. entry.Shape], ScalarType.Float32).DetachFromDisposeScope());

    private static Weights Replaced(Weights weights, IEnumerable<KeyValuePair<string, Tensor>> entries)
    {
        KeyValuePair<string, Tensor>[] all = [.. entries];
        foreach (var (name, _) in all)
        {
            weights[name].Dispose();
        }

        return weights.With(all);
    }

    private static Weights OnDevice(Weights weights, Device device) =>
        device.type == DeviceType.CPU
            ? weights
            : Weights.Of(
                weights.All.Select(pair =>
                {
                    using var local = pair.Value;
                    return KeyValuePair.Create(pair.Key, local.to(device).DetachFromDisposeScope());
                })
            );
}

/// <summary>Remembers the stamp of the last backbone it saw; a frozen backbone's tensors are the same objects from step to step.</summary>
internal sealed class StampMemo
{
    private Tensor? _seen;
    private ulong _stamp;

    public ulong Of(ForwardOptions options, Weights weights)
    {
        var first = weights.At(Backbones.Scope).All.First().Value;
        if (!ReferenceEquals(first, _seen))
        {
            (_seen, _stamp) = (first, ViewFeatureBytes.Stamp(options, weights));
        }

        return _stamp;
    }
}
