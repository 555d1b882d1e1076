using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Unions, intersections and overlaps of masks, run by run.</summary>
public static partial class Rles
{
    /// <summary>Union or intersection of masks.</summary>
    /// <param name="masks">Any number of masks. One mask is returned as it is, none gives the mask of size 0x0.</param>
    /// <param name="intersect">Pixels of all masks; else of any.</param>
    /// <returns>The merged mask. Masks of different sizes merge to the mask of size 0x0, as in pycocotools: check sizes first.</returns>
    public static Rle Merge(IReadOnlyList<Rle> masks, bool intersect = false)
    {
        if (masks.Count == 0 || masks.Any(mask => mask.Size != masks[0].Size))
        {
            return new Rle(default, []);
        }

        return masks.Skip(1).Aggregate(masks[0], (merged, mask) => Merge(merged, mask, intersect));
    }

    private static Rle Merge(Rle first, Rle second, bool intersect)
    {
        ReadOnlySpan<uint> a = first.Counts.AsSpan(),
            b = second.Counts.AsSpan();
        var toggles = new uint[a.Length + b.Length];
        var (count, ia, ib, inside) = (0, 0, 0, false);
        ulong nextA = a.IsEmpty ? ulong.MaxValue : a[0],
            nextB = b.IsEmpty ? ulong.MaxValue : b[0];
        while (ia < a.Length || ib < b.Length)
        {
            var position = Math.Min(nextA, nextB);
            if (nextA == position)
            {
                nextA = ++ia < a.Length ? nextA + a[ia] : ulong.MaxValue;
            }
            else
            {
                nextB = ++ib < b.Length ? nextB + b[ib] : ulong.MaxValue;
            }

            // An odd number of runs passed: inside. After its last run a mask stays on its last side, at positions beyond the area.
            var (inA, inB) = ((ia & 1) == 1, (ib & 1) == 1);
            if ((intersect ? inA && inB : inA || inB) != inside)
            {
                inside = !inside;
                toggles[count++] = (uint)position;
            }
        }

        return new Rle(first.Size, FromToggles(toggles.AsSpan(0, count), first.Size));
    }

    /// <summary>Number of pixels in both of two masks of one size.</summary>
    public static long Intersection(Rle a, Rle b) => Intersection(a.Counts.AsSpan(), b.Counts.AsSpan());

    /// <inheritdoc cref="Intersection(Rle, Rle)"/>
    public static long Intersection(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b)
    {
        if (a.Length < 2 || b.Length < 2)
        {
            return 0;
        }

        var (i, j, sum) = (1, 1, 0L);
        long startA = a[0],
            endA = startA + a[1],
            startB = b[0],
            endB = startB + b[1];
        while (true)
        {
            var shared = Math.Min(endA, endB) - Math.Max(startA, startB);
            sum += Math.Max(shared, 0);
            if (endA <= endB)
            {
                i += 2;
                if (i >= a.Length)
                {
                    return sum;
                }

                startA = endA + a[i - 1];
                endA = startA + a[i];
            }
            else
            {
                j += 2;
                if (j >= b.Length)
                {
                    return sum;
                }

                startB = endB + b[j - 1];
                endB = startB + b[j];
            }
        }
    }

    /// <summary>Intersection over union of two masks, in [0, 1]; 0 where both are empty.</summary>
    /// <param name="detection">The detected mask.</param>
    /// <param name="truth">The annotated mask.</param>
    /// <param name="crowd">The truth is a crowd: intersection over the detection's own area.</param>
    /// <returns>The overlap; -1, as in pycocotools, where masks of different sizes have boxes that meet.</returns>
    public static double Iou(Rle detection, Rle truth, bool crowd)
    {
        if (!Bounds(detection).Meets(Bounds(truth)))
        {
            return 0;
        }

        return detection.Size == truth.Size ? Iou(Intersection(detection, truth), Area(detection), crowd ? 0 : Area(truth), crowd) : -1;
    }

    /// <summary>The ratio of areas that <see cref="Iou(Rle, Rle, bool)"/> is.</summary>
    public static double Iou(long intersection, long detection, long truth, bool crowd) =>
        intersection == 0 ? 0 : (double)intersection / (crowd ? detection : detection + truth - intersection);
}
