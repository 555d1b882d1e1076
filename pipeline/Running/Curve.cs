using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

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
            foreach (var term in Point.Terms) json.WriteNumber(term.Name, term.Value);
            json.WriteEndObject();
            json.WriteNumber("learningRate", Point.LearningRate);
            json.WriteNumber("seconds", Math.Round(Point.Seconds, 3));
            json.WriteNumber("batch", Batch);
            json.WriteNumber("sequence", Sequence);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
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
                json.GetProperty("seconds").GetDouble()),
            json.GetProperty("batch").GetInt64(),
            json.GetProperty("sequence").GetInt64());
    }
}

/// <summary>The training curve on disk.</summary>
internal static class Curve
{
    /// <summary>Lines so far; a last line that a crash cut short is left out.</summary>
    public static ImmutableArray<CurveLine> Read(string path)
    {
        if (!File.Exists(path)) return [];
        var text = File.ReadAllText(path);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(CurveLine.Parse)];
    }

    /// <summary>Keeps the iterations before the given one: what a resumed run will not do again.</summary>
    public static ImmutableArray<CurveLine> CutAt(string path, int iteration)
    {
        ImmutableArray<CurveLine> kept = [.. Read(path).Where(line => line.Point.Iteration < iteration)];
        RunFolder.Write(path, string.Concat(kept.Select(line => line.ToJson() + "\n")));
        return kept;
    }

    /// <summary>Appends a line; on disk when the call returns.</summary>
    public static void Append(string path, CurveLine line) => File.AppendAllText(path, line.ToJson() + "\n");
}
