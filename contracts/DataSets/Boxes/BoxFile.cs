using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A box as a file states it.</summary>
/// <param name="Clip">Name of the clip; null where the file does not say.</param>
/// <param name="Frame">Index of the frame, from 0.</param>
/// <param name="Id">Identity of the object in its clip.</param>
/// <param name="Class">Its class's name.</param>
/// <param name="Box">Pixels of the original frame; finite, but not otherwise checked.</param>
/// <param name="Corners">The same with the digits of the file.</param>
/// <param name="IsCrowd">A group, or an object to ignore.</param>
/// <param name="Place">Row or JSON path.</param>
internal sealed record StatedBox(string? Clip, int Frame, long Id, string Class, Box Box, StatedCorners Corners, bool IsCrowd, string Place);

/// <summary>A frame of which a file says that it knows all boxes, be there any or not.</summary>
internal sealed record StatedFrame(string? Clip, int Frame, string Place);

/// <summary>The boxes of a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Categories">Names in the order that the file states; empty where it states none.</param>
/// <param name="Frames">Annotated frames.</param>
/// <param name="Boxes">Their boxes.</param>
internal sealed record BoxFile(string Path, ImmutableArray<string> Categories, ImmutableArray<StatedFrame> Frames, ImmutableArray<StatedBox> Boxes)
{
    /// <summary>The classes: as stated, or those that occur, by name.</summary>
    public static ImmutableArray<string> Names(BoxFile file) => file.Categories.IsEmpty
        ? [.. file.Boxes.Select(box => box.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
        : file.Categories;

    /// <summary>Reads .json or .csv, by the file's name.</summary>
    public static Result<BoxFile, DecodeError> Read(string path) =>
        path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? BoxJson.Read(path) : BoxCsv.Read(path);
}

/// <summary>
/// <c>{ "categories": ["dog"], "frames": [{ "clip": "a", "frame": 0, "boxes": [</c>
/// <c>{ "id": 1, "class": "dog", "box": [x1, y1, x2, y2], "crowd": false }] }] }</c>;
/// categories, clip and crowd may be left out. A listed frame without boxes has no object; a frame that is not listed has no annotation.
/// </summary>
internal static class BoxJson
{
    public static Result<BoxFile, DecodeError> Read(string path) => JsonFiles.Use(path, root =>
        from categories in root.Find("categories") is { } at
            ? at.Items().Bind(items => items.Select(item => item.Text()).Sequence())
            : Result.Ok<IReadOnlyList<string>, DecodeError>([])
        from list in root.Get("frames").Bind(at => at.Items())
        from frames in list.Select(Frame).Sequence()
        select new BoxFile(path, [.. categories], [.. frames.Select(frame => frame.Frame)], [.. frames.SelectMany(frame => frame.Boxes)]));

    private static Result<(StatedFrame Frame, IReadOnlyList<StatedBox> Boxes), DecodeError> Frame(JsonAt at) =>
        from clip in at.Find("clip") is { } name ? name.Text().Map(text => (string?)text) : Result.Ok<string?, DecodeError>(null)
        from frame in at.Get("frame").Bind(number => number.Count(0))
        from list in at.Get("boxes").Bind(boxes => boxes.Items())
        from boxes in list.Select(box => Box(box, clip, frame)).Sequence()
        select (new StatedFrame(clip, frame, at.Path), boxes);

    private static Result<StatedBox, DecodeError> Box(JsonAt at, string? clip, int frame) =>
        from id in at.Get("id").Bind(number => number.Whole())
        from name in at.Get("class").Bind(text => text.Text())
        from corners in at.Get("box").Bind(box => box.Corners())
        from crowd in at.Find("crowd") is { } flag ? flag.Flag() : Result.Ok<bool, DecodeError>(false)
        select new StatedBox(
            clip, frame, id, name, corners.Rounded, corners.Stated, crowd, at.Path);
}
