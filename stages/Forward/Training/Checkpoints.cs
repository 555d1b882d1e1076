using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using TorchSharp;

namespace Motion.Forward;

/// <summary>
/// Training states as safetensors: the model under its own names, each momentum as <c>momentum.NAME</c>, the iteration in the metadata. So
/// a checkpoint is a weights file too.
/// </summary>
internal static class Checkpoints
{
    private const string MomentumPrefix = ForwardWeights.MomentumPrefix;
    private const string IterationKey = "iteration";
    private const string FormatKey = "format";
    private const string Format = "motion-checkpoint-1";

    public static Result<Unit, ForwardError> Write(TrainState state, string path)
    {
        var entries = state.Weights.All.Concat(
            state.Momentum.All.Select(pair => KeyValuePair.Create(MomentumPrefix + pair.Key, pair.Value)));
        var metadata = ImmutableDictionary<string, string>.Empty
            .Add(FormatKey, Format)
            .Add(IterationKey, state.Iteration.ToString(CultureInfo.InvariantCulture));
        return Safetensors.Write(path, entries, metadata).MapError(error => Refusal.OfWeights(path, error.Problem));
    }

    /// <summary>The state that <see cref="Write"/> was given, bit for bit.</summary>
    public static Result<TrainState, ForwardError> Read(string path, ForwardOptions options, int classes)
    {
        var entries = Segmenter.Entries(options, classes);
        var trained = Segmenter.Trained(options, entries);
        var expected = entries.Select(entry => (entry.Name, entry.Shape))
            .Concat(trained.Select(entry => (MomentumPrefix + entry.Name, entry.Shape)));
        return
            from metadata in Safetensors.ReadMetadata(path).MapError(error => Refusal.OfWeights(path, error.Problem))
            from iteration in Iteration(path, metadata)
            from file in Safetensors.Read(path).MapError(error => Refusal.OfWeights(path, error.Problem))
            from exact in Checked(path, file, expected)
            let all = Widened(exact)
            select new TrainState(
                Weights.Of(all.All.Where(pair => !IsMomentum(pair.Key))),
                Weights.Of(all.All.Where(pair => IsMomentum(pair.Key))
                    .Select(pair => KeyValuePair.Create(pair.Key[MomentumPrefix.Length..], pair.Value))),
                iteration);
    }

    /// <summary>The model of a checkpoint, or of a file with AdelaiDet's names; float16 becomes float32.</summary>
    public static Result<Weights, ForwardError> ReadModel(string path, ForwardOptions options, int classes) =>
        from file in WeightFiles.Read(path).MapError(error => Refusal.OfWeights(path, error.Problem))
        from model in Checked(path, WithoutMomentum(file), Segmenter.Entries(options, classes).Select(entry => (entry.Name, entry.Shape)))
        select Widened(model);

    private static Result<Weights, ForwardError> Checked(
        string path, Weights file, IEnumerable<(string Name, ImmutableArray<long> Shape)> expected) =>
        WeightNames.Check(file, expected.ToDictionary(entry => entry.Name, entry => entry.Shape.ToArray(), StringComparer.Ordinal))
            .Bind(weights => WeightNames.CheckTypes(weights, Counts))
            .MapError(error =>
            {
                file.Dispose();
                return Refusal.OfWeights(path, $"{error.Problem} The options of the forward stage must be those it was written with.");
            });

    private static Weights WithoutMomentum(Weights file)
    {
        foreach (var (_, tensor) in file.All.Where(pair => IsMomentum(pair.Key)))
        {
            tensor.Dispose();
        }

        return Weights.Of(file.All.Where(pair => !IsMomentum(pair.Key)));
    }

    private static Weights Widened(Weights model) => Weights.Of(model.All.Select(pair =>
    {
        var type = Counts(pair.Key) ? torch.ScalarType.Int64 : torch.ScalarType.Float32;
        if (pair.Value.dtype == type)
        {
            return pair;
        }

        using var other = pair.Value;
        return KeyValuePair.Create(pair.Key, other.to(type).DetachFromDisposeScope());
    }).ToList());

    private static bool Counts(string name) => name == Segmenter.SizesName || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    private static Result<int, ForwardError> Iteration(string path, IReadOnlyDictionary<string, string> metadata) =>
        metadata.GetValueOrDefault(FormatKey) == Format
            && int.TryParse(metadata.GetValueOrDefault(IterationKey), CultureInfo.InvariantCulture, out var iteration)
            ? iteration
            : Refusal.OfWeights(
                path,
                $"is no checkpoint of a training (its metadata lacks {FormatKey}: {Format} and an iteration). "
                + "To start from weights alone, name it in forward.weights.");

    private static bool IsMomentum(string name) => name.StartsWith(MomentumPrefix, StringComparison.Ordinal);
}
