using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;

namespace Motion.Pipeline.Predicting;

/// <summary>What was found in a frame, as it stands in the spool; or why the frame is missing.</summary>
/// <param name="Sequence">Position in the stream.</param>
/// <param name="Frame">What linking needs; null where the frame is missing.</param>
/// <param name="Problem">Why.</param>
internal sealed record Spooled(long Sequence, LinkFrame? Frame, string? Problem);

/// <summary>
/// Detections of all frames as lines of JSON, in the order of the stream: what a prediction that was interrupted goes on from, and what its
/// files are made of. A line is whole or, being the last, is not there.
/// </summary>
internal static class Spool
{
    /// <summary>Cuts off a last line that was not finished.</summary>
    /// <returns>Position of the next item of the stream.</returns>
    public static long Mend(string path)
    {
        if (!File.Exists(path))
            return 0;
        var (whole, next) = (0L, 0L);
        foreach (var line in Lines(path))
        {
            if (Read(line.Bytes) is not { } spooled || spooled.Sequence != next)
                break;
            (whole, next) = (line.Start + line.Bytes.Length + 1, next + 1);
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None);
        file.SetLength(whole);
        return next;
    }

    /// <summary>What frames are missing for, each sentence once.</summary>
    public static IReadOnlyList<string> Problems(string path) =>
        [.. Lines(path).Select(line => Read(line.Bytes)?.Problem).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Adds a line, with one write.</summary>
    public static void Append(Stream file, long sequence, LinkFrame? frame, string? problem)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("s", sequence);
            if (problem is not null)
                json.WriteString("problem", problem);
            if (frame is not null)
                Write(json, frame);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        file.Write(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, LinkFrame frame)
    {
        json.WriteString("clip", frame.Key.Clip);
        json.WriteNumber("frame", frame.Key.Frame);
        json.WriteNumber("h", frame.Size.Height);
        json.WriteNumber("w", frame.Size.Width);
        json.WriteStartArray("items");
        foreach (var item in frame.Items)
        {
            json.WriteStartObject();
            json.WriteStartArray("box");
            foreach (var side in (ReadOnlySpan<float>)[item.Found.Box.X1, item.Found.Box.Y1, item.Found.Box.X2, item.Found.Box.Y2])
                json.WriteNumberValue(side);
            json.WriteEndArray();
            json.WriteNumber("score", item.Found.Score);
            json.WriteNumber("class", item.Found.Class);
            if (item.Mask is { } mask)
                json.WriteString("mask", Rles.ToText(mask.Unpack()));
            if (item.Moved is { } moved)
                json.WriteString("moved", Rles.ToText(moved.Unpack()));
            json.WriteNumber("right", item.Mean.X);
            json.WriteNumber("down", item.Mean.Y);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Null for what is no whole line.</summary>
    public static Spooled? Read(byte[] line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var sequence = root.GetProperty("s").GetInt64();
            if (!root.TryGetProperty("clip", out var clip))
                return new(sequence, null, root.GetProperty("problem").GetString());
            var size = new Size2(root.GetProperty("h").GetInt32(), root.GetProperty("w").GetInt32());
            return new(
                sequence,
                new(
                    new FrameKey(sequence, clip.GetString()!, root.GetProperty("frame").GetInt32()),
                    size,
                    [.. root.GetProperty("items").EnumerateArray().Select(item => Item(item, size))]
                ),
                null
            );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static Linkable Item(JsonElement item, Size2 size)
    {
        var box = item.GetProperty("box").EnumerateArray().Select(side => side.GetSingle()).ToArray();
        PackedRle? Mask(string name) =>
            item.TryGetProperty(name, out var text)
                ? PackedRle.Of(
                    Rles.FromText(text.GetString()!, size).Match(mask => mask, error => throw new FormatException(error.Describe()))
                )
                : null;
        return new(
            new Detection(
                new(box[0], box[1], box[2], box[3]),
                item.GetProperty("score").GetSingle(),
                item.GetProperty("class").GetInt32(),
                null
            ),
            Mask("mask"),
            Mask("moved"),
            new Displacement(item.GetProperty("right").GetDouble(), item.GetProperty("down").GetDouble())
        );
    }

    /// <summary>Whole lines, with where they begin.</summary>
    public static IEnumerable<(long Start, byte[] Bytes)> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
        var (line, start, at) = (new MemoryStream(), 0L, 0L);
        var buffer = new byte[1 << 16];
        for (int read; (read = file.Read(buffer)) > 0; )
        {
            var from = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', from, read - from)) >= 0; from = end + 1)
            {
                line.Write(buffer, from, end - from);
                yield return (start, line.ToArray());
                line.SetLength(0);
                start = at + end + 1;
            }

            line.Write(buffer, from, read - from);
            at += read;
        }
    }

    /// <summary>The line that begins there.</summary>
    public static Spooled At(FileStream file, long start, int length)
    {
        var bytes = new byte[length];
        file.Position = start;
        file.ReadExactly(bytes);
        return Read(bytes) ?? throw new IOException($"{file.Name} was changed while it was read");
    }
}
