using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Masks as COCO's run lengths (<see cref="Rle"/>): measures here, pixels in RleCodec, strings in RleText, outlines in RlePolygons,
/// sets in RleSets. Zero-length runs inside are legal everywhere and mean nothing; whatever is made here has none but the first.
/// </summary>
public static partial class Rles
{
    /// <summary>Whether both masks have one size and the same pixels.</summary>
    public static bool Same(Rle a, Rle b) =>
        a.Size == b.Size
        && (a.Counts.AsSpan().SequenceEqual(b.Counts.AsSpan()) || Canonical(a).AsSpan().SequenceEqual(Canonical(b).AsSpan()));

    /// <summary>A mask without ones.</summary>
    public static Rle Empty(Size2 size) => new(size, [checked((uint)size.Area)]);

    /// <summary>Run lengths that came from outside, checked.</summary>
    /// <param name="counts">Run lengths down the columns, starting with zeros.</param>
    /// <param name="size">Height and width of the mask.</param>
    /// <returns>The mask with exactly these runs, or <see cref="RleError.BadCounts"/>.</returns>
    public static Result<Rle, RleError> FromCounts(ImmutableArray<uint> counts, Size2 size) =>
        Problem(new Rle(size, counts)) is { } problem ? new RleError.BadCounts(size, problem) : new Rle(size, counts);

    /// <summary>What is wrong with a mask, or null: the runs of a mask add up to its area, and its area is below 2^32 pixels.</summary>
    public static string? Problem(Rle mask) => mask.Counts.IsDefault ? "there are no runs" : Problem(mask.Counts.AsSpan(), mask.Size);

    /// <inheritdoc cref="Problem(Rle)"/>
    public static string? Problem(ReadOnlySpan<uint> counts, Size2 size)
    {
        if (size.Height < 0 || size.Width < 0 || size.Area > uint.MaxValue)
        {
            return $"no mask has the size {size}";
        }

        var sum = 0UL;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum == (ulong)size.Area ? null : $"they add up to {sum} pixels, not to {size.Area}";
    }

    /// <summary>Number of ones, in pixels.</summary>
    public static long Area(Rle mask) => Area(mask.Counts.AsSpan());

    /// <inheritdoc cref="Area(Rle)"/>
    public static long Area(ReadOnlySpan<uint> counts)
    {
        var area = 0L;
        for (var i = 1; i < counts.Length; i += 2)
        {
            area += counts[i];
        }

        return area;
    }

    /// <summary>The tight box of the ones in pixels, right and bottom exclusive; (0, 0, 0, 0) without ones.</summary>
    public static Box Box(Rle mask)
    {
        var bounds = Bounds(mask);
        return new Box(bounds.X, bounds.Y, bounds.X + bounds.Width, bounds.Y + bounds.Height);
    }

    /// <summary>The tight box of the ones; (0, 0, 0, 0) without ones.</summary>
    public static RleBounds Bounds(Rle mask)
    {
        var counts = mask.Counts.AsSpan();
        uint height = (uint)mask.Size.Height,
            x = 0,
            y = 0,
            left = uint.MaxValue,
            top = height,
            right = 0,
            bottom = 0;
        for (var i = 0; i + 1 < counts.Length; i += 2)
        {
            Advance(counts[i], height, ref x, ref y);
            var length = counts[i + 1];
            if (length == 0)
            {
                continue;
            }

            left = Math.Min(left, x);
            top = Math.Min(top, y);
            if (y + (ulong)length > height) // the run goes on at the head of the next column
            {
                (top, bottom) = (0, height);
                Advance(length - 1, height, ref x, ref y);
                right = x;
                Advance(1, height, ref x, ref y);
            }
            else
            {
                right = x;
                bottom = Math.Max(bottom, y + length);
                Advance(length, height, ref x, ref y);
            }
        }

        return left == uint.MaxValue ? default : new RleBounds((int)left, (int)top, (int)(right - left) + 1, (int)(bottom - top));
    }

    private static void Advance(uint run, uint height, ref uint x, ref uint y)
    {
        y += run;
        if (y >= height)
        {
            var columns = y / height;
            x += columns;
            y -= columns * height;
        }
    }

    /// <summary>The same pixels without zero-length runs (but perhaps the first).</summary>
    private static ImmutableArray<uint> Canonical(Rle mask)
    {
        var toggles = new List<uint>(mask.Counts.Length);
        var position = 0U;
        foreach (var count in mask.Counts.AsSpan())
        {
            toggles.Add(position += count);
        }

        return FromToggles(CollectionsMarshal.AsSpan(toggles), mask.Size);
    }

    /// <summary>
    /// Runs of the mask that changes between 0 and 1 at each of these positions, ascending; two changes at one position undo each other.
    /// </summary>
    private static ImmutableArray<uint> FromToggles(ReadOnlySpan<uint> toggles, Size2 size)
    {
        var area = (uint)size.Area;
        var counts = new uint[toggles.Length + 1];
        var (runs, start) = (0, 0U);
        for (var i = 0; i < toggles.Length && toggles[i] < area; i++)
        {
            if (i + 1 < toggles.Length && toggles[i + 1] == toggles[i])
            {
                i++;
                continue;
            }

            counts[runs++] = toggles[i] - start;
            start = toggles[i];
        }

        counts[runs++] = area - start;
        return ImmutableCollectionsMarshal.AsImmutableArray(runs == counts.Length ? counts : counts[..runs]);
    }
}

/// <summary>A tight box in whole pixels: first column, first row, columns, rows.</summary>
public readonly record struct RleBounds(int X, int Y, int Width, int Height)
{
    public bool IsEmpty => Width == 0 || Height == 0;

    /// <summary>Whether a pixel lies in both.</summary>
    public bool Meets(RleBounds other) =>
        X < other.X + other.Width && other.X < X + Width && Y < other.Y + other.Height && other.Y < Y + Height;
}
