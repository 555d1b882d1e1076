using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Finds the weights in what a pickle held.</summary>
internal static class StateDicts
{
    /// <summary>Where training scripts keep a model's state dict: PyTorch's examples, detectron2 and AdelaiDet (model), Detectron (blobs).</summary>
    private static readonly string[] Holders = ["state_dict", "model_state_dict", "model", "net", "params", "blobs"];

    /// <summary>An expanded view may be larger than the storage it repeats; what is then copied for it must still be near the file's length.</summary>
    private const long ExpandedFactor = 4;
    private const long ExpandedFloor = 1 << 20;

    /// <summary>The weights with names of what is beside them. The tensors are handles of their own: the document may be disposed.</summary>
    public static Result<WeightsFile, WeightsError> In(TorchObject root, string path, WeightsFormat format) =>
        from found in Find(root, path)
        from weights in ToWeights(found.Dictionary, path, others: format == WeightsFormat.Pickle)
        select Bare(format, weights, found.Beside);

    private static WeightsFile Bare(WeightsFormat format, Weights weights, ImmutableArray<string> beside)
    {
        var (bare, hadModule) = WeightNames.WithoutModule(weights);
        return new WeightsFile(format, bare, beside, ImmutableSortedDictionary<string, string>.Empty, hadModule);
    }

    private static Result<(TorchObject.Dictionary Dictionary, ImmutableArray<string> Beside), WeightsError> Find(TorchObject root, string path)
    {
        if (root is not TorchObject.Dictionary dictionary)
        {
            return new WeightsError.NoWeights(path, $"its content is a {root.GetType().Name}");
        }

        foreach (var holder in Holders)
        {
            if (dictionary.Find(holder) is TorchObject.Dictionary held && HasTensors(held))
            {
                return (held, [.. Keys(dictionary).Where(key => key != holder).Distinct(StringComparer.Ordinal)]);
            }
        }

        return HasTensors(dictionary) ? (dictionary, [])
            : new WeightsError.NoWeights(path, $"its keys are {string.Join(", ", Keys(dictionary).Take(8))}");
    }

    private static bool HasTensors(TorchObject.Dictionary dictionary) => dictionary.Items.Any(item => item.Value is TorchObject.Array);

    private static IEnumerable<string> Keys(TorchObject.Dictionary dictionary) => dictionary.Items.Select(item => item.Key is TorchObject.Text(var key) ? key : "no text");

    /// <param name="others">Entries that are no tensors are left out, as Detectron's files have some (weight_order); otherwise they are refused.</param>
    private static Result<Weights, WeightsError> ToWeights(TorchObject.Dictionary dictionary, string path, bool others)
    {
        var byName = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Items)
        {
            if (key is TorchObject.Text(var name) && value is TorchObject.Array(var tensor))
            {
                byName[name] = tensor; // a name that is there twice means the later, as in Python
            }
            else if (!others)
            {
                return new WeightsError.NoWeights(path, $"its entry {(key is TorchObject.Text(var text) ? text : "without a name")} is a {value.GetType().Name}, not a tensor");
            }
        }

        return Excess(byName, path) is { } problem ? problem
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
                return new WeightsError.Corrupt(path, $"{name} is {TensorData.Describe(tensor.dtype, tensor.shape)}: views that repeat their elements beyond {ExpandedFactor} times the file's length are not read");
            }
        }

        return null;
    }
}
