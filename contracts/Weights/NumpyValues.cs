using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// Arrays and numbers of numpy in a pickle, read as numpy would rebuild them: an array is made empty and then given its shape, type, order
/// and bytes; from protocol 5 on it is made of a buffer. Arrays of objects, texts or structures are not made.
/// </summary>
/// <remarks>numpy, numpy/core/src/multiarray/methods.c, array_reduce and array_setstate.</remarks>
internal static class NumpyValues
{
    private const string Reconstruct = "numpy.core.multiarray._reconstruct";
    private const string Scalar = "numpy.core.multiarray.scalar";
    private const string FromBuffer = "numpy.core.numeric._frombuffer";
    private const string Type = "numpy.dtype";
    private const string Array = "numpy.ndarray";

    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["f8"] = ScalarType.Float64,
        ["f4"] = ScalarType.Float32,
        ["f2"] = ScalarType.Float16,
        ["i8"] = ScalarType.Int64,
        ["i4"] = ScalarType.Int32,
        ["i2"] = ScalarType.Int16,
        ["i1"] = ScalarType.Int8,
        ["u1"] = ScalarType.Byte,
        ["b1"] = ScalarType.Bool,
    };

    public static bool Knows(string name) => Canonical(name) is Reconstruct or Scalar or FromBuffer or Type or Array;

    /// <summary>numpy 2 calls numpy.core numpy._core.</summary>
    public static string Canonical(string name) =>
        name.StartsWith("numpy._core.", StringComparison.Ordinal) ? $"numpy.core.{name["numpy._core.".Length..]}" : name;

    public static TorchObject Call(string name, IReadOnlyList<TorchObject> arguments, TorchStorages storages) =>
        (Canonical(name), arguments) switch
        {
            (Reconstruct, [TorchObject.Name(Array), TorchObject.Tuple, _]) => new TorchObject.Unbuilt(),
            (Type, [TorchObject.Text(var code), ..]) => TypeOf(code),
            (Scalar, [TorchObject.Opaque type, _]) => type,
            (FromBuffer, [_, TorchObject.Opaque type, TorchObject.Tuple, TorchObject.Text]) => type,
            (Scalar, [TorchObject.ElementType type, var content]) => Number(type, MemoryOf(content)),
            (FromBuffer, [var content, TorchObject.ElementType type, TorchObject.Tuple shape, TorchObject.Text(var order)]) => Make(
                TorchWorld.Numbers(shape),
                type,
                order == "F",
                MemoryOf(content),
                storages
            ),
            _ => throw new InvalidDataException($"the pickle calls {name} with arguments that numpy never writes"),
        };

    /// <summary>(version, shape, type, isFortran, bytes); without the version in the oldest files.</summary>
    public static TorchObject Fill(TorchObject.Unbuilt target, TorchObject state, TorchStorages storages)
    {
        if (target.Became is not null)
        {
            throw new InvalidDataException("the pickle fills an array twice");
        }

        TorchObject made = state switch
        {
            TorchObject.Tuple([TorchObject.Integer, TorchObject.Tuple, TorchObject.Opaque type, _, _]) => type,
            TorchObject.Tuple([TorchObject.Tuple, TorchObject.Opaque type, _, _]) => type,
            TorchObject.Tuple([TorchObject.Integer, TorchObject.Tuple shape, TorchObject.ElementType type, var fortran, var content]) =>
                Make(shape, type, fortran, content),
            TorchObject.Tuple([TorchObject.Tuple shape, TorchObject.ElementType type, var fortran, var content]) => Make(
                shape,
                type,
                fortran,
                content
            ),
            _ => throw new InvalidDataException("the pickle fills an array in a way that numpy never writes"),
        };
        target.Became = made;
        return made;

        TorchObject.Array Make(TorchObject.Tuple shape, TorchObject.ElementType type, TorchObject fortran, TorchObject content) =>
            NumpyValues.Make(TorchWorld.Numbers(shape), type, IsTrue(fortran), MemoryOf(content), storages);
    }

    /// <summary>(version, byte order, ...): of plain numbers only the order matters.</summary>
    public static TorchObject.ElementType WithByteOrder(TorchObject.ElementType target, TorchObject state)
    {
        if (state is not TorchObject.Tuple([TorchObject.Integer, TorchObject.Text(">" or "<" or "=" or "|") order, ..]))
        {
            throw new InvalidDataException("the pickle describes an element type in a way that numpy never writes");
        }

        target.IsBigEndian = order.Value == ">";
        return target;
    }

    /// <summary>Element types that tensors do not have (texts, structures, dates, objects) stand for something that is not made.</summary>
    private static TorchObject TypeOf(string code)
    {
        var isBig = code.StartsWith('>');
        var plain = code.TrimStart('<', '>', '=', '|');
        return Types.TryGetValue(plain, out var type)
            ? new TorchObject.ElementType(type) { IsBigEndian = isBig }
            : new TorchObject.Opaque($"numpy.dtype {Shown(code)}");
    }

    private static string Shown(string code) =>
        code.Length <= 20 && code.All(letter => letter is > ' ' and < (char)127) ? code : "of another kind";

    private static TorchObject.Array Make(
        long[] shape,
        TorchObject.ElementType type,
        bool isFortran,
        ReadOnlyMemory<byte> bytes,
        TorchStorages storages
    )
    {
        if (shape.Length > TorchWorld.MostDimensions || TensorData.ByteCount(type.Type, shape) is not { } count || count != bytes.Length)
        {
            throw new InvalidDataException($"an array of {TensorData.Describe(type.Type, shape)} has {bytes.Length} bytes");
        }

        var tensor = storages.Allocate(type.Type, isFortran ? [.. shape.Reverse()] : shape);
        var memory = tensor.bytes;
        bytes.Span.CopyTo(memory);
        if (type.IsBigEndian)
        {
            Turn(memory, TensorData.SizeOf(type.Type));
        }

        TensorData.CheckBools(tensor, "an array");
        return new TorchObject.Array(
            !isFortran || shape.Length < 2
                ? tensor
                : storages.Own(tensor.permute([.. Enumerable.Range(0, shape.Length).Reverse().Select(axis => (long)axis)]))
        );
    }

    private static void Turn(Span<byte> memory, int size)
    {
        for (var at = 0; size > 1 && at < memory.Length; at += size)
        {
            memory.Slice(at, size).Reverse();
        }
    }

    /// <summary>The memory of an array is bytes in Python 3's pickles, a text of one letter a byte in Python 2's.</summary>
    private static ReadOnlyMemory<byte> MemoryOf(TorchObject content) =>
        content switch
        {
            TorchObject.Bytes(var bytes) => bytes,
            TorchObject.Text(var text) when text.All(letter => letter <= 0xff) => Encoding.Latin1.GetBytes(text),
            TorchObject.List => throw new InvalidDataException("an array holds Python objects, not numbers"),
            _ => throw new InvalidDataException("the pickle fills an array with something that is no memory"),
        };

    private static bool IsTrue(TorchObject value) =>
        value is TorchObject.Boolean(true) || (value is TorchObject.Integer(var number) && !number.IsZero);

    private static TorchObject Number(TorchObject.ElementType type, ReadOnlyMemory<byte> content)
    {
        var size = TensorData.SizeOf(type.Type);
        if (content.Length != size)
        {
            throw new InvalidDataException($"a number of {TensorData.NameOf(type.Type)} has {content.Length} bytes");
        }

        var bytes = content.ToArray();
        if (type.IsBigEndian)
        {
            bytes.AsSpan().Reverse();
        }

        return type.Type switch
        {
            ScalarType.Float64 => new TorchObject.Number(BitConverter.ToDouble(bytes)),
            ScalarType.Float32 => new TorchObject.Number(BitConverter.ToSingle(bytes)),
            ScalarType.Float16 => new TorchObject.Number((double)BitConverter.ToHalf(bytes)),
            ScalarType.Bool => new TorchObject.Boolean(bytes[0] != 0),
            ScalarType.Byte => new TorchObject.Integer(bytes[0]),
            ScalarType.Int8 => new TorchObject.Integer((sbyte)bytes[0]),
            ScalarType.Int16 => new TorchObject.Integer(BitConverter.ToInt16(bytes)),
            ScalarType.Int32 => new TorchObject.Integer(BitConverter.ToInt32(bytes)),
            _ => new TorchObject.Integer(BitConverter.ToInt64(bytes)),
        };
    }
}
