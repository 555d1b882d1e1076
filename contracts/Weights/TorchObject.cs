using System.Numerics;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// A value of a pickle. Lists and dictionaries are by reference, as in Python: one that was saved under two names is one object.
/// </summary>
public abstract record TorchObject
{
    private TorchObject() { }

    public sealed record None : TorchObject;

    public sealed record Boolean(bool Value) : TorchObject;

    /// <summary>Of any size, as Python's are.</summary>
    public sealed record Integer(BigInteger Value) : TorchObject;

    public sealed record Number(double Value) : TorchObject;

    public sealed record Text(string Value) : TorchObject;

    public sealed record Bytes(ReadOnlyMemory<byte> Value) : TorchObject;

    public sealed record List(IReadOnlyList<TorchObject> Items) : TorchObject;

    public sealed record Tuple(IReadOnlyList<TorchObject> Items) : TorchObject;

    public sealed record Set(IReadOnlyList<TorchObject> Items) : TorchObject;

    /// <summary>dict, OrderedDict, Counter or defaultdict, in order of insertion. Keys may repeat: the last holds.</summary>
    public sealed record Dictionary(IReadOnlyList<KeyValuePair<TorchObject, TorchObject>> Items) : TorchObject
    {
        /// <summary>The value under a text key.</summary>
        public TorchObject? Find(string key) => Items.LastOrDefault(item => item.Key is Text(var text) && text == key).Value;
    }

    /// <summary>
    /// A tensor, a Parameter or an array of numpy, on the CPU, with the strides it was saved with; several may share memory.
    /// </summary>
    public sealed record Array(Tensor Value) : TorchObject;

    /// <summary>Memory that is no tensor: as many elements as it holds.</summary>
    public sealed record Storage(Tensor Elements) : TorchObject;

    /// <summary>A type or a constant: torch.float32, collections.OrderedDict.</summary>
    public sealed record Name(string Value) : TorchObject;

    /// <summary>
    /// What only Python code could make: an object of a class that is not known here, or what a function would have given. It was not made;
    /// it has the name of the class or function, and the items that a dictionary of such a class was given.
    /// </summary>
    public sealed record Opaque(string Of) : TorchObject
    {
        internal List<KeyValuePair<TorchObject, TorchObject>> Items { get; } = [];
    }

    /// <summary>What numpy says of its elements. The byte order follows the type in the pickle, so it is set in place.</summary>
    internal sealed record ElementType(ScalarType Type) : TorchObject
    {
        public bool IsBigEndian { get; set; }
    }

    /// <summary>An array of numpy without content; what it is once it was given some.</summary>
    internal sealed record Unbuilt : TorchObject
    {
        public TorchObject? Became { get; set; }
    }
}

/// <summary>A file's content with the tensors in it, which it owns.</summary>
public sealed class TorchDocument : IDisposable
{
    private readonly IReadOnlyList<Tensor> _tensors;

    internal TorchDocument(TorchObject root, WeightsFormat format, IReadOnlyList<Tensor> tensors) =>
        (Root, Format, _tensors) = (root, format, tensors);

    public TorchObject Root { get; }

    public WeightsFormat Format { get; }

    public void Dispose()
    {
        foreach (var tensor in _tensors)
        {
            tensor.Dispose();
        }
    }
}
