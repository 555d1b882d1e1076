using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Decode;

/// <summary>
/// Large JSON documents, read in one pass from a mapped file: only one element of a top-level array is held at a time, whatever the
/// file's size.
/// </summary>
internal static unsafe class MappedJson
{
    private const long SegmentBytes = 1 << 28;

    /// <summary>
    /// Calls <paramref name="use"/> with each element of the top-level arrays of these names, in the file's order; the element lives as
    /// long as the call.
    /// </summary>
    /// <returns>The names of the arrays that were there, or the first error.</returns>
    public static Result<IReadOnlySet<string>, DecodeError> ForEach(string path, IReadOnlySet<string> arrays, Func<string, JsonAt, DecodeError?> use)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length == 0)
            {
                return new DecodeError.Corrupt(path, "the file is empty", "Export it again.");
            }

            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            using var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* memory = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
            try
            {
                var mark = JsonFiles.MarkLength(new ReadOnlySpan<byte>(memory, (int)Math.Min(length, 3)));
                return Walk(path, new Utf8JsonReader(Sequence(memory + mark, length - mark)), arrays, use);
            }
            finally
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }
        catch (JsonException e)
        {
            return JsonFiles.NotJson(path, e);
        }
        catch (InvalidOperationException e) when (JsonFiles.IsBadText(e))
        {
            return JsonFiles.BadText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

    private static Result<IReadOnlySet<string>, DecodeError> Walk(
        string path, Utf8JsonReader reader, IReadOnlySet<string> arrays, Func<string, JsonAt, DecodeError?> use)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new DecodeError.BadAnnotation(path, "$", "expected an object", "This is no YouTube-VIS file.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!arrays.Contains(name) || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartArray || !found.Add(name))
            {
                return new DecodeError.BadAnnotation(path, $"$.{name}", "expected one array of this name", "Correct it.");
            }

            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                using var element = JsonDocument.ParseValue(ref reader);
                if (use(name, new JsonAt(path, $"$.{name}[{i}]", element.RootElement)) is { } error)
                {
                    return error;
                }
            }
        }

        while (reader.Read())
        {
            // What follows the object must be nothing: the reader throws otherwise.
        }

        return found;
    }

    private static ReadOnlySequence<byte> Sequence(byte* memory, long length)
    {
        var first = new Segment(memory, (int)Math.Min(length, SegmentBytes), null);
        var last = first;
        for (var at = SegmentBytes; at < length; at += SegmentBytes)
        {
            last = new Segment(memory + at, (int)Math.Min(length - at, SegmentBytes), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte* memory, int length, Segment? previous)
        {
            Memory = new Mapped(memory, length).Memory;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }

    private sealed class Mapped(byte* memory, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(memory, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(memory + elementIndex);

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
