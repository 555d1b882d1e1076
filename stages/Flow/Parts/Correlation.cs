using System.Collections.Immutable;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Flow;

/// <summary>The 4D correlation volume of RAFT, its pyramid, and the lookup in it (RAFT, section 3.2).</summary>
public static class Correlation
{
    /// <summary>Levels of the pyramid.</summary>
    public const int Levels = 4;

    /// <summary>All-pairs correlation of two feature maps at four resolutions of the second: RAFT, Eq. (1).</summary>
    /// <param name="first">float32 [N, D, H, W].</param>
    /// <param name="second">float32 [N, D, H, W].</param>
    /// <returns>
    /// Level l: float32 [NHW, 1, H / 2^l, W / 2^l], sides rounded down; row n is one position of the first map against all of the second,
    /// divided by sqrt(D). A level that would have no cell is left out.
    /// </returns>
    /// <remarks>Scaled by 1/sqrt(D) as the released weights expect; then 2x2 averages that drop an odd last row or column.</remarks>
    public static ImmutableArray<Tensor> Pyramid(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        var (n, d, h, w) = (first.shape[0], first.shape[1], first.shape[2], first.shape[3]);
        var rows = first.Over(Math.Sqrt(d)).flatten(2).transpose(1, 2); // [N, HW, D]
        var level = Products.OfBatches(rows, second.flatten(2)).view(n * h * w, 1, h, w); // [NHW, 1, H, W]
        var levels = ImmutableArray.CreateBuilder<Tensor>(Levels);
        levels.Add(level.MoveToOuterDisposeScope());
        while (levels.Count < Levels && level.shape[2] > 1 && level.shape[3] > 1)
        {
            level = F.avg_pool2d(level, [2, 2], [2, 2]); // [NHW, 1, H/2, W/2]
            levels.Add(level.MoveToOuterDisposeScope());
        }

        return levels.ToImmutable();
    }

    /// <summary>Correlations around given places, on every level.</summary>
    /// <param name="pyramid">From <see cref="Pyramid"/>.</param>
    /// <param name="coords">float32 [N, 2, H, W]: for each position of the first map a place (x, y) in the second, in cells of level
    /// 0.</param>
    /// <param name="radius">r; the window is (2r+1) x (2r+1) whole cells of each level around coords / 2^l, sampled bilinearly, 0
    /// outside.</param>
    /// <returns>
    /// float32 [N, 4(2r+1)^2, H, W]. Channel (l(2r+1) + i)(2r+1) + j samples (x + i - r, y + j - r): the slow index moves x, as in the
    /// published code. The channels of levels left out are 0.
    /// </returns>
    /// <remarks>
    /// RAFT, section 3.2, "Correlation Lookup". The published code divides by (side - 1) on the way, and so returns NaN where a level has
    /// one row or column; here the places of cells are normalised by the side itself (alignCorners: false), which is the same sampling for
    /// every side.
    /// </remarks>
    public static Tensor Lookup(ImmutableArray<Tensor> pyramid, Tensor coords, int radius)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (coords.shape[0], coords.shape[2], coords.shape[3]);
        var side = (2 * radius) + 1;
        var window = Window(radius, coords.device); // [1, S, S, 2]
        var centre = coords.permute(0, 2, 3, 1).reshape(n * h * w, 1, 1, 2); // [NHW, 1, 1, 2]
        var samples = new Tensor[Levels];
        for (var level = 0; level < Levels; level++)
        {
            samples[level] =
                level < pyramid.Length
                    ? Sample(pyramid[level], centre, window, 1.0 / (1 << level)).view(n, h, w, side * side)
                    : zeros([n, h, w, side * side], coords.dtype, coords.device);
        }

        return Joins.Cat(samples, -1).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope(); // [N, 4SS, H, W]
    }

    /// <summary>Bilinear samples of each row's map at centre * scale + window.</summary>
    private static Tensor Sample(Tensor map, Tensor centre, Tensor window, double scale)
    {
        using var scope = NewDisposeScope();
        var cell = tensor(new[] { 2f / map.shape[3], 2f / map.shape[2] }, device: map.device); // a cell in grid units, x and y
        var start = centre.mul(cell.Times(scale)).Plus(cell.Times(0.5).Minus(1)); // [NHW, 1, 1, 2]
        var grid = start.Plus(window.mul(cell)); // [NHW, S, S, 2]
        return F.grid_sample(map, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Offsets (i - r, j - r) as (x, y): [1, S, S, 2].</summary>
    private static Tensor Window(int radius, Device device)
    {
        var side = (2 * radius) + 1;
        var offsets = new float[side * side * 2];
        for (var i = 0; i < side; i++)
        {
            for (var j = 0; j < side; j++)
            {
                offsets[((i * side) + j) * 2] = i - radius;
                offsets[(((i * side) + j) * 2) + 1] = j - radius;
            }
        }

        return tensor(offsets, device: device).view(1, side, side, 2);
    }
}
