using System.Runtime.InteropServices;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A place in a JSON document: what is there, and what to call it in an error.</summary>
/// <param name="File">The document.</param>
/// <param name="Path">JSON path of the place: <c>$.videos[3].width</c>.</param>
/// <param name="Element">What is there.</param>
internal readonly record struct JsonAt(string File, string Path, JsonElement Element)
{
    /// <summary>A member that must be there.</summary>
    public Result<JsonAt, DecodeError> Get(string name) =>
        Element.ValueKind != JsonValueKind.Object ? Expected("an object")
        : Element.TryGetProperty(name, out var member) ? new JsonAt(File, $"{Path}.{name}", member)
        : Wrong($"the member \"{name}\" is missing", "Add it.");

    /// <summary>A member that may be absent or null.</summary>
    public JsonAt? Find(string name) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? new JsonAt(File, $"{Path}.{name}", member)
            : null;

    public Result<IReadOnlyList<JsonAt>, DecodeError> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            return Expected("an array");
        }

        var (file, path) = (File, Path);
        return Element.EnumerateArray().Select((item, i) => new JsonAt(file, $"{path}[{i}]", item)).ToArray();
    }

    public Result<string, DecodeError> Text() => Read(Here.Text(out var text), text);

    public Result<long, DecodeError> Whole() => Read(Here.Whole(out var value), value);

    /// <summary>An id: a whole number, or a text, which gets a number for the time being.</summary>
    public Result<long, DecodeError> Id(TextIds texts)
    {
        var json = Here;
        return Read(texts.Take(ref json, out var id), id);
    }

    /// <summary>A whole number from <paramref name="low"/> on, within int.</summary>
    public Result<int, DecodeError> Count(int low) => Read(Here.Count(low, int.MaxValue, out var value), value);

    public Result<double, DecodeError> Number() => Read(Here.Number(out var value), value);

    /// <summary>true, false, 0 or 1.</summary>
    public Result<bool, DecodeError> Flag() => Read(Here.Flag(out var value), value);

    /// <summary>An array of four finite numbers, as floats and with the digits of the file.</summary>
    public Result<(Box Rounded, StatedCorners Stated), DecodeError> Corners()
    {
        var at = this;
        return from items in Items()
            from four in items.Count == 4 ? Result.Ok<IReadOnlyList<JsonAt>, DecodeError>(items) : at.Expected("four numbers")
            from a in four[0].Digits()
            from b in four[1].Digits()
            from c in four[2].Digits()
            from d in four[3].Digits()
            select (
                new Box((float)a.Rounded, (float)b.Rounded, (float)c.Rounded, (float)d.Rounded),
                new StatedCorners(a.Stated, b.Stated, c.Stated, d.Stated)
            );
    }

    private Result<(double Rounded, decimal Stated), DecodeError> Digits() =>
        Element.ValueKind == JsonValueKind.Number
        && Element.TryGetDouble(out var value)
        && double.IsFinite(value)
        && Element.TryGetDecimal(out var stated)
            ? (value, stated)
            : Expected("a finite number");

    /// <summary>The value to the one reader of values.</summary>
    private JsonReading Here
    {
        get
        {
            var json = new JsonReading(JsonMarshal.GetRawUtf8Value(Element));
            json.Json.Read();
            return json;
        }
    }

    private Result<T, DecodeError> Read<T>(Flaw? flaw, T value) => flaw is { } wrong ? Wrong(wrong.Problem, wrong.Remedy) : value;

    public DecodeError.BadAnnotation Expected(string what)
    {
        var wrong = Here.Expected(what);
        return Wrong(wrong.Problem, wrong.Remedy);
    }

    public DecodeError.BadAnnotation Wrong(string problem, string remedy) => new(File, Path, problem, remedy);
}

/// <summary>JSON files.</summary>
internal static class JsonFiles
{
    /// <summary>Reads a whole small document and uses it; the document lives as long as the call.</summary>
    public static Result<T, DecodeError> Use<T>(string path, Func<JsonAt, Result<T, DecodeError>> use)
    {
        try
        {
            var bytes = InputFile.ReadAllBytes(path);
            using var document = JsonDocument.Parse(bytes.AsMemory(MarkLength(bytes)));
            return use(new JsonAt(path, "$", document.RootElement));
        }
        catch (JsonException e)
        {
            return NotJson(path, e);
        }
        catch (InvalidOperationException e) when (IsBadText(e))
        {
            return BadText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(path, e);
        }
    }

    /// <summary>Length of the byte order mark, which some editors put before UTF-8.</summary>
    public static int MarkLength(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;

    public static DecodeError NotJson(string path, JsonException e) =>
        new DecodeError.Corrupt(
            path,
            $"not JSON, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {Sentence(e.Message)}",
            "Correct the file, or export it again."
        );

    /// <summary>
    /// What System.Text.Json throws, only when a text is asked for, for bytes that are no UTF-8 and for half a surrogate pair.
    /// </summary>
    public static bool IsBadText(InvalidOperationException e) => e.Message.Contains("UTF-16", StringComparison.Ordinal);

    public static DecodeError BadText(string path) =>
        new DecodeError.Corrupt(path, "a text in it is not Unicode (UTF-8)", "Save it as UTF-8, or export it again.");

    public static DecodeError Unreadable(string path, Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException
            ? new DecodeError.Missing(path, "the file")
            : new DecodeError.Corrupt(path, Sentence(e.Message), "Check the file and its permissions.");

    public static string Sentence(string message) => message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
}
