using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Studio;

/// <summary>An object of a frame, for the page.</summary>
/// <param name="Id">Within its video.</param>
/// <param name="Class">Its class.</param>
/// <param name="Box">X1, Y1, X2, Y2.</param>
/// <param name="Quality">0 to 1; null where not known.</param>
/// <param name="Path">The mask's outline as an SVG path, by the even-odd rule.</param>
internal sealed record MaskShown(long Id, string Class, ImmutableArray<float> Box, double? Quality, string? Path);

/// <summary>A mask to be looked at.</summary>
internal sealed record Doubt(int Video, int Frame, long Id, string Class, double Quality);

/// <summary>What labellings made, as far as it holds for the videos now: of each video its last.</summary>
internal sealed class Masks(Project project)
{
    /// <summary>What a labelling writes.</summary>
    public const string FileName = "masks.json";

    private const int MostDoubts = 500;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, ImmutableDictionary<string, ShownVideo>> _read = [];

    /// <summary>The masks of a video; null where it was not labelled.</summary>
    public Result<ShownVideo?, DecodeError> Of(int video)
    {
        var name = project.Videos[video].Footage.Name;
        if (!project.Kept.Labelled.TryGetValue(name, out var number))
        {
            return Result.Ok<ShownVideo?, DecodeError>(null);
        }

        lock (_gate)
        {
            if (!_read.TryGetValue(number, out var labelling))
            {
                var videos = ImmutableDictionary.CreateBuilder<string, ShownVideo>(StringComparer.Ordinal);
                if (
                    ShownMasks.Each(
                        Path.Combine(project.Labelling(number), FileName),
                        new DataPlace(),
                        one =>
                        {
                            videos[one.Name] = one;
                            return null;
                        }
                    )
                    is Result<ImmutableArray<string>, DecodeError>.Error(var reason)
                )
                {
                    return reason;
                }

                foreach (var old in _read.Keys.Where(old => !project.Kept.Labelled.ContainsValue(old)).ToArray())
                {
                    _read.Remove(old);
                }

                _read[number] = labelling = videos.ToImmutable();
            }

            return labelling.GetValueOrDefault(name);
        }
    }

    /// <summary>The objects of a frame.</summary>
    public Result<ImmutableArray<MaskShown>, DecodeError> Frame(int video, int frame) =>
        Of(video)
            .Map(shown =>
                shown is null
                    ? []
                    : (
                        from one in shown.Objects
                        let seen = one.Frames.GetValueOrDefault(frame)
                        where seen is not null
                        select new MaskShown(
                            one.Id,
                            one.Class,
                            [seen.Box.X1, seen.Box.Y1, seen.Box.X2, seen.Box.Y2],
                            seen.Quality,
                            seen.Mask is null ? null : Outline.Path(Outline.Trace(Rles.Decode(seen.Mask), seen.Mask.Size))
                        )
                    ).ToImmutableArray()
            );

    /// <summary>The masks of all videos with a quality, the worst first, and the least of each frame of each video.</summary>
    public Result<(ImmutableArray<Doubt> Worst, ImmutableArray<ImmutableArray<double?>> Least), DecodeError> Doubts()
    {
        var (all, least) = (new List<Doubt>(), ImmutableArray.CreateBuilder<ImmutableArray<double?>>());
        for (var video = 0; video < project.Videos.Length; video++)
        {
            var read = Of(video);
            if (read is not Result<ShownVideo?, DecodeError>.Ok(var shown))
            {
                return read.Match(_ => default!, error => error);
            }

            var frames = new double?[project.Videos[video].Info.Frames];
            foreach (var one in shown?.Objects ?? [])
            {
                foreach (var (frame, seen) in one.Frames.Where(pair => pair.Key < frames.Length && pair.Value.Quality is not null))
                {
                    frames[frame] = Math.Min(frames[frame] ?? 1, seen.Quality!.Value);
                    all.Add(new Doubt(video, frame, one.Id, one.Class, seen.Quality.Value));
                }
            }

            least.Add(shown is null ? [] : [.. frames]);
        }

        return (
            [
                .. all.OrderBy(doubt => doubt.Quality)
                    .ThenBy(doubt => doubt.Video)
                    .ThenBy(doubt => doubt.Frame)
                    .ThenBy(doubt => doubt.Id)
                    .Take(MostDoubts),
            ],
            least.ToImmutable()
        );
    }

    /// <summary>One file of the masks of all videos that were labelled, whichever labelling each is of.</summary>
    /// <returns>The file; null where nothing was labelled yet.</returns>
    public string? Together()
    {
        var labelled = project.Kept.Labelled.Where(pair => project.Videos.Any(video => video.Footage.Name == pair.Key)).ToArray();
        if (labelled.Length == 0)
        {
            return null;
        }

        var (videos, categories, annotations) = (new JsonArray(), new JsonArray(), new JsonArray());
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (
            var (labelling, names) in labelled
                .GroupBy(pair => pair.Value, pair => pair.Key)
                .Select(group => (group.Key, group.ToHashSet(StringComparer.Ordinal)))
        )
        {
            using var file = File.OpenRead(Path.Combine(project.Labelling(labelling), FileName));
            var set = JsonNode.Parse(file)!.AsObject();
            var kinds = set["categories"]!.AsArray().ToDictionary(kind => (long)kind!["id"]!, kind => (string)kind!["name"]!);
            var kept = new Dictionary<long, int>();
            foreach (var video in set["videos"]!.AsArray().Where(video => names.Contains(ClipOf(video!))))
            {
                var copy = video!.DeepClone().AsObject();
                kept[(long)copy["id"]!] = videos.Count + 1;
                copy["id"] = videos.Count + 1;
                videos.Add(copy);
            }

            foreach (var one in set["annotations"]!.AsArray().Where(one => kept.ContainsKey((long)one!["video_id"]!)))
            {
                var copy = one!.DeepClone().AsObject();
                var kind = kinds[(long)copy["category_id"]!];
                if (numbers.TryAdd(kind, numbers.Count + 1))
                {
                    categories.Add(new JsonObject { ["id"] = numbers.Count, ["name"] = kind });
                }

                (copy["id"], copy["video_id"], copy["category_id"]) = (annotations.Count + 1, kept[(long)copy["video_id"]!], numbers[kind]);
                annotations.Add(copy);
            }
        }

        var path = Path.Combine(project.Takings, FileName);
        Directory.CreateDirectory(project.Takings);
        var all = new JsonObject
        {
            ["videos"] = videos,
            ["categories"] = categories,
            ["annotations"] = annotations,
        };
        WholeFile.Write(
            path,
            stream =>
            {
                using var json = new Utf8JsonWriter(stream);
                all.WriteTo(json);
            }
        );
        return path;
    }

    /// <summary>A video is named by the folder of its frames.</summary>
    private static string ClipOf(JsonNode video) =>
        (string?)video["file_names"]?.AsArray().FirstOrDefault() is { } file && Path.GetDirectoryName(file) is { Length: > 0 } folder
            ? folder
            : "";
}
