namespace TorchSharp;

/// <summary>
/// An argument of an operator, before it is laid out for the C ABI. Implicit conversions let a call read as the schema does:
/// <c>One(Aten.add, a, b, 2.0)</c>; a span of them lives on the caller's stack.
/// </summary>
internal readonly struct Arg
{
    public readonly Tag Tag;
    public readonly long Bits;
    public readonly object? Reference;

    private Arg(Tag tag, long bits, object? reference = null)
    {
        Tag = tag;
        Bits = bits;
        Reference = reference;
    }

    /// <summary>Takes the schema's default.</summary>
    public static Arg Default => new(Tag.Default, 0);

    public static Arg None => new(Tag.None, 0);

    public static implicit operator Arg(torch.Tensor? value) => value is null ? None : new(Tag.Tensor, 0, value);

    public static implicit operator Arg(torch.Tensor?[] value) => new(Tag.TensorList, 0, value);

    public static implicit operator Arg(long value) => new(Tag.Int, value);

    public static implicit operator Arg(long? value) => value is { } v ? new(Tag.Int, v) : None;

    public static implicit operator Arg(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Arg(double? value) => value is { } v ? new(Tag.Double, BitConverter.DoubleToInt64Bits(v)) : None;

    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static implicit operator Arg(bool? value) => value is { } v ? new(Tag.Bool, v ? 1 : 0) : None;

    public static implicit operator Arg(string? value) => value is null ? None : new(Tag.String, 0, value);

    public static implicit operator Arg(Scalar? value) => value is null ? None : new(value.Tag, value.Bits);

    public static implicit operator Arg(torch.ScalarType value) => new(Tag.Int, (long)value);

    public static implicit operator Arg(torch.ScalarType? value) => value is { } v ? new(Tag.Int, (long)v) : None;

    public static implicit operator Arg(torch.Device? value) => value is null ? None : new(Tag.Device, value.Packed);

    public static implicit operator Arg(torch.Generator? value) => value is null ? None : new(Tag.Generator, value.Handle, value);

    public static implicit operator Arg(long[]? value) => value is null ? None : new(Tag.IntList, 0, value);

    public static implicit operator Arg(double[]? value) => value is null ? None : new(Tag.DoubleList, 0, value);

    public static implicit operator Arg(bool[]? value) => value is null ? None : new(Tag.BoolList, 0, value);

    public static implicit operator Arg(ReadOnlySpan<long> value) => new(Tag.IntList, 0, value.ToArray());
}
