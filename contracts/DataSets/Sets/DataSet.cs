using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>How a data set is published.</summary>
public enum DataFormat
{
    /// <summary>A JSON of videos and tracks (2019 and 2021), and folders of pictures.</summary>
    YoutubeVis,

    /// <summary>A JSON of images and annotations.</summary>
    Coco,

    /// <summary>Folders of pictures and of annotation pictures.</summary>
    Davis,

    /// <summary>A CSV of boxes, with the video or the pictures that they are about.</summary>
    BoxesCsv,

    /// <summary>A JSON of boxes, with the video or the pictures that they are about.</summary>
    BoxesJson,

    /// <summary>Videos without any annotation.</summary>
    Videos,

    /// <summary>CVAT's XML 1.1, for video or for images.</summary>
    Cvat,

    /// <summary>Label Studio's JSON of videos.</summary>
    LabelStudio,

    /// <summary>MOTChallenge's text, and CVAT's and Datumaro's MOT.</summary>
    Mot,

    /// <summary>VGG Image Annotator's CSV and JSON.</summary>
    Via,

    /// <summary>labelme's JSON, one a picture.</summary>
    Labelme,

    /// <summary>YOLO's text, one a picture.</summary>
    Yolo,
}

/// <summary>What holds of forms.</summary>
internal static class DataFormats
{
    /// <summary>Whether a form tells boxes of pictures or of a video that lie elsewhere.</summary>
    public static bool IsOfBoxes(this DataFormat format) =>
        format is not (DataFormat.YoutubeVis or DataFormat.Coco or DataFormat.Davis or DataFormat.Videos);
}

/// <summary>Takes a track; what the view holds is the next call's to overwrite. An error ends the reading.</summary>
internal delegate DecodeError? UseTrack(TrackView track);

/// <summary>Takes the tracks of one video.</summary>
internal delegate DecodeError? UseVideo(int video, IReadOnlyList<TrackView> tracks);

/// <summary>A data set that has been opened: what it lists, and a way through its annotations, which are not held.</summary>
/// <param name="Path">The file or folder of the annotations.</param>
/// <param name="Format">How it is published.</param>
/// <param name="Categories">In the order of their ids.</param>
/// <param name="Videos">In the file's order.</param>
/// <param name="IsAnnotated">Whether there are annotations at all.</param>
/// <param name="PictureRoot">The folder that files are relative to; null where none was found.</param>
internal sealed record DataSet(
    string Path,
    DataFormat Format,
    ImmutableArray<SetCategory> Categories,
    ImmutableArray<SetVideo> Videos,
    bool IsAnnotated,
    string? PictureRoot
)
{
    /// <summary>Goes through the tracks in the file's order.</summary>
    public required Func<UseTrack, Tolerate, Progress?, Result<Unit, DecodeError>> Tracks { get; init; }

    /// <summary>Goes through the videos in order, with the tracks of each: those of one video are held at a time.</summary>
    public required Func<UseVideo, Tolerate, Progress?, Result<Unit, DecodeError>> ByVideo { get; init; }

    /// <summary>The same with the frames that a video's annotation covers, where not every frame is annotated (DAVIS, box files).</summary>
    public Func<int, IReadOnlySet<int>>? AnnotatedFrames { get; init; }

    /// <summary>Members of the file that are not read.</summary>
    public ImmutableArray<string> Extras { get; init; } = [];

    /// <summary>What one should know of how it was read, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Pictures of a video.</summary>
    public string PictureOf(SetVideo video, int frame) => System.IO.Path.Combine(PictureRoot ?? "", video.Files[frame]);

    /// <summary>Files that reading the set may read.</summary>
    public IEnumerable<string> Inputs =>
        new[] { Path }
            .Where(File.Exists)
            .Concat(Videos.SelectMany(video => Enumerable.Range(0, video.Files.Length).Select(frame => PictureOf(video, frame))))
            .Concat(Beside());

    /// <summary>Those among them that are neither the set's own file nor its pictures.</summary>
    public Func<IEnumerable<string>> Beside { get; init; } = () => [];

    /// <summary>Of images: whether only the tracks of objects tell that they are frames of videos.</summary>
    public bool FollowedByTracks { get; init; }

    /// <summary>Of a JSON: by what its annotations are read, and results of it.</summary>
    public TrackRules? Rules { get; init; }

    public long Frames => Videos.Sum(video => (long)video.Frames);
}
