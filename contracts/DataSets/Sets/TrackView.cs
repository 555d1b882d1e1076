using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>How a file writes a mask.</summary>
public enum MaskForm
{
    /// <summary>Run lengths as a list of numbers.</summary>
    Runs,

    /// <summary>Run lengths as COCO's string.</summary>
    Text,

    /// <summary>Outlines.</summary>
    Polygons,

    /// <summary>Pixels of an annotation picture.</summary>
    Pixels,
}

/// <summary>A mask of a track in one frame: checked, but not yet made.</summary>
/// <param name="Form">How it is written.</param>
/// <param name="Size">Height and width.</param>
/// <param name="Area">Number of pixels; null for polygons, which would have to be filled first.</param>
/// <param name="Start">Where its JSON begins within the annotation's.</param>
/// <param name="Length">Bytes of its JSON.</param>
/// <param name="Made">The mask itself where it does not come from JSON.</param>
internal readonly record struct StatedMask(MaskForm Form, Size2 Size, long? Area, int Start, int Length, Rle? Made = null)
{
    /// <summary>The mask, packed, where the reading packs masks.</summary>
    public PackedRle? Packed { get; init; }

    /// <summary>Polygon parts that enclose nothing.</summary>
    public int Degenerate { get; init; }
}

/// <summary>
/// One object through the frames of its video, as an annotation states it (of an image: one frame). A reader of many fills one view
/// again and again: what it holds is overwritten by the next annotation.
/// </summary>
internal sealed class TrackView
{
    /// <summary>Position of the annotation among those of its file.</summary>
    public long Index { get; set; }

    public long Id { get; set; }

    /// <summary>Its number within its clip, where the format numbers objects so; null elsewhere.</summary>
    public long? Number { get; set; }

    /// <summary>Of an annotation of an image: which track of its video it belongs to, where its file says so.</summary>
    public long? Track { get; set; }

    /// <summary>Of a result.</summary>
    public double? Score { get; set; }

    /// <summary>Of an annotation of an image: its box as it stands in the file, be it of no size.</summary>
    public CocoBox? Stated;

    /// <summary>Index of the video in the set.</summary>
    public int Video { get; set; }

    /// <summary>Index of the category in the set.</summary>
    public int Category { get; set; }

    public bool IsCrowd { get; set; }

    /// <summary>Whether its file says ignore, which COCO's evaluation does not look at.</summary>
    public bool IsIgnored { get; set; }

    /// <summary>
    /// An entry a frame, null where the object is not seen; empty where the file gives none. The same holds for areas and masks.
    /// </summary>
    public FrameList<CocoBox> Boxes { get; } = new();

    public FrameList<double> Areas { get; } = new();

    public FrameList<StatedMask> Masks { get; } = new();

    /// <summary>The annotation's JSON; empty where it does not come from JSON.</summary>
    public byte[] Json { get; set; } = [];

    /// <summary>Bytes of <see cref="Json"/> that count.</summary>
    public int JsonLength { get; set; }

    /// <summary>Offset of the annotation in its file.</summary>
    public long Offset { get; set; }

    /// <summary>Frames that the lists speak of.</summary>
    public int Frames => Math.Max(Boxes.Count, Math.Max(Masks.Count, Areas.Count));

    /// <summary>Those of them of which a box or a mask is told, rising: the object is seen in no other.</summary>
    public ReadOnlySpan<int> Told =>
        Masks.Frames.IsEmpty ? Boxes.Frames
        : Boxes.Frames.IsEmpty || Boxes.Frames.SequenceEqual(Masks.Frames) ? Masks.Frames
        : Boxes.Frames.ToArray().Union(Masks.Frames.ToArray()).Order().ToArray();

    public void Clear()
    {
        Boxes.Clear();
        Areas.Clear();
        Masks.Clear();
        (Track, Number, Score, Stated) = (null, null, null, null);
        (Index, Id, Video, Category, IsCrowd, IsIgnored, JsonLength) = (0, 0, 0, 0, false, false, 0);
    }

    public CocoBox? BoxAt(int frame) => Boxes[frame] is { IsNothing: false } box ? box : null;

    public StatedMask? MaskAt(int frame) => Masks[frame];

    public double? AreaAt(int frame) => Areas[frame];

    /// <summary>The mask of a frame, made; null where there is none.</summary>
    public Rle? Rle(int frame) =>
        MaskAt(frame) is { } mask
            ? mask.Made ?? mask.Packed?.Unpack() ?? MaskReader.Make(Json.AsSpan(mask.Start, mask.Length), mask.Size)
            : null;

    /// <summary>
    /// The box of a frame: as stated, or the tight one of its mask; null where the object is not seen (no box, and no pixel of a mask).
    /// </summary>
    public CocoBox? Seen(int frame)
    {
        if (BoxAt(frame) is { } stated)
        {
            return stated;
        }

        if (MaskAt(frame) is not { } mask || mask.Area == 0 || Rle(frame) is not { } made)
        {
            return null;
        }

        var bounds = Rles.Bounds(made);
        return bounds.IsEmpty ? null : new CocoBox(bounds.X, bounds.Y, bounds.Width, bounds.Height);
    }

    /// <summary>Pixels of the object in a frame: the area stated, that of its mask, or of its box; null where it is not seen.</summary>
    public double? AreaOf(int frame) =>
        Seen(frame) is not { } box ? null
        : AreaAt(frame) is > 0 and var stated ? stated
        : MaskAt(frame) is { Area: > 0 and var area } ? area
        : box.Width * box.Height;
}

/// <summary>
/// Of an image of LVIS, of an image or video of TAO: of which categories it says more than its annotations do, by their ids.
/// </summary>
/// <param name="Negative">Categories of which it has no object.</param>
/// <param name="NotExhaustive">Categories of which not every object is annotated.</param>
internal sealed record Federated(ImmutableArray<long> Negative, ImmutableArray<long> NotExhaustive);

/// <summary>A category of a data set.</summary>
/// <param name="Id">As the file states it.</param>
/// <param name="Name">As the file states it.</param>
/// <param name="Above">Its supercategory, where stated.</param>
/// <param name="Position">Among the categories of its file.</param>
internal sealed record SetCategory(long Id, string Name, string? Above = null, long Position = 0)
{
    /// <summary>Of LVIS and TAO: r, c or f, of rare, common and frequent; null where its file does not say.</summary>
    public string? Frequency { get; init; }
}

/// <summary>A video of a data set, or an image as a video of one frame.</summary>
/// <param name="Id">As the file states it.</param>
/// <param name="Name">By which a run chooses it: the folder of its frames where that tells videos apart.</param>
/// <param name="Files">Pictures of its frames, relative to the set's picture folder; empty for a video file.</param>
/// <param name="Frames">Number of frames.</param>
/// <param name="Size">Of its frames.</param>
internal sealed record SetVideo(long Id, string Name, ImmutableArray<string> Files, int Frames, Size2 Size)
{
    /// <summary>Among the videos (images) of its file.</summary>
    public long Position { get; init; }

    /// <summary>Of an image: the video it is a frame of, where its file says so.</summary>
    public long? InVideo { get; init; }

    /// <summary>What it says of categories, where its file does.</summary>
    public Federated? Says { get; init; }

    /// <summary>Of an image: which frame of which video it is, where its file says so.</summary>
    public (long Video, int Frame)? Of { get; init; }
}
