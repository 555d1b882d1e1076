using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Uses the element of an array at which the tokens stand; leaves them at its last token.</summary>
internal delegate void UseElement(ref JsonTokens tokens, string array, int index);

/// <summary>The two top-level forms: an object with arrays (annotations), and one array (results). Read element by element.</summary>
internal static class CocoDocument
{
    /// <summary>Elements of the top-level arrays of these names, in the file's order.</summary>
    /// <returns>The names of the arrays that are there, or the first error: of the file, or of the sieve.</returns>
    public static Result<IReadOnlySet<string>, DecodeError> Arrays(string path, CocoReading reading, Sieve sieve, IReadOnlySet<string> names, UseElement use) =>
        Open(path, reading, sieve, (ref JsonTokens tokens, Cursor cursor) =>
        {
            if (tokens.Type != JsonTokenType.StartObject)
            {
                return new DecodeError.BadAnnotation(
                    path, "$", $"annotations are one JSON object with images or videos, annotations and categories; this file is {tokens.Show()}",
                    "A list is how results are written: are the two files swapped?");
            }

            var found = new HashSet<string>(StringComparer.Ordinal);
            while (sieve.Error is null && tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
            {
                var name = names.FirstOrDefault(Named(ref tokens));
                tokens.Read();
                if (name is null || tokens.Type == JsonTokenType.Null)
                {
                    tokens.Skip();
                }
                else if (tokens.Type != JsonTokenType.StartArray || !found.Add(name))
                {
                    return new DecodeError.BadAnnotation(path, $"$.{name}", $"expected one list of this name, got {tokens.Show()}", "Correct it.");
                }
                else
                {
                    Elements(ref tokens, cursor, sieve, name, use);
                }
            }

            return Result.Ok<IReadOnlySet<string>, DecodeError>(found);
        });

    /// <summary>Elements of the one top-level array.</summary>
    public static Result<Unit, DecodeError> List(string path, CocoReading reading, Sieve sieve, UseElement use) =>
        Open(path, reading, sieve, (ref JsonTokens tokens, Cursor cursor) =>
        {
            if (tokens.Type != JsonTokenType.StartArray)
            {
                return new DecodeError.BadAnnotation(
                    path, "$", $"results are one JSON list of detections; this file is {tokens.Show()}",
                    "An object is how annotations are written: are the two files swapped?");
            }

            Elements(ref tokens, cursor, sieve, "", use);
            return Result.Ok<Unit, DecodeError>(default);
        });

    /// <summary>The names of the members of the first element of a list, or null where the list is empty or the file no list.</summary>
    public static Result<IReadOnlySet<string>?, DecodeError> FirstMembers(string path) =>
        Open<IReadOnlySet<string>?>(path, new CocoReading(), new Sieve(path, lenient: false), (ref JsonTokens tokens, Cursor _) =>
        {
            if (tokens.Type != JsonTokenType.StartArray || !tokens.Read() || tokens.Type != JsonTokenType.StartObject)
            {
                return Result.Ok<IReadOnlySet<string>?, DecodeError>(null);
            }

            return Result.Ok<IReadOnlySet<string>?, DecodeError>(Names(ref tokens));
        }, whole: false);

    /// <summary>The names of the top-level members; null where the file is no object.</summary>
    public static Result<IReadOnlySet<string>?, DecodeError> Members(string path) =>
        Open<IReadOnlySet<string>?>(path, new CocoReading(), new Sieve(path, lenient: false), (ref JsonTokens tokens, Cursor _) =>
            Result.Ok<IReadOnlySet<string>?, DecodeError>(tokens.Type == JsonTokenType.StartObject ? Names(ref tokens) : null), whole: false);

    private static HashSet<string> Names(ref JsonTokens tokens)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            names.Add(System.Text.Encoding.UTF8.GetString(tokens.Name));
            tokens.Read();
            tokens.Skip();
        }

        return names;
    }

    private static Func<string, bool> Named(ref JsonTokens tokens)
    {
        var name = System.Text.Encoding.UTF8.GetString(tokens.Name);
        return other => other == name;
    }

    private static void Elements(ref JsonTokens tokens, Cursor cursor, Sieve sieve, string array, UseElement use)
    {
        (cursor.Array, cursor.Index) = (array, 0);
        for (; sieve.Error is null && tokens.Read() && tokens.Type != JsonTokenType.EndArray; cursor.Index++)
        {
            use(ref tokens, array, cursor.Index);
        }

        (cursor.Array, cursor.Index) = (null, 0);
    }

    /// <summary>Where the reading is, for errors of the document itself.</summary>
    private sealed class Cursor
    {
        public string? Array { get; set; }

        public int Index { get; set; }

        public string Place => Array is { } array ? PlaceOf(array, Index) : "$";
    }

    /// <summary>JSON path of an element.</summary>
    public static string PlaceOf(string array, int index) => array.Length == 0 ? $"$[{index}]" : $"$.{array}[{index}]";

    private delegate Result<T, DecodeError> Walk<T>(ref JsonTokens tokens, Cursor cursor);

    private static Result<T, DecodeError> Open<T>(string path, CocoReading reading, Sieve sieve, Walk<T> walk, bool whole = true)
    {
        var cursor = new Cursor();
        try
        {
            InputFile.CheckStream(path);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            var length = file.CanSeek ? file.Length : 0;
            var tokens = new JsonTokens(file, reading.Progress is { } progress ? read => progress(read, length) : null);
            return Walked(path, ref tokens, cursor, sieve, walk, whole);
        }
        catch (JsonException e)
        {
            return new DecodeError.Corrupt(path, $"not JSON at {cursor.Place}, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {JsonFiles.Sentence(e.Message)}", "Correct the file, or export it again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

    private static Result<T, DecodeError> Walked<T>(string path, ref JsonTokens tokens, Cursor cursor, Sieve sieve, Walk<T> walk, bool whole)
    {
        try
        {
            if (!tokens.Read())
            {
                return new DecodeError.Corrupt(path, "the file is empty", "Export it again.");
            }

            var walked = walk(ref tokens, cursor);
            while (whole && walked.IsOk && sieve.Error is null && tokens.Read())
            {
                // What follows must be nothing: the reader throws otherwise.
            }

            return sieve.Error is { } error ? error : walked;
        }
        catch (JsonException) when (tokens.BytesRead == 0)
        {
            return new DecodeError.Corrupt(path, "the file is empty", "Export it again.");
        }
        catch (JsonException) when (tokens.AtEnd)
        {
            return new DecodeError.Corrupt(path, $"the file ends in the middle of {cursor.Place}, after {tokens.BytesRead} bytes: it is cut off", "Copy or export it again.");
        }
    }
}
