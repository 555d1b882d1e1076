using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Evaluate;

/// <summary>Overlaps of what was found in an image with what is there.</summary>
public static class Overlaps
{
    /// <summary>IoU of boxes; over the detection's area for a crowd.</summary>
    /// <param name="found">Boxes found.</param>
    /// <param name="truths">Annotated boxes.</param>
    /// <param name="crowds">Which of them are crowds.</param>
    public static FillOverlaps OfBoxes(CocoBox[] found, CocoBox[] truths, bool[] crowds) =>
        (rows, columns, iou) =>
        {
            for (var row = 0; row < rows.Length; row++)
            {
                for (var column = 0; column < columns.Length; column++)
                {
                    iou[(row * columns.Length) + column] = CocoBox.Iou(found[rows[row]], truths[columns[column]], crowds[columns[column]]);
                }
            }
        };

    /// <summary>IoU of masks as <see cref="Rles.Iou(Rle, Rle, bool)"/>; each mask is measured once.</summary>
    /// <param name="found">Masks found.</param>
    /// <param name="truths">Annotated masks.</param>
    /// <param name="crowds">Which of them are crowds.</param>
    public static FillOverlaps OfMasks(Rle[] found, Rle[] truths, bool[] crowds) =>
        OfMeasured(i => Measured.Of(found[i]), i => Measured.Of(truths[i]), crowds);

    /// <summary>As <see cref="OfMasks"/>, of measured masks; each is asked for once a class.</summary>
    internal static FillOverlaps OfMeasured(Func<int, Measured> found, Func<int, Measured> truths, bool[] crowds) =>
        (rows, columns, iou) =>
        {
            var there = new Measured[columns.Length];
            for (var column = 0; column < there.Length; column++)
            {
                there[column] = truths(columns[column]);
            }

            for (var row = 0; row < rows.Length; row++)
            {
                var here = found(rows[row]);
                for (var column = 0; column < columns.Length; column++)
                {
                    iou[(row * columns.Length) + column] = Iou(here, there[column], crowds[columns[column]]);
                }
            }
        };

    /// <summary><see cref="Rles.Iou(Rle, Rle, bool)"/> of measured masks.</summary>
    internal static double Iou(Measured found, Measured truth, bool crowd) =>
        !found.Bounds.Meets(truth.Bounds) ? 0
        : found.Mask.Size != truth.Mask.Size ? -1
        : Rles.Iou(Rles.Intersection(found.Mask, truth.Mask), found.Area, truth.Area, crowd);

    /// <summary>A mask, its tight box and its area.</summary>
    internal readonly record struct Measured(Rle Mask, RleBounds Bounds, long Area)
    {
        public static Measured Of(Rle mask) => new(mask, Rles.Bounds(mask), Rles.Area(mask));
    }
}
