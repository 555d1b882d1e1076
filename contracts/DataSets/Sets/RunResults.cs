using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// What a run found, as a data set: results.json (a detection an item) with images.json beside it, which says which frame an image id is;
/// or tracks.json (a track an item) with tracks-truth.json beside it, which lists videos and categories. An item of results.json is an
/// object of its frame alone.
/// </summary>
internal static class RunResults
{
    private const string Images = "images.json";
    private const string Truths = "tracks-truth.json";

    /// <summary>Whether the first item of a list is a result; null where that cannot be told here.</summary>
    public static bool Is(ReadOnlySpan<byte> first) =>
        JsonReading.Find(first, "score"u8, out _)
        && (JsonReading.Find(first, "image_id"u8, out _) || JsonReading.Find(first, "video_id"u8, out _));

    /// <summary>Whether a file is a list of results.</summary>
    public static bool AreIn(string path)
    {
        var are = false;
        var stop = new DecodeError.Missing(path, "nothing");
        _ = JsonElements.ForEach(
            path,
            part =>
            {
                are = part.Member == "" && Is(part.Bytes);
                return stop;
            },
            problem => problem.Error
        );
        return are;
    }

    public static Result<DataSet, DecodeError> Open(string path, SetReading reading)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var (images, truths) = (Path.Combine(folder, Images), Path.Combine(folder, Truths));
        return Path.GetFileName(path).StartsWith("tracks", StringComparison.Ordinal) && File.Exists(truths) ? Tracks(path, truths, reading)
            : File.Exists(images) ? Detections(path, images, reading)
            : File.Exists(truths) ? Tracks(path, truths, reading)
            : new DecodeError.Missing(
                images,
                $"the frames that {path} is about (a run writes {Images} beside results.json, {Truths} beside tracks.json)"
            );
    }

    private static Result<DataSet, DecodeError> Tracks(string path, string truths, SetReading reading) =>
        from set in JsonSet.Open(truths, DataFormat.YoutubeVis, reading)
        select JsonSet.Results(set, path, set.Rules!) with
        {
            Notes = [$"read as a run's tracks, of the videos in {truths}; scores are not kept"],
        };

    private static Result<DataSet, DecodeError> Detections(string path, string images, SetReading reading) =>
        from index in JsonFiles.Use(
            images,
            root =>
                from list in root.Get("images").Bind(at => at.Items())
                from frames in list.Select(Image).Sequence()
                from kinds in root.Get("categories").Bind(at => at.Items())
                from categories in kinds
                    .Select(kind =>
                        from id in kind.Get("id").Bind(at => at.Whole())
                        from name in kind.Get("name").Bind(at => at.Text())
                        select new SetCategory(id, name)
                    )
                    .Sequence()
                select (Frames: frames, Categories: categories)
        )
        from _ in Unique(images, index.Frames)
        let all = WithGaps(index.Frames)
        let categories = index.Categories.OrderBy(category => category.Id).ToImmutableArray()
        let rules = new TrackRules(
            path,
            false,
            reading,
            all,
            all.Index().ToDictionary(pair => pair.Item.Id, pair => pair.Index),
            new HashSet<long>(),
            categories.Index().DistinctBy(pair => pair.Item.Id).ToDictionary(pair => pair.Item.Id, pair => pair.Index),
            new TextIds(),
            new TextIds()
        )
        let set = new DataSet(path, DataFormat.Coco, categories, all, true, null)
        {
            Tracks = (_, _, _) => default(Unit),
            ByVideo = (_, _, _) => default(Unit),
        }
        select JsonSet.Results(set, path, rules) with
        {
            FollowedByTracks = true,
            Notes =
            [
                $"read as a run's detections, of the frames in {images}: each is an object of its frame alone (tracks.json follows objects), and scores are not kept",
                .. all.Length == index.Frames.Count
                    ? []
                    : new[]
                    {
                        $"{all.Length - index.Frames.Count} frames between them were not looked at, and count as frames without an object",
                    },
            ],
        };

    private sealed record Shown(long Id, string Clip, int Frame, Size2 Size);

    private static Result<Shown, DecodeError> Image(JsonAt at) =>
        from id in at.Get("id").Bind(one => one.Whole())
        from clip in at.Get("clip").Bind(one => one.Text())
        from frame in at.Get("frame").Bind(one => one.Count(0))
        from height in at.Get("height").Bind(one => one.Count(1))
        from width in at.Get("width").Bind(one => one.Count(1))
        select new Shown(id, clip, frame, new Size2(height, width));

    private static Result<Unit, DecodeError> Unique(string path, IReadOnlyList<Shown> frames) =>
        frames.GroupBy(frame => frame.Id).FirstOrDefault(same => same.Skip(1).Any()) is { } id
            ? new DecodeError.BadAnnotation(path, "$.images", $"the id {id.Key} occurs twice", "Write it again: motion run.")
        : frames.GroupBy(frame => (frame.Clip, frame.Frame)).FirstOrDefault(same => same.Skip(1).Any()) is { } at
            ? new DecodeError.BadAnnotation(
                path,
                "$.images",
                $"frame {at.Key.Frame} of {at.Key.Clip} occurs twice",
                "Write it again: motion run."
            )
        : frames.FirstOrDefault(frame => frame.Frame > MostGap && frame.Frame > frames.Count * (long)MostGap) is { } far
            ? new DecodeError.BadAnnotation(
                path,
                "$.images",
                $"frame {far.Frame} of {far.Clip} is far beyond the others",
                "Write it again: motion run."
            )
        : default(Unit);

    private const int MostGap = 1000; // frames to one that was looked at

    /// <summary>An image for every frame up to the last one of each clip, by clips and frames.</summary>
    private static ImmutableArray<SetVideo> WithGaps(IReadOnlyList<Shown> frames)
    {
        var all = ImmutableArray.CreateBuilder<SetVideo>();
        var next = frames.Select(frame => frame.Id).DefaultIfEmpty(0).Max() + 1;
        foreach (var (v, clip) in frames.GroupBy(frame => frame.Clip, StringComparer.Ordinal).Index())
        {
            var known = clip.ToDictionary(frame => frame.Frame);
            for (var t = 0; t <= clip.Max(frame => frame.Frame); t++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{clip.Key}/{t:D5}");
                var seen = known.GetValueOrDefault(t);
                all.Add(
                    new SetVideo(seen?.Id ?? next++, name, [name + ".jpg"], 1, (seen ?? clip.First()).Size)
                    {
                        Of = (v + 1, t),
                        Position = all.Count,
                    }
                );
            }
        }

        return all.ToImmutable();
    }
}
