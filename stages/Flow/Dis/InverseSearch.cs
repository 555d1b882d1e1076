using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Motion.Contracts;

namespace Motion.Flow;

/// <summary>Where the patches of a scale lie: evenly apart, in the middle of the picture.</summary>
/// <param name="Rows">Of patches.</param>
/// <param name="Columns">Of patches.</param>
/// <param name="Top">Of the first row, pixels; negative in a picture smaller than a patch.</param>
/// <param name="Left">Of the first column.</param>
/// <param name="Stride">From a patch to the next.</param>
internal readonly record struct PatchGrid(int Rows, int Columns, int Top, int Left, int Stride)
{
    /// <summary>As many patches as fit; one where none does.</summary>
    public static PatchGrid Over(Size2 size, int stride)
    {
        var (rows, top) = Along(size.Height, stride);
        var (columns, left) = Along(size.Width, stride);
        return new(rows, columns, top, left, stride);
    }

    private static (int Count, int First) Along(int side, int stride)
    {
        var beyondFirst = Math.Max(0, side - InverseSearch.Patch) / stride;
        return (beyondFirst + 1, (side - InverseSearch.Patch - (beyondFirst * stride)) / 2);
    }
}

/// <summary>Displacements of all patches of a scale, in rows of patches.</summary>
/// <param name="U">To the right, pixels of that scale.</param>
/// <param name="V">Downwards.</param>
internal sealed record PatchFlow(float[] U, float[] V);

/// <summary>The displacement of each patch of a scale, by inverse compositional search.</summary>
internal static class InverseSearch
{
    /// <summary>A patch's side, theta_ps, pixels.</summary>
    public const int Patch = Plane.Lanes;

    /// <summary>Rows of patches among which displacements spread. A constant, so that threads change nothing.</summary>
    private const int BandRows = 16;

    /// <summary>Where a step is shorter than this (pixels, squared) the patch stays.</summary>
    private const float Still = 0.01f * 0.01f;

    /// <summary>
    /// Of a patch, the least share of the determinant in the product of the diagonal: below it lies a single edge, along which nothing is
    /// seen to move.
    /// </summary>
    private const float Even = 1e-3f;

    private const float Area = Patch * Patch;

    /// <summary>The displacements that bring the first picture's patches onto the second's.</summary>
    /// <param name="first">The template picture at this scale, [0, 255].</param>
    /// <param name="x">Its derivative to the right.</param>
    /// <param name="y">Its derivative downwards.</param>
    /// <param name="second">The picture that is searched, of the same size; its border is the edge repeated.</param>
    /// <param name="grid">The patches.</param>
    /// <param name="start">Where each patch begins.</param>
    /// <param name="iterations">Steps a patch takes at most, in both passes together.</param>
    /// <param name="threads">1 or more; changes no bit.</param>
    /// <remarks>
    /// Kroeger et al., section 2.1, Eq. (1) to (3), the means of the patches taken off. Departs, as OpenCV's presets do: a patch also tries
    /// where its neighbours went, first from left and above, then from right and below, half of the steps each; one that went further than
    /// its side keeps where it was.
    /// </remarks>
    public static PatchFlow Run(Plane first, Plane x, Plane y, Plane second, PatchGrid grid, PatchFlow start, int iterations, int threads)
    {
        var found = new PatchFlow([.. start.U], [.. start.V]);
        var bands = (grid.Rows + BandRows - 1) / BandRows;
        Bands.Over(
            bands,
            BandRows * grid.Columns * Patch * Patch,
            threads,
            (from, to) =>
            {
                var template = new Template(stackalloc Vector256<float>[3 * Patch]);
                for (var band = from; band < to; band++)
                {
                    var (top, bottom) = (band * BandRows, Math.Min((band + 1) * BandRows, grid.Rows));
                    for (var i = top; i < bottom; i++)
                    for (var j = 0; j < grid.Columns; j++)
                        Search(ref template, i, j, j > 0 ? -1 : 0, i > top ? -1 : 0);
                    for (var i = bottom - 1; i >= top; i--)
                    for (var j = grid.Columns - 1; j >= 0; j--)
                        Search(ref template, i, j, j < grid.Columns - 1 ? 1 : 0, i < bottom - 1 ? 1 : 0);
                }
            }
        );
        return found;

        void Search(ref Template template, int i, int j, int beside, int above)
        {
            var at = (i * grid.Columns) + j;
            template.Take(first, x, y, grid.Top + (i * grid.Stride), grid.Left + (j * grid.Stride));
            var best = new Candidate(found.U[at], found.V[at], template.Against(second, found.U[at], found.V[at]).Ssd);
            if (beside != 0)
                best = Better(ref template, best, at + beside);
            if (above != 0)
                best = Better(ref template, best, at + (above * grid.Columns));
            var (u, v) = template.Descend(second, best.U, best.V, (iterations + 1) / 2);
            var (du, dv) = (u - start.U[at], v - start.V[at]);
            if ((du * du) + (dv * dv) <= Area)
                (found.U[at], found.V[at]) = (u, v);
        }

        Candidate Better(ref Template template, Candidate best, int neighbour)
        {
            var (u, v) = (found.U[neighbour], found.V[neighbour]);
            if (u == best.U && v == best.V)
                return best;
            var ssd = template.Against(second, u, v).Ssd;
            return ssd < best.Ssd ? new(u, v, ssd) : best;
        }
    }

    private readonly record struct Candidate(float U, float V, float Ssd);

    /// <summary>
    /// What is left between a patch and its template: the sum of squares without the mean, the sum, and the sums times the derivatives.
    /// </summary>
    private readonly record struct Residual(float Ssd, float Sum, float X, float Y);

    /// <summary>A patch of the first picture with its derivatives, eight rows of each.</summary>
    private ref struct Template(Span<Vector256<float>> rows)
    {
        private readonly Span<Vector256<float>> _rows = rows;
        private int _top;
        private int _left;

        public void Take(Plane first, Plane x, Plane y, int top, int left)
        {
            (_top, _left) = (top, left);
            for (var r = 0; r < Patch; r++)
            {
                _rows[3 * r] = Plane.At(first.Row(top + r), left);
                _rows[(3 * r) + 1] = Plane.At(x.Row(top + r), left);
                _rows[(3 * r) + 2] = Plane.At(y.Row(top + r), left);
            }
        }

        /// <summary>I1(x + u) - I0(x) over the patch.</summary>
        public readonly Residual Against(Plane second, float u, float v)
        {
            // A patch may leave the picture by its side; there it sees the edge repeated.
            var px = Math.Clamp(_left + u, -Patch, second.Width);
            var py = Math.Clamp(_top + v, -Patch, second.Height);
            var (x, y) = ((int)MathF.Floor(px), (int)MathF.Floor(py));
            var (fx, fy) = (Vector256.Create(px - x), Vector256.Create(py - y));
            var (sum, squares, sumX, sumY) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            var upper = Between(second.Row(y), x, fx);
            for (var r = 0; r < Patch; r++)
            {
                var lower = Between(second.Row(y + r + 1), x, fx);
                var d = upper + (fy * (lower - upper)) - _rows[3 * r];
                sum += d;
                squares += d * d;
                sumX += d * _rows[(3 * r) + 1];
                sumY += d * _rows[(3 * r) + 2];
                upper = lower;
            }

            var total = Vector256.Sum(sum);
            return new(Vector256.Sum(squares) - (total * total / Area), total, Vector256.Sum(sumX), Vector256.Sum(sumY));
        }

        /// <summary>Gauss-Newton steps, while they bring the patch nearer (Eq. 2 and 3).</summary>
        public readonly (float U, float V) Descend(Plane second, float u, float v, int iterations)
        {
            var (h, meanX, meanY) = Inverse();
            var best = (U: u, V: v);
            var least = float.PositiveInfinity;
            for (var i = 0; i < iterations; i++)
            {
                var left = Against(second, u, v);
                if (!(left.Ssd < least))
                    break;
                (least, best) = (left.Ssd, (u, v));
                var (bx, by) = (left.X - (meanX * left.Sum), left.Y - (meanY * left.Sum));
                var (du, dv) = ((h.XX * bx) + (h.XY * by), (h.XY * bx) + (h.YY * by));
                (u, v) = (u - du, v - dv);
                if ((du * du) + (dv * dv) < Still)
                    break;
            }

            return best;
        }

        /// <summary>The inverse of the Hessian of Eq. (3), without the means; zero where the patch does not tell where it went.</summary>
        private readonly ((float XX, float XY, float YY) Inverse, float MeanX, float MeanY) Inverse()
        {
            var (xx, xy, yy, x, y) = (
                Vector256<float>.Zero,
                Vector256<float>.Zero,
                Vector256<float>.Zero,
                Vector256<float>.Zero,
                Vector256<float>.Zero
            );
            for (var r = 0; r < Patch; r++)
            {
                var (gx, gy) = (_rows[(3 * r) + 1], _rows[(3 * r) + 2]);
                xx += gx * gx;
                xy += gx * gy;
                yy += gy * gy;
                x += gx;
                y += gy;
            }

            var (meanX, meanY) = (Vector256.Sum(x) / Area, Vector256.Sum(y) / Area);
            var (hxx, hxy, hyy) = (
                Vector256.Sum(xx) - (meanX * meanX * Area),
                Vector256.Sum(xy) - (meanX * meanY * Area),
                Vector256.Sum(yy) - (meanY * meanY * Area)
            );
            var determinant = (hxx * hyy) - (hxy * hxy);
            return determinant > Even * hxx * hyy && hxx > 0
                ? ((hyy / determinant, -hxy / determinant, hxx / determinant), meanX, meanY)
                : default;
        }

        private static Vector256<float> Between(ReadOnlySpan<float> row, int x, Vector256<float> f)
        {
            var (left, right) = (Plane.At(row, x), Plane.At(row, x + 1));
            return left + (f * (right - left));
        }
    }
}
