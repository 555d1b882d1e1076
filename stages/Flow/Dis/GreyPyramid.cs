using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Motion.Contracts;

namespace Motion.Flow;

/// <summary>A grey picture at its own size and at every halving.</summary>
internal static class GreyPyramid
{
    /// <summary>The coarsest scale s (the picture at 1 / 2^s) that a search begins at.</summary>
    /// <param name="size">The frame's size, pixels.</param>
    /// <param name="patch">A patch's side, pixels.</param>
    /// <returns>0 or more: where the longest side has some four patches, and the shortest at least one.</returns>
    /// <remarks>theta_ss of Kroeger et al., section 2.2; chosen as OpenCV does.</remarks>
    public static int CoarsestScale(Size2 size, int patch)
    {
        var fourPatches = (int)Math.Round(Math.Log2(size.Longest / (4.0 * patch)), MidpointRounding.AwayFromZero);
        var onePatch = (int)Math.Floor(Math.Log2(size.Shortest / (double)patch));
        return Math.Max(0, Math.Min(fourPatches, onePatch));
    }

    /// <summary>The grey picture of an RGB frame, its edge repeated to a size that halves evenly.</summary>
    /// <param name="rgb">[3, H, W] in [0, 255].</param>
    /// <param name="size">H, W.</param>
    /// <param name="padded">The size to come, not smaller; what is added is split over both sides, the smaller half left and top.</param>
    /// <returns>Luma in [0, 255], 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), not rounded; its border is the edge repeated.</returns>
    public static Plane Grey(ReadOnlySpan<byte> rgb, Size2 size, Size2 padded)
    {
        var grey = new Plane(padded);
        var (top, left) = Offset(size, padded);
        var area = size.Height * size.Width;
        for (var y = 0; y < padded.Height; y++)
        {
            var from = Math.Clamp(y - top, 0, size.Height - 1) * size.Width;
            var red = rgb.Slice(from, size.Width);
            var green = rgb.Slice(area + from, size.Width);
            var blue = rgb.Slice((2 * area) + from, size.Width);
            var row = grey.Pixels(y);
            var inner = row.Slice(left, size.Width);
            Luma(red, green, blue, inner);
            row[..left].Fill(inner[0]);
            row[(left + size.Width)..].Fill(inner[^1]);
        }

        grey.Extend();
        return grey;
    }

    private static void Luma(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<float> luma)
    {
        var x = 0;
        for (; x <= luma.Length - Plane.Lanes; x += Plane.Lanes)
        {
            ((Wide(red[x..]) * 0.299f) + (Wide(green[x..]) * 0.587f) + (Wide(blue[x..]) * 0.114f)).CopyTo(luma[x..]);
        }

        for (; x < luma.Length; x++)
            luma[x] = (red[x] * 0.299f) + (green[x] * 0.587f) + (blue[x] * 0.114f);
    }

    private static Vector256<float> Wide(ReadOnlySpan<byte> bytes)
    {
        var shorts = Vector128.WidenLower(Vector128.CreateScalar(BinaryPrimitives.ReadUInt64LittleEndian(bytes)).AsByte());
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)).AsInt32());
    }

    /// <summary>Where a frame lies in its padded picture: top, left.</summary>
    public static (int Top, int Left) Offset(Size2 size, Size2 padded) =>
        ((padded.Height - size.Height) / 2, (padded.Width - size.Width) / 2);

    /// <summary>The picture at scales 0 .. coarsest; each pixel is the mean of four of the scale before.</summary>
    /// <param name="picture">Sides that 2^coarsest divides.</param>
    public static Plane[] Of(Plane picture, int coarsest)
    {
        var scales = new Plane[coarsest + 1];
        scales[0] = picture;
        for (var s = 1; s <= coarsest; s++)
            scales[s] = Half(scales[s - 1]);
        return scales;
    }

    private static Plane Half(Plane fine)
    {
        var half = new Plane(new(fine.Height / 2, fine.Width / 2));
        for (var y = 0; y < half.Height; y++)
        {
            var upper = fine.Row(2 * y);
            var lower = fine.Row((2 * y) + 1);
            var row = half.Row(y);
            for (var x = 0; x < half.Width; x += Plane.Lanes)
                Plane.Put(Fours(upper, lower, 2 * x) * 0.25f, row, x);
        }

        half.Extend();
        return half;
    }

    /// <summary>Sums of eight squares of four pixels, the first of which begins at column x.</summary>
    private static Vector256<float> Fours(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, int x)
    {
        var evenThenOdd = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);
        var left = Vector256.Shuffle(Plane.At(upper, x) + Plane.At(lower, x), evenThenOdd);
        var right = Vector256.Shuffle(Plane.At(upper, x + Plane.Lanes) + Plane.At(lower, x + Plane.Lanes), evenThenOdd);
        return Vector256.Create(left.GetLower(), right.GetLower()) + Vector256.Create(left.GetUpper(), right.GetUpper());
    }
}
