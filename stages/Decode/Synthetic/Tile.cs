using System.Diagnostics;
using Motion.Contracts;

namespace Motion.Decode.Synthetic;

/// <summary>
/// A texture: a square that repeats without a seam, smooth enough (no detail finer than some four pixels) that sampling it between
/// pixels, and sampling a rendered picture of it between pixels, give nearly the same colour.
/// </summary>
/// <param name="Side">Texels a side, a power of two; a texel is a pixel of an unscaled object.</param>
/// <param name="Rgb">Side x Side x 3 bytes, R, G, B.</param>
internal sealed record Tile(int Side, byte[] Rgb)
{
    private const double FineContrast = 14; // levels of grain around the pattern

    /// <summary>A tile of the given kind with colours, pattern and grain of its own.</summary>
    public static Tile Make(TextureKind kind, int side, Seed seed)
    {
        var draws = seed.Draws();
        var (dark, light) = Colours(draws);
        var (coarse, medium, fine) = (Noise(side, side / 24 + 1, draws), Noise(side, side / 10 + 1, draws), Noise(side, side / 4, draws));
        var (kx, ky, phase) = (draws.Next(side / 12) + 1, draws.Next(side / 12) + 1, draws.NextDouble(0, 2 * Math.PI));
        var sign = draws.Next(2) == 0 ? 1 : -1;
        var rgb = new byte[side * side * 3];
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var at = (y * side) + x;
                var (u, v) = (2 * Math.PI * x / side, 2 * Math.PI * y / side);
                var pattern = kind switch
                {
                    TextureKind.Noise => (0.65 * coarse[at]) + (0.35 * medium[at]),
                    TextureKind.Stripes => 0.5 + (0.5 * Math.Sin((kx * u) + (sign * ky * v) + phase + (2 * coarse[at]))),
                    TextureKind.Checks => 0.5 + (0.5 * Math.Sin((kx * u) + phase) * Math.Sin((ky * v) + phase)),
                    TextureKind.Spots => Step(medium[at], 0.35, 0.65),
                    _ => throw new UnreachableException(),
                };
                for (var c = 0; c < 3; c++)
                {
                    var value = dark[c] + ((light[c] - dark[c]) * pattern) + (FineContrast * 2 * (fine[at] - 0.5));
                    rgb[(3 * at) + c] = (byte)Math.Clamp(value + 0.5, 0, 255);
                }
            }
        }

        return new Tile(side, rgb);
    }

    /// <summary>Bilinear sample at texel coordinates (x, y), repeating; 0..255.</summary>
    public void Sample(double x, double y, out float red, out float green, out float blue)
    {
        var (left, top) = (Math.Floor(x), Math.Floor(y));
        var (fx, fy) = ((float)(x - left), (float)(y - top));
        var mask = Side - 1;
        var (x0, y0) = ((int)left & mask, (int)top & mask);
        var (x1, y1) = ((x0 + 1) & mask, (y0 + 1) & mask);
        var rgb = Rgb;
        var (a, b, c, d) = (3 * ((y0 * Side) + x0), 3 * ((y0 * Side) + x1), 3 * ((y1 * Side) + x0), 3 * ((y1 * Side) + x1));
        var (wb, wd) = (fx * (1 - fy), fx * fy);
        var (wa, wc) = (1 - fy - wb, fy - wd);
        red = (wa * rgb[a]) + (wb * rgb[b]) + (wc * rgb[c]) + (wd * rgb[d]);
        green = (wa * rgb[a + 1]) + (wb * rgb[b + 1]) + (wc * rgb[c + 1]) + (wd * rgb[d + 1]);
        blue = (wa * rgb[a + 2]) + (wb * rgb[b + 2]) + (wc * rgb[c + 2]) + (wd * rgb[d + 2]);
    }

    /// <summary>Two colours between 30 and 225 that differ clearly in at least one channel.</summary>
    private static (double[] Dark, double[] Light) Colours(Draws draws)
    {
        while (true)
        {
            var a = Enumerable.Range(0, 3).Select(_ => draws.NextDouble(30, 225)).ToArray();
            var b = Enumerable.Range(0, 3).Select(_ => draws.NextDouble(30, 225)).ToArray();
            var apart = a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
            if (apart is > 60 and < 130)
            {
                return (a, b);
            }
        }
    }

    /// <summary>Value noise, 0..1, Side x Side: random values on a periodic lattice of cells x cells, joined by cubic steps.</summary>
    private static float[] Noise(int side, int cells, Draws draws)
    {
        var lattice = Enumerable.Range(0, cells * cells).Select(_ => draws.NextDouble()).ToArray();
        var result = new float[side * side];
        for (var y = 0; y < side; y++)
        {
            var v = (double)y * cells / side;
            var (y0, fy) = ((int)v, Step(v - Math.Floor(v), 0, 1));
            var y1 = (y0 + 1) % cells;
            for (var x = 0; x < side; x++)
            {
                var u = (double)x * cells / side;
                var (x0, fx) = ((int)u, Step(u - Math.Floor(u), 0, 1));
                var x1 = (x0 + 1) % cells;
                var above = lattice[(y0 * cells) + x0] + (fx * (lattice[(y0 * cells) + x1] - lattice[(y0 * cells) + x0]));
                var below = lattice[(y1 * cells) + x0] + (fx * (lattice[(y1 * cells) + x1] - lattice[(y1 * cells) + x0]));
                result[(y * side) + x] = (float)(above + (fy * (below - above)));
            }
        }

        return result;
    }

    private static double Step(double value, double low, double high)
    {
        var t = Math.Clamp((value - low) / (high - low), 0, 1);
        return t * t * (3 - (2 * t));
    }
}
