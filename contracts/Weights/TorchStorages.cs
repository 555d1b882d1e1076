using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// The memory that a file's tensors share, by the key it has in the file. It is allocated when the pickle first refers to it, all of it
/// together never more than the file is long, and filled when the file's data are read. Owns every tensor that is made of it.
/// </summary>
/// <param name="budgetBytes">Length of the file.</param>
internal sealed class TorchStorages(long budgetBytes) : IDisposable
{
    private const long CopiesFactor = 4;
    private const long CopiesFloor = 1 << 16;
    private readonly Dictionary<string, Tensor> _byKey = new(StringComparer.Ordinal);
    private readonly List<Tensor> _owned = [];
    private long _left = budgetBytes;
    private long _copies = CopiesFloor + (CopiesFactor * budgetBytes);

    public IReadOnlyDictionary<string, Tensor> ByKey => _byKey;

    public Tensor Refer(string key, ScalarType type, long count)
    {
        if (_byKey.TryGetValue(key, out var known))
        {
            return known.dtype == type && known.shape[0] == count
                ? known
                : throw new InvalidDataException($"storage {key} is referred to with two types or two lengths");
        }

        Spend(TensorData.ByteCount(type, [count]), $"storage {key} of {count} elements");
        return _byKey[key] = Own(TensorData.Allocate(type, [count]));
    }

    /// <summary>Memory that no storage of the file fills: an array of numpy, whose bytes are in the pickle itself.</summary>
    public Tensor Allocate(ScalarType type, long[] shape)
    {
        Spend(TensorData.ByteCount(type, shape), $"an array of {TensorData.Describe(type, shape)}");
        return Own(TensorData.Allocate(type, shape));
    }

    /// <summary>
    /// Counts a copy of something that the pickle may ask for any number of times; all of them together stay a small multiple of the file.
    /// </summary>
    public void SpendCopy(long bytes)
    {
        _copies -= bytes;
        if (_copies < 0)
        {
            throw new InvalidDataException("the pickle copies the same content more often than any that was saved");
        }
    }

    private void Spend(long? bytes, string what)
    {
        if (bytes is not { } known || known > _left)
        {
            throw new InvalidDataException($"{what} is larger than what is left of the file");
        }

        _left -= known;
    }

    /// <summary>Takes a tensor that lives as long as the document.</summary>
    public Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    /// <summary>Hands all tensors over with the content they belong to.</summary>
    public TorchDocument Complete(TorchObject root, WeightsFormat format)
    {
        foreach (var (key, storage) in _byKey)
        {
            TensorData.CheckBools(storage, $"storage {key}");
        }

        var document = new TorchDocument(root, format, [.. _owned]);
        _owned.Clear();
        return document;
    }

    public void Dispose() => _owned.ForEach(tensor => tensor.Dispose());
}
