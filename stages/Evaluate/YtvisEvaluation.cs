using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Measured = Motion.Evaluate.Overlaps.Measured;

namespace Motion.Evaluate;

/// <summary>
/// YouTube-VIS evaluation: COCO's, of tracks. Number for number that of the YouTube-VIS fork of the COCO API (July 2019).
/// </summary>
/// <remarks>Yang, Fan and Xu, "Video Instance Segmentation", ICCV 2019, section 3.</remarks>
public static class YtvisEvaluation
{
    /// <summary>AP and AR of tracks.</summary>
    /// <param name="videos">Number of videos.</param>
    /// <param name="classes">Number of categories.</param>
    /// <param name="truths">Annotated tracks, in the order of the file.</param>
    /// <param name="detections">Detected tracks, in the order of the file; per video and class the best 100 count.</param>
    /// <param name="threads">Videos matched at a time; does not change the result.</param>
    /// <param name="limits">How many detections count; COCO's where not given.</param>
    /// <exception cref="ArgumentException">A video or class out of range, an area or score that is not finite, masks of different sizes in
    /// a frame.</exception>
    public static TypeEvaluation Evaluate(
        int videos,
        int classes,
        ImmutableArray<TrackTruth> truths,
        ImmutableArray<TrackDetection> detections,
        int threads = 1,
        DetectionLimits? limits = null
    )
    {
        var tracks = Tracks.Of(videos, classes, truths, detections);
        var outcomes = new UnitOutcomes[videos];
        Threads.For(videos, threads, video => outcomes[video] = tracks.Match(video, null, (limits ?? DetectionLimits.Usual).Most));
        return Accumulation.Accumulate("segm-video", classes, outcomes, threads, limits);
    }

    /// <summary>Who matched whom, in each video and class that has a track. Indices are those of the two lists.</summary>
    /// <exception cref="ArgumentException">As <see cref="Evaluate"/>.</exception>
    public static ImmutableArray<(int Video, GroupMatches Matches)> Details(
        int videos,
        int classes,
        ImmutableArray<TrackTruth> truths,
        ImmutableArray<TrackDetection> detections
    )
    {
        var tracks = Tracks.Of(videos, classes, truths, detections);
        var details = ImmutableArray.CreateBuilder<(int, GroupMatches)>();
        for (var video = 0; video < videos; video++)
        {
            var (truthsHere, foundHere) = (tracks.TruthsByVideo.Of(video).ToArray(), tracks.FoundByVideo.Of(video).ToArray());
            tracks.Match(video, group => details.Add((video, group.Renumbered(foundHere, truthsHere))));
        }

        return details.ToImmutable();
    }

    /// <summary>
    /// Overlap in space and time: intersections over unions, both summed over frames; 0 where nothing is shared. Where one track has more
    /// entries than the other, the rest is passed over, as the original does.
    /// </summary>
    /// <exception cref="ArgumentException">Masks of different sizes in a frame.</exception>
    public static double Iou(ImmutableArray<Rle?> detection, ImmutableArray<Rle?> truth) => Iou(Measure(detection), Measure(truth));

    private static Measured?[] Measure(ImmutableArray<Rle?> masks) =>
        [.. masks.Select(mask => mask is null ? (Measured?)null : Measured.Of(mask))];

    private static double Iou(Measured?[] detection, Measured?[] truth)
    {
        var (intersection, union) = (0L, 0L);
        for (var frame = 0; frame < Math.Min(detection.Length, truth.Length); frame++)
        {
            var (here, there) = (detection[frame], truth[frame]);
            var shared = here is { } found && there is { } known ? Intersection(found, known) : 0;
            intersection += shared;
            union += (here?.Area ?? 0) + (there?.Area ?? 0) - shared;
        }

        return intersection == 0 ? 0 : (double)intersection / union;
    }

    private static long Intersection(Measured found, Measured truth) =>
        found.Mask.Size != truth.Mask.Size
            ? throw new ArgumentException($"a frame's masks have one size; got {found.Mask.Size} and {truth.Mask.Size}")
        : found.Bounds.Meets(truth.Bounds) ? Rles.Intersection(found.Mask, truth.Mask)
        : 0;

    /// <summary>Both lists, seen video by video.</summary>
    private sealed record Tracks(
        ImmutableArray<TrackTruth> Truths,
        ImmutableArray<TrackDetection> Found,
        Grouping TruthsByVideo,
        Grouping FoundByVideo
    )
    {
        public static Tracks Of(int videos, int classes, ImmutableArray<TrackTruth> truths, ImmutableArray<TrackDetection> detections)
        {
            foreach (
                var (category, number) in truths
                    .Select(truth => (truth.Class, truth.Area))
                    .Concat(detections.Select(found => (found.Class, found.Score)))
            )
            {
                if (category < 0 || category >= classes || !double.IsFinite(number))
                {
                    throw new ArgumentException($"a track has the class {category} of {classes} and the area or score {number}");
                }
            }

            return new Tracks(
                truths,
                detections,
                Grouping.By(truths, truth => truth.Video, videos),
                Grouping.By(detections, found => found.Video, videos)
            );
        }

        public UnitOutcomes Match(int video, Action<GroupMatches>? watch, int most = CocoConstants.MostDetections)
        {
            TrackTruth[] truths = [.. TruthsByVideo.Of(video).ToArray().Select(i => Truths[i])];
            TrackDetection[] found = [.. FoundByVideo.Of(video).ToArray().Select(i => Found[i])];
            var (there, here) = (
                Array.ConvertAll(truths, track => Measure(track.Masks)),
                Array.ConvertAll(found, track => Measure(track.Masks))
            );
            return Matching.Match(
                Array.ConvertAll(truths, track => new TruthItem(track.Class, track.Id, track.Area, track.IsCrowd)),
                [
                    .. found.Select(
                        (track, i) =>
                            new FoundItem(track.Class, track.Score, TrackTruth.MeanArea(here[i].Select(mask => (double?)mask?.Area)))
                    ),
                ],
                (rows, columns, iou) => Fill(here, there, rows, columns, iou),
                AreaRanges.Videos,
                watch,
                most
            );
        }

        private static void Fill(
            Measured?[][] here,
            Measured?[][] there,
            ReadOnlySpan<int> rows,
            ReadOnlySpan<int> columns,
            Span<double> iou
        )
        {
            for (var i = 0; i < iou.Length; i++)
            {
                iou[i] = Iou(here[rows[i / columns.Length]], there[columns[i % columns.Length]]);
            }
        }
    }
}
