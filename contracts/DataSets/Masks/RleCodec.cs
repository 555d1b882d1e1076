using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Between pixels in rows and runs in columns. Both ways go along the rows, 32 pixels at a step, and touch single pixels only where the
/// mask changes.
/// </summary>
public static partial class Rles
{
    /// <summary>The mask of a picture.</summary>
    /// <param name="rowMajor">[H*W], row by row; 0 is outside, anything else inside.</param>
    /// <param name="size">H and W.</param>
    /// <exception cref="ArgumentException">The span does not hold H*W bytes.</exception>
    public static Rle Encode(ReadOnlySpan<byte> rowMajor, Size2 size)
    {
        if (rowMajor.Length != size.Area)
        {
            throw new ArgumentException($"a mask of {size} has {size.Area} pixels, not {rowMajor.Length}", nameof(rowMajor));
        }

        var (h, w) = (size.Height, size.Width);
        if (rowMajor.IsEmpty)
        {
            return Empty(size);
        }

        var changes = new List<(int X, int Y)>();
        var before = new byte[w]; // what precedes the first row in column order: the last row, one column earlier
        rowMajor[^w..^1].CopyTo(before.AsSpan(1));
        AddChanges(before, rowMajor[..w], 0, changes);
        for (var y = 1; y < h; y++)
        {
            AddChanges(rowMajor.Slice((y - 1) * w, w), rowMajor.Slice(y * w, w), y, changes);
        }

        return new Rle(size, FromToggles(InColumnOrder(CollectionsMarshal.AsSpan(changes), size), size));
    }

    /// <summary>The picture of a mask: [H*W] bytes row by row, 0 or 1.</summary>
    /// <exception cref="ArgumentException">The runs do not fill the mask (<see cref="Problem(Rle)"/>).</exception>
    public static byte[] Decode(Rle mask)
    {
        if (Problem(mask) is { } problem)
        {
            throw new ArgumentException(problem, nameof(mask));
        }

        var (h, w) = (mask.Size.Height, mask.Size.Width);
        var pixels = new byte[mask.Size.Area];
        var position = 0L;
        for (var i = 0; i + 1 < mask.Counts.Length; i += 2)
        {
            var start = position + mask.Counts[i];
            position = start + mask.Counts[i + 1];
            MarkRun(pixels, start, position, h, w);
        }

        for (var y = 1; y < h; y++)
        {
            Xor(pixels.AsSpan((y - 1) * w, w), pixels.AsSpan(y * w, w));
        }

        return pixels;
    }

    /// <summary>Row 0 gets its pixels of the run; below, the two places where its column changes.</summary>
    private static void MarkRun(byte[] pixels, long start, long end, int h, int w)
    {
        if (start == end)
        {
            return;
        }

        var (x0, y0) = Math.DivRem(start, h);
        var (x1, y1) = Math.DivRem(end, h);
        var (first, last) = (y0 == 0 ? x0 : x0 + 1, y1 == 0 ? x1 : x1 + 1); // columns whose row 0 lies in the run: [first, last)
        if (first < last)
        {
            pixels.AsSpan((int)first, (int)(last - first)).Fill(1);
        }

        if (y0 > 0)
        {
            pixels[(y0 * w) + x0] ^= 1;
        }

        if (y1 > 0)
        {
            pixels[(y1 * w) + x1] ^= 1;
        }
    }

    private static void Xor(ReadOnlySpan<byte> above, Span<byte> row)
    {
        var x = 0;
        for (; x + Vector256<byte>.Count <= row.Length; x += Vector256<byte>.Count)
        {
            (Vector256.Create(above[x..]) ^ Vector256.Create<byte>(row[x..])).CopyTo(row[x..]);
        }

        for (; x < row.Length; x++)
        {
            row[x] ^= above[x];
        }
    }

    private static void AddChanges(ReadOnlySpan<byte> above, ReadOnlySpan<byte> row, int y, List<(int X, int Y)> changes)
    {
        var x = 0;
        for (; x + Vector256<byte>.Count <= row.Length; x += Vector256<byte>.Count)
        {
            var differs = Vector256.Equals(Vector256.Create(above[x..]), default) ^ Vector256.Equals(Vector256.Create(row[x..]), default);
            for (var bits = differs.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                changes.Add((x + BitOperations.TrailingZeroCount(bits), y));
            }
        }

        for (; x < row.Length; x++)
        {
            if (above[x] == 0 != (row[x] == 0))
            {
                changes.Add((x, y));
            }
        }
    }

    /// <summary>Positions x*H + y, ascending; the changes come row by row, so that counting those of each column sorts them.</summary>
    private static uint[] InColumnOrder(ReadOnlySpan<(int X, int Y)> changes, Size2 size)
    {
        var next = new int[size.Width + 1];
        foreach (var (x, _) in changes)
        {
            next[x + 1]++;
        }

        for (var x = 0; x < size.Width; x++)
        {
            next[x + 1] += next[x];
        }

        var positions = new uint[changes.Length];
        foreach (var (x, y) in changes)
        {
            positions[next[x]++] = (uint)(((long)x * size.Height) + y);
        }

        return positions;
    }
}
