using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Runner.Folders;

/// <summary>One line of metrics.jsonl.</summary>
/// <param name="Point">What the report draws.</param>
/// <param name="Batch">Number of the batch in the stream, from 0; not the iteration where batches were skipped.</param>
/// <param name="Sequence">The stream's position of the batch's last frame: where a resumed run goes on behind.</param>
internal sealed record CurveLine(TrainingPoint Point, long Batch, long Sequence)
{
    public string ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("iteration", Point.Iteration);
            json.WriteNumber("total", Point.Terms.Sum(term => term.Value));
            json.WriteStartObject("terms");
            foreach (var term in Point.Terms)
                json.WriteNumber(term.Name, term.Value);
            json.WriteEndObject();
            json.WriteNumber("learningRate", Point.LearningRate);
            json.WriteNumber("seconds", Math.Round(Point.Seconds, 3));
            json.WriteNumber("batch", Batch);
            json.WriteNumber("sequence", Sequence);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    public static CurveLine Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        return new(
            new(
                json.GetProperty("iteration").GetInt32(),
                [.. json.GetProperty("terms").EnumerateObject().Select(term => new LossTerm(term.Name, term.Value.GetDouble()))],
                json.GetProperty("learningRate").GetDouble(),
                json.GetProperty("seconds").GetDouble()
            ),
            json.GetProperty("batch").GetInt64(),
            json.GetProperty("sequence").GetInt64()
        );
    }
}

/// <summary>A curve as far as it can be trusted.</summary>
/// <param name="Lines">From the first iteration on.</param>
/// <param name="Bytes">What they take in the file.</param>
/// <param name="Chain">Checksum of the last of them, which the next one goes on from.</param>
/// <param name="Damage">What is wrong with what follows; null where nothing follows.</param>
internal sealed record CurveFile(ImmutableArray<CurveLine> Lines, long Bytes, ulong Chain, string? Damage);

/// <summary>
/// The training curve on disk: a line of JSON an iteration, each ending in a checksum of itself and of the line before it. So a line that
/// was changed, lost, doubled or moved is noticed, and what a power cut leaves behind the last whole line is cut off.
/// </summary>
internal static class Curve
{
    private static readonly System.Buffers.SearchValues<byte> Digits = System.Buffers.SearchValues.Create("-0123456789"u8);

    private const string Check = ",\"check\":\"";

    /// <summary>The lines that can be trusted.</summary>
    public static ImmutableArray<CurveLine> Read(string path) => Open(path).Lines;

    /// <summary>All that is whole, and what is wrong with the rest.</summary>
    public static CurveFile Open(string path)
    {
        var lines = ImmutableArray.CreateBuilder<CurveLine>();
        var (bytes, chain) = (File.Exists(path) ? File.ReadAllBytes(path) : [], 0UL);
        for (var at = 0; at < bytes.Length; )
        {
            var length = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (length < 0 || Line(bytes.AsSpan(at, length), ref chain) is not { } line)
            {
                return new(
                    lines.ToImmutable(),
                    at,
                    chain,
                    length < 0 ? $"line {lines.Count + 1} was cut short" : $"line {lines.Count + 1} is damaged"
                );
            }

            lines.Add(line);
            at += length + 1;
        }

        return new(lines.ToImmutable(), bytes.Length, chain, null);
    }

    /// <summary>
    /// Keeps the iterations before the given one: what a resumed run will not do again. The file is written anew, and whole.
    /// </summary>
    public static ImmutableArray<CurveLine> CutAt(string path, int iteration)
    {
        ImmutableArray<CurveLine> kept = [.. Read(path).Where(line => line.Point.Iteration < iteration)];
        var chain = 0UL;
        RunFolder.Write(path, string.Concat(kept.Select(line => Text(line, ref chain) + "\n")));
        return kept;
    }

    /// <summary>Appends a line behind a curve, which it returns with it; on the disk when the call returns.</summary>
    public static CurveFile Append(string path, CurveFile before, CurveLine line)
    {
        var chain = before.Chain;
        var text = Encoding.UTF8.GetBytes(Text(line, ref chain) + "\n");
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Position = file.Length;
        file.Write(text);
        file.Flush(flushToDisk: true);
        return before with { Bytes = file.Length, Chain = chain };
    }

    /// <summary>A line, and the chain after it.</summary>
    private static string Text(CurveLine line, ref ulong chain)
    {
        var json = line.ToJson()[..^1];
        chain = Next(Encoding.UTF8.GetBytes(json), chain);
        return string.Create(CultureInfo.InvariantCulture, $"{json}{Check}{chain:x16}\"}}");
    }

    /// <summary>
    /// A line of the file; null where it is not what was written behind the lines before it. Lines of earlier versions have no checksum.
    /// </summary>
    private static CurveLine? Line(ReadOnlySpan<byte> bytes, ref ulong chain)
    {
        const int digits = 16;
        var end = bytes.Length - digits - 2;
        if (chain != 0 || !IsOfBefore(bytes))
        {
            var at = end - Check.Length;
            if (at < 0 || !bytes[at..end].SequenceEqual(Encoding.UTF8.GetBytes(Check)) || !bytes[^2..].SequenceEqual("\"}"u8))
                return null;
            var next = Next(bytes[..at], chain);
            if (Encoding.UTF8.GetString(bytes.Slice(end, digits)) != next.ToString("x16", CultureInfo.InvariantCulture))
                return null;
            chain = next;
        }

        try
        {
            return CurveLine.Parse(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>As earlier versions wrote it: the last number stands at the end.</summary>
    private static bool IsOfBefore(ReadOnlySpan<byte> line) =>
        line.LastIndexOf(",\"sequence\":"u8) is var at and >= 0 && line[^1] == '}' && !line[(at + 12)..^1].ContainsAnyExcept(Digits);

    private static ulong Next(ReadOnlySpan<byte> line, ulong chain)
    {
        var hash = new XxHash3((long)chain);
        hash.Append(line);
        return hash.GetCurrentHashAsUInt64();
    }
}
