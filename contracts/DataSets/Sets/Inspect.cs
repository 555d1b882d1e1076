using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>One category of a data set, counted.</summary>
/// <param name="Id">As the file states it.</param>
/// <param name="Name">As the file states it.</param>
/// <param name="Videos">Videos (images) that hold it.</param>
/// <param name="Instances">Objects: tracks, or annotations of images.</param>
/// <param name="Boxes">Frames in which one of them is seen, summed over objects.</param>
public sealed record ClassCount(long Id, string Name, long Videos, long Instances, long Boxes);

/// <summary>How many objects, seen in a frame, are of which size: COCO's bounds, 32x32 and 96x96 pixels.</summary>
public sealed record SizeCount(long Small, long Medium, long Large);

/// <summary>How many masks are written in which form.</summary>
public sealed record MaskCount(MaskForm Form, long Count);

/// <summary>How many videos have frames of one size.</summary>
public sealed record FrameSizeCount(int Height, int Width, long Videos);

/// <summary>What a data set holds.</summary>
/// <param name="Path">The file or folder of the annotations.</param>
/// <param name="Format">How it is published.</param>
/// <param name="PictureRoot">Where its pictures are; null where they were not found, and were not looked at.</param>
/// <param name="Annotated">Whether it has annotations at all.</param>
/// <param name="Videos">Number of videos; of images where the format has images.</param>
/// <param name="Frames">Number of frames.</param>
/// <param name="FewestFrames">Of a video.</param>
/// <param name="MostFrames">Of a video.</param>
/// <param name="FrameSizes">The commonest first.</param>
/// <param name="Classes">In the order of their ids.</param>
/// <param name="Instances">Objects.</param>
/// <param name="Crowds">Objects that stand for a group.</param>
/// <param name="Boxes">Objects seen in a frame, summed over frames.</param>
/// <param name="Masks">By form.</param>
/// <param name="Sizes">Of the objects seen, by the area stated, of the mask or of the box.</param>
/// <param name="EmptyFrames">Annotated frames in which no object is seen.</param>
/// <param name="UnannotatedFrames">Frames of which nothing is known.</param>
/// <param name="Problems">What was left out, by kind.</param>
/// <param name="Notes">What one should know of how it was read, a sentence each.</param>
public sealed record Inventory(
    string Path,
    DataFormat Format,
    string? PictureRoot,
    bool Annotated,
    long Videos,
    long Frames,
    int FewestFrames,
    int MostFrames,
    ImmutableArray<FrameSizeCount> FrameSizes,
    ImmutableArray<ClassCount> Classes,
    long Instances,
    long Crowds,
    long Boxes,
    ImmutableArray<MaskCount> Masks,
    SizeCount Sizes,
    long EmptyFrames,
    long UnannotatedFrames,
    ImmutableArray<FaultCount> Problems,
    ImmutableArray<string> Notes
);

/// <summary>Counts what a data set holds, and finds what is wrong with it, in one pass over its annotations.</summary>
public static class DataInspect
{
    /// <summary>COCO's bound between small and medium, pixels.</summary>
    public const double SmallArea = 32 * 32;

    /// <summary>COCO's bound between medium and large, pixels.</summary>
    public const double MediumArea = 96 * 96;

    /// <summary>
    /// Inspects a file or folder. Mistakes of annotations and pictures are counted, not returned; those of structure are.
    /// </summary>
    /// <param name="path">A JSON, a CSV, a video, a folder.</param>
    /// <param name="place">What is known of it.</param>
    /// <param name="progress">Told now and then.</param>
    public static Result<Inventory, DecodeError> Run(string path, DataPlace place, Progress? progress = null)
    {
        var tally = new FaultTally(lenient: true);
        return from set in Recognise.Open(path, place, tally.Rule, progress)
            let count = new Counter(set)
            from _ in set.Tracks(count.Add, tally.Rule, progress)
            from __ in Pictures(set, tally.Rule, progress)
            select count.Inventory(tally.Counts);
    }

    /// <summary>Every picture must be there, and the first of each video have the size that is stated.</summary>
    private static Result<Unit, DecodeError> Pictures(DataSet set, Tolerate tolerate, Progress? progress)
    {
        if (set.PictureRoot is null || set.Format is DataFormat.Davis || set.Format.IsOfBoxes())
        {
            return default(Unit); // of folders of pictures, the pictures are what was listed
        }

        foreach (var (i, video) in set.Videos.Index())
        {
            progress?.Invoke(i, set.Videos.Length);
            var list = set.Format == DataFormat.Coco ? "images" : "videos";
            foreach (var (frame, _) in video.Files.Index().Where(file => !File.Exists(set.PictureOf(video, file.Index))))
            {
                if (
                    tolerate(
                        new DataProblem(
                            DataFault.MissingPicture,
                            new DecodeError.BadAnnotation(
                                set.Path,
                                $"$.{list}[{i}]{(list == "videos" ? $".file_names[{frame}]" : ".file_name")} (id {video.Id})",
                                $"there is no picture {set.PictureOf(video, frame)}",
                                "Fetch it, or name the folder of the pictures (--pictures)."
                            )
                        )
                    ) is
                    { } error
                )
                {
                    return error;
                }
            }

            if (
                File.Exists(set.PictureOf(video, 0))
                && PictureProblem(set, video) is { } problem
                && tolerate(new DataProblem(DataFault.BadPicture, problem)) is { } stop
            )
            {
                return stop;
            }
        }

        return default(Unit);
    }

    private static DecodeError? PictureProblem(DataSet set, SetVideo video) =>
        PictureFiles
            .Size(set.PictureOf(video, 0))
            .Match(
                size =>
                    size == video.Size
                        ? null
                        : new DecodeError.Corrupt(
                            set.PictureOf(video, 0),
                            $"the picture is {size}, {set.Path} (id {video.Id}) says {video.Size}",
                            "Annotations are in pixels of the published pictures: fetch those."
                        ),
                error => (DecodeError?)error
            );

    /// <summary>The sums of one pass.</summary>
    private sealed class Counter(DataSet set)
    {
        private readonly (long Instances, long Boxes)[] _classes = new (long, long)[set.Categories.Length];
        private readonly System.Collections.BitArray?[] _videosOf = new System.Collections.BitArray?[set.Categories.Length];
        private readonly FrameSet[] _seen = [.. set.Videos.Select(video => new FrameSet(video.Frames))];
        private readonly long[] _forms = new long[Enum.GetValues<MaskForm>().Length];
        private long _crowds,
            _small,
            _medium,
            _large;

        public DecodeError? Add(TrackView track)
        {
            var boxes = 0;
            foreach (var t in track.Told)
            {
                if (track.MaskAt(t) is { } mask)
                {
                    _forms[(int)mask.Form]++;
                }

                if (track.AreaOf(t) is not { } area)
                {
                    continue;
                }

                boxes++;
                _seen[track.Video].Add(t);
                _ =
                    area < SmallArea ? _small++
                    : area < MediumArea ? _medium++
                    : _large++;
            }

            _crowds += track.IsCrowd ? 1 : 0;
            var (instances, all) = _classes[track.Category];
            _classes[track.Category] = (instances + 1, all + boxes);
            (_videosOf[track.Category] ??= new System.Collections.BitArray(set.Videos.Length))[track.Video] = true;
            return null;
        }

        public Inventory Inventory(ImmutableArray<FaultCount> problems)
        {
            var (empty, unknown) = (0L, 0L);
            foreach (var (i, video) in set.Videos.Index())
            {
                var without =
                    !set.IsAnnotated ? 0
                    : set.AnnotatedFrames is { } known ? known(i).Count(frame => !_seen[i].Contains(frame))
                    : video.Frames - _seen[i].Count;
                (empty, unknown) = (empty + without, unknown + video.Frames - _seen[i].Count - without);
            }

            return new Inventory(
                set.Path,
                set.Format,
                set.PictureRoot,
                set.IsAnnotated,
                set.Videos.Length,
                set.Frames,
                set.Videos.Select(video => video.Frames).DefaultIfEmpty(0).Min(),
                set.Videos.Select(video => video.Frames).DefaultIfEmpty(0).Max(),
                [
                    .. set
                        .Videos.GroupBy(video => video.Size)
                        .OrderByDescending(group => group.Count())
                        .ThenBy(group => group.Key.Area)
                        .Select(group => new FrameSizeCount(group.Key.Height, group.Key.Width, group.Count())),
                ],
                [
                    .. set.Categories.Select(
                        (category, i) =>
                            new ClassCount(
                                category.Id,
                                category.Name,
                                _videosOf[i]?.Cast<bool>().LongCount(holds => holds) ?? 0,
                                _classes[i].Instances,
                                _classes[i].Boxes
                            )
                    ),
                ],
                _classes.Sum(c => c.Instances),
                _crowds,
                _classes.Sum(c => c.Boxes),
                [.. Enum.GetValues<MaskForm>().Where(form => _forms[(int)form] > 0).Select(form => new MaskCount(form, _forms[(int)form]))],
                new SizeCount(_small, _medium, _large),
                empty,
                unknown,
                problems,
                [.. set.Notes, .. ListedOrder.Doubts(set.Videos)]
            );
        }
    }
}
