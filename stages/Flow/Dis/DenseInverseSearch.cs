using Motion.Contracts;

namespace Motion.Flow;

/// <summary>How much time dense inverse search takes.</summary>
public enum DisPreset
{
    /// <summary>Patches of a quarter of the picture's size, no refinement.</summary>
    Ultrafast,

    /// <summary>The same with refinement.</summary>
    Fast,

    /// <summary>Down to half of the picture's size, patches closer.</summary>
    Medium,
}

/// <summary>Optical flow by dense inverse search: no weights, one core, milliseconds a frame.</summary>
public static class DenseInverseSearch
{
    private sealed record Settings(int FinestScale, int Stride, int Iterations, int Refinements);

    private static Settings Of(DisPreset preset) =>
        preset switch
        {
            DisPreset.Ultrafast => new(2, 4, 12, 0),
            DisPreset.Fast => new(2, 4, 16, 5),
            DisPreset.Medium => new(1, 3, 25, 5),
            _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "no such preset"),
        };

    /// <summary>The flow from a frame to the next.</summary>
    /// <param name="first">[3, H, W] RGB in [0, 255].</param>
    /// <param name="second">The same.</param>
    /// <param name="size">H, W, each 1 or more.</param>
    /// <param name="preset">How thorough.</param>
    /// <param name="threads">1 or more; changes no bit.</param>
    /// <returns>[2, H, W] u to the right, v downwards, pixels; finite.</returns>
    /// <remarks>
    /// Kroeger, Timofte, Dai and Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016, section 2.2, Algorithm 1. Scales,
    /// patches, steps and weights are those of OpenCV's presets.
    /// </remarks>
    public static float[] Estimate(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Size2 size, DisPreset preset, int threads)
    {
        var settings = Of(preset);
        var coarsest = GreyPyramid.CoarsestScale(size, InverseSearch.Patch);
        var finest = Math.Min(settings.FinestScale, coarsest);
        int Even(int side) => (side + (1 << coarsest) - 1) >> coarsest << coarsest;
        var padded = new Size2(Even(size.Height), Even(size.Width));
        var (from, to) = (
            GreyPyramid.Of(GreyPyramid.Grey(first, size, padded), coarsest),
            GreyPyramid.Of(GreyPyramid.Grey(second, size, padded), coarsest)
        );
        (Plane U, Plane V)? flow = null;
        for (var s = coarsest; s >= finest; s--)
            flow = Scale(from[s], to[s], flow, settings, threads);
        return FullSize(flow!.Value, finest, size, GreyPyramid.Offset(size, padded), threads);
    }

    private static (Plane U, Plane V) Scale(Plane first, Plane second, (Plane U, Plane V)? coarser, Settings settings, int threads)
    {
        var grid = PatchGrid.Over(first.Size, settings.Stride);
        var (x, y) = Derivatives.Of(first, threads);
        var patches = InverseSearch.Run(first, x, y, second, grid, Start(grid, coarser), settings.Iterations, threads);
        var (u, v) = Densification.Of(first, second, grid, patches, threads);
        VariationalRefinement.Run(first, second, u, v, settings.Refinements, threads);
        return (u, v);
    }

    /// <summary>Twice the coarser flow in the middle of each patch; zero at the coarsest scale.</summary>
    private static PatchFlow Start(PatchGrid grid, (Plane U, Plane V)? coarser)
    {
        var start = new PatchFlow(new float[grid.Rows * grid.Columns], new float[grid.Rows * grid.Columns]);
        if (coarser is not var (u, v))
            return start;
        for (var i = 0; i < grid.Rows; i++)
        {
            for (var j = 0; j < grid.Columns; j++)
            {
                // The middle of a patch lies between its pixels 3 and 4; pixel centres of a scale at (c + 0.5) / 2 - 0.5 of the coarser.
                var (my, mx) = (
                    (grid.Top + (i * grid.Stride) + (InverseSearch.Patch / 2)) / 2f,
                    (grid.Left + (j * grid.Stride) + (InverseSearch.Patch / 2)) / 2f
                );
                start.U[(i * grid.Columns) + j] = 2 * u.Sample(mx - 0.5f, my - 0.5f);
                start.V[(i * grid.Columns) + j] = 2 * v.Sample(mx - 0.5f, my - 0.5f);
            }
        }

        return start;
    }

    /// <summary>The flow of the finest scale enlarged bilinearly to the frame, and cropped.</summary>
    private static float[] FullSize((Plane U, Plane V) flow, int finest, Size2 size, (int Top, int Left) offset, int threads)
    {
        var full = new float[2 * size.Height * size.Width];
        var scale = 1f / (1 << finest);
        var columns = new (int Left, float Share)[size.Width];
        for (var x = 0; x < columns.Length; x++)
            columns[x] = Between(x + offset.Left, flow.U.Width);
        Bands.Over(
            2 * size.Height,
            size.Width,
            threads,
            (from, to) =>
            {
                var row = new float[flow.U.Row(0).Length];
                for (var y = from; y < to; y++)
                {
                    var plane = y < size.Height ? flow.U : flow.V;
                    var (top, share) = Between((y % size.Height) + offset.Top, plane.Height);
                    Blend(plane.Row(top), plane.Row(top + 1), share, row, 1 / scale);
                    var line = full.AsSpan(y * size.Width, size.Width);
                    for (var x = 0; x < line.Length; x++)
                    {
                        var (left, part) = columns[x];
                        line[x] = row[left + Plane.Border] + (part * (row[left + Plane.Border + 1] - row[left + Plane.Border]));
                    }
                }
            }
        );
        return full;

        (int Before, float Share) Between(int pixel, int side)
        {
            var at = Math.Clamp(((pixel + 0.5f) * scale) - 0.5f, 0, side - 1);
            return ((int)at, at - (int)at);
        }
    }

    /// <summary>A row between two rows, its border too, times a factor.</summary>
    private static void Blend(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, float share, Span<float> row, float factor)
    {
        for (var x = -Plane.Border; x + Plane.Border < row.Length; x += Plane.Lanes)
        {
            var above = Plane.At(upper, x);
            Plane.Put((above + ((Plane.At(lower, x) - above) * share)) * factor, row, x);
        }
    }
}
