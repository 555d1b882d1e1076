using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.Report.Pictures;

/// <summary>A corner between pixels: (0, 0) is the top left corner of the picture.</summary>
public readonly record struct Corner(int X, int Y);

/// <summary>The border of a mask as closed polygons: drawn as vectors, masks stay sharp and can be pointed at.</summary>
public static class Outline
{
    private const int Right = 0;
    private const int Down = 1;
    private const int Left = 2;
    private const int Up = 3;

    /// <summary>The loops between ones and zeros, ones to the right hand; holes run the other way round.</summary>
    /// <param name="mask">[H*W] row by row, 0 or 1. Ones that touch at a corner only are apart.</param>
    /// <param name="size">H and W.</param>
    /// <returns>Corners where the border turns. Filled by the even-odd rule they give the mask back.</returns>
    public static ImmutableArray<ImmutableArray<Corner>> Trace(ReadOnlySpan<byte> mask, Size2 size)
    {
        var edges = Edges(mask, size);
        var loops = ImmutableArray.CreateBuilder<ImmutableArray<Corner>>();
        for (var y = 0; y <= size.Height; y++)
        {
            for (var x = 0; x <= size.Width; x++)
            {
                while (edges[(y * (size.Width + 1)) + x] != 0)
                {
                    loops.Add(Follow(edges, size.Width + 1, new Corner(x, y)));
                }
            }
        }

        return loops.ToImmutable();
    }

    /// <summary>[(H+1)*(W+1)]: a bit for each direction in which the border leaves a corner.</summary>
    private static byte[] Edges(ReadOnlySpan<byte> mask, Size2 size)
    {
        var (h, w, stride) = (size.Height, size.Width, size.Width + 1);
        var edges = new byte[(h + 1) * stride];
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                var at = (y * w) + x;
                if (mask[at] == 0)
                {
                    continue;
                }

                var corner = (y * stride) + x;
                Mark(edges, corner, Right, y == 0 || mask[at - w] == 0);
                Mark(edges, corner + 1, Down, x == w - 1 || mask[at + 1] == 0);
                Mark(edges, corner + stride + 1, Left, y == h - 1 || mask[at + w] == 0);
                Mark(edges, corner + stride, Up, x == 0 || mask[at - 1] == 0);
            }
        }

        return edges;
    }

    private static void Mark(byte[] edges, int corner, int direction, bool isBorder) =>
        edges[corner] |= (byte)(isBorder ? 1 << direction : 0);

    /// <summary>Takes the edges of one loop away. Where two loops meet at a corner, turning right keeps to the same pixel.</summary>
    private static ImmutableArray<Corner> Follow(byte[] edges, int stride, Corner start)
    {
        var loop = ImmutableArray.CreateBuilder<Corner>();
        var (x, y, heading) = (start.X, start.Y, -1);
        do
        {
            var at = (y * stride) + x;
            var next = Next(edges[at], heading);
            edges[at] &= (byte)~(1 << next);
            if (next != heading)
            {
                loop.Add(new Corner(x, y));
            }

            (x, y) = next switch
            {
                Right => (x + 1, y),
                Down => (x, y + 1),
                Left => (x - 1, y),
                _ => (x, y - 1),
            };
            heading = next;
        } while (new Corner(x, y) != start);
        return loop.ToImmutable();
    }

    private static int Next(byte open, int heading)
    {
        for (var turn = 1; turn >= -1; turn--)
        {
            var direction = (heading + turn + 4) % 4;
            if (heading >= 0 && (open & (1 << direction)) != 0)
            {
                return direction;
            }
        }

        return int.TrailingZeroCount(open);
    }

    /// <summary>Fewer corners: the result stays within a distance of the loop (Ramer, Douglas and Peucker).</summary>
    /// <param name="loop">A closed loop.</param>
    /// <param name="tolerance">In pixels.</param>
    public static ImmutableArray<Corner> Simplify(ImmutableArray<Corner> loop, double tolerance)
    {
        if (loop.Length <= 4)
        {
            return loop;
        }

        var far = Enumerable.Range(0, loop.Length).MaxBy(i => Square(loop[i], loop[0]));
        var kept = new bool[loop.Length + 1];
        (kept[0], kept[far]) = (true, true);
        Keep(loop, 0, far, tolerance, kept);
        Keep(loop, far, loop.Length, tolerance, kept);
        return [.. loop.Where((_, i) => kept[i])];
    }

    private static void Keep(ImmutableArray<Corner> loop, int first, int last, double tolerance, bool[] kept)
    {
        var open = new Stack<(int First, int Last)>([(first, last)]);
        while (open.TryPop(out var part))
        {
            var (a, b) = (loop[part.First], loop[part.Last % loop.Length]);
            var (worst, distance) = (-1, tolerance);
            for (var i = part.First + 1; i < part.Last; i++)
            {
                var d = Distance(loop[i], a, b);
                (worst, distance) = d > distance ? (i, d) : (worst, distance);
            }

            if (worst >= 0)
            {
                kept[worst] = true;
                open.Push((part.First, worst));
                open.Push((worst, part.Last));
            }
        }
    }

    /// <summary>Distance of a point from the stretch between two others.</summary>
    internal static double Distance(Corner p, Corner a, Corner b)
    {
        var (dx, dy) = (b.X - a.X, b.Y - a.Y);
        var along =
            dx == 0 && dy == 0
                ? 0
                : Math.Clamp(((((double)p.X - a.X) * dx) + (((double)p.Y - a.Y) * dy)) / ((dx * (double)dx) + (dy * (double)dy)), 0, 1);
        return Math.Sqrt(Math.Pow(p.X - a.X - (along * dx), 2) + Math.Pow(p.Y - a.Y - (along * dy), 2));
    }

    private static long Square(Corner a, Corner b) => ((long)(a.X - b.X) * (a.X - b.X)) + ((long)(a.Y - b.Y) * (a.Y - b.Y));

    /// <summary>An SVG path (attribute d), to be filled by the even-odd rule.</summary>
    public static string Path(IEnumerable<ImmutableArray<Corner>> loops)
    {
        var text = new StringBuilder();
        foreach (var loop in loops)
        {
            text.Append(CultureInfo.InvariantCulture, $"M{loop[0].X} {loop[0].Y}l");
            for (var i = 1; i < loop.Length; i++)
            {
                text.Append(i == 1 ? "" : " ").Append(loop[i].X - loop[i - 1].X).Append(' ').Append(loop[i].Y - loop[i - 1].Y);
            }

            text.Append('z');
        }

        return text.ToString();
    }
}
