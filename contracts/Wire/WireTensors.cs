using MessagePack;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>What a message says of one of its tensors.</summary>
/// <param name="Name">The message's property.</param>
/// <param name="Type">Element type.</param>
/// <param name="Dimensions">Number of dimensions.</param>
/// <param name="IsOptional">Nil may stand in its place.</param>
internal sealed record TensorRule(string Name, ScalarType Type, int Dimensions, bool IsOptional = false);

/// <summary>A tensor as a header declares it; its bytes come later.</summary>
internal sealed record TensorDeclaration(ScalarType Type, long[] Shape, long Bytes);

/// <summary>The tensors of each message type, in the order of the wire (docs/wire-format.md, "Messages").</summary>
internal static class WireTensors
{
    public static readonly TensorRule[] None = [];

    public static readonly TensorRule[] FramePair =
    [
        new("First", ScalarType.Byte, 3),
        new("Second", ScalarType.Byte, 3),
        new("KnownFlow", ScalarType.Float32, 3, IsOptional: true),
    ];

    public static readonly TensorRule[] FlowFrame = [new("Image", ScalarType.Byte, 3), new("Flow", ScalarType.Float32, 3)];

    public static readonly TensorRule[] Prediction =
    [
        new("Maps.ClassLogits", ScalarType.Float32, 2),
        new("Maps.BoxRegression", ScalarType.Float32, 2),
        new("Maps.Centerness", ScalarType.Float32, 1),
        new("Targets.Labels", ScalarType.Int64, 1),
        new("Targets.Regression", ScalarType.Float32, 2),
        new("Instances.MaskLogits", ScalarType.Float32, 3),
        new("Instances.Images", ScalarType.Int64, 1),
        new("Instances.Boxes", ScalarType.Int64, 1),
        new("Scene.Boxes", ScalarType.Float32, 2),
        new("Scene.BoxImages", ScalarType.Int64, 1),
        new("Scene.ColourImages", ScalarType.Byte, 4),
        new("Scene.FlowImages", ScalarType.Float32, 4),
        new("Scene.ValidSizes", ScalarType.Int64, 2),
    ];

    public static readonly TensorRule[] Gradient =
    [
        new("Maps.ClassLogits", ScalarType.Float32, 2),
        new("Maps.BoxRegression", ScalarType.Float32, 2),
        new("Maps.Centerness", ScalarType.Float32, 1),
        new("MaskLogits", ScalarType.Float32, 3),
    ];

    /// <exception cref="ArgumentException">A tensor is not what the message's contract says: a bug of the sender.</exception>
    public static void Write(ref MessagePackWriter writer, TensorRule[] rules, IReadOnlyList<Tensor?> tensors)
    {
        writer.WriteArrayHeader(rules.Length);
        foreach (var (rule, tensor) in rules.Zip(tensors))
        {
            if (tensor is null)
            {
                writer.WriteNil();
                continue;
            }

            var shape = tensor.shape;
            if (Violation(rule, tensor.dtype, shape) is { } violation)
            {
                throw new ArgumentException(violation);
            }

            writer.WriteArrayHeader(2);
            writer.Write(TensorData.NameOf(tensor.dtype));
            writer.WriteArrayHeader(shape.Length);
            foreach (var size in shape)
            {
                writer.Write(size);
            }
        }
    }

    /// <exception cref="InvalidDataException">A declaration that breaks its rule.</exception>
    public static TensorDeclaration?[] Read(ref MessagePackReader reader, TensorRule[] rules)
    {
        WireFields.Expect(ref reader, rules.Length, "tensors");
        var declared = new TensorDeclaration?[rules.Length];
        for (var i = 0; i < rules.Length; i++)
        {
            declared[i] = rules[i].IsOptional && reader.TryReadNil() ? null : ReadOne(ref reader, rules[i]);
        }

        return declared;
    }

    private static TensorDeclaration ReadOne(ref MessagePackReader reader, TensorRule rule)
    {
        WireFields.Expect(ref reader, 2, rule.Name);
        var name = WireFields.Text(ref reader);
        var type = TensorData.TypeOf(name) ?? throw new InvalidDataException($"{rule.Name} has the unknown element type {name}");
        var dimensions = reader.ReadArrayHeader();
        if (dimensions != rule.Dimensions)
        {
            throw new InvalidDataException($"{rule.Name} must have {rule.Dimensions} dimensions, not {dimensions}");
        }

        var shape = new long[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            shape[i] = (long)Math.Min(reader.ReadUInt64(), long.MaxValue);
        }

        if (Violation(rule, type, shape) is { } violation)
        {
            throw new InvalidDataException(violation);
        }

        var bytes =
            TensorData.ByteCount(type, shape)
            ?? throw new InvalidDataException($"{rule.Name} has a size that no tensor has: {TensorData.Describe(type, shape)}");
        TensorData.CheckReadable(bytes, rule.Name);
        return new TensorDeclaration(type, shape, bytes);
    }

    private static string? Violation(TensorRule rule, ScalarType type, long[] shape) =>
        type == rule.Type && shape.Length == rule.Dimensions
            ? null
            : $"{rule.Name} must be {TensorData.NameOf(rule.Type)} of {rule.Dimensions} dimensions, not {TensorData.Describe(type, shape)}";
}
