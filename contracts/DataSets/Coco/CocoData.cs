using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// A box as COCO writes it, in pixels: left, top, width, height, with the numbers of the file. May reach outside its image; is never
/// clipped.
/// </summary>
public readonly record struct CocoBox(double X, double Y, double Width, double Height)
{
    public double Area => Width * Height;

    /// <summary>[0, 0, 0, 0] is how some files say null.</summary>
    public bool IsNothing => this is (0, 0, 0, 0);

    public Box ToBox() => new((float)X, (float)Y, (float)(X + Width), (float)(Y + Height));

    public static CocoBox Of(Box box) => new(box.X1, box.Y1, (double)box.X2 - box.X1, (double)box.Y2 - box.Y1);

    /// <summary>Intersection over union, over the detection's own area where the truth is a crowd; 0 where they do not meet.</summary>
    public static double Iou(CocoBox detection, CocoBox truth, bool crowd)
    {
        var width = Math.Min(detection.Width + detection.X, truth.Width + truth.X) - Math.Max(detection.X, truth.X);
        var height = Math.Min(detection.Height + detection.Y, truth.Height + truth.Y) - Math.Max(detection.Y, truth.Y);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var intersection = width * height;
        return intersection / (crowd ? detection.Area : detection.Area + truth.Area - intersection);
    }
}

/// <summary>An annotated object.</summary>
/// <param name="Image">0 .. Images-1, in ascending order of the images' ids.</param>
/// <param name="Class">0 .. Classes-1, in ascending order of the categories' ids.</param>
/// <param name="Id">Its id. As in pycocotools a match with id 0 does not count; number your own from 1.</param>
/// <param name="Box">Needed for boxes.</param>
/// <param name="Area">Area by which the size ranges go, in pixels; need not be that of the mask.</param>
/// <param name="IsCrowd">May be matched many times, never counts.</param>
/// <param name="Mask">Needed for masks.</param>
public readonly record struct CocoTruth(int Image, int Class, long Id, CocoBox Box, double Area, bool IsCrowd, PackedRle? Mask)
{
    /// <summary>Never counts, and may be matched once: LVIS' ignore. COCO's rules do not look at it.</summary>
    public bool IsIgnored { get; init; }
}

/// <summary>A detected object; fields as in <see cref="CocoTruth"/>.</summary>
/// <param name="Image">0 .. Images-1.</param>
/// <param name="Class">0 .. Classes-1.</param>
/// <param name="Score">Finite; equal scores keep the order of images and of this list.</param>
/// <param name="Box">Needed for boxes.</param>
/// <param name="Area">Area by which the size ranges go.</param>
/// <param name="Mask">Needed for masks.</param>
public readonly record struct CocoDetection(int Image, int Class, double Score, CocoBox Box, double Area, PackedRle? Mask)
{
    /// <summary>A box alone: its area is the box's.</summary>
    public static CocoDetection OfBox(int image, int category, double score, CocoBox box) =>
        new(image, category, score, box, box.Area, null);

    /// <summary>A mask alone: its area is the mask's.</summary>
    public static CocoDetection OfMask(int image, int category, double score, Rle mask) =>
        new(image, category, score, default, Rles.Area(mask), PackedRle.Of(mask));
}

/// <summary>All annotated objects of a data set, in the order of its file.</summary>
public sealed record CocoTruths(int Images, int Classes, ImmutableArray<CocoTruth> Items);

/// <summary>All detected objects, in the order of their file.</summary>
public sealed record CocoDetections(ImmutableArray<CocoDetection> Items);

/// <summary>What is compared.</summary>
public enum OverlapKind
{
    /// <summary>Boxes; COCO's type bbox.</summary>
    Boxes,

    /// <summary>Masks; COCO's type segm.</summary>
    Masks,
}

/// <summary>An annotated object through a video.</summary>
/// <param name="Video">0 .. Videos-1, in ascending order of the videos' ids.</param>
/// <param name="Class">0 .. Classes-1, in ascending order of the categories' ids.</param>
/// <param name="Id">Its id; a match with id 0 does not count.</param>
/// <param name="Masks">One a frame, null where the object is not seen.</param>
/// <param name="Area">Area for the size ranges, in pixels: the mean of the annotated areas of the frames where there is something.</param>
/// <param name="IsCrowd">Ignored, and may be matched many times; its overlap is the ordinary one.</param>
public sealed record TrackTruth(int Video, int Class, long Id, ImmutableArray<Rle?> Masks, double Area, bool IsCrowd)
{
    /// <summary>The mean of the areas of the frames where there is something: neither null nor 0; 0 without any.</summary>
    public static double MeanArea(IEnumerable<double?> areas) =>
        areas.OfType<double>().Where(area => area != 0).DefaultIfEmpty(0).Average();
}

/// <summary>A detected object through a video; fields as in <see cref="TrackTruth"/>. Its area is the mean of its masks' areas.</summary>
public sealed record TrackDetection(int Video, int Class, double Score, ImmutableArray<Rle?> Masks);
