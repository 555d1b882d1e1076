using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Motion.Properties.Bindings;

/// <summary>Padding, resizing and sampling against their definitions.</summary>
public class Images
{
    [Fact]
    public void Pad_InEachMode_ContinuesTheRowItsWay()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, 2, 3]).reshape(1, 1, 3);
        Expect.Equal(functional.pad(x, [2, 1]), [0, 0, 1, 2, 3, 0]);
        Expect.Equal(functional.pad(x, (1, 1), PaddingModes.Constant, 9), [9, 1, 2, 3, 9]);
        Expect.Equal(functional.pad(x, [2, 1], PaddingModes.Reflect), [3, 2, 1, 2, 3, 2]);
        Expect.Equal(functional.pad(x, [2, 1], PaddingModes.Replicate), [1, 1, 1, 2, 3, 3]);
        Expect.Equal(functional.pad(x, [2, 1], PaddingModes.Circular), [2, 3, 1, 2, 3, 1]);
        Expect.Equal(functional.pad(x, [-1, 1]), [2, 3, 0]);
        var image = ones(1, 1, 1, 2, float64);
        Expect.Equal(functional.pad(image, (1, 0, 0, 1)), [1, 1, 2, 3], [0, 1, 1, 0, 0, 0]);
        Expect.Equal(functional.pad(ones(1, 1, float64), 1), [3, 3], [0, 0, 0, 0, 1, 0, 0, 0, 0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bilinear_Resizing_WeighsTheFourPixelsAround(bool corners)
    {
        using var scope = NewDisposeScope();
        var x = Expect.Filled(1, 1, 4, 3);
        long[] size = [7, 8];
        var actual = functional.interpolate(x, size, mode: InterpolationMode.Bilinear, align_corners: corners);
        var (expected, p) = (new double[7 * 8], x.data<double>());
        for (var k = 0; k < expected.Length; k++)
        {
            var (r, s) = (Source(k / 8, 4, 7, corners), Source(k % 8, 3, 8, corners));
            expected[k] = Sample(r, s, (i, j) => p[0, 0, Math.Clamp(i, 0, 3), Math.Clamp(j, 0, 2)]);
        }
        Expect.Equal(actual, [1, 1, 7, 8], expected);
    }

    [Fact]
    public void Resizing_InOtherModes_HasItsDefiningPoints()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, 2, 3, 4]).reshape(1, 1, 2, 2);
        Expect.Equal(functional.interpolate(x, [3, 4]), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4]);
        Expect.Equal(functional.interpolate(x, scale_factor: [2, 1]), [1, 1, 4, 2], [1, 2, 1, 2, 3, 4, 3, 4]);
        Expect.Equal(functional.interpolate(x, [1, 1], mode: InterpolationMode.Area), [2.5]);
        Expect.Equal(functional.interpolate(x, scale_factor: [0.5, 1], mode: InterpolationMode.Area), [2, 3]);
        var up = functional.interpolate(x, [3, 3], mode: InterpolationMode.Bicubic, align_corners: true);
        Expect.Equal(up[0, 0, 0, 0], [1]);
        Expect.Equal(up[0, 0, 1, 1], [2.5]);
        var line = tensor([0.0, 2]).reshape(1, 1, 2);
        Expect.Equal(functional.interpolate(line, [3], mode: InterpolationMode.Linear, align_corners: true), [0, 1, 2]);
        Expect.Equal(functional.interpolate(line, [4]), [0, 0, 2, 2]);
    }

    /// <summary>Antialiased shrinking by 2 weighs a triangle of four pixels: 1, 3, 3, 1; at the border what is inside counts.</summary>
    [Fact]
    public void Antialiased_Shrinking_WeighsATriangle()
    {
        using var scope = NewDisposeScope();
        double[] v = [1, 0, 5, 2, 4, 8];
        var x = tensor(v).reshape(1, 1, 1, 6);
        double[] expected = [((3 * v[0]) + (3 * v[1]) + v[2]) / 7, (v[1] + (3 * v[2]) + (3 * v[3]) + v[4]) / 8, (v[3] + (3 * v[4]) + (3 * v[5])) / 7];
        var aa = functional.interpolate(x, [1, 3], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
        Expect.Equal(aa, expected);
        var cubic = functional.interpolate(ones_like(x), [1, 3], mode: InterpolationMode.Bicubic, align_corners: false, antialias: true);
        Expect.Equal(cubic, [1, 1, 1]);
    }

    [Fact]
    public void Interpolate_WithNeitherOrBothOfSizeAndFactor_Refuses()
    {
        using var x = ones(1, 1, 2, 2);
        Assert.Throws<ArgumentException>(() => functional.interpolate(x));
        Assert.Throws<ArgumentException>(() => functional.interpolate(x, [1, 1], [0.5]));
        Assert.Throws<ArgumentException>(() => functional.interpolate(x, [1, 1], align_corners: true));
        Assert.Throws<ArgumentException>(() => functional.interpolate(x, [1, 1], antialias: true));
    }

    [Theory]
    [InlineData(true, GridSamplePaddingMode.Zeros)]
    [InlineData(false, GridSamplePaddingMode.Zeros)]
    [InlineData(true, GridSamplePaddingMode.Border)]
    [InlineData(false, GridSamplePaddingMode.Border)]
    public void GridSample_AtAnyPlace_WeighsTheFourPixelsAround(bool corners, GridSamplePaddingMode padding)
    {
        using var scope = NewDisposeScope();
        var x = Expect.Filled(1, 2, 4, 5);
        var grid = Expect.Filled(1, 3, 6, 2) * 0.7;                            // some of it outside of [-1, 1]
        var actual = functional.grid_sample(x, grid, GridSampleMode.Bilinear, padding, corners);
        var (expected, p, g) = (new double[2 * 18], x.data<double>(), grid.data<double>());
        for (var k = 0; k < expected.Length; k++)
        {
            var (c, place) = (k / 18, k % 18);
            var s = Pixel(g[place * 2], 5, corners);
            var r = Pixel(g[(place * 2) + 1], 4, corners);
            if (padding == GridSamplePaddingMode.Border)
                (r, s) = (Math.Clamp(r, 0, 3), Math.Clamp(s, 0, 4));
            expected[k] = Sample(r, s, (i, j) => i is >= 0 and < 4 && j is >= 0 and < 5 ? p[0, c, i, j] : 0);
        }
        Expect.Equal(actual, [1, 2, 3, 6], expected);
    }

    [Fact]
    public void GridSample_OnTheIdentityGrid_IsTheImage()
    {
        using var scope = NewDisposeScope();
        var x = Expect.Filled(1, 2, 4, 5);
        var identity = tensor([1.0, 0, 0, 0, 1, 0]).reshape(1, 2, 3);
        foreach (var corners in new[] { true, false })
        {
            var grid = functional.affine_grid(identity, [1, 2, 4, 5], corners);
            Expect.Same(functional.grid_sample(x, grid, align_corners: corners), x);
            Expect.Same(functional.grid_sample(x, grid, GridSampleMode.Nearest, align_corners: corners), x);
        }
        var outside = full([1, 1, 1, 2], 1.5, float64);
        var mirrored = functional.grid_sample(x, outside, padding_mode: GridSamplePaddingMode.Reflection, align_corners: true);
        Expect.Equal(mirrored[0, 0, 0, 0], [Sample(2.25, 3, (i, j) => x[0, 0, i, j].ToDouble())]);
    }

    private static double Source(int at, int from, int to, bool corners) =>
        corners ? at * (from - 1.0) / (to - 1) : Math.Max((((at + 0.5) * from) / to) - 0.5, 0);

    private static double Pixel(double place, int side, bool corners) =>
        corners ? (place + 1) / 2 * (side - 1) : (((place + 1) * side) - 1) / 2;

    private static double Sample(double r, double s, Func<int, int, double> pixel)
    {
        var (i, j) = ((int)Math.Floor(r), (int)Math.Floor(s));
        var (a, b) = (r - i, s - j);
        double At(int di, int dj, double weight) => weight == 0 ? 0 : weight * pixel(i + di, j + dj);
        return At(0, 0, (1 - a) * (1 - b)) + At(0, 1, (1 - a) * b) + At(1, 0, a * (1 - b)) + At(1, 1, a * b);
    }
}
