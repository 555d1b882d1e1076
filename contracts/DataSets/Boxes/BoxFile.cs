using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
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
internal sealed record StatedBox(string? Clip, int Frame, long Id, string Class, Box Box, StatedCorners Corners, bool IsCrowd, string Place)
{
    /// <summary>The box in percent of its frame, where the file states it so.</summary>
    public TurnedBox? Percent { get; init; }
}

/// <summary>A frame of which a file says that it knows all boxes, be there any or not.</summary>
internal sealed record StatedFrame(string? Clip, int Frame, string Place);

/// <summary>The boxes of a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Categories">Names in the order that the file states; empty where it states none.</param>
/// <param name="Frames">Annotated frames.</param>
/// <param name="Boxes">Their boxes.</param>
internal sealed record BoxFile(
    string Path,
    ImmutableArray<string> Categories,
    ImmutableArray<StatedFrame> Frames,
    ImmutableArray<StatedBox> Boxes
)
{
    /// <summary>Where the file tells frames by the names of pictures: their names, and frames are places in this list.</summary>
    public ImmutableArray<string> Pictures { get; init; } = [];

    /// <summary>Of which form it is.</summary>
    public DataFormat Form { get; init; } =
        Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? DataFormat.BoxesJson : DataFormat.BoxesCsv;

    /// <summary>The files that were read, where <see cref="Path"/> is a folder.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>Whether the names of pictures lack their endings.</summary>
    public bool PicturesWithoutEnding { get; init; }

    /// <summary>Whether a picture of a clip of which the file tells some has no object where the file does not tell it.</summary>
    public bool AbsentIsEmpty { get; init; }

    /// <summary>Where the pictures are, where their place is part of the form.</summary>
    public string? PicturesIn { get; init; }

    /// <summary>The clips that it is about, where it says enough of them.</summary>
    public DataSet? About { get; init; }

    /// <summary>Whether boxes are in percent of the frame.</summary>
    public bool InPercent { get; init; }

    /// <summary>Name of the video that the file is about, where it says so.</summary>
    public string? Video { get; init; }

    /// <summary>Frames of the video, where the file says so.</summary>
    public int? FramesStated { get; init; }

    /// <summary>What one should know of how it was read, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The classes: as stated, or those that occur, by name.</summary>
    public static ImmutableArray<string> Names(BoxFile file) =>
        file.Categories.IsEmpty
            ? [.. file.Boxes.Select(box => box.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : [.. file.Categories.Distinct(StringComparer.Ordinal)];

    /// <summary>The same with the numbers for good of ids that are texts.</summary>
    public static BoxFile Settled(BoxFile file, TextIds texts)
    {
        if (texts.IsEmpty)
        {
            return file;
        }

        var own = file.Boxes.Select(box => box.Id).Where(id => !texts.IsText(id)).ToArray();
        var settled = texts.Settle(own);
        return file with
        {
            Boxes = [.. file.Boxes.Select(box => box with { Id = settled.GetValueOrDefault(box.Id, box.Id) })],
            Notes = file.Notes.Add("ids of objects that are texts are numbered in the order in which they sort"),
        };
    }

    /// <summary>The same file as one about a clip, where it names none.</summary>
    public static BoxFile OfClip(BoxFile file, string clip) =>
        file with
        {
            Frames = [.. file.Frames.Select(frame => frame with { Clip = frame.Clip ?? clip })],
            Boxes = [.. file.Boxes.Select(box => box with { Clip = box.Clip ?? clip })],
        };

    /// <summary>Reads a file in one of the forms of docs/data.md, by its name and what is in it; or a folder of such files.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="split">Of a folder, a split by its name; null for the only one.</param>
    /// <param name="form">Of a folder, its form; null to tell it by what is in it.</param>
    public static Result<BoxFile, DecodeError> Read(string path, string? split = null, DataFormat? form = null) =>
        System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            _ when Directory.Exists(path) => BoxFolders.Read(path, split, form),
            ".json" => JsonFiles.Use(
                path,
                root =>
                    root.Element.ValueKind == JsonValueKind.Array
                    && root.Element.GetArrayLength() > 0
                    && LabelStudio.IsTask(JsonMarshal.GetRawUtf8Value(root.Element[0]))
                        ? LabelStudio.Read(root)
                    : root.Find("shapes") is not null && root.Find("frames") is null ? Labelme.Read(path, [path])
                    : ViaJson.Is(root) ? ViaJson.Read(root)
                    : BoxJson.Read(path, root)
            ),
            ".xml" => CvatXml.Read(path),
            ".yaml" or ".yml" => YoloNames
                .AreIn(path)
                .Bind(are =>
                    are
                        ? Yolo.Read(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, split)
                        : new DecodeError.BadSetting(
                            "format",
                            $"{path} names no classes, as YOLO's data.yaml does",
                            "Name a data set; the yaml of a run is looked at by run FILE.yaml --check."
                        )
                ),
            ".txt" => MotText.Read(path),
            _ => BoxCsv.Read(path),
        };
}

/// <summary>
/// <c>{ "categories": ["dog"], "frames": [{ "clip": "a", "frame": 0, "boxes": [</c>
/// <c>{ "id": 1, "class": "dog", "box": [x1, y1, x2, y2], "crowd": false }] }] }</c>;
/// categories, clip and crowd may be left out. A listed frame without boxes has no object; a frame that is not listed has no annotation.
/// </summary>
internal static class BoxJson
{
    public static Result<BoxFile, DecodeError> Read(string path, JsonAt root)
    {
        var texts = new TextIds();
        return Read(path, root, texts).Map(file => BoxFile.Settled(file, texts));
    }

    private static Result<BoxFile, DecodeError> Read(string path, JsonAt root, TextIds texts) =>
        from categories in root.Find("categories") is { } at
            ? at.Items().Bind(items => items.Select(item => item.Text()).Sequence())
            : Result.Ok<IReadOnlyList<string>, DecodeError>([])
        from list in root.Get("frames").Bind(at => at.Items())
        from frames in list.Select(frame => Frame(frame, texts)).Sequence()
        select new BoxFile(path, [.. categories], [.. frames.Select(frame => frame.Frame)], [.. frames.SelectMany(frame => frame.Boxes)]);

    private static Result<(StatedFrame Frame, IReadOnlyList<StatedBox> Boxes), DecodeError> Frame(JsonAt at, TextIds texts) =>
        from clip in at.Find("clip") is { } name ? name.Text().Map(text => (string?)text) : Result.Ok<string?, DecodeError>(null)
        from frame in at.Get("frame").Bind(number => number.Count(0))
        from list in at.Get("boxes").Bind(boxes => boxes.Items())
        from boxes in list.Select(box => Box(box, clip, frame, texts)).Sequence()
        select (new StatedFrame(clip, frame, at.Path), boxes);

    private static Result<StatedBox, DecodeError> Box(JsonAt at, string? clip, int frame, TextIds texts) =>
        from id in at.Get("id").Bind(number => number.Id(texts))
        from name in at.Get("class").Bind(text => text.Text())
        from corners in at.Get("box").Bind(box => box.Corners())
        from crowd in at.Find("crowd") is { } flag ? flag.Flag() : Result.Ok<bool, DecodeError>(false)
        select new StatedBox(clip, frame, id, name, corners.Rounded, corners.Stated, crowd, at.Path);
}
