using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Masks as COCO's polygons, with the same pixels when they are filled as pycocotools fills them.</summary>
internal static class MaskPolygons
{
    /// <summary>A polygon a piece, along the borders of pixels; a hole is reached by a cut to it and back, which fills nothing.</summary>
    /// <returns>x0, y0, x1, y1, ... of each; null where no polygons have exactly these pixels (none has none).</returns>
    public static IReadOnlyList<double[]>? Of(Rle mask)
    {
        var pieces = new List<(ImmutableArray<Corner> Outer, List<ImmutableArray<Corner>> Holes)>();
        var holes = new List<ImmutableArray<Corner>>();
        foreach (var loop in Outline.Trace(Rles.Decode(mask), mask.Size))
        {
            if (Area(loop) > 0)
            {
                pieces.Add((loop, []));
            }
            else
            {
                holes.Add(loop);
            }
        }

        foreach (var hole in holes)
        {
            var round = pieces.Where(piece => Holds(piece.Outer, hole[0])).OrderBy(piece => Area(piece.Outer)).FirstOrDefault();
            if (round.Holes is null)
            {
                return null;
            }

            round.Holes.Add(hole);
        }

        var polygons = pieces.Select(piece => Joined(piece.Outer, piece.Holes)).ToArray();
        return
            polygons.Length > 0 && Rles.FromPolygons(polygons, mask.Size) is Result<Rle, RleError>.Ok(var filled) && Rles.Same(filled, mask)
            ? polygons
            : null;
    }

    private static double[] Joined(ImmutableArray<Corner> outer, List<ImmutableArray<Corner>> holes) =>
        [
            .. outer
                .Concat(holes.SelectMany(hole => hole.Prepend(outer[0]).Append(hole[0])))
                .SelectMany(corner => new double[] { corner.X, corner.Y }),
        ];

    /// <summary>Twice the area within a loop: positive with its ones to the right hand.</summary>
    private static long Area(ImmutableArray<Corner> loop)
    {
        var area = 0L;
        for (var i = 0; i < loop.Length; i++)
        {
            var (a, b) = (loop[i], loop[(i + 1) % loop.Length]);
            area += ((long)a.X * b.Y) - ((long)b.X * a.Y);
        }

        return area;
    }

    /// <summary>Whether the pixel to the lower right of a corner lies within a loop.</summary>
    private static bool Holds(ImmutableArray<Corner> loop, Corner corner)
    {
        var isIn = false;
        for (var i = 0; i < loop.Length; i++)
        {
            var (a, b) = (loop[i], loop[(i + 1) % loop.Length]);
            if (a.X == b.X && a.X <= corner.X && corner.Y >= Math.Min(a.Y, b.Y) && corner.Y < Math.Max(a.Y, b.Y))
            {
                isIn = !isIn;
            }
        }

        return isIn;
    }
}
