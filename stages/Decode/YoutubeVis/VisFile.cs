using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.Kernels;

namespace Motion.Decode;

/// <summary>A video of a YouTube-VIS file.</summary>
internal sealed record VisVideo(long Id, ImmutableArray<string> Files, Size2 Size, string Place);

/// <summary>
/// A track of a YouTube-VIS file: one object through a video. Boxes, areas and masks have an entry a frame, null where the object is not
/// seen; a list is empty where the file gives none. Polygons have been filled.
/// </summary>
internal sealed record VisTrack(
    long Id, long Video, long Category, bool IsCrowd,
    ImmutableArray<Box?> Boxes, ImmutableArray<double?> Areas, ImmutableArray<Rle?> Masks, string Place);

/// <summary>A YouTube-VIS file (2019 form): videos, tracks, categories.</summary>
internal sealed record VisFile(
    string Path, ImmutableArray<VisVideo> Videos, ImmutableArray<VisTrack> Tracks, ImmutableArray<Category> Categories, bool HasTracks)
{
    private const int MostSide = 1 << 15;
    private static readonly HashSet<string> Arrays = ["videos", "annotations", "categories"];

    public static Result<VisFile, DecodeError> Read(string path)
    {
        var videos = ImmutableArray.CreateBuilder<VisVideo>();
        var tracks = ImmutableArray.CreateBuilder<VisTrack>();
        var categories = ImmutableArray.CreateBuilder<Category>();
        return from found in MappedJson.ForEach(path, Arrays, (name, at) => name switch
               {
                   "videos" => Keep(Video(at), videos),
                   "annotations" => Keep(Track(at), tracks),
                   _ => Keep(Category(at), categories),
               })
               from _ in found.Contains("videos") && found.Contains("categories")
                   ? Result.Ok<Unit, DecodeError>(default)
                   : new DecodeError.BadAnnotation(
                       path, "$", "the arrays videos and categories must be there", "This is no YouTube-VIS file (2019 form).")
               select new VisFile(path, videos.ToImmutable(), tracks.ToImmutable(), categories.ToImmutable(), found.Contains("annotations"));
    }

    private static DecodeError? Keep<T>(Result<T, DecodeError> result, ImmutableArray<T>.Builder into) => result.Match(
        value =>
        {
            into.Add(value);
            return null;
        },
        error => (DecodeError?)error);

    private static Result<Category, DecodeError> Category(JsonAt at) =>
        from id in at.Get("id").Bind(number => number.Count(0))
        from name in at.Get("name").Bind(text => text.Text())
        select new Category(id, name);

    private static Result<VisVideo, DecodeError> Video(JsonAt at) =>
        from id in at.Get("id").Bind(number => number.Whole())
        from list in at.Get("file_names").Bind(names => names.Items())
        from files in list.Select(name => name.Text()).Sequence()
        from size in Size(at)
        from _ in files.Count > 0
            ? Result.Ok<Unit, DecodeError>(default)
            : at.Wrong("the video has no frames: file_names is empty", "Leave the video out.")
        select new VisVideo(id, [.. files], size, at.Path);

    private static Result<Size2, DecodeError> Size(JsonAt at) =>
        from height in at.Get("height").Bind(number => number.Count(1))
        from width in at.Get("width").Bind(number => number.Count(1))
        from size in Math.Max(height, width) <= MostSide
            ? Result.Ok<Size2, DecodeError>(new Size2(height, width))
            : at.Wrong($"a frame of {height}x{width} is too large", "Correct it.")
        select size;

    private static Result<VisTrack, DecodeError> Track(JsonAt at) =>
        from id in at.Get("id").Bind(number => number.Whole())
        from video in at.Get("video_id").Bind(number => number.Whole())
        from category in at.Get("category_id").Bind(number => number.Whole())
        from crowd in at.Find("iscrowd") is { } flag ? flag.Flag() : Result.Ok<bool, DecodeError>(false)
        from boxes in PerFrame(at, "bboxes", Box)
        from areas in PerFrame(at, "areas", area => area.Number().Map(value => (double?)value))
        from size in at.Find("height") is null ? Result.Ok<Size2, DecodeError>(default) : Size(at)
        from masks in PerFrame(at, "segmentations", mask => Mask(mask, size))
        from _ in boxes.IsEmpty && masks.IsEmpty
            ? at.Wrong("neither bboxes nor segmentations are there", "Give at least one of them.")
            : Result.Ok<Unit, DecodeError>(default)
        select new VisTrack(id, video, category, crowd, boxes, areas, masks, at.Path);

    /// <summary>An array with an entry a frame, null where the object is not seen; empty where the member is absent.</summary>
    private static Result<ImmutableArray<T?>, DecodeError> PerFrame<T>(JsonAt at, string name, Func<JsonAt, Result<T?, DecodeError>> read) =>
        at.Find(name) is { } member
        ? from items in member.Items()
          from values in items.Select(item => item.IsNull ? Result.Ok<T?, DecodeError>(default) : read(item)).Sequence()
          select values.ToImmutableArray()
        : ImmutableArray<T?>.Empty;

    /// <summary>[x, y, width, height] as a box; [0, 0, 0, 0] is how some files say null.</summary>
    private static Result<Box?, DecodeError> Box(JsonAt at) => at.Four().Map(b =>
        b is (0, 0, 0, 0) ? (Box?)null : new Box((float)b.A, (float)b.B, (float)(b.A + b.C), (float)(b.B + b.D)));

    private static Result<Rle?, DecodeError> Mask(JsonAt at, Size2 size) => at.Element.ValueKind switch
    {
        JsonValueKind.Array => Polygons(at, size),
        JsonValueKind.Object => from given in at.Get("size").Bind(pair => MaskSize(pair))
                                from counts in at.Get("counts")
                                from mask in counts.Element.ValueKind == JsonValueKind.String ? Compressed(counts, given) : Counts(counts, given)
                                select (Rle?)mask,
        _ => at.Expected("a mask: run lengths {size, counts}, a list of polygons, or null"),
    };

    private static Result<Size2, DecodeError> MaskSize(JsonAt at) =>
        from items in at.Items()
        from two in items.Count == 2 ? Result.Ok<IReadOnlyList<JsonAt>, DecodeError>(items) : at.Expected("[height, width]")
        from height in two[0].Count(1)
        from width in two[1].Count(1)
        from size in Math.Max(height, width) <= MostSide ? Result.Ok<Size2, DecodeError>(new Size2(height, width)) : at.Expected("a frame's size")
        select size;

    private static Result<Rle, DecodeError> Compressed(JsonAt at, Size2 size) =>
        Rles.FromText(at.Element.GetString()!, size).MapError(error => (DecodeError)Bad(at, error));

    private static Result<Rle, DecodeError> Counts(JsonAt at, Size2 size)
    {
        if (at.Element.ValueKind != JsonValueKind.Array)
        {
            return at.Expected("run lengths as an array or as a string");
        }

        var counts = ImmutableArray.CreateBuilder<uint>(at.Element.GetArrayLength());
        foreach (var item in at.Element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetUInt32(out var count))
            {
                return new JsonAt(at.File, $"{at.Path}[{counts.Count}]", item).Expected("a run length");
            }

            counts.Add(count);
        }

        return Rles.FromCounts(counts.MoveToImmutable(), size).MapError(error => (DecodeError)Bad(at, error));
    }

    private static Result<Rle?, DecodeError> Polygons(JsonAt at, Size2 size) =>
        from _ in size == default ? at.Wrong("a polygon needs the annotation's height and width", "Add them.") : Result.Ok<Unit, DecodeError>(default)
        from parts in at.Items()
        from polygons in parts.Select(part =>
            from numbers in part.Items()
            from values in numbers.Select(number => number.Number()).Sequence()
            select values.ToArray()).Sequence()
        from mask in Rles.FromPolygons(polygons, size).MapError(error => (DecodeError)Bad(at, error))
        select (Rle?)mask;

    private static DecodeError.BadAnnotation Bad(JsonAt at, RleError error) => at.Wrong(error.Describe().TrimEnd('.'), "Export the file again.");
}
