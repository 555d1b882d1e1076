using System.Runtime.Intrinsics;

namespace Motion.Flow;

/// <summary>From the displacements of patches to one of every pixel.</summary>
internal static class Densification
{
    /// <summary>
    /// The mean of the displacements of all patches that cover a pixel, each weighted by how alike its two pictures are there.
    /// </summary>
    /// <param name="first">The template picture, [0, 255].</param>
    /// <param name="second">The picture that was searched.</param>
    /// <param name="grid">The patches.</param>
    /// <param name="patches">Their displacements.</param>
    /// <param name="threads">1 or more; changes no bit.</param>
    /// <returns>u and v of every pixel; a pixel that no patch covers has those of the nearest that one does.</returns>
    /// <remarks>Kroeger et al., section 2.2, Eq. (4): weights 1 / max(1, |I1(x + u) - I0(x)|).</remarks>
    public static (Plane U, Plane V) Of(Plane first, Plane second, PatchGrid grid, PatchFlow patches, int threads)
    {
        var (u, v) = (new Plane(first.Size), new Plane(first.Size));
        var (top, left) = (Math.Max(0, grid.Top), Math.Max(0, grid.Left));
        var bottom = Math.Min(first.Height, grid.Top + ((grid.Rows - 1) * grid.Stride) + InverseSearch.Patch);
        var right = Math.Min(first.Width, grid.Left + ((grid.Columns - 1) * grid.Stride) + InverseSearch.Patch);
        Bands.Over(
            bottom - top,
            first.Width * InverseSearch.Patch,
            threads,
            (from, to) =>
            {
                var weights = new float[first.Width + (2 * Plane.Border)];
                for (var y = top + from; y < top + to; y++)
                {
                    Array.Clear(weights);
                    Row(first, second, grid, patches, y, weights, u.Row(y), v.Row(y));
                    Spread(u.Pixels(y), left, right);
                    Spread(v.Pixels(y), left, right);
                }
            }
        );
        foreach (var plane in new[] { u, v })
        {
            for (var y = 0; y < top; y++)
                plane.Row(top).CopyTo(plane.Row(y));
            for (var y = bottom; y < first.Height; y++)
                plane.Row(bottom - 1).CopyTo(plane.Row(y));
            plane.Extend();
        }

        return (u, v);
    }

    private static void Row(
        Plane first,
        Plane second,
        PatchGrid grid,
        PatchFlow patches,
        int y,
        Span<float> weights,
        Span<float> u,
        Span<float> v
    )
    {
        var template = first.Row(y);
        // Patch rows i with top <= y < top + Patch.
        var lastRow = Math.Min(grid.Rows - 1, (y - grid.Top) / grid.Stride);
        var firstRow = Math.Max(0, (y - grid.Top - InverseSearch.Patch + grid.Stride) / grid.Stride);
        for (var i = firstRow; i <= lastRow; i++)
        {
            for (var j = 0; j < grid.Columns; j++)
            {
                var at = (i * grid.Columns) + j;
                var (pu, pv, x) = (patches.U[at], patches.V[at], grid.Left + (j * grid.Stride));
                var weight = Likeness(Plane.At(template, x), second, grid.Top + (i * grid.Stride), y, x, pu, pv);
                Plane.Put(Plane.At(weights, x) + weight, weights, x);
                Plane.Put(Plane.At(u, x) + (weight * pu), u, x);
                Plane.Put(Plane.At(v, x) + (weight * pv), v, x);
            }
        }

        var least = Vector256.Create(1e-9f); // where no patch is: zero
        for (var x = 0; x < first.Width; x += Plane.Lanes)
        {
            var all = Vector256.Max(Plane.At(weights, x), least);
            Plane.Put(Plane.At(u, x) / all, u, x);
            Plane.Put(Plane.At(v, x) / all, v, x);
        }
    }

    /// <summary>
    /// Weights of the eight pixels of a patch's row y; the patch begins at row <paramref name="top"/>, column <paramref name="x"/>.
    /// </summary>
    private static Vector256<float> Likeness(Vector256<float> template, Plane second, int top, int y, int x, float u, float v)
    {
        var px = Math.Clamp(x + u, -InverseSearch.Patch, second.Width);
        var py = Math.Clamp(top + v, -InverseSearch.Patch, second.Height) + (y - top);
        var (ix, iy) = ((int)MathF.Floor(px), (int)MathF.Floor(py));
        var (fx, fy) = (px - ix, py - iy);
        var upper = second.Row(iy);
        var lower = second.Row(iy + 1);
        var above = Plane.At(upper, ix) + ((Plane.At(upper, ix + 1) - Plane.At(upper, ix)) * fx);
        var below = Plane.At(lower, ix) + ((Plane.At(lower, ix + 1) - Plane.At(lower, ix)) * fx);
        return Vector256<float>.One / Vector256.Max(Vector256<float>.One, Vector256.Abs(above + ((below - above) * fy) - template));
    }

    private static void Spread(Span<float> row, int left, int right)
    {
        row[..left].Fill(row[left]);
        row[right..].Fill(row[right - 1]);
    }
}
