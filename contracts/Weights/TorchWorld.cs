using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// The names that torch.save's and numpy's pickles use, and what they mean here; every other stands for something that is not made.
/// </summary>
/// <param name="storages">Where tensors' memory comes from.</param>
internal sealed class TorchWorld(TorchStorages storages) : IPickleWorld
{
    internal const int MostDimensions = 64; // libtorch's limit

    private static readonly HashSet<string> Types =
    [
        "torch.float64",
        "torch.float32",
        "torch.float16",
        "torch.bfloat16",
        "torch.int64",
        "torch.int32",
        "torch.int16",
        "torch.int8",
        "torch.uint8",
        "torch.bool",
        "builtins.list",
        "builtins.dict",
        "builtins.int",
        "builtins.float",
        "builtins.str",
        "builtins.bool",
        "builtins.tuple",
        "__builtin__.list",
        "__builtin__.dict",
        "__builtin__.int",
        "__builtin__.float",
    ];

    /// <summary>
    /// How torch.save keeps a tensor of a class of its own, or with attributes: the function that makes a plain one, and its arguments.
    /// </summary>
    private const string FromType = "torch._tensor._rebuild_from_type_v2";

    private static readonly HashSet<string> Functions =
    [
        FromType,
        "torch._utils._rebuild_parameter_with_state",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        "torch.Size",
        "torch.device",
        "collections.OrderedDict",
        "collections.Counter",
        "collections.defaultdict",
        "builtins.set",
        "builtins.frozenset",
        "__builtin__.set",
        "__builtin__.frozenset",
        "_codecs.encode",
        "builtins.bytes",
        "__builtin__.bytes",
    ];

    internal static readonly Dictionary<string, ScalarType> StorageTypes = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    public TorchObject Global(string name) =>
        Types.Contains(name) || Functions.Contains(name) || StorageTypes.ContainsKey(name) ? new TorchObject.Name(name)
        : NumpyValues.Knows(name) ? new TorchObject.Name(NumpyValues.Canonical(name))
        : new TorchObject.Opaque(name);

    public TorchObject Call(string name, IReadOnlyList<TorchObject> arguments) =>
        (name, arguments) switch
        {
            (
                "torch._utils._rebuild_tensor_v2",
                [TorchObject.Storage memory, var offset, TorchObject.Tuple size, TorchObject.Tuple stride, _, _]
            ) => Rebuild(memory, offset, size, stride),
            (
                "torch._utils._rebuild_tensor_v2",
                [TorchObject.Storage memory, var offset, TorchObject.Tuple size, TorchObject.Tuple stride, _, _, TorchObject.None]
            ) => Rebuild(memory, offset, size, stride),
            ("torch._utils._rebuild_tensor", [TorchObject.Storage memory, var offset, TorchObject.Tuple size, TorchObject.Tuple stride]) =>
                Rebuild(memory, offset, size, stride),
            ("torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor", [TorchObject.Opaque memory, ..]) => memory,
            ("torch._utils._rebuild_parameter", [TorchObject.Array or TorchObject.Opaque, _, _]) => arguments[0],
            ("torch._utils._rebuild_parameter_with_state", [TorchObject.Array or TorchObject.Opaque, _, _, _]) => arguments[0],
            (FromType, [TorchObject.Name(var function), _, TorchObject.Tuple(var inner), _]) when function != FromType => Call(
                function,
                inner
            ),
            (FromType, [TorchObject.Opaque opaque, ..]) => opaque,
            ("torch.Size", [TorchObject.Tuple or TorchObject.List]) => arguments[0],
            ("torch.device", [TorchObject.Text(var device)]) => new TorchObject.Name(device),
            ("torch.device", [TorchObject.Text(var device), TorchObject.Integer(var index)]) => new TorchObject.Name(
                string.Create(CultureInfo.InvariantCulture, $"{device}:{(long)index}")
            ),
            ("collections.OrderedDict" or "collections.Counter", []) => NewDictionary([]),
            ("collections.defaultdict", [_] or []) => NewDictionary([]),
            ("collections.OrderedDict", [TorchObject.List(var pairs)]) => NewDictionary(Copied(pairs).Select(Pair)),
            ("collections.Counter", [TorchObject.Dictionary(var items)]) => NewDictionary(Copied(items)),
            ("builtins.set" or "builtins.frozenset" or "__builtin__.set" or "__builtin__.frozenset", [TorchObject.List(var members)]) =>
                new TorchObject.Set(members),
            ("builtins.bytes" or "__builtin__.bytes", []) => new TorchObject.Bytes(Array.Empty<byte>()),
            ("_codecs.encode", [TorchObject.Text(var text), TorchObject.Text("latin1" or "latin-1")]) => new TorchObject.Bytes(
                Latin1Bytes(text)
            ),
            _ when NumpyValues.Knows(name) => NumpyValues.Call(name, arguments, storages),
            _ when Functions.Contains(name) => throw new InvalidDataException(
                $"the pickle calls {name} with arguments that torch.save never writes"
            ),
            _ => new TorchObject.Opaque(name),
        };

    /// <summary>
    /// An array of numpy gets its content, its element type a byte order; attributes of anything else (module versions of an OrderedDict)
    /// are left aside.
    /// </summary>
    public TorchObject Build(TorchObject target, TorchObject state) =>
        target switch
        {
            TorchObject.Dictionary or TorchObject.Opaque or TorchObject.Array => target,
            TorchObject.Unbuilt unbuilt => NumpyValues.Fill(unbuilt, state, storages),
            TorchObject.ElementType element => NumpyValues.WithByteOrder(element, state),
            _ => throw new InvalidDataException("the pickle sets attributes of something other than a dictionary"),
        };

    /// <summary>
    /// ('storage', type, key, location, elements) in zips; in streams a sixth says which view of the storage, None in any file since 2017.
    /// </summary>
    public TorchObject Persistent(TorchObject id)
    {
        if (id is not TorchObject.Tuple(var parts) || parts is not [TorchObject.Text(var kind), ..])
        {
            throw new InvalidDataException("the pickle refers to a storage in a way that torch.save never writes");
        }

        if (kind == "module")
        {
            return new TorchObject.Opaque(
                parts.Skip(1).FirstOrDefault() is TorchObject.Opaque(var of) ? of : "a whole module with its source code"
            );
        }

        if (kind == "storage" && parts.Count is 5 or 6 && parts[1] is TorchObject.Opaque unknown)
        {
            return new TorchObject.Opaque(unknown.Of); // elements that have no type here: complex, quantized
        }

        return
            kind == "storage"
            && parts.Count is 5 or 6
            && parts.Skip(5).All(view => view is TorchObject.None)
            && parts[1] is TorchObject.Name(var type)
            && StorageTypes.TryGetValue(type, out var element)
            && parts[2] is TorchObject.Text(var key)
            && parts[4] is TorchObject.Integer(var count)
            ? new TorchObject.Storage(storages.Refer(key, element, Number(count)))
            : throw new InvalidDataException("the pickle refers to a storage in a way that torch.save never writes");
    }

    private TorchObject.Array Rebuild(TorchObject.Storage memory, TorchObject offset, TorchObject.Tuple size, TorchObject.Tuple stride)
    {
        var (shape, strides) = (Numbers(size), Numbers(stride));
        var start = Number(offset);
        if (shape.Length != strides.Length || shape.Length > MostDimensions || TensorData.ByteCount(memory.Elements.dtype, shape) is null)
        {
            throw new InvalidDataException(
                $"a tensor of shape [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}] cannot be"
            );
        }

        if (shape.Contains(0))
        {
            return new TorchObject.Array(storages.Own(TensorData.Allocate(memory.Elements.dtype, shape)));
        }

        var last = shape.Zip(strides).Aggregate((Int128)start, (sum, axis) => sum + ((Int128)(axis.First - 1) * axis.Second));
        if (last >= memory.Elements.shape[0])
        {
            throw new InvalidDataException(
                $"a tensor of shape [{string.Join(", ", shape)}] reaches element {last} of a storage of {memory.Elements.shape[0]}"
            );
        }

        return new TorchObject.Array(storages.Own(memory.Elements.as_strided(shape, strides, start)));
    }

    private byte[] Latin1Bytes(string text)
    {
        storages.SpendCopy(text.Length);
        return System.Text.Encoding.Latin1.GetBytes(text);
    }

    private IReadOnlyList<T> Copied<T>(IReadOnlyList<T> items)
    {
        storages.SpendCopy((long)items.Count * Unsafe.SizeOf<T>());
        return items;
    }

    private static TorchObject.Dictionary NewDictionary(IEnumerable<KeyValuePair<TorchObject, TorchObject>> items) => new(items.ToList());

    private static KeyValuePair<TorchObject, TorchObject> Pair(TorchObject item) =>
        item switch
        {
            TorchObject.Tuple([var key, var value]) => KeyValuePair.Create(key, value),
            TorchObject.List([var key, var value]) => KeyValuePair.Create(key, value),
            _ => throw new InvalidDataException("the pickle makes a dictionary of something other than pairs"),
        };

    internal static long[] Numbers(TorchObject.Tuple tuple) => [.. tuple.Items.Select(Number)];

    internal static long Number(TorchObject value) =>
        value is TorchObject.Integer(var number)
            ? Number(number)
            : throw new InvalidDataException("the pickle has something that is no integer where a size must be");

    internal static long Number(BigInteger number) =>
        number >= 0 && number <= long.MaxValue
            ? (long)number
            : throw new InvalidDataException($"the pickle has a size of {number.GetBitLength()} bits");
}
