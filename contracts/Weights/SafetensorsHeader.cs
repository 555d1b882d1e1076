using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>One tensor of a safetensors file; its bytes are Begin .. End of the data.</summary>
internal sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>The JSON in front of a safetensors file, checked: what is here describes the data without hole or overlap.</summary>
/// <remarks>Format: https://github.com/huggingface/safetensors, README, "Format".</remarks>
internal sealed record SafetensorsHeader(ImmutableArray<SafetensorsEntry> Entries, ImmutableSortedDictionary<string, string> Metadata)
{
    /// <summary>Largest header that the format's own reader takes.</summary>
    public const int MostBytes = 100_000_000;

    private const int MostDimensions = 64; // libtorch's limit

    private static readonly (
        ScalarType Type,
        string Name
    )[] Types = // from the most to the least aligned, the order in which the format's own writer puts tensors
    [
        (ScalarType.Float64, "F64"),
        (ScalarType.Int64, "I64"),
        (ScalarType.Float32, "F32"),
        (ScalarType.Int32, "I32"),
        (ScalarType.BFloat16, "BF16"),
        (ScalarType.Float16, "F16"),
        (ScalarType.Int16, "I16"),
        (ScalarType.Int8, "I8"),
        (ScalarType.Byte, "U8"),
        (ScalarType.Bool, "BOOL"),
    ];

    /// <summary>
    /// The header and the order of the data for these tensors: by falling alignment, then by name, so that equal weights are equal files.
    /// </summary>
    public static SafetensorsHeader For(
        IEnumerable<(string Name, ScalarType Type, long[] Shape)> tensors,
        IEnumerable<KeyValuePair<string, string>> metadata
    )
    {
        var end = 0L;
        var entries = ImmutableArray.CreateBuilder<SafetensorsEntry>();
        foreach (var (name, type, shape) in tensors.OrderBy(t => Order(t.Type)).ThenBy(t => t.Name, StringComparer.Ordinal))
        {
            var bytes = TensorData.ByteCount(type, shape) ?? throw new ArgumentException($"{name} is too large to be stored");
            entries.Add(new SafetensorsEntry(name, type, shape, end, end + bytes));
            end += bytes;
        }

        return new SafetensorsHeader(entries.DrainToImmutable(), metadata.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (!Metadata.IsEmpty)
            {
                json.WriteStartObject("__metadata__");
                // the checksum stands where it is looked for: first
                foreach (var (key, value) in Metadata.OrderBy(pair => pair.Key != Seal.Key))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            foreach (var entry in Entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", Types[Order(entry.Type)].Name);
                WriteNumbers(json, "shape", entry.Shape);
                WriteNumbers(json, "data_offsets", [entry.Begin, entry.End]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        output.Write("       "u8[..(-output.WrittenCount & 7)]); // data begins at a multiple of 8
        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The header breaks a rule of the format; so does JsonException.</exception>
    public static SafetensorsHeader Decode(ReadOnlySpan<byte> bytes, long dataBytes)
    {
        if (bytes.IsEmpty || bytes[0] != (byte)'{')
        {
            throw new InvalidDataException("the header is no JSON object");
        }

        var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 3 });
        json.Read();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var entries = ImmutableArray.CreateBuilder<SafetensorsEntry>();
        var metadata = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);
        while (ReadName(ref json) is { } name)
        {
            if (!names.Add(name))
            {
                throw new InvalidDataException($"{name} is there twice");
            }

            if (name == "__metadata__")
            {
                metadata = ReadMetadata(ref json);
            }
            else
            {
                entries.Add(ReadEntry(ref json, name));
            }
        }

        json.Read(); // throws if anything but white space follows
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        CheckOffsets(entries, dataBytes);
        return new SafetensorsHeader(entries.DrainToImmutable(), metadata);
    }

    private static void CheckOffsets(IEnumerable<SafetensorsEntry> byBegin, long dataBytes)
    {
        var end = 0L;
        foreach (var entry in byBegin)
        {
            if (entry.Begin != end)
            {
                throw new InvalidDataException(
                    $"{entry.Name} begins at byte {entry.Begin} of the data, where the tensors before it end at {end}"
                );
            }

            if (TensorData.ByteCount(entry.Type, entry.Shape) != entry.End - entry.Begin)
            {
                throw new InvalidDataException(
                    $"{entry.Name} has {(Int128)entry.End - entry.Begin} bytes, which is not {TensorData.Describe(entry.Type, entry.Shape)}"
                );
            }

            end = entry.End;
        }

        if (end != dataBytes)
        {
            throw new InvalidDataException($"the tensors end at byte {end} of the data, the file at {dataBytes}");
        }
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader json, string name)
    {
        Expect(ref json, JsonTokenType.StartObject, name);
        (string? type, long[]? shape, long[]? offsets) = (null, null, null);
        while (ReadName(ref json) is { } part)
        {
            switch (part)
            {
                case "dtype" when type is null:
                    Expect(ref json, JsonTokenType.String, $"{name}, dtype");
                    type = Text(ref json);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref json, $"{name}, shape");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref json, $"{name}, data_offsets");
                    break;
                default:
                    throw new InvalidDataException($"{name}: {part} is there twice, or is no part of a tensor");
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
        {
            throw new InvalidDataException($"{name}: a tensor has a dtype, a shape and two data_offsets");
        }

        var known = Array.FindIndex(Types, pair => pair.Name == type);
        return known >= 0
            ? new SafetensorsEntry(name, Types[known].Type, shape, begin, end)
            : throw new InvalidDataException(
                $"{name} has the element type {type}; those read are {string.Join(", ", Types.Select(pair => pair.Name))}"
            );
    }

    private static ImmutableSortedDictionary<string, string> ReadMetadata(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.StartObject, "__metadata__");
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (ReadName(ref json) is { } key)
        {
            Expect(ref json, JsonTokenType.String, $"__metadata__, {key}");
            if (!metadata.TryAdd(key, Text(ref json)))
            {
                throw new InvalidDataException($"__metadata__, {key} is there twice");
            }
        }

        return metadata.ToImmutable();
    }

    private static long[] ReadNumbers(ref Utf8JsonReader json, string what)
    {
        Expect(ref json, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var number) || number < 0)
            {
                throw new InvalidDataException($"{what} holds something that is no size");
            }

            numbers.Add(number);
        }

        return numbers.Count <= MostDimensions
            ? [.. numbers]
            : throw new InvalidDataException($"{what} has {numbers.Count} numbers; {MostDimensions} is the most");
    }

    /// <summary>The next property's name, null at the object's end.</summary>
    private static string? ReadName(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.PropertyName ? Text(ref json) : null;
    }

    private static string Text(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("a text of the header is no UTF-8", e);
        }
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type, string what)
    {
        json.Read();
        if (json.TokenType != type)
        {
            throw new InvalidDataException($"{what}: {json.TokenType} stands where {type} must");
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static int Order(ScalarType type)
    {
        var order = Array.FindIndex(Types, pair => pair.Type == type);
        return order >= 0 ? order : throw new ArgumentException($"tensors of {type} are not stored");
    }
}
