using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Motion.Contracts;
using Motion.DataSets;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>
/// What a checkpoint says in place of a backbone that is never trained: the file that the numbers came from, and their checksum. Whoever
/// reads the checkpoint takes them from there, or from where its own settings have the backbone, and is refused where they are not the same
/// numbers.
/// </summary>
/// <param name="File">The weights file, with its full path.</param>
/// <param name="Checksum">XxHash128 of names and float32 numbers, in ordinal order of names.</param>
public sealed record FrozenBackbone(string File, string Checksum)
{
    private const string FileKey = "backbone";
    private const string ChecksumKey = "backbone-checksum";
    private const string Prefix = Backbones.Scope + ".";

    /// <summary>Of the texts that a checkpoint has for this.</summary>
    public static ImmutableArray<string> Keys { get; } = [FileKey, ChecksumKey];

    internal IEnumerable<KeyValuePair<string, string>> Texts => [new(FileKey, File), new(ChecksumKey, Checksum)];

    internal static bool IsOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Of a training; null where the backbone is trained, was not read from a file, or is more than the file.</summary>
    internal static FrozenBackbone? Of(ForwardOptions options, Weights weights) =>
        options is { Weights: null, Backbone: { Freeze: Freeze.All, Grow: false, Weights: { } path } }
            ? new(Path.GetFullPath(path), Hash(weights.At(Backbones.Scope)))
            : null;

    /// <summary>
    /// A checkpoint's weights with the backbone that it speaks of; as they are where it speaks of none. Consumes the weights.
    /// </summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="weights">As in the file.</param>
    /// <param name="texts">Of the file.</param>
    /// <param name="options">Of the reader; its file is looked at first.</param>
    public static Result<Weights, ForwardError> Join(
        string path,
        Weights weights,
        IReadOnlyDictionary<string, string> texts,
        BackboneOptions options
    )
    {
        if (!texts.TryGetValue(ChecksumKey, out var checksum) || texts.GetValueOrDefault(FileKey) is not { } file)
        {
            return weights;
        }

        foreach (var candidate in new[] { options.Weights, file }.OfType<string>().Where(System.IO.File.Exists).Distinct())
        {
            if (BackboneFiles.Read(candidate, options) is Result<Weights, ForwardError>.Ok(var backbone))
            {
                if (Hash(backbone.At(Backbones.Scope)) == checksum)
                {
                    return weights.With(backbone.All);
                }

                backbone.Dispose();
            }
        }

        weights.Dispose();
        return Refusal.OfWeights(
            path,
            $"was trained on the frozen backbone of {file}, and that file {(System.IO.File.Exists(file) ? "holds other numbers now" : "is not there any more")}. "
                + "Put it back, or name another copy of it in forward.backbone.weights."
        );
    }

    /// <summary>The network that a checkpoint's own texts speak of, for a reader that has no settings.</summary>
    public static BackboneOptions OptionsOf(WeightsFile file) =>
        file.Metadata.TryGetValue(FileKey, out var path) && WeightFiles.Open(path) is Result<WeightsFile, WeightsError>.Ok(var opened)
            ? Recognised(opened)
            : new BackboneOptions();

    private static BackboneOptions Recognised(WeightsFile opened)
    {
        using var owned = opened;
        if (KerasResNet.Recognises(opened.Weights))
        {
            return new BackboneOptions();
        }

        return ForwardWeights
                .Recognise(opened.Weights.All.ToDictionary(pair => pair.Key, pair => pair.Value.shape, StringComparer.Ordinal))
                ?.Options.Backbone
            ?? new BackboneOptions();
    }

    private static string Hash(Weights backbone)
    {
        var hash = new XxHash128();
        foreach (var (name, tensor) in backbone.All)
        {
            hash.Append(Encoding.UTF8.GetBytes(name));
            using var local = tensor.cpu().contiguous();
            hash.Append(local.bytes);
        }

        return $"xxh128:{Convert.ToHexStringLower(hash.GetCurrentHash())}";
    }
}

/// <summary>
/// Remembers what stands for the backbone it saw last; a frozen backbone's tensors are the same objects from step to step.
/// </summary>
internal sealed class FrozenBackboneMemo
{
    private (Tensor Seen, FrozenBackbone? Known)? _last;

    public FrozenBackbone? Of(ForwardOptions options, Weights weights)
    {
        var first = weights.At(Backbones.Scope).All.First().Value;
        if (_last is not { } last || !ReferenceEquals(last.Seen, first))
        {
            _last = last = (first, FrozenBackbone.Of(options, weights));
        }

        return last.Known;
    }
}
