using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What becomes of pictures where the target wants them in folders of its own (DAVIS, YOLO).</summary>
public enum PicturesAs
{
    /// <summary>They stay where they are.</summary>
    None,

    /// <summary>Symbolic links.</summary>
    Link,

    /// <summary>Copies.</summary>
    Copy,
}

/// <summary>How to convert.</summary>
/// <param name="To">The target.</param>
/// <param name="BoxesOnly">Leaves masks out.</param>
/// <param name="Pictures">What becomes of the pictures.</param>
/// <param name="Force">Overwrites what is there.</param>
public sealed record ConvertOptions(DataFormat To, bool BoxesOnly = false, PicturesAs Pictures = PicturesAs.None, bool Force = false);

/// <summary>What a target cannot hold, and how often that mattered.</summary>
public sealed record Loss(string What, long Count);

/// <summary>What a conversion wrote and lost.</summary>
public sealed record ConvertReport(
    string Path,
    int Videos,
    long Frames,
    long Instances,
    long Boxes,
    long Masks,
    ImmutableArray<Loss> Lost,
    ImmutableArray<FaultCount> Problems
)
{
    /// <summary>What one should know of how the source was read, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>Counts what a conversion writes and loses; local to one conversion.</summary>
internal sealed class LossTally
{
    private readonly SortedDictionary<string, long> _lost = new(StringComparer.Ordinal);

    /// <summary>Notes members of the source that are not read, and so not written.</summary>
    public Unit Drop(ImmutableArray<string> members)
    {
        Lose($"members that are not read: {string.Join(", ", members)}", members.IsEmpty ? 0 : 1);
        return default;
    }

    public long Instances { get; set; }

    public long Boxes { get; set; }

    public long Masks { get; set; }

    public ImmutableArray<Loss> Lost => [.. _lost.Select(pair => new Loss(pair.Key, pair.Value))];

    public void Lose(string what, long count = 1)
    {
        if (count > 0)
        {
            _lost[what] = _lost.GetValueOrDefault(what) + count;
        }
    }
}

/// <summary>One conversion: what its writers share.</summary>
internal sealed record Conversion(
    DataSet Set,
    ImmutableArray<string> MoreInputs,
    string Path,
    ConvertOptions Options,
    Tolerate Tolerate,
    LossTally Tally,
    Progress? Progress
)
{
    /// <summary>Frames of which nothing is known, for targets that cannot say so.</summary>
    public long Unannotated =>
        Set.AnnotatedFrames is not { } of
            ? 0
            : Enumerable.Range(0, Set.Videos.Length).Sum(video => (long)Set.Videos[video].Frames - of(video).Count);

    /// <summary>The mask of a frame, unless masks are to be left out.</summary>
    public StatedMask? MaskOf(TrackView track, int frame)
    {
        var mask = track.MaskAt(frame);
        if (mask is not null && Options.BoxesOnly)
        {
            Tally.Lose("masks");
            return null;
        }

        return mask;
    }
}

/// <summary>The tracks of a video by the frames in which a box or a mask of them is told; in the order of the tracks.</summary>
internal sealed class TracksByFrame
{
    private readonly Dictionary<int, List<TrackView>> _tracks = [];

    public TracksByFrame(IEnumerable<TrackView> tracks)
    {
        foreach (var track in tracks)
        {
            foreach (var frame in track.Told)
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_tracks, frame, out _) ??= []).Add(track);
            }
        }
    }

    public IReadOnlyList<TrackView> this[int frame] => _tracks.GetValueOrDefault(frame, []);
}

/// <summary>Converts data sets into one another, and says what the target cannot hold.</summary>
public static class DataConvert
{
    /// <summary>Converts a set.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="place">What is known of it.</param>
    /// <param name="output">The file to write; the folder for DAVIS, MOT, labelme and YOLO, and of several clips for CVAT and Label
    /// Studio.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told now and then.</param>
    public static Result<ConvertReport, DecodeError> Run(
        string path,
        DataPlace place,
        string output,
        ConvertOptions options,
        Progress? progress = null
    )
    {
        var (faults, tally) = (new FaultTally(place.Policy), new LossTally());
        return from opened in Recognise.Open(path, place, faults.Rule, progress)
            from _ in Directory.Exists(output) && options is { To: DataFormat.Davis, Force: true }
                ? default(Unit) // file by file
                : WholeOutput.Free([output], options.Force, opened.Inputs.Concat(place.Files))
            let set = options.To == DataFormat.Coco ? opened : Clips.Of(opened)
            from __ in Possible(set, options)
            let work = new Conversion(set, [.. place.Files], output, options, faults.Rule, tally, progress)
            let ___ = tally.Drop(set.Extras)
            from done in Write(work) is { } error ? error : Result.Ok<Unit, DecodeError>(default)
            select new ConvertReport(
                output,
                set.Videos.Length,
                set.Frames,
                tally.Instances,
                tally.Boxes,
                tally.Masks,
                tally.Lost,
                faults.Counts
            )
            {
                Notes = set.Notes,
            };
    }

    private static DecodeError? Write(Conversion work) =>
        work.Options.To switch
        {
            DataFormat.YoutubeVis => ToYoutubeVis.Write(work),
            DataFormat.Coco => ToCoco.Write(work),
            DataFormat.Davis => ToDavis.Write(work),
            DataFormat.BoxesCsv => ToBoxes.Csv(work),
            DataFormat.BoxesJson => ToBoxes.Json(work),
            DataFormat.Cvat => ToCvat.Write(work),
            DataFormat.LabelStudio => ToLabelStudio.Write(work),
            DataFormat.Mot => ToMot.Write(work),
            DataFormat.Via => ToVia.Write(work),
            DataFormat.Labelme => ToLabelme.Write(work),
            DataFormat.Yolo => ToYolo.Write(work),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static Result<Unit, DecodeError> Possible(DataSet set, ConvertOptions options)
    {
        if (options.To == DataFormat.Videos)
        {
            return new DecodeError.BadSetting("to", "a set cannot become videos", "Name another form.");
        }

        if (!set.IsAnnotated && options.To is not (DataFormat.YoutubeVis or DataFormat.Coco))
        {
            return new DecodeError.BadAnnotation(set.Path, "$", "there are no annotations to convert", "Check the path.");
        }

        if (options is { To: DataFormat.Davis, BoxesOnly: true })
        {
            return new DecodeError.BadSetting("to", "DAVIS holds nothing but masks", "Name another target, or leave --boxes-only out.");
        }

        return
            options.To is not (DataFormat.BoxesCsv or DataFormat.BoxesJson or DataFormat.Via)
            && set.Videos.Any(video => video.Size == default)
            ? new DecodeError.BadSetting(
                "source",
                $"how large the frames are is taken from their pictures or the video, not from {set.Path}",
                "Name the video, or the folder of pictures, that the boxes are about: --source PATH."
            )
            : default(Unit);
    }
}
