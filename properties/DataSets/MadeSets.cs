using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Decode;
using Motion.Properties.Generators;

namespace Motion.Properties.DataSets;

/// <summary>A small data set of a test's own.</summary>
internal sealed record MadeSet(ImmutableArray<string> Categories, ImmutableArray<MadeVideo> Videos)
{
    /// <summary>The set as a YouTube-VIS file; ids are 10, 20, ... of categories and videos, 1, 2, ... of tracks.</summary>
    public JsonObject ToJson(bool masks = true)
    {
        var id = 0;
        return new JsonObject
        {
            ["info"] = new JsonObject { ["note"] = "]} \\ \"quoted\" {[" },
            ["licenses"] = new JsonArray(),
            ["videos"] = new JsonArray([
                .. Videos.Select(
                    (video, v) =>
                        new JsonObject
                        {
                            ["id"] = 10 * (v + 1),
                            ["height"] = video.Size.Height,
                            ["width"] = video.Size.Width,
                            ["length"] = video.Frames,
                            ["file_names"] = new JsonArray([
                                .. Enumerable.Range(0, video.Frames).Select(t => JsonValue.Create($"v{v}/{t:D5}.png")),
                            ]),
                        }
                ),
            ]),
            ["categories"] = new JsonArray([
                .. Categories.Select(
                    (name, c) =>
                        new JsonObject
                        {
                            ["supercategory"] = "object",
                            ["id"] = 10 * (c + 1),
                            ["name"] = name,
                        }
                ),
            ]),
            ["annotations"] = new JsonArray([
                .. Videos.SelectMany((video, v) => video.Tracks.Select(track => track.ToJson(++id, 10 * (v + 1), video.Size, masks))),
            ]),
        };
    }

    public string Write(TemporaryFolder folder, string name, bool masks = true) => folder.Write(name, ToJson(masks).ToJsonString());

    /// <summary>A picture for every frame.</summary>
    public void WritePictures(TemporaryFolder folder, string root)
    {
        foreach (var (v, video) in Videos.Index())
        {
            for (var t = 0; t < video.Frames; t++)
            {
                folder.Write($"{root}/v{v}/{t:D5}.png", Samples.PngOf(1, video.Size));
            }
        }
    }
}

internal sealed record MadeVideo(Size2 Size, int Frames, ImmutableArray<MadeTrack> Tracks);

/// <summary>An object; a sight is null where it is not seen.</summary>
internal sealed record MadeTrack(int Category, bool IsCrowd, ImmutableArray<MadeSight?> Sights)
{
    public JsonObject ToJson(int id, int video, Size2 size, bool masks)
    {
        JsonArray List(Func<MadeSight, JsonNode> of) => new([.. Sights.Select(sight => sight is null ? null : of(sight))]);
        var json = new JsonObject
        {
            ["id"] = id,
            ["video_id"] = video,
            ["category_id"] = 10 * (Category + 1),
            ["iscrowd"] = IsCrowd ? 1 : 0,
            ["height"] = size.Height,
            ["width"] = size.Width,
            ["bboxes"] = List(sight => new JsonArray(sight.Box.X, sight.Box.Y, sight.Box.Width, sight.Box.Height)),
            ["areas"] = List(sight => JsonValue.Create(Rles.Area(sight.Mask))),
        };
        if (masks)
        {
            json["segmentations"] = List(sight => new JsonObject
            {
                ["size"] = new JsonArray(sight.Mask.Size.Height, sight.Mask.Size.Width),
                ["counts"] = sight.AsText
                    ? Rles.ToText(sight.Mask)
                    : new JsonArray([.. sight.Mask.Counts.Select(count => JsonValue.Create(count))]),
            });
        }

        return json;
    }
}

internal sealed record MadeSight(CocoBox Box, Rle Mask, bool AsText);

/// <summary>Drawn data sets.</summary>
internal static class MadeSets
{
    private static readonly string[] Names = ["dog", "cat", "a \"b\", c", "über", "earless_seal"];

    /// <summary>Masks that overlap, boxes with decimals.</summary>
    public static Gen<MadeSet> Any { get; } = Of(disjoint: false);

    /// <summary>Masks that share no pixel, and their tight boxes: what annotation pictures hold.</summary>
    public static Gen<MadeSet> Disjoint { get; } = Of(disjoint: true);

    private static Gen<MadeSet> Of(bool disjoint) =>
        from classes in Gen.Choose(1, Names.Length)
        from videos in Video(classes, disjoint).ListOf(3)
        select new MadeSet([.. Names.Take(classes)], [.. videos]);

    private static Gen<MadeVideo> Video(int classes, bool disjoint) =>
        from height in Gen.Choose(4, 20)
        from width in Gen.Choose(8, 24)
        from frames in Gen.Choose(1, 4)
        from count in Gen.Choose(0, 4)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select Draw(new Size2(height, width), frames, count, classes, disjoint, new Seed((ulong)seed).Draws());

    private static MadeVideo Draw(Size2 size, int frames, int count, int classes, bool disjoint, Draws draws)
    {
        var tracks = Enumerable
            .Range(0, count)
            .Select(o => new MadeTrack(
                draws.Next(classes),
                !disjoint && draws.Next(5) == 0,
                [
                    .. Enumerable
                        .Range(0, frames)
                        .Select(t => draws.Next(4) == 0 ? null : Sight(size, disjoint ? (o, count) : (0, 1), disjoint, draws)),
                ]
            ));
        return new MadeVideo(size, frames, [.. tracks.Where(track => track.Sights.Any(sight => sight is not null))]);
    }

    private static MadeSight Sight(Size2 size, (int Part, int Of) stripe, bool tight, Draws draws)
    {
        var (from, to) = (size.Width * stripe.Part / stripe.Of, size.Width * (stripe.Part + 1) / stripe.Of);
        var pixels = new byte[size.Area];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i % size.Width >= from && i % size.Width < to && draws.Next(3) == 0 ? (byte)1 : (byte)0;
        }

        pixels[(draws.Next(size.Height) * size.Width) + from] = 1;
        var mask = Rles.Encode(pixels, size);
        var bounds = Rles.Bounds(mask);
        var (x, y) = (draws.Next(1000 * (size.Width - 2)) / 1000.0, draws.Next(100 * (size.Height - 2)) / 100.0);
        var box = tight
            ? new CocoBox(bounds.X, bounds.Y, bounds.Width, bounds.Height)
            : new CocoBox(x, y, (1 + draws.Next(1_000_000)) / 1_000_000.0, (1 + draws.Next(1_999)) / 1_000.0);
        return new MadeSight(box, mask, draws.Next(2) == 0);
    }
}

/// <summary>What a set says, in a form to compare.</summary>
internal static class SetText
{
    [Flags]
    public enum Parts
    {
        Boxes = 0,
        Masks = 1,
        Areas = 2,
        Ids = 4,
        Crowds = 8,
        Files = 16,
        All = Masks | Areas | Ids | Crowds | Files,
    }

    public static DataSet Open(string path, DataPlace? place = null) =>
        Recognise.Open(path, place ?? new DataPlace(), JsonSetStrict, null).OrThrow();

    private static DecodeError? JsonSetStrict(DataProblem problem) => problem.Error;

    /// <summary>One line a video, one a track, those of a video in an order that ids do not decide.</summary>
    public static string Of(string path, Parts parts, DataPlace? place = null)
    {
        var set = Clips.Of(Open(path, place));
        var lines = new List<string>();
        _ = set.ByVideo(
                (v, tracks) =>
                {
                    var video = set.Videos[v];
                    lines.Add(
                        parts.HasFlag(Parts.Files)
                            ? $"{video.Id} {video.Size} {string.Join(',', video.Files)}"
                            : $"{video.Name} {video.Frames}"
                    );
                    lines.AddRange(tracks.Select(track => Line(set, track, parts)).Order(StringComparer.Ordinal));
                    return null;
                },
                JsonSetStrict,
                null
            )
            .OrThrow();
        return string.Join('\n', lines);
    }

    private static string Line(DataSet set, TrackView track, Parts parts) =>
        $"  {(parts.HasFlag(Parts.Ids) ? track.Id : 0)} {set.Categories[track.Category].Name} {(parts.HasFlag(Parts.Crowds) && track.IsCrowd ? "crowd" : "")} "
        + string.Join(
            ' ',
            Enumerable
                .Range(0, track.Frames)
                .Select(t =>
                    track.Seen(t) is not { } box
                        ? "-"
                        : $"{box}{(parts.HasFlag(Parts.Areas) ? track.AreaAt(t) : "")}{(parts.HasFlag(Parts.Masks) && track.Rle(t) is { } mask ? Rles.ToText(mask) : "")}"
                )
        );
}
