using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Outlines filled as pycocotools fills them: corners go to a grid of fifths of a pixel, edges are drawn on it, and a column of pixels
/// changes where an edge passes the column's middle fifth. Each edge is visited once a column, not once a fifth.
/// </summary>
public static partial class Rles
{
    private const int Fifths = 5;
    private const int Middle = 2; // of the fifths 0 to 4
    private const double MostPixels = 1 << 28; // five times as much still fits an int

    /// <summary>The union of polygons.</summary>
    /// <param name="polygons">Parts, each x0, y0, x1, y1, ... in pixels; may reach outside the mask.</param>
    /// <param name="size">Height and width of the mask.</param>
    /// <returns>
    /// The mask, or <see cref="RleError.BadPolygon"/> for a part with fewer than three corners, a lone x or a coordinate beyond 2^28.
    /// </returns>
    public static Result<Rle, RleError> FromPolygons(IReadOnlyList<double[]> polygons, Size2 size) =>
        polygons
            .Select((polygon, part) => FromPolygon(polygon, part, size))
            .Sequence()
            .Map(parts => parts.Count == 0 ? Empty(size) : Merge(parts));

    private static Result<Rle, RleError> FromPolygon(double[] xy, int part, Size2 size)
    {
        if (xy.Length < 6 || xy.Length % 2 != 0)
        {
            return new RleError.BadPolygon(part, $"it has {xy.Length} numbers");
        }

        if (Array.FindIndex(xy, number => !(Math.Abs(number) <= MostPixels)) is var bad and >= 0)
        {
            return new RleError.BadPolygon(part, $"number {bad} is {xy[bad]}");
        }

        var toggles = new List<uint>();
        for (var i = 0; i < xy.Length; i += 2)
        {
            var j = (i + 2) % xy.Length;
            AddEdge(ToGrid(xy[i]), ToGrid(xy[i + 1]), ToGrid(xy[j]), ToGrid(xy[j + 1]), size, toggles);
        }

        toggles.Sort();
        return new Rle(size, FromToggles(CollectionsMarshal.AsSpan(toggles), size));
    }

    /// <summary>
    /// The pixels of a box, as its four corners' polygon; whole pixels where the box has whole coordinates. May reach outside.
    /// </summary>
    /// <exception cref="ArgumentException">A coordinate is NaN.</exception>
    public static Rle FromBox(Box box, Size2 size) => FromBox(box.X1, box.Y1, box.X2, box.Y2, size);

    /// <inheritdoc cref="FromBox(Box, Size2)"/>
    public static Rle FromBox(double x1, double y1, double x2, double y2, Size2 size)
    {
        if (double.IsNaN(x1 + y1 + x2 + y2))
        {
            throw new ArgumentException($"a box has numbers for corners, not ({x1}, {y1}, {x2}, {y2})");
        }

        var (left, right) = Columns(GridOf(Math.Min(x1, x2)), GridOf(Math.Max(x1, x2)), size.Width);
        var (top, bottom) = (Row(GridOf(Math.Min(y1, y2)), size.Height), Row(GridOf(Math.Max(y1, y2)), size.Height));
        return left < right && top < bottom ? FromRectangle(left, top, right, bottom, size) : Empty(size);

        static int GridOf(double x) => ToGrid(Math.Clamp(x, -MostPixels, MostPixels));
    }

    private static Rle FromRectangle(int left, int top, int right, int bottom, Size2 size)
    {
        var (h, columns) = ((uint)size.Height, right - left);
        if (bottom - top == size.Height)
        {
            uint before = (uint)left * h,
                inside = (uint)columns * h,
                after = (uint)(size.Width - right) * h;
            return new Rle(size, after == 0 ? [before, inside] : [before, inside, after]);
        }

        var toggles = new uint[2 * columns];
        for (var i = 0; i < columns; i++)
        {
            var column = (uint)(left + i) * h;
            (toggles[2 * i], toggles[(2 * i) + 1]) = (column + (uint)top, column + (uint)bottom);
        }

        return new Rle(size, FromToggles(toggles, size));
    }

    /// <summary>In fifths of a pixel, towards zero also left of and above the mask.</summary>
    private static int ToGrid(double pixels) => (int)((Fifths * pixels) + 0.5);

    /// <summary>
    /// The columns [first, last) whose middle fifth a line from one grid abscissa to another passes, of those in the mask.
    /// </summary>
    private static (int First, int Last) Columns(int from, int to, int width) =>
        (Math.Max(0, CeilingDiv(from - Middle, Fifths)), Math.Min(width, CeilingDiv(to - Middle, Fifths)));

    /// <summary>The first row below a grid ordinate, 0 to height.</summary>
    private static int Row(int v, int height) => Math.Clamp(CeilingDiv(v - Middle, Fifths), 0, height);

    private static int CeilingDiv(int a, int b) => (a / b) + (a % b > 0 ? 1 : 0);

    private static void AddEdge(int xs, int ys, int xe, int ye, Size2 size, List<uint> toggles)
    {
        var (dx, dy) = (Math.Abs((long)xe - xs), Math.Abs((long)ye - ys));
        var flat = dx >= dy;
        if (flat ? xs > xe : ys > ye)
        {
            (xs, ys, xe, ye) = (xe, ye, xs, ys);
        }

        var slope = flat ? (ye - (double)ys) / dx : (xe - (double)xs) / dy;
        var (first, last) = Columns(Math.Min(xs, xe), Math.Max(xs, xe), size.Width);
        for (var x = first; x < last; x++)
        {
            var u = (Fifths * x) + Middle; // the edge goes from u to u + 1, or back
            int v;
            if (flat)
            {
                var t = u - xs;
                v = Math.Min((int)(ys + (slope * t) + 0.5), (int)(ys + (slope * (t + 1)) + 0.5));
            }
            else
            {
                v = (int)(ys + FirstBeyond(u, xs, slope, dy) - 1);
            }

            toggles.Add((uint)(((long)x * size.Height) + Row(v, size.Height)));
        }
    }

    /// <summary>
    /// The first step down a steep edge whose abscissa is past the middle of u and u + 1; abscissas are monotone in the step.
    /// </summary>
    private static long FirstBeyond(int u, int xs, double slope, long steps)
    {
        var (low, high) = (0L, steps);
        while (low < high)
        {
            var t = (low + high) / 2;
            var at = (int)(xs + (slope * t) + 0.5);
            var beyond = slope > 0 ? at > u : at <= u;
            (low, high) = beyond ? (low, t) : (t + 1, high);
        }

        return low;
    }
}
