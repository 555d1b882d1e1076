using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Evaluate;

/// <summary>What is kept of a frame for its clip's tracks.</summary>
/// <param name="Seen">What linking needs.</param>
/// <param name="Truths">Annotated objects, masks packed apart; null for a frame without annotation.</param>
internal sealed record ClipFrame(LinkFrame Seen, ImmutableArray<(Instance Object, PackedRle? Mask)>? Truths)
{
    public static ClipFrame Of(Detections found, FlowPlanes? flow, LinkOptions options) =>
        new(
            Linking.See(found, flow, options),
            found.Truth is { } truth
                ?
                [
                    .. truth.Instances.Select(item =>
                        (item with { Mask = null }, item.Mask is { } mask ? PackedRle.Of(mask) : (PackedRle?)null)
                    ),
                ]
                : null
        );
}

/// <summary>YouTube-VIS' measure of a run: annotated objects by their identity against linked detections, clip by clip.</summary>
internal static class ClipEvaluation
{
    /// <summary>Links and measures.</summary>
    /// <param name="frames">Of all clips, in any order.</param>
    /// <param name="classes">Number of categories.</param>
    /// <param name="options">How detections are linked.</param>
    /// <param name="threads">Clips at a time; changes nothing.</param>
    /// <returns>Null where no clip has annotated masks and found ones.</returns>
    public static TrackEvaluation? Evaluate(IEnumerable<ClipFrame> frames, int classes, LinkOptions options, int threads)
    {
        var clips = Numbered([
            .. from frame in frames
            group frame by frame.Seen.Key.Clip into clip
            orderby clip.Min(frame => frame.Seen.Key.Sequence), clip.Key
            select Tracks(clip.Key, [.. clip.OrderBy(frame => frame.Seen.Key.Frame)], options) into tracks
            where !tracks.Frames.IsEmpty
            select tracks,
        ]);
        if (
            clips.All(clip => clip.Truths.IsEmpty)
            || clips.Any(clip => clip.Truths.Concat(clip.Found).Any(track => track.Masks.All(mask => mask is null)))
        )
        {
            return null;
        }

        var truths = clips.SelectMany(
            (clip, video) =>
                clip.Truths.Select(track => new TrackTruth(
                    video,
                    track.Class,
                    track.Id,
                    track.Masks,
                    TrackTruth.MeanArea(track.Areas),
                    track.IsCrowd
                ))
        );
        var found = clips.SelectMany(
            (clip, video) => clip.Found.Select(track => new TrackDetection(video, track.Class, track.Score, track.Masks))
        );
        return new TrackEvaluation(YtvisEvaluation.Evaluate(clips.Length, classes, [.. truths], [.. found], threads), clips);
    }

    /// <summary>
    /// The annotated frames of a clip and what is in them; frames without annotation help linking, and nothing else is known of them.
    /// </summary>
    private static ClipTracks Tracks(string clip, ImmutableArray<ClipFrame> frames, LinkOptions options)
    {
        int[] known = [.. Enumerable.Range(0, frames.Length).Where(i => frames[i].Truths is not null)];
        return new ClipTracks(
            clip,
            frames[0].Seen.Size,
            [.. known.Select(i => frames[i].Seen.Key.Frame)],
            Annotated([.. known.Select(i => frames[i].Truths!.Value)]),
            [.. Linking.Link([.. frames.Select(frame => frame.Seen)], options).Select(track => Found(track, known)).OfType<Track>()]
        );
    }

    private static Track? Found(LinkedTrack track, int[] known)
    {
        var masks = known
            .Select(i => track.Items.Where(item => item.Frame == i).Select(item => item.Item.Mask?.Unpack()).FirstOrDefault())
            .ToImmutableArray();
        return track.Items.Any(item => known.Contains(item.Frame))
            ? new Track(0, track.Class, track.Score, IsCrowd: false, masks, [])
            : null;
    }

    /// <summary>
    /// Objects of one identity and class are one track. Where a frame has an identity twice, it is none: the second is a track of its own.
    /// </summary>
    private static ImmutableArray<Track> Annotated(ImmutableArray<(Instance Object, PackedRle? Mask)>[] frames) =>
        [
            .. from seen in frames.SelectMany(
                (items, frame) =>
                    items
                        .GroupBy(item => (item.Object.Id, item.Object.Class))
                        .SelectMany(same => same.Select((item, nth) => (Key: (same.Key.Id, same.Key.Class, nth), Frame: frame, Item: item)))
            )
            group seen by seen.Key into track
            orderby track.Min(seen => seen.Frame), track.Key
            let byFrame = track.ToDictionary(seen => seen.Frame, seen => seen.Item)
            let masks = Enumerable
                .Range(0, frames.Length)
                .Select(frame => byFrame.TryGetValue(frame, out var item) ? item.Mask?.Unpack() : null)
                .ToImmutableArray()
            let areas = masks
                .Select((mask, frame) => mask is null ? null : byFrame[frame].Object.Area ?? (double?)Rles.Area(mask))
                .ToImmutableArray()
            select new Track(0, track.Key.Class, 1, track.Any(seen => seen.Item.Object.IsCrowd), masks, areas),
        ];

    /// <summary>Ids from 1 through all clips: 0 would be no match.</summary>
    private static ImmutableArray<ClipTracks> Numbered(ImmutableArray<ClipTracks> clips)
    {
        var next = (Truth: 1L, Found: 1L);
        return
        [
            .. clips.Select(clip =>
                clip with
                {
                    Truths = [.. clip.Truths.Select(track => track with { Id = next.Truth++ })],
                    Found = [.. clip.Found.Select(track => track with { Id = next.Found++ })],
                }
            ),
        ];
    }
}
