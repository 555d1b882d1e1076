using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Evaluate;

/// <summary>How detections become tracks.</summary>
public sealed record LinkOptions
{
    /// <summary>Least score of a detection that is linked.</summary>
    [Range(0.0, 1.0)]
    public double Score { get; init; } = 0.05;

    /// <summary>Detections of a frame that are linked, by falling score.</summary>
    [Range(1, 1000)]
    public int Most { get; init; } = 20;

    /// <summary>Least overlap of a track with a detection that goes on with it, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double Overlap { get; init; } = 0.3;

    /// <summary>Frames in a row in which a track may be unseen and still go on.</summary>
    [Range(0, 1000)]
    public int Patience { get; init; } = 2;
}

/// <summary>A detection as linking sees it. Masks are packed: those of a whole clip are held until it ends.</summary>
/// <param name="Found">Box, score and class; its mask is left out.</param>
/// <param name="Mask">The mask; null for a detector without masks.</param>
/// <param name="Moved">The mask one frame on, along the flow.</param>
/// <param name="Mean">The mean move of its pixels (of the box's, without a mask) to the next frame.</param>
internal sealed record Linkable(Detection Found, PackedRle? Mask, PackedRle? Moved, Displacement Mean);

/// <summary>
/// One frame as linking sees it: made from the frame alone, so that frames may come in any order and through several copies.
/// </summary>
/// <param name="Key">The frame.</param>
/// <param name="Size">Of the masks.</param>
/// <param name="Items">In an order that depends on nothing but the detections themselves.</param>
internal sealed record LinkFrame(FrameKey Key, Size2 Size, ImmutableArray<Linkable> Items);

/// <summary>Detections that are one object, through the frames of a clip.</summary>
/// <param name="Class">Of all of them.</param>
/// <param name="Items">One a frame at most: index of the frame, and the detection.</param>
internal sealed record LinkedTrack(int Class, ImmutableArray<(int Frame, Linkable Item)> Items)
{
    /// <summary>Mean of the detections' scores.</summary>
    public double Score => Items.Average(item => (double)item.Item.Found.Score);
}

/// <summary>
/// Detections linked over the frames of a clip: a pure function of boxes, scores, classes, masks and flow. A track is carried on by the
/// flow to the next frame and goes on with the detection of its class that it overlaps most, all tracks of a class at once. What is not
/// taken begins a track.
/// </summary>
/// <remarks>
/// Overlap is the mean of the masks' IoU (moved along the flow) and the boxes' IoU (moved by the mean of it); of the boxes alone where
/// there are no masks. Over frames in which the track is not seen, and over those that are not listed, it goes on by its last mean move.
/// Frames are linked forwards: the same frames backwards give the same tracks where no two objects compete for a detection, and no more is
/// claimed.
/// </remarks>
internal static class Linking
{
    /// <summary>What linking needs of a frame.</summary>
    /// <param name="found">The detections.</param>
    /// <param name="flow">Flow to the next frame, at the size of the masks; null for none: nothing moves.</param>
    /// <param name="options">Which are linked.</param>
    public static LinkFrame See(Detections found, FlowPlanes? flow, LinkOptions options) =>
        new(
            found.Key,
            found.OriginalSize,
            [
                .. found
                    .Items.Where(item => item.Score >= options.Score)
                    .OrderByDescending(item => item.Score)
                    .ThenBy(item => item.Class)
                    .ThenBy(item => item.Box.X1)
                    .ThenBy(item => item.Box.Y1)
                    .ThenBy(item => item.Box.X2)
                    .ThenBy(item => item.Box.Y2)
                    .ThenBy(item => item.Mask is null ? "" : Rles.ToText(item.Mask), StringComparer.Ordinal)
                    .Take(options.Most)
                    .Select(item => See(item, found.OriginalSize, flow)),
            ]
        );

    private static Linkable See(Detection item, Size2 size, FlowPlanes? flow)
    {
        var bare = item with { Mask = null };
        if (item.Mask is not { } mask)
        {
            var inBox = flow is null ? default : MaskWarp.Along(Rles.FromBox(item.Box, size), flow).Mean;
            return new Linkable(bare, null, null, inBox);
        }

        var (moved, mean) = flow is null ? (mask, default) : MaskWarp.Along(mask, flow);
        return new Linkable(bare, PackedRle.Of(mask), PackedRle.Of(moved), mean);
    }

    /// <summary>The tracks of a clip, in the order of their first frames.</summary>
    /// <param name="frames">Ascending by index.</param>
    /// <param name="options">How.</param>
    public static ImmutableArray<LinkedTrack> Link(ImmutableArray<LinkFrame> frames, LinkOptions options)
    {
        var (linker, tracks) = (new Linker(options), new List<List<(int Frame, Linkable Item)>>());
        for (var frame = 0; frame < frames.Length; frame++)
        {
            foreach (var (number, item) in linker.Next(frames[frame]).Zip(frames[frame].Items))
            {
                while (tracks.Count <= number)
                    tracks.Add([]);
                tracks[number].Add((frame, item));
            }
        }

        return [.. tracks.Select(track => new LinkedTrack(track[0].Item.Found.Class, [.. track]))];
    }

    internal static double[,] Gains(IReadOnlyList<(Linkable Item, int Steps)> tracks, Linkable[] items, LinkOptions options)
    {
        var gains = new double[tracks.Count, items.Length];
        var masks = Array.ConvertAll(items, item => item.Mask?.Unpack());
        for (var i = 0; i < tracks.Count; i++)
        {
            var (item, steps) = tracks[i];
            var (box, mask) = (BoxAfter(item, steps), new Lazy<Rle?>(() => MaskAfter(item, steps)));
            for (var j = 0; j < items.Length; j++)
            {
                var overlap = CocoBox.Iou(box, CocoBox.Of(items[j].Found.Box), crowd: false);
                if (overlap > 0 && masks[j] is { } there && mask.Value is { } here)
                {
                    overlap = (overlap + (here.Size == there.Size ? Rles.Iou(here, there, crowd: false) : 0)) / 2;
                }

                gains[i, j] = overlap >= options.Overlap ? overlap : 0;
            }
        }

        return gains;
    }

    private static CocoBox BoxAfter(Linkable item, int steps)
    {
        var box = CocoBox.Of(item.Found.Box);
        return box with { X = box.X + (steps * item.Mean.X), Y = box.Y + (steps * item.Mean.Y) };
    }

    /// <summary>One step along the flow, the others by the mean move, in whole pixels.</summary>
    private static Rle? MaskAfter(Linkable item, int steps) =>
        item.Moved is not { } moved
            ? null
            : MaskWarp.Shift(moved.Unpack(), Whole((steps - 1) * item.Mean.X), Whole((steps - 1) * item.Mean.Y));

    private static int Whole(double pixels) => (int)Math.Clamp(Math.Round(pixels), -1e6, 1e6);
}

/// <summary>
/// Linking of one clip as its frames come, one call after the other: holds the tracks that may still go on, and no others.
/// </summary>
internal sealed class Linker(LinkOptions options)
{
    private readonly List<Open> _open = []; // in the order of their first frames
    private int _frame;
    private int _tracks;

    private sealed class Open(int number)
    {
        public int Number { get; } = number;

        public required int Frame { get; set; }

        public required FrameKey Key { get; set; }

        public required Linkable Last { get; set; }
    }

    /// <param name="frame">The next in the clip.</param>
    /// <returns>For each of its items the number of its track: from 0, in the order of first frames.</returns>
    public ImmutableArray<int> Next(LinkFrame frame)
    {
        _open.RemoveAll(track => _frame - track.Frame > options.Patience + 1);
        var numbers = new int[frame.Items.Length];
        foreach (var here in frame.Items.Index().GroupBy(item => item.Item.Found.Class))
        {
            var items = here.ToArray();
            var rivals = _open.Where(track => track.Last.Found.Class == here.Key).ToArray();
            var taken = Assignment.Best(
                Linking.Gains(
                    [.. rivals.Select(track => (track.Last, frame.Key.Frame - track.Key.Frame))],
                    [.. items.Select(item => item.Item)],
                    options
                )
            );
            for (var j = 0; j < items.Length; j++)
            {
                var rival = Array.IndexOf(taken, j);
                if (rival < 0)
                    _open.Add(
                        new(_tracks++)
                        {
                            Frame = _frame,
                            Key = frame.Key,
                            Last = items[j].Item,
                        }
                    );
                else
                    (rivals[rival].Frame, rivals[rival].Key, rivals[rival].Last) = (_frame, frame.Key, items[j].Item);
                numbers[items[j].Index] = rival < 0 ? _tracks - 1 : rivals[rival].Number;
            }
        }

        _frame++;
        return [.. numbers];
    }
}
