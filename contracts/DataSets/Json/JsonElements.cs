using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A member of the top-level object, or one element of it where it is an array.</summary>
/// <param name="member">Its name.</param>
/// <param name="index">Of the element; -1 for a member that is no array.</param>
/// <param name="bytes">The value; overwritten after the call.</param>
/// <param name="offset">Of the value in the file.</param>
/// <param name="line">Of its first byte, from 1.</param>
/// <param name="column">Of its first byte, in bytes from 1.</param>
internal readonly ref struct JsonPart(string member, long index, ReadOnlySpan<byte> bytes, long offset, long line = 0, long column = 0)
{
    public string Member { get; } = member;

    public long Index { get; } = index;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public long Offset { get; } = offset;

    public long Line { get; } = line;

    public long Column { get; } = column;
}

/// <summary>A JSON document: what errors call it, and where it is read (what came through a pipe is kept in a file).</summary>
internal readonly record struct JsonFile(string Name, string Path)
{
    public static implicit operator JsonFile(string path) => new(path, path);
}

/// <summary>Takes a part; an error ends the reading.</summary>
internal delegate DecodeError? UsePart(JsonPart part);

/// <summary>How far a reading is, in bytes.</summary>
public delegate void Progress(long done, long total);

/// <summary>
/// JSON documents of any size, read through one buffer: only one element of a top-level array is held at a time. The extent of an
/// element is found by its brackets; what it says is for its reader to check, so one bad element need not spoil the next.
/// </summary>
internal static class JsonElements
{
    /// <summary>Calls <paramref name="use"/> with each part of the document in the file's order.</summary>
    /// <param name="document">A file whose JSON is an object (or, of results, an array: its member is called "").</param>
    /// <param name="use">Takes a part.</param>
    /// <param name="tolerate">Asked about a file that breaks off, and about parts that are no UTF-8; those are not given.</param>
    /// <param name="progress">Told now and then; null for nobody.</param>
    /// <returns>The names of the arrays that were there, or the first error.</returns>
    public static Result<IReadOnlySet<string>, DecodeError> ForEach(
        JsonFile document,
        UsePart use,
        Tolerate tolerate,
        Progress? progress = null
    )
    {
        try
        {
            using var file = InputFile.Open(document.Path);
            if (file.Length == 0)
            {
                return new DecodeError.Corrupt(document.Name, "the file is empty", "Export it again.");
            }

            var scan = new Scan(document.Name, file, use, tolerate, progress);
            return scan.Document() is { } error ? error : Result.Ok<IReadOnlySet<string>, DecodeError>(scan.Arrays);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(document.Name, e);
        }
    }

    /// <summary>What a reader of a part threw about its syntax, as a place in the whole file.</summary>
    public static DataProblem NotJson(string file, JsonPart part, JsonException e)
    {
        var (lines, bytes) = (e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
        return new DataProblem(
            DataFault.NotJson,
            new DecodeError.Corrupt(
                file,
                $"not JSON, line {part.Line + lines}, byte {bytes + (lines == 0 ? part.Column : 1)}, in {Place(part.Member, part.Index)}: {JsonFiles.Sentence(e.Message)}",
                "Correct the file, or export it again."
            )
        );
    }

    /// <summary>A text of a part is none.</summary>
    public static DataProblem NotUtf8(string file, string member, long index, ReadOnlySpan<byte> bytes) =>
        new Flaw(DataFault.NotUtf8, "", "a text in it is not UTF-8", "Save the file as UTF-8, or export it again.").At(
            file,
            Place(member, index),
            JsonReading.MemberOf(bytes, "id"u8) is { } id ? $"id {id}" : null
        );

    /// <summary>One reading: a window over the file that grows to the largest element. Steps answer whether to go on.</summary>
    private sealed class Scan(string path, FileStream file, UsePart use, Tolerate tolerate, Progress? progress)
    {
        private const int FirstBytes = 1 << 18;
        private const int MostBytes = 1 << 27; // of one element
        private static readonly SearchValues<byte> Brackets = SearchValues.Create("{}[]\""u8);
        private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",]} \t\r\n"u8);
        private readonly long _total = file.Length;
        private byte[] _window = new byte[FirstBytes];
        private int _at; // next byte to look at
        private int _end; // bytes in the window
        private long _base; // offset of the window in the file
        private int _counted; // bytes of the window whose lines are counted
        private long _line = 1;
        private long _lineStart; // offset of its first byte in the file
        private DecodeError? _error;

        public HashSet<string> Arrays { get; } = new(StringComparer.Ordinal);

        public DecodeError? Document()
        {
            More();
            _at = JsonFiles.MarkLength(_window.AsSpan(0, _end));
            var whole = Peek() switch
            {
                '{' => Members(),
                '[' => Elements(""),
                < 0 => Broken("$"),
                _ => Wrong("$", "it begins with neither { nor ["),
            };
            if (whole && Peek() >= 0)
            {
                Wrong("$", "something follows the end");
            }

            progress?.Invoke(_total, _total);
            return _error;
        }

        private bool Members()
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            _at++;
            if (Peek() == '}')
            {
                _at++;
                return true;
            }

            while (true)
            {
                if (Peek() != '"')
                {
                    return Wrong("$", "expected the name of a member");
                }

                if (Extent() is not { } extent)
                {
                    return Broken("$");
                }

                if (NameOf(extent) is not { } name)
                {
                    return false;
                }

                if (!names.Add(name))
                {
                    return Stop(
                        new DecodeError.BadAnnotation(
                            path,
                            $"$.{name}",
                            "the member occurs twice: expected one array of this name",
                            "Keep one."
                        )
                    );
                }

                if (Peek() != ':')
                {
                    return Wrong($"$.{name}", "expected : after its name");
                }

                _at++;
                if (!(Peek() == '[' ? Elements(name) : Value(name, -1)))
                {
                    return false;
                }

                if (Next('}', name, -1) is not { } more)
                {
                    return false;
                }

                if (!more)
                {
                    return true;
                }
            }
        }

        private bool Elements(string member)
        {
            Arrays.Add(member);
            _at++;
            if (Peek() == ']')
            {
                _at++;
                return true;
            }

            for (var index = 0L; ; index++)
            {
                if (!Value(member, index))
                {
                    return false;
                }

                if (Next(']', member, index) is not { } more)
                {
                    return false;
                }

                if (!more)
                {
                    return true;
                }
            }
        }

        private bool Value(string member, long index)
        {
            if (Peek() < 0 || Extent() is not { } extent)
            {
                return Broken(Place(member, index));
            }

            var bytes = _window.AsSpan(extent.Start, extent.Length);
            if (bytes.IsEmpty)
            {
                return Wrong(Place(member, index), "expected a value");
            }

            if (!Utf8.IsValid(bytes))
            {
                return Tolerated(NotUtf8(path, member, index, bytes));
            }

            var (line, column) = Position(extent.Start);
            _error = use(new JsonPart(member, index, bytes, _base + extent.Start, line, column));
            return _error is null;
        }

        /// <summary>Whether another value follows (true) or the end (false); null after an error.</summary>
        private bool? Next(char end, string member, long index)
        {
            var next = Peek();
            if (next != ',' && next != end)
            {
                _ = next < 0 ? Broken(Place(member, index)) : Wrong(Place(member, index), $"expected , or {end} after it");
                return null;
            }

            _at++;
            return next == ',';
        }

        private string? NameOf((int Start, int Length) extent)
        {
            try
            {
                var reader = new Utf8JsonReader(_window.AsSpan(extent.Start, extent.Length));
                reader.Read();
                return reader.GetString();
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                Wrong("$", "the name of a member is no text");
                return null;
            }
        }

        private bool Broken(string place) =>
            Tolerated(
                new DataProblem(
                    DataFault.Truncated,
                    new DecodeError.Corrupt(
                        path,
                        $"not JSON: the file is cut off: it ends in the middle of {place}, at byte {_total}",
                        "It was not copied whole: fetch or export it again."
                    )
                ),
                goOn: false
            );

        private bool Wrong(string place, string problem)
        {
            var (line, column) = Position(_at);
            return Stop(
                new DecodeError.Corrupt(
                    path,
                    $"not JSON, line {line}, byte {column}, at {place}: {problem}",
                    "Correct the file, or export it again."
                )
            );
        }

        private bool Tolerated(DataProblem problem, bool goOn = true)
        {
            _error = tolerate(problem);
            return goOn && _error is null;
        }

        private bool Stop(DecodeError error)
        {
            _error = error;
            return false;
        }

        /// <summary>Line and byte of a place in the window, both from 1; places are asked for in rising order.</summary>
        private (long Line, long Column) Position(int at)
        {
            var seen = _window.AsSpan(_counted, at - _counted);
            _line += seen.Count((byte)'\n');
            _lineStart = seen.LastIndexOf((byte)'\n') is >= 0 and var last ? _base + _counted + last + 1 : _lineStart;
            _counted = at;
            return (_line, _base + at - _lineStart + 1);
        }

        /// <summary>The next byte that is no white space; -1 at the end of the file.</summary>
        private int Peek()
        {
            while (true)
            {
                while (_at < _end && _window[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                {
                    _at++;
                }

                if (_at < _end)
                {
                    return _window[_at];
                }

                if (!More())
                {
                    return -1;
                }
            }
        }

        /// <summary>
        /// Where the value at the next byte lies in the window, and steps over it; null where the file ends before it does.
        /// </summary>
        private (int Start, int Length)? Extent()
        {
            var first = _window[_at];
            var (length, depth, text) = (0, 0, false); // looked at so far; open brackets; inside a text
            if (first is not ((byte)'{' or (byte)'[' or (byte)'"'))
            {
                int found;
                while ((found = _window.AsSpan(_at + length, _end - _at - length).IndexOfAny(AfterScalar)) < 0)
                {
                    length = _end - _at;
                    if (!More())
                    {
                        return null;
                    }
                }

                return Take(length + found);
            }

            while (true)
            {
                var rest = _window.AsSpan(_at + length, _end - _at - length);
                var found = text ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny(Brackets);
                if (found < 0 || (rest[found] == '\\' && found + 1 == rest.Length))
                {
                    length += found < 0 ? rest.Length : found;
                    if (!More())
                    {
                        return null;
                    }

                    continue;
                }

                length += found + (rest[found] == '\\' ? 2 : 1);
                switch (rest[found])
                {
                    case (byte)'"':
                        text = !text;
                        break;
                    case (byte)'{' or (byte)'[':
                        depth++;
                        break;
                    case (byte)'}' or (byte)']':
                        depth--;
                        break;
                }

                if (depth == 0 && !text)
                {
                    return Take(length);
                }
            }
        }

        private (int Start, int Length) Take(int length)
        {
            var start = _at;
            _at += length;
            return (start, length);
        }

        /// <summary>Reads on behind what is still needed; false at the end of the file.</summary>
        private bool More()
        {
            var kept = _end - _at;
            if (_at > 0)
            {
                Position(_at);
                _counted -= _at;
                _window.AsSpan(_at, kept).CopyTo(_window);
                _base += _at;
            }

            (_at, _end) = (0, kept);
            if (kept == _window.Length)
            {
                if (kept >= MostBytes)
                {
                    throw new IOException($"a single value of more than {MostBytes >> 20} MiB, at byte {_base}: no data set has one");
                }

                Array.Resize(ref _window, 2 * kept);
            }

            var read = file.Read(_window, kept, _window.Length - kept);
            _end += read;
            progress?.Invoke(_base + _end, _total);
            return read > 0;
        }
    }

    /// <summary>The JSON path of a part.</summary>
    public static string Place(string member, long index) =>
        (member, index) switch
        {
            ("", _) => $"$[{index}]",
            (_, < 0) => $"$.{member}",
            _ => $"$.{member}[{index}]",
        };
}
