using System.Text;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Why a value cannot be used; its path is that below the part being read (<c>.bboxes[3][1]</c>).</summary>
internal readonly record struct Flaw(DataFault Kind, string Path, string Problem, string Remedy)
{
    public Flaw Within(string path) => this with { Path = path + Path };

    /// <summary>The sentence: file, JSON path and id, what came, what to do.</summary>
    public DataProblem At(string file, string place, long? id) => new(
        Kind, new DecodeError.BadAnnotation(file, $"{place}{Path}{(id is null ? "" : $" (id {id})")}", Problem, Remedy));
}

/// <summary>
/// Typed reading of one part of a document, without an allocation unless something is wrong. Each function expects the reader on the
/// value and leaves it on the value's last token.
/// </summary>
internal ref struct JsonReading(ReadOnlySpan<byte> bytes)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public Utf8JsonReader Json = new(bytes);

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

    public readonly Flaw? Whole(out long value)
    {
        value = 0;
        return Json.TokenType == JsonTokenType.Number && Json.TryGetInt64(out value) ? null : Expected("a whole number");
    }

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public readonly Flaw? Count(int low, int high, out int value)
    {
        value = 0;
        if (Json.TokenType == JsonTokenType.Number && Json.TryGetInt64(out var wide) && wide >= low && wide <= high)
        {
            value = (int)wide;
            return null;
        }

        return Expected(high == int.MaxValue ? $"a whole number of at least {low}" : $"a whole number from {low} to {high}");
    }

    public readonly Flaw? Number(out double value)
    {
        value = 0;
        return Json.TokenType == JsonTokenType.Number && Json.TryGetDouble(out value) && double.IsFinite(value) ? null : Expected("a finite number");
    }

    public readonly Flaw? Text(out string text)
    {
        text = Json.TokenType == JsonTokenType.String ? Json.GetString()! : "";
        return Json.TokenType == JsonTokenType.String ? null : Expected("a string");
    }

    /// <summary>true, false, 0 or 1.</summary>
    public readonly Flaw? Flag(out bool value)
    {
        value = Json.TokenType == JsonTokenType.True;
        if (value || Json.TokenType == JsonTokenType.False)
        {
            return null;
        }

        if (Json.TokenType == JsonTokenType.Number && Json.TryGetInt64(out var number) && number is 0 or 1)
        {
            value = number == 1;
            return null;
        }

        return Expected("0 or 1");
    }

    public readonly Flaw Expected(string what) => new(DataFault.WrongType, "", $"expected {what}, got {Show()}", "Correct it.");

    /// <summary>The value's own text, shortened.</summary>
    public readonly string Show()
    {
        var copy = Json;
        var whole = copy.TrySkip() ? (int)copy.BytesConsumed - Start : Bytes.Length - Start;
        var text = Encoding.UTF8.GetString(Bytes.Slice(Start, Math.Min(whole, 41)));
        return text.Length > 40 ? text[..40] + "..." : text;
    }
}
