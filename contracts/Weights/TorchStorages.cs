using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// The memory that a file's tensors share, by the key it has in the file. It is allocated when the pickle first refers to it, all of it together
/// never more than the file is long, and filled when the file's data are read. Owns every tensor that is made of it.
/// </summary>
/// <param name="budgetBytes">Length of the file.</param>
internal sealed class TorchStorages(long budgetBytes) : IDisposable
{
    private readonly Dictionary<string, Tensor> _byKey = new(StringComparer.Ordinal);
    private readonly List<Tensor> _owned = [];
    private long _left = budgetBytes;

    public IReadOnlyDictionary<string, Tensor> ByKey => _byKey;

    public Tensor Refer(string key, ScalarType type, long count)
    {
        if (_byKey.TryGetValue(key, out var known))
        {
            return known.dtype == type && known.shape[0] == count ? known : throw new InvalidDataException($"storage {key} is referred to with two types or two lengths");
        }

        if (TensorData.ByteCount(type, [count]) is not { } bytes || bytes > _left)
        {
            throw new InvalidDataException($"storage {key} of {count} elements is larger than what is left of the file");
        }

        TensorData.CheckReadable(bytes, $"storage {key}");
        _left -= bytes;
        return _byKey[key] = Own(TensorData.Allocate(type, [count]));
    }

    /// <summary>Takes a tensor that lives as long as the document.</summary>
    public Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    /// <summary>Hands all tensors over with the content they belong to.</summary>
    public TorchDocument Complete(TorchObject root)
    {
        foreach (var (key, storage) in _byKey)
        {
            if (storage.dtype == ScalarType.Bool && storage.bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
            {
                throw new InvalidDataException($"storage {key} is of bool and holds bytes other than 0 and 1");
            }
        }

        var document = new TorchDocument(root, [.. _owned]);
        _owned.Clear();
        return document;
    }

    public void Dispose() => _owned.ForEach(tensor => tensor.Dispose());
}
