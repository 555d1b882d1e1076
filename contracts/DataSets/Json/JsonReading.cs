using System.Globalization;
using System.Text;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Why a value cannot be used; its path is that below the part being read (<c>.bboxes[3][1]</c>).</summary>
internal readonly record struct Flaw(DataFault Kind, string Path, string Problem, string Remedy)
{
    /// <summary>Where the item has no effect, rather than being mistaken: what there is several of.</summary>
    public string? PassedOver { get; init; }

    public Flaw Within(string path) => this with { Path = path + Path };

    public static Flaw Missing(string member) => new(DataFault.MissingMember, "", $"the member \"{member}\" is missing", "Add it.");

    /// <summary>The sentence: file, JSON path and id, what came, what to do.</summary>
    /// <param name="file">The file.</param>
    /// <param name="place">JSON path of the part.</param>
    /// <param name="label">What the file calls it, such as "id 5"; null where it does not say.</param>
    public DataProblem At(string file, string place, string? label) =>
        new(Kind, new DecodeError.BadAnnotation(file, $"{place}{Path}{(label is null ? "" : $" ({label})")}", Problem, Remedy))
        {
            PassedOver = PassedOver,
        };
}

/// <summary>Reads a part; the reader stands on its first token.</summary>
internal delegate Flaw? ReadPart(ref JsonReading json);

/// <summary>
/// Typed reading of one part of a document, without an allocation unless something is wrong. Each function expects the reader on the
/// value and leaves it on the value's last token. Numbers are read where their meaning is certain: 1.0 is a whole number, 1.5 is none.
/// </summary>
/// <param name="bytes">JSON.</param>
/// <param name="shown">The same as it stands in the file, for messages.</param>
internal ref struct JsonReading(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> shown)
{
    private const int MostShown = 40;
    private const long MostWhole = 1L << 53; // of what is written with a point or an exponent

    public Utf8JsonReader Json = new(bytes);
    private readonly ReadOnlySpan<byte> _shown = shown;

    public JsonReading(ReadOnlySpan<byte> bytes)
        : this(bytes, bytes) { }

    public readonly bool IsNull => Json.TokenType == JsonTokenType.Null;

    public readonly bool IsArray => Json.TokenType == JsonTokenType.StartArray;

    public readonly bool IsObject => Json.TokenType == JsonTokenType.StartObject;

    /// <summary>Offset of the value within the part.</summary>
    public readonly int Start => (int)Json.TokenStartIndex;

    /// <summary>Offset behind the last token within the part.</summary>
    public readonly int End => (int)Json.BytesConsumed;

    /// <summary>Goes to the next name of an object, or to its end.</summary>
    public bool NextName() => Json.Read() && Json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Goes to the next element of an array, or to its end.</summary>
    public bool NextElement() => Json.Read() && Json.TokenType != JsonTokenType.EndArray;

    /// <summary>A whole number, also where written as 5.0 or 5e0.</summary>
    public readonly bool TryWhole(out long value)
    {
        value = 0;
        if (Json.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        if (Json.TryGetInt64(out value))
        {
            return true;
        }

        var isWhole = Json.TryGetDouble(out var number) && Math.Abs(number) <= MostWhole && Math.Floor(number) == number;
        value = isWhole ? (long)number : 0;
        return isWhole;
    }

    public readonly Flaw? Whole(out long value) => TryWhole(out value) ? null : Expected("a whole number");

    /// <summary>
    /// An id: a whole number; or a text, or a whole number beyond 64 bits, which is a name of its own. A text that is a whole number is
    /// that number.
    /// </summary>
    /// <param name="id">The number.</param>
    /// <param name="text">The name; null where the id is a number.</param>
    public readonly Flaw? Id(out long id, out string? text)
    {
        text = null;
        if (TryWhole(out id))
        {
            return null;
        }

        text =
            Json.TokenType == JsonTokenType.String ? Json.GetString()
            : Json.TokenType == JsonTokenType.Number && Json.ValueSpan.IndexOfAny(".eE"u8) < 0 ? Encoding.ASCII.GetString(Json.ValueSpan)
            : null;
        if (string.IsNullOrEmpty(text))
        {
            return Expected("a whole number");
        }

        if (
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text
        )
        {
            (id, text) = (number, null);
        }

        return null;
    }

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public readonly Flaw? Count(int low, int high, out int value)
    {
        var isCount = TryWhole(out var wide) && wide >= low && wide <= high;
        value = isCount ? (int)wide : 0;
        return isCount
            ? null
            : Expected(high == int.MaxValue ? $"a whole number of at least {low}" : $"a whole number from {low} to {high}");
    }

    public readonly Flaw? Number(out double value)
    {
        value = 0;
        return Json.TokenType == JsonTokenType.Number && Json.TryGetDouble(out value) && double.IsFinite(value)
            ? null
            : Expected("a finite number");
    }

    public readonly Flaw? Text(out string text)
    {
        text = Json.TokenType == JsonTokenType.String ? Json.GetString()! : "";
        return Json.TokenType == JsonTokenType.String ? null : Expected("a string");
    }

    /// <summary>true, false, 0 or 1.</summary>
    /// <param name="value">The answer.</param>
    /// <param name="anyNumber">Whether any other number is true, as in Python.</param>
    public readonly Flaw? Flag(out bool value, bool anyNumber = false)
    {
        value = Json.TokenType == JsonTokenType.True;
        if (value || Json.TokenType == JsonTokenType.False)
        {
            return null;
        }

        if (Number(out var number) is null && (anyNumber || number is 0 or 1))
        {
            value = number != 0;
            return null;
        }

        return Expected("0 or 1");
    }

    public readonly Flaw Expected(string what) => new(DataFault.WrongType, "", $"expected {what}, got {Show()}", "Correct it.");

    /// <summary>The value's own text, shortened.</summary>
    public readonly string Show()
    {
        var copy = Json;
        var whole = copy.TrySkip() ? (int)copy.BytesConsumed - Start : _shown.Length - Start;
        var text = Encoding.UTF8.GetString(_shown.Slice(Start, Math.Min(whole, MostShown + 1)));
        return text.Length > MostShown ? text[..MostShown] + "..." : text;
    }

    /// <summary>
    /// Reads a part, and says what is wrong with it. What Python writes for numbers that are none (NaN, Infinity, -Infinity) is a value of
    /// the wrong kind where it stands, and no end of the JSON.
    /// </summary>
    /// <param name="file">The document.</param>
    /// <param name="part">The part.</param>
    /// <param name="isResult">Whether the part is a result, which has no id of its own.</param>
    /// <param name="read">Reads it.</param>
    public static DataProblem? Read(string file, JsonPart part, bool isResult, ReadPart read)
    {
        try
        {
            return Flawed(part.Bytes, part.Bytes, read) is { } flaw ? Told(file, part, part.Bytes, isResult, flaw) : null;
        }
        catch (JsonException e)
        {
            try
            {
                return WithoutLiterals(part.Bytes) is not { } bytes ? JsonElements.NotJson(file, part, e)
                    : Flawed(bytes, part.Bytes, read) is { } flaw ? Told(file, part, bytes, isResult, flaw)
                    : null;
            }
            catch (JsonException other)
            {
                return JsonElements.NotJson(file, part, other);
            }
        }
        catch (InvalidOperationException e) when (JsonFiles.IsBadText(e))
        {
            return JsonElements.NotUtf8(file, part.Member, part.Index, part.Bytes);
        }
    }

    private static Flaw? Flawed(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> shown, ReadPart read)
    {
        var json = new JsonReading(bytes, shown);
        json.Json.Read();
        return read(ref json);
    }

    private static DataProblem Told(string file, JsonPart part, ReadOnlySpan<byte> bytes, bool isResult, Flaw flaw) =>
        flaw.At(
            file,
            JsonElements.Place(part.Member, part.Index),
            !isResult
                ? MemberOf(bytes, "id"u8) is { } id
                    ? $"id {id}"
                    : null
                : MemberOf(bytes, "image_id"u8) is { } image
                    ? $"detection {part.Index + 1}, image_id {image}"
                    : $"detection {part.Index + 1}"
        );

    /// <summary>A whole number of a perhaps mistaken object; null where it has none of this name.</summary>
    public static long? MemberOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name) =>
        Find(bytes, name, out var json) && json.TryWhole(out var value) ? value : null;

    /// <summary>Whether a perhaps mistaken object has a member of this name.</summary>
    public static bool Has(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name) => Find(bytes, name, out _);

    /// <summary>Goes to a member of a perhaps mistaken object.</summary>
    public static bool Find(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, out JsonReading json)
    {
        json = new JsonReading(bytes);
        try
        {
            json.Json.Read();
            while (json.NextName())
            {
                var found = json.Json.ValueTextEquals(name);
                json.Json.Read();
                if (found)
                {
                    return true;
                }

                json.Json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        return false;
    }

    /// <summary>The same JSON with a text of equal length for each number that is none; null where there is none of them.</summary>
    private static byte[]? WithoutLiterals(ReadOnlySpan<byte> bytes)
    {
        byte[]? copy = null;
        var text = false;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] == '"')
            {
                text = !text;
            }
            else if (text)
            {
                at += bytes[at] == '\\' ? 1 : 0;
            }
            else if (LiteralAt(bytes[at..]) is > 0 and var length)
            {
                copy ??= bytes.ToArray();
                copy.AsSpan(at, length).Fill((byte)'-');
                (copy[at], copy[at + length - 1]) = ((byte)'"', (byte)'"');
                at += length - 1;
            }
        }

        return copy;
    }

    private static int LiteralAt(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("NaN"u8) ? 3
        : bytes.StartsWith("Infinity"u8) ? 8
        : bytes.StartsWith("-Infinity"u8) ? 9
        : 0;
}
