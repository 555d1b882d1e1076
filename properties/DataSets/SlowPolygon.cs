using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Properties.DataSets;

/// <summary>The obvious form of <see cref="Rles.FromPolygons"/>: every edge is drawn fifth by fifth.</summary>
public static class SlowPolygon
{
    public static Rle Fill(double[] xy, Size2 size)
    {
        var outline = new List<(int U, int V)>();
        for (var i = 0; i < xy.Length; i += 2)
        {
            var j = (i + 2) % xy.Length;
            outline.AddRange(Edge(Grid(xy[i]), Grid(xy[i + 1]), Grid(xy[j]), Grid(xy[j + 1])));
        }

        var changes = new int[(size.Height * size.Width) + 1];
        for (var i = 1; i < outline.Count; i++)
        {
            var ((u0, v0), (u1, v1)) = (outline[i - 1], outline[i]);
            var x = ((Math.Min(u0, u1) + 0.5) / 5) - 0.5;
            if (u0 != u1 && x >= 0 && x <= size.Width - 1 && x.Equals(Math.Floor(x)))
            {
                var y = Math.Ceiling(Math.Clamp(((Math.Min(v0, v1) + 0.5) / 5) - 0.5, 0, size.Height));
                changes[(int)((x * size.Height) + y)]++;
            }
        }

        var (pixels, inside) = (new byte[size.Area], 0);
        for (var p = 0; p < pixels.Length; p++)
        {
            inside ^= changes[p] & 1;
            pixels[(p % size.Height * size.Width) + (p / size.Height)] = (byte)inside;
        }

        return Rles.Encode(pixels, size);
    }

    private static int Grid(double pixels) => (int)((5 * pixels) + 0.5);

    private static IEnumerable<(int U, int V)> Edge(int xs, int ys, int xe, int ye)
    {
        var (dx, dy) = (Math.Abs(xe - xs), Math.Abs(ye - ys));
        var turned = (dx >= dy && xs > xe) || (dx < dy && ys > ye);
        if (turned)
        {
            (xs, ys, xe, ye) = (xe, ye, xs, ys);
        }

        var slope = dx >= dy ? (ye - ys) / (double)dx : (xe - xs) / (double)dy;
        for (var step = 0; step <= Math.Max(dx, dy); step++)
        {
            var t = turned ? Math.Max(dx, dy) - step : step;
            yield return dx >= dy ? (xs + t, (int)(ys + (slope * t) + 0.5)) : ((int)(xs + (slope * t) + 0.5), ys + t);
        }
    }
}
