using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What there is to know of a video file, or of each of a folder, without its pictures.</summary>
public delegate Result<ImmutableArray<ClipInfo>, DecodeError> ProbeVideos(string path);

/// <summary>How to open a data set of which only the place is known.</summary>
/// <param name="Format">The format; null to tell it by its form.</param>
/// <param name="Split">A split by its name, or a file that lists clips.</param>
/// <param name="Pictures">The folder of the pictures; null to look for it.</param>
/// <param name="Source">Boxes: the video, or the folder of pictures, that they are about.</param>
/// <param name="ClipBoxes">Whether boxes may reach over the border of their frame.</param>
/// <param name="PicturesAnywhere">Whether names of pictures in a JSON may be absolute, or lead out of the folder of pictures.</param>
/// <param name="Probe">Looks into video files; null where there are none.</param>
/// <param name="Policy">By which rules it is read; what only counts mistakes goes on after each.</param>
public sealed record DataPlace(
    DataFormat? Format = null,
    string? Split = null,
    string? Pictures = null,
    string? Source = null,
    bool ClipBoxes = false,
    bool PicturesAnywhere = false,
    ProbeVideos? Probe = null,
    ReadingPolicy Policy = ReadingPolicy.Strict
)
{
    /// <summary>Files that are read beside the set itself.</summary>
    internal IEnumerable<string> Files => new[] { Split, Source }.OfType<string>().Where(File.Exists);
}

/// <summary>Opens data sets by their form: what the JSON holds, what the folder looks like.</summary>
internal static class Recognise
{
    public static Result<DataSet, DecodeError> Open(string path, DataPlace place, Tolerate tolerate, Progress? progress) =>
        File.Exists(path) ? OpenFile(path, place, tolerate, progress)
        : Directory.Exists(path) ? OpenFolder(path, place, tolerate, progress)
        : new DecodeError.Missing(path, "the file or folder");

    private static Result<DataSet, DecodeError> OpenFile(string path, DataPlace place, Tolerate tolerate, Progress? progress) =>
        place.Format is DataFormat.Davis
            ? new DecodeError.BadSetting(
                "format",
                $"DAVIS is a folder, and {path} is a file",
                "Give the folder above JPEGImages and Annotations."
            )
        : new[] { ".csv", ".xml", ".txt", ".yaml", ".yml" }.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
            ? Boxes(path, place, tolerate, progress)
        : path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? OpenJson(path, place, tolerate, progress)
        : BareSet.Videos(path, place);

    private static Result<DataSet, DecodeError> OpenJson(string path, DataPlace place, Tolerate tolerate, Progress? progress) =>
        from format in place.Format is { } stated ? Result.Ok<DataFormat, DecodeError>(stated) : FormOf(path)
        from set in format.IsOfBoxes()
            ? Boxes(path, place, tolerate, progress)
            : from all in JsonSet.Open(
                path,
                format,
                new SetReading(place.Policy, tolerate, SetUse.Frames, place.ClipBoxes, place.PicturesAnywhere, progress)
            )
            from chosen in Listed(all, place)
            select chosen with
            {
                PictureRoot = place.Pictures ?? SetPlaces.FindRoot(SetPlaces.Pictures(path, null), chosen.Videos),
            }
        select set;

    /// <summary>A list of clips narrows a set; a split by name has chosen its JSON already.</summary>
    private static Result<DataSet, DecodeError> Listed(DataSet set, DataPlace place) =>
        from applied in SplitChoice.Apply(new ClipChoice([], place.Split))
        from chosen in ClipChoice.Select(applied, [.. set.Videos.Select(video => video.Name)], set.Path)
        select applied.Clips.IsEmpty ? set : Subset.Of(set, chosen);

    private static Result<DataSet, DecodeError> Boxes(string path, DataPlace place, Tolerate tolerate, Progress? progress) =>
        from read in BoxFile.Read(path, SplitChoice.NameOf(place.Split), Stated(place))
        from _ in Stated(place) is { } stated && stated != read.Form
            ? new DecodeError.BadSetting(
                "format",
                $"{path} is of the form {NameOf(read.Form)}, not {NameOf(stated)}",
                "Leave --format out, or name the folder of the set."
            )
            : Result.Ok<Unit, DecodeError>(default)
        let source = place.Source ?? (read.About is null ? Placing.Beside(read) : null)
        from about in source is null
            ? Result.Ok<DataSet?, DecodeError>(read.About)
            : OpenSource(source, place with { Format = null, Source = null, Split = null }, tolerate, progress)
                .Bind(set => read.Form == DataFormat.Yolo ? PicturesAlone.WhereSizesDiffer(set) : set)
                .Map(set => (DataSet?)set)
        from set in BoxesSet.Open(
            place.Source is null && source is not null ? read with { Notes = read.Notes.Add($"about {source}, found beside it") } : read,
            about,
            place.ClipBoxes
        )
        select set;

    /// <summary>The form of a tool where it is stated; boxes-csv and boxes-json are said of all files of boxes.</summary>
    private static DataFormat? Stated(DataPlace place) =>
        place.Format is { } stated && stated.IsOfBoxes() && stated is not (DataFormat.BoxesCsv or DataFormat.BoxesJson) ? stated : null;

    private static string NameOf(DataFormat form) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(form.ToString());

    /// <summary>What boxes are about: a folder of pictures is that, whatever else lies in it.</summary>
    private static Result<DataSet, DecodeError> OpenSource(string source, DataPlace place, Tolerate tolerate, Progress? progress) =>
        Directory.Exists(source) && ClipFolders.Find(source, null).IsOk ? Davis(source, place) : Open(source, place, tolerate, progress);

    /// <summary>The format of a JSON, by its top-level members; read until one tells.</summary>
    public static Result<DataFormat, DecodeError> FormOf(string path)
    {
        DataFormat? form = null;
        var stop = new DecodeError.Missing(path, "nothing");
        var read = JsonElements.ForEach(
            path,
            part =>
            {
                form = part.Member switch
                {
                    "images" => DataFormat.Coco,
                    "videos" => form ?? DataFormat.YoutubeVis,
                    "frames" => DataFormat.BoxesJson,
                    "shapes" => DataFormat.Labelme,
                    "" when part.Index == 0 && LabelStudio.IsTask(part.Bytes) => DataFormat.LabelStudio,
                    _ when part.Index < 0 && ViaJson.IsTold(part.Member, part.Bytes) => DataFormat.Via,
                    _ => form,
                };
                return part.Member == "" || form is not (null or DataFormat.YoutubeVis) ? stop : null;
            },
            problem => problem.Error
        );
        return form is { } known ? known
            : read is Result<IReadOnlySet<string>, DecodeError>.Error(var error) && error != stop ? error
            : read is Result<IReadOnlySet<string>, DecodeError>.Ok(var arrays) && arrays.Contains("videos") ? DataFormat.YoutubeVis
            : read is Result<IReadOnlySet<string>, DecodeError>.Ok(var others) && others.Contains("images") ? DataFormat.Coco
            : read is Result<IReadOnlySet<string>, DecodeError>.Ok(var boxes) && boxes.Contains("frames") ? DataFormat.BoxesJson
            : read is Result<IReadOnlySet<string>, DecodeError>.Ok(var shapes) && shapes.Contains("shapes") ? DataFormat.Labelme
            : new DecodeError.BadAnnotation(
                path,
                "$",
                "an object with videos (YouTube-VIS), images (COCO) or frames (boxes) is needed",
                "A list of results is no data set; motion evaluate compares it with one."
            );
    }

    private static Result<DataSet, DecodeError> OpenFolder(string path, DataPlace place, Tolerate tolerate, Progress? progress)
    {
        var split = SplitChoice.NameOf(place.Split);
        var named = place with { Split = split is null ? place.Split : null };
        return place.Format switch
        {
            DataFormat.Davis => Davis(path, place),
            DataFormat.Videos => BareSet.Videos(path, place),
            { } boxes when boxes.IsOfBoxes() => Folder(),
            { } json => SetPlaces.Json(path, json, split).Bind(file => Json(file, json)),
            null
                when SetPlaces.Json(path, DataFormat.YoutubeVis, split) is Result<string, DecodeError>.Ok(var file)
                    && !IsBesideMasks(path, file) => Json(file, null),
            null when split is null && SetPlaces.Splits(path).Length > 1 && !Directory.Exists(Path.Combine(path, "JPEGImages")) => SetPlaces
                .Json(path, DataFormat.YoutubeVis, null)
                .Bind(file => Json(file, null)), // which says what splits there are
            null when split is null && HasVideos(path) => BareSet.Videos(path, place),
            null when BoxFolders.FormOf(path) is not null => Folder(),
            null when Unread(path) is { } unread => new DecodeError.BadSetting(
                "format",
                $"{path} holds {unread} beside pictures, which says something of them in a form or a place that is not known",
                "Name that file itself; to read the pictures alone say --format davis."
            ),
            null => Davis(path, place),
        };

        // Boxes of pictures that may lie in the same folder.
        Result<DataSet, DecodeError> Folder() =>
            Boxes(
                    path,
                    place with
                    {
                        Source =
                            place.Source
                            ?? (
                                BoxFolders.FormOf(path) is DataFormat.Labelme or DataFormat.Cvat or DataFormat.LabelStudio
                                && ClipFolders.Find(path, null).IsOk
                                    ? path
                                    : null
                            ),
                    },
                    tolerate,
                    progress
                )
                .Bind(set => Listed(set, named));

        Result<DataSet, DecodeError> Json(string file, DataFormat? format) =>
            OpenJson(file, named with { Format = format }, tolerate, progress)
                .Map(set =>
                    set with
                    {
                        PictureRoot = place.Pictures ?? SetPlaces.FindRoot([path, .. SetPlaces.Pictures(file, split)], set.Videos),
                    }
                );
    }

    /// <summary>
    /// In a folder with annotation pictures, a JSON that is no set says something of these (objects.json, YouTube-VOS' meta.json), and one
    /// beside the folder is what it was made from.
    /// </summary>
    private static bool IsBesideMasks(string path, string file) =>
        Directory.Exists(Path.Combine(path, "Annotations"))
        && Directory.Exists(Path.Combine(path, "JPEGImages"))
        && (!Path.GetFullPath(file).StartsWith(Path.GetFullPath(path).TrimEnd('/') + "/", StringComparison.Ordinal) || !FormOf(file).IsOk);

    /// <summary>
    /// A file that may annotate the plain folders of pictures of a folder; null where there is none, and where the folder is laid out as
    /// DAVIS is.
    /// </summary>
    private static string? Unread(string path)
    {
        if (Directory.Exists(Path.Combine(path, "JPEGImages")))
        {
            return null;
        }

        return
            Directory
                .GetDirectories(path)
                .Prepend(path)
                .SelectMany(folder => Directory.GetFiles(folder).Select(file => (Folder: folder, File: file)))
                .FirstOrDefault(pair => MayAnnotate(pair.File) && Path.GetFileName(pair.File) != ObjectNames.FileName)
                .File
                is { } found
            ? Path.GetRelativePath(path, found)
            : null;
    }

    /// <summary>A JSON, XML or CSV; a text named as a picture beside it, or as MOT names them.</summary>
    private static bool MayAnnotate(string file) =>
        Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".json" or ".xml" or ".csv" => true,
            ".txt" => Path.GetFileName(file) is "gt.txt" or "det.txt"
                || Path.GetFileName(Path.GetDirectoryName(file)) == "labels"
                || new[] { ".jpg", ".jpeg", ".png" }.Any(ending => File.Exists(Path.ChangeExtension(file, ending))),
            _ => false,
        };

    private static bool HasVideos(string path) =>
        VideoNames.Any(path) && ClipFolders.Find(path, null) is Result<ImmutableArray<ClipFolder>, DecodeError>.Error;

    private static Result<DataSet, DecodeError> Davis(string path, DataPlace place) => DavisSet.Open(path, place.Split);
}

/// <summary>A part of a set: some of its videos, and their tracks.</summary>
internal static class Subset
{
    public static DataSet Of(DataSet set, IReadOnlyList<int> chosen)
    {
        var place = Enumerable.Repeat(-1, set.Videos.Length).ToArray();
        foreach (var (position, video) in chosen.Index())
        {
            place[video] = position;
        }

        return set with
        {
            Videos = [.. chosen.Select(video => set.Videos[video])],
            Tracks = (use, tolerate, progress) => set.Tracks(track => Passed(track) ? use(track) : null, tolerate, progress),
            ByVideo = (use, tolerate, progress) =>
                set.ByVideo(
                    (video, tracks) => place[video] < 0 || !tracks.All(Passed) ? null : use(place[video], tracks),
                    tolerate,
                    progress
                ),
        };

        bool Passed(TrackView track)
        {
            track.Video = place[track.Video];
            return track.Video >= 0;
        }
    }
}
