using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>
/// Resizing of 8-bit pictures exactly as Pillow's <c>Image.resize(size, BILINEAR)</c>: a triangle filter that widens when shrinking (so
/// it does not alias), the horizontal pass first, each pass rounded to bytes with 22-bit fixed-point weights. Published models were
/// trained on such pictures.
/// </summary>
public static class ImageResize
{
    private const int FractionBits = 32 - 8 - 2; // Pillow's PRECISION_BITS: a byte and two guard bits stay free in an int

    /// <summary>
    /// The size that a picture is resized to so that its shortest side is <paramref name="shortest"/>, unless its longest side then
    /// exceeds <paramref name="longest"/>.
    /// </summary>
    /// <remarks>
    /// detectron2's ResizeShortestEdge: the rule of the longest side is applied before rounding; each side is int(x + 0.5), here at least
    /// 1.
    /// </remarks>
    public static Size2 Fit(Size2 original, int shortest, int longest)
    {
        var scale = shortest / (double)original.Shortest;
        var (height, width) =
            original.Height < original.Width ? ((double)shortest, scale * original.Width) : (scale * original.Height, shortest);
        if (Math.Max(height, width) > longest)
        {
            var shrink = longest / Math.Max(height, width);
            (height, width) = (height * shrink, width * shrink);
        }

        return new Size2(Math.Max(1, (int)(height + 0.5)), Math.Max(1, (int)(width + 0.5)));
    }

    /// <summary>Resizes planes of bytes.</summary>
    /// <param name="planes">[C, H, W] row-major.</param>
    /// <param name="from">H and W of the planes.</param>
    /// <param name="to">Size of the result; each side at least 1.</param>
    /// <returns>[C, h, w] row-major; a copy where the sizes are equal.</returns>
    public static byte[] Bilinear(ReadOnlySpan<byte> planes, Size2 from, Size2 to)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(to.Height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(to.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length % from.Area, 0);
        var channels = (int)(planes.Length / from.Area);
        // [C, H, w]
        var wide = from.Width == to.Width ? planes.ToArray() : Horizontal(planes, channels * from.Height, from.Width, to.Width);
        return from.Height == to.Height ? wide : Vertical(wide, channels, from.Height, to.Height, to.Width); // [C, h, w]
    }

    /// <summary>Resizes a picture.</summary>
    /// <param name="image">uint8 [C, H, W] on the CPU.</param>
    /// <param name="to">Size of the result; each side at least 1.</param>
    /// <returns>uint8 [C, h, w], a tensor of its own.</returns>
    public static Tensor Bilinear(Tensor image, Size2 to)
    {
        using var whole = image.contiguous();
        var (channels, height, width) = (whole.shape[0], (int)whole.shape[1], (int)whole.shape[2]);
        return tensor(Bilinear(whole.bytes, new Size2(height, width), to), [channels, to.Height, to.Width], dtype: uint8); // [C, h, w]
    }

    private static byte[] Horizontal(ReadOnlySpan<byte> rows, int count, int width, int newWidth)
    {
        var taps = Taps.Of(width, newWidth);
        var result = new byte[count * newWidth];
        for (var y = 0; y < count; y++)
        {
            var row = rows.Slice(y * width, width);
            var into = result.AsSpan(y * newWidth, newWidth);
            for (var x = 0; x < newWidth; x++)
            {
                var weights = taps.Weights.AsSpan(x * taps.Most, taps.Counts[x]);
                var pixels = row.Slice(taps.Starts[x], weights.Length);
                var sum = 1 << (FractionBits - 1);
                for (var k = 0; k < weights.Length; k++)
                {
                    sum += pixels[k] * weights[k];
                }

                into[x] = ToByte(sum);
            }
        }

        return result;
    }

    private static byte[] Vertical(ReadOnlySpan<byte> planes, int channels, int height, int newHeight, int width)
    {
        var taps = Taps.Of(height, newHeight);
        var result = new byte[channels * newHeight * width];
        var sums = new int[width];
        for (var c = 0; c < channels; c++)
        {
            var plane = planes.Slice(c * height * width, height * width);
            for (var y = 0; y < newHeight; y++)
            {
                Array.Fill(sums, 1 << (FractionBits - 1));
                for (var k = 0; k < taps.Counts[y]; k++)
                {
                    var weight = taps.Weights[(y * taps.Most) + k];
                    var row = plane.Slice((taps.Starts[y] + k) * width, width);
                    for (var x = 0; x < sums.Length; x++)
                    {
                        sums[x] += row[x] * weight;
                    }
                }

                var into = result.AsSpan(((c * newHeight) + y) * width, width);
                for (var x = 0; x < sums.Length; x++)
                {
                    into[x] = ToByte(sums[x]);
                }
            }
        }

        return result;
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> FractionBits, 0, 255);

    /// <summary>
    /// Which inputs each output reads, and with which fixed-point weights (Weights is [outputs, Most], row x filled up to Counts[x]).
    /// </summary>
    private sealed record Taps(int[] Starts, int[] Counts, int[] Weights, int Most)
    {
        public static Taps Of(int inputs, int outputs)
        {
            var scale = inputs / (double)outputs;
            var support = Math.Max(scale, 1.0); // the triangle's half width: it widens when shrinking
            var most = ((int)Math.Ceiling(support) * 2) + 1;
            var (starts, counts, weights) = (new int[outputs], new int[outputs], new int[outputs * most]);
            var triangle = new double[most];
            for (var x = 0; x < outputs; x++)
            {
                var centre = (x + 0.5) * scale;
                starts[x] = Math.Max((int)(centre - support + 0.5), 0);
                counts[x] = Math.Min((int)(centre + support + 0.5), inputs) - starts[x];
                var total = 0.0;
                for (var k = 0; k < counts[x]; k++)
                {
                    triangle[k] = Math.Max(0, 1 - Math.Abs((k + starts[x] - centre + 0.5) * (1.0 / support)));
                    total += triangle[k];
                }

                for (var k = 0; k < counts[x]; k++)
                {
                    weights[(x * most) + k] = (int)(0.5 + (triangle[k] * (1.0 / total) * (1 << FractionBits)));
                }
            }

            return new Taps(starts, counts, weights, most);
        }
    }
}
