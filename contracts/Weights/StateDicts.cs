using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Finds the weights in what a pickle held.</summary>
internal static class StateDicts
{
    /// <summary>
    /// Where training scripts keep a model's state dict, the first there is: PyTorch's examples, Lightning, mmengine, detectron2 and
    /// AdelaiDet (model), Detectron (blobs), DeepSpeed (module), BasicSR (params), timm and mmengine for averaged weights.
    /// </summary>
    private static readonly string[] Holders =
    [
        "state_dict",
        "model_state_dict",
        "model_state",
        "model",
        "module",
        "net",
        "network",
        "net_state_dict",
        "params",
        "weights",
        "blobs",
        "ema_state_dict",
        "state_dict_ema",
        "model_ema",
        "params_ema",
        "ema",
    ];

    /// <summary>Keys that begin so hold the state of a training, whose tensors are no weights.</summary>
    private static readonly string[] OfTraining =
    [
        "optim",
        "lr_",
        "sched",
        "scaler",
        "amp",
        "rng",
        "random",
        "grad",
        "callbacks",
        "loops",
        "momentum_buffer",
    ];

    private const int MostDepth = 4;

    /// <summary>
    /// An expanded view may be larger than the storage it repeats; what is then copied for it must still be near the file's length.
    /// </summary>
    private const long ExpandedFactor = 4;
    private const long ExpandedFloor = 1 << 20;

    /// <summary>
    /// The weights with names of what is beside them. The tensors are handles of their own: the document may be disposed.
    /// </summary>
    public static Result<WeightsFile, WeightsError> In(TorchObject root, string path, WeightsFormat format) =>
        from found in Find(root, path)
        from weights in ToWeights(found.Dictionary, path)
        select Bare(format, weights, [.. found.Beside.Concat(Others(found.Dictionary)).Distinct(StringComparer.Ordinal)]);

    private static WeightsFile Bare(WeightsFormat format, Weights weights, ImmutableArray<string> beside)
    {
        var (bare, hadModule, hadWrapper) = WeightNames.Unwrapped(weights);
        return new WeightsFile(format, bare, beside, ImmutableSortedDictionary<string, string>.Empty, hadModule, hadWrapper);
    }

    private static Result<(TorchObject.Dictionary Dictionary, ImmutableArray<string> Beside), WeightsError> Find(
        TorchObject root,
        string path
    )
    {
        if (AsDictionary(root) is not { } dictionary)
        {
            return root switch
            {
                TorchObject.Opaque(var of) => new WeightsError.Refused(path, of),
                TorchObject.Name(var of) => new WeightsError.Refused(path, of),
                _ => new WeightsError.NoWeights(path, $"its content is a {root.GetType().Name}"),
            };
        }

        return Held(dictionary, 0, new(ReferenceEqualityComparer.Instance)) is { } held
            ? held
            : new WeightsError.NoWeights(path, $"its keys are {string.Join(", ", dictionary.Items.Take(8).Select(Described))}");
    }

    /// <summary>
    /// The dictionary of tensors that is meant, and what lies beside it on the way there. Each dictionary is looked at once, however often
    /// it is named.
    /// </summary>
    private static (TorchObject.Dictionary Dictionary, ImmutableArray<string> Beside)? Held(
        TorchObject.Dictionary dictionary,
        int depth,
        HashSet<object> seen
    )
    {
        if (!seen.Add(dictionary.Items))
        {
            return null;
        }

        foreach (var holder in Holders)
        {
            if (
                depth < MostDepth
                && dictionary.Find(holder) is { } value
                && AsDictionary(value) is { } inner
                && Held(inner, depth + 1, seen) is { } held
            )
            {
                return (held.Dictionary, [.. Keys(dictionary).Where(key => key != holder), .. held.Beside]);
            }
        }

        return HasTensors(dictionary) ? (dictionary, []) : Largest(dictionary, depth, seen);
    }

    /// <summary>Under a name that no list has: the one that holds the most tensors and is not the state of a training.</summary>
    private static (TorchObject.Dictionary Dictionary, ImmutableArray<string> Beside)? Largest(
        TorchObject.Dictionary dictionary,
        int depth,
        HashSet<object> seen
    ) =>
        depth >= MostDepth
            ? null
            : (
                from item in dictionary.Items
                where
                    item.Key is TorchObject.Text(var key)
                    && !OfTraining.Any(start => key.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                let inner = AsDictionary(item.Value)
                where inner is not null
                let held = Held(inner, depth + 1, seen)
                where held is not null
                select ((TorchObject.Dictionary Dictionary, ImmutableArray<string> Beside)?)
                    (
                        held.Value.Dictionary,
                        [.. Keys(dictionary).Where(key => key != ((TorchObject.Text)item.Key).Value), .. held.Value.Beside]
                    )
            ).MaxBy(held => held!.Value.Dictionary.Items.Count(IsTensor));

    private static TorchObject.Dictionary? AsDictionary(TorchObject value) =>
        value switch
        {
            TorchObject.Dictionary dictionary => dictionary,
            TorchObject.Opaque { Items: { Count: > 0 } items } => new TorchObject.Dictionary(items),
            _ => null,
        };

    private static bool HasTensors(TorchObject.Dictionary dictionary) => dictionary.Items.Any(IsTensor);

    private static bool IsTensor(KeyValuePair<TorchObject, TorchObject> item) =>
        item is { Key: TorchObject.Text, Value: TorchObject.Array };

    private static IEnumerable<string> Keys(TorchObject.Dictionary dictionary) =>
        dictionary.Items.Select(item => item.Key is TorchObject.Text(var key) ? key : "no text");

    /// <summary>Entries that are no tensors, as state dicts have some (weight_order, _extra_state, numbers).</summary>
    private static IEnumerable<string> Others(TorchObject.Dictionary dictionary) =>
        dictionary.Items.Where(item => !IsTensor(item)).Select(Described);

    private static string Described(KeyValuePair<TorchObject, TorchObject> item) =>
        (item.Key is TorchObject.Text(var key) ? key : "no text")
        + (item.Value is TorchObject.Opaque(var of) ? $" ({of}, which is not executed)" : "");

    private static Result<Weights, WeightsError> ToWeights(TorchObject.Dictionary dictionary, string path)
    {
        var byName = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Items)
        {
            if (key is TorchObject.Text(var name) && value is TorchObject.Array(var tensor))
            {
                byName[name] = tensor; // a name that is there twice means the later, as in Python
            }
        }

        return Excess(byName, path) is { } problem
            ? problem
            : Weights.Of(byName.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.alias().DetachFromDisposeScope())));
    }

    private static WeightsError.Corrupt? Excess(Dictionary<string, Tensor> tensors, string path)
    {
        var limit = ExpandedFloor + (ExpandedFactor * new FileInfo(path).Length);
        var total = (Int128)0;
        foreach (var (name, tensor) in tensors)
        {
            total += TensorData.ByteCount(tensor.dtype, tensor.shape)!.Value;
            if (total > limit)
            {
                return new WeightsError.Corrupt(
                    path,
                    $"{name} is {TensorData.Describe(tensor.dtype, tensor.shape)}: views that repeat their elements beyond {ExpandedFactor} times the file's length are not read"
                );
            }
        }

        return null;
    }
}
