using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Folders of boxes: MOTChallenge's sequences, labelme's and YOLO's files of a picture each, exports of CVAT and Label Studio with a file
/// for each clip.
/// </summary>
internal static class BoxFolders
{
    private const int MostDepth = 6; // folders of folders: links may lead round in a circle

    /// <summary>Of which form a folder's files are; null where they are of none.</summary>
    public static DataFormat? FormOf(string folder) =>
        Directory.Exists(Path.Combine(folder, "JPEGImages")) ? null
        : MotFolders.Is(folder) ? DataFormat.Mot
        : Labelme.Files(folder).Length > 0 ? DataFormat.Labelme
        : Clips(folder, ".xml", CvatXml.Is).Length > 0 ? DataFormat.Cvat
        : Clips(folder, ".json", LabelStudio.Is).Length > 0 ? DataFormat.LabelStudio
        : Yolo.Is(folder) ? DataFormat.Yolo
        : null;

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">A split by its name, where it holds several; null for the only one.</param>
    /// <param name="form">Its form; null to tell it by what is in it.</param>
    public static Result<BoxFile, DecodeError> Read(string folder, string? split, DataFormat? form) =>
        (form ?? FormOf(folder)) switch
        {
            DataFormat.Mot => MotFolders.Read(folder, split),
            DataFormat.Labelme when Labelme.Files(folder) is { Length: > 0 } files => Labelme.Read(folder, files),
            DataFormat.Cvat when Clips(folder, ".xml", CvatXml.Is) is { Length: > 0 } files => Together(folder, files),
            DataFormat.LabelStudio when Clips(folder, ".json", LabelStudio.Is) is { Length: > 0 } files => Together(folder, files),
            DataFormat.Yolo => Yolo.Read(folder, split),
            _ => new DecodeError.Missing(
                folder,
                "boxes in one of the forms of docs/data.md (CLIP.csv, CLIP.xml, SEQ/gt/gt.txt, labels/NAME.txt, ...)"
            ),
        };

    /// <summary>Files with an ending in a folder and the folders in it, as people count.</summary>
    public static string[] FilesOf(string folder, string ending)
    {
        try
        {
            return
            [
                .. Directory
                    .EnumerateFiles(
                        folder,
                        "*" + ending,
                        new EnumerationOptions
                        {
                            RecurseSubdirectories = true,
                            MaxRecursionDepth = MostDepth,
                            IgnoreInaccessible = true,
                        }
                    )
                    .Order(CountingOrder.Files),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Files of several clips as one; their clips are named by the files.</summary>
    public static Result<BoxFile, DecodeError> Together(string folder, IReadOnlyList<(string Clip, string File)> files) =>
        files
            .Select(pair => BoxFile.Read(pair.File).Map(file => BoxFile.OfClip(file, pair.Clip)))
            .Sequence()
            .Bind(all => Joined(folder, files, all));

    private static Result<BoxFile, DecodeError> Joined(
        string folder,
        IReadOnlyList<(string Clip, string File)> files,
        IReadOnlyList<BoxFile> all
    )
    {
        if (all.Index().FirstOrDefault(file => file.Item.Pictures.Length > 0) is { Item: { } one })
        {
            return new DecodeError.BadAnnotation(
                one.Path,
                "$",
                "it tells frames by the names of pictures, and stands among files that are named by their clips",
                "Name that file itself."
            );
        }

        string Placed(int file, string place) => $"{Path.GetRelativePath(folder, files[file].File)} {place}";
        return new BoxFile(
            folder,
            [.. all.SelectMany(file => file.Categories).Distinct(StringComparer.Ordinal)],
            [.. all.SelectMany((file, i) => file.Frames.Select(frame => frame with { Place = Placed(i, frame.Place) }))],
            [.. all.SelectMany((file, i) => file.Boxes.Select(box => box with { Place = Placed(i, box.Place) }))]
        )
        {
            Form = all[0].Form,
            InPercent = all.Any(file => file.InPercent),
            Notes = [.. all.SelectMany(file => file.Notes).Distinct(StringComparer.Ordinal)],
            Files = [.. files.Select(pair => pair.File)],
        };
    }

    /// <summary>The files of clips in a folder where the first of them is of a form; empty otherwise.</summary>
    private static (string Clip, string File)[] Clips(string folder, string ending, Func<string, bool> isOfForm) =>
        FilesOf(folder, ending) is [var first, ..] files && isOfForm(first)
            ? [.. files.Select(file => (Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/'), file))]
            : [];
}
