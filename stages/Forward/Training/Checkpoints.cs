using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using TorchSharp;

namespace Motion.Forward;

/// <summary>
/// Training states as safetensors: the model under its own names, each momentum as <c>momentum.NAME</c>; iteration, seed and the file's
/// checksum among the texts. Of a frozen backbone that came from a file, the file and the checksum of its numbers stand for the numbers
/// (<see cref="FrozenBackbone"/>). So a checkpoint is a weights file too.
/// </summary>
internal static class Checkpoints
{
    private const string MomentumPrefix = ForwardWeights.MomentumPrefix;
    private const string IterationKey = "iteration";
    private const string SeedKey = "seed";
    private const string FormatKey = "format";
    private const string Format = "motion-checkpoint-2";
    private const string OldFormat = "motion-checkpoint-1"; // without checksum and seed, always whole

    /// <param name="state">What to keep.</param>
    /// <param name="seed">Of the trainer.</param>
    /// <param name="backbone">What stands for the backbone's numbers; null where they are kept.</param>
    /// <param name="path">The file.</param>
    public static Result<Unit, ForwardError> Write(TrainState state, Seed seed, FrozenBackbone? backbone, string path)
    {
        var entries = state
            .Weights.All.Where(pair => backbone is null || !FrozenBackbone.IsOf(pair.Key))
            .Concat(state.Momentum.All.Select(pair => KeyValuePair.Create(MomentumPrefix + pair.Key, pair.Value)));
        KeyValuePair<string, string>[] metadata =
        [
            new(FormatKey, Format),
            new(IterationKey, state.Iteration.ToString(CultureInfo.InvariantCulture)),
            new(SeedKey, seed.Value.ToString(CultureInfo.InvariantCulture)),
            .. backbone?.Texts ?? [],
        ];
        return Safetensors.WriteSealed(path, entries, metadata).MapError(error => Refusal.OfWeights(path, error.Problem));
    }

    /// <summary>What is wrong with a file that should be the checkpoint of this iteration; null where nothing is.</summary>
    public static string? Problem(string path, int iteration, Seed seed) =>
        (
            from texts in Texts(path)
            from own in Iteration(path, texts)
            select own != iteration ? $"it is of iteration {own}"
            : texts.TryGetValue(SeedKey, out var text) && text != seed.Value.ToString(CultureInfo.InvariantCulture)
                ? "it is of a run with another seed"
            : null
        ).Match(problem => problem, error => error is ForwardError.BadWeights bad ? bad.Problem : error.Describe());

    /// <summary>The state that <see cref="Write"/> was given, bit for bit.</summary>
    public static Result<TrainState, ForwardError> Read(string path, ForwardOptions options, int classes)
    {
        var entries = Segmenter.Entries(options, classes);
        var trained = Segmenter.Trained(options, entries);
        var expected = entries
            .Select(entry => (entry.Name, entry.Shape))
            .Concat(trained.Select(entry => (MomentumPrefix + entry.Name, entry.Shape)));
        return from texts in Texts(path)
            from iteration in Iteration(path, texts)
            from file in Safetensors.Read(path).MapError(error => Refusal.OfWeights(path, error.Problem))
            from whole in FrozenBackbone.Join(path, file, texts, options.Backbone)
            from exact in Checked(path, whole, expected)
            let all = Widened(exact)
            select new TrainState(
                Weights.Of(all.All.Where(pair => !IsMomentum(pair.Key))),
                Weights.Of(
                    all.All.Where(pair => IsMomentum(pair.Key))
                        .Select(pair => KeyValuePair.Create(pair.Key[MomentumPrefix.Length..], pair.Value))
                ),
                iteration
            );
    }

    /// <summary>The model of a checkpoint, or of a file with AdelaiDet's names behind any prefix; float16 becomes float32.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The model's.</param>
    /// <param name="classes">Categories of the source.</param>
    /// <param name="adapt">What is changed of the file's model before it is compared with the options'; nothing where not given. Consumes
    /// it.</param>
    public static Result<Weights, ForwardError> ReadModel(
        string path,
        ForwardOptions options,
        int classes,
        Func<Weights, Weights>? adapt = null
    ) =>
        from file in WeightFiles.Open(path).MapError(error => Refusal.OfWeights(path, error.Problem))
        from sealedOrForeign in Unbroken(path, file)
        from whole in FrozenBackbone.Join(path, file.Weights, file.Metadata, options.Backbone)
        let bare = WithoutMomentum(whole)
        let own = WeightNames.Under(bare, ForwardWeights.DetectorPrefix(bare.All.Select(pair => pair.Key)) ?? "")
        from model in Checked(
            path,
            adapt is null ? own : adapt(own),
            Segmenter.Entries(options, classes).Select(entry => (entry.Name, entry.Shape))
        )
        select Widened(model);

    /// <summary>The texts of a checkpoint whose checksum fits; those of earlier versions have none.</summary>
    private static Result<IReadOnlyDictionary<string, string>, ForwardError> Texts(string path) =>
        from texts in Safetensors.ReadMetadata(path, checkSeal: true).MapError(error => Refusal.OfWeights(path, error.Problem))
        from _ in Unbroken(path, texts)
        select (IReadOnlyDictionary<string, string>)texts;

    private static Result<Unit, ForwardError> Unbroken(string path, WeightsFile file) =>
        Unbroken(path, file.Metadata)
            .MapError(error =>
            {
                file.Dispose();
                return error;
            });

    /// <summary>A checkpoint that lacks its checksum has lost it.</summary>
    private static Result<Unit, ForwardError> Unbroken(string path, ImmutableSortedDictionary<string, string> texts) =>
        texts.GetValueOrDefault(FormatKey) == Format && !texts.ContainsKey(Seal.Key)
            ? Refusal.OfWeights(path, new WeightsError.Damaged(path).Problem)
            : default(Unit);

    private static Result<Weights, ForwardError> Checked(
        string path,
        Weights file,
        IEnumerable<(string Name, ImmutableArray<long> Shape)> expected
    ) =>
        WeightNames
            .Check(file, expected.ToDictionary(entry => entry.Name, entry => entry.Shape.ToArray(), StringComparer.Ordinal))
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

    private static Weights Widened(Weights model) =>
        Weights.Of(
            model
                .All.Select(pair =>
                {
                    var type = Counts(pair.Key) ? torch.ScalarType.Int64 : torch.ScalarType.Float32;
                    if (pair.Value.dtype == type)
                    {
                        return pair;
                    }

                    using var other = pair.Value;
                    return KeyValuePair.Create(pair.Key, other.to(type).DetachFromDisposeScope());
                })
                .ToList()
        );

    private static bool Counts(string name) =>
        name == Segmenter.SizesName || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    private static Result<int, ForwardError> Iteration(string path, IReadOnlyDictionary<string, string> metadata) =>
        metadata.GetValueOrDefault(FormatKey) is Format or OldFormat
        && int.TryParse(metadata.GetValueOrDefault(IterationKey), CultureInfo.InvariantCulture, out var iteration)
            ? iteration
            : Refusal.OfWeights(
                path,
                $"is no checkpoint of a training (its metadata lacks {FormatKey}: {Format} and an iteration). "
                    + "To start from weights alone, name it in forward.weights."
            );

    private static bool IsMomentum(string name) => name.StartsWith(MomentumPrefix, StringComparison.Ordinal);
}
