using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Motion.Contracts;
using TorchSharp;

namespace Motion.Runner.Recordings;

/// <summary>Two messages, bit for bit.</summary>
internal static class Compare
{
    private const int LongestText = 60;

    /// <summary>Null where the messages are the same to the bit, else the first difference in words.</summary>
    public static string? Difference(Message recorded, Message now)
    {
        if (recorded.GetType() != now.GetType())
            return $"recorded {Show(recorded)}, now {Show(now)}";
        if (Bytes(recorded).WrittenSpan.SequenceEqual(Bytes(now).WrittenSpan))
            return null;
        return Parts(recorded, now, "") ?? "the encoded messages differ";
    }

    /// <summary>The first difference of two records, and of the records of tensors within.</summary>
    private static string? Parts(object recorded, object now, string within) =>
        Properties(recorded)
            .Select(property => Difference(property, recorded, now, within))
            .FirstOrDefault(difference => difference is not null);

    private static IEnumerable<PropertyInfo> Properties(object message) =>
        message
            .GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.Name != nameof(Message.Tensors) && property.GetIndexParameters().Length == 0);

    private static string? Difference(PropertyInfo property, object recorded, object now, string within) =>
        (property.GetValue(recorded), property.GetValue(now)) switch
        {
            (torch.Tensor a, torch.Tensor b) => Difference(within + property.Name, a, b),
            (var a, var b) when property.PropertyType == typeof(torch.Tensor) => ReferenceEquals(a, b)
                ? null
                : $"{property.Name} is there in one and not in the other",
            ({ } a, { } b) when property.PropertyType.GetProperties().Any(each => each.PropertyType == typeof(torch.Tensor)) => Parts(
                a,
                b,
                $"{within}{property.Name}."
            ),
            var (a, b) => (JsonSerializer.Serialize(a), JsonSerializer.Serialize(b)) is var (before, after) && before != after
                ? $"{property.Name}: recorded {Short(before)}, now {Short(after)}"
                : null,
        };

    private static string? Difference(string name, torch.Tensor recorded, torch.Tensor now)
    {
        if (recorded.dtype != now.dtype || !recorded.shape.SequenceEqual(now.shape))
        {
            return $"{name}: recorded {recorded.dtype} [{string.Join(", ", recorded.shape)}], now {now.dtype} [{string.Join(", ", now.shape)}]";
        }

        using var scope = torch.NewDisposeScope();
        var (a, b) = (recorded.cpu().contiguous(), now.cpu().contiguous());
        var size = (int)a.element_size();
        var before = a.bytes;
        var after = b.bytes;
        var differing = 0L;
        var first = -1;
        for (var i = 0; i < before.Length; i += size)
        {
            if (before.Slice(i, size).SequenceEqual(after.Slice(i, size)))
                continue;
            differing++;
            if (first < 0)
                first = i / size;
        }

        return first < 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name} [{string.Join(", ", a.shape)}] at ({string.Join(", ", Index(first, a.shape))}): recorded {Value(a, first):R}, now {Value(b, first):R}; {differing} of {a.numel()} differ"
            );
    }

    private static double Value(torch.Tensor tensor, int index) => tensor.reshape(-1).to(torch.ScalarType.Float64)[index].item<double>();

    private static long[] Index(long flat, long[] shape)
    {
        var index = new long[shape.Length];
        for (var d = shape.Length - 1; d >= 0; d--)
            (flat, index[d]) = (flat / shape[d], flat % shape[d]);
        return index;
    }

    private static ArrayBufferWriter<byte> Bytes(Message message)
    {
        var bytes = new ArrayBufferWriter<byte>();
        WireCodec.Write(bytes, message);
        return bytes;
    }

    private static string Show(Message message) => message is Fault fault ? $"a fault ({Short(fault.Text)})" : message.GetType().Name;

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "...";
}
