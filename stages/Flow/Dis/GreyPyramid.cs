using Motion.Contracts;

namespace Motion.Flow;

/// <summary>A grey picture at its own size and at every halving.</summary>
internal static class GreyPyramid
{
    /// <summary>The coarsest scale s (the picture at 1 / 2^s) that a search begins at.</summary>
    /// <param name="size">The frame's size, pixels.</param>
    /// <param name="patch">A patch's side, pixels.</param>
    /// <returns>0 or more: where the longest side has some four patches, and the shortest at least one.</returns>
    /// <remarks>Kroeger et al., section 2.3: theta_ss so that motion of a fifth of the picture's width is within a patch.</remarks>
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
            for (var x = 0; x < inner.Length; x++) inner[x] = (0.299f * red[x]) + (0.587f * green[x]) + (0.114f * blue[x]);
            row[..left].Fill(inner[0]);
            row[(left + size.Width)..].Fill(inner[^1]);
        }

        grey.Extend();
        return grey;
    }

    /// <summary>Where a frame lies in its padded picture: top, left.</summary>
    public static (int Top, int Left) Offset(Size2 size, Size2 padded) => ((padded.Height - size.Height) / 2, (padded.Width - size.Width) / 2);

    /// <summary>The picture at scales 0 .. coarsest; each pixel is the mean of four of the scale before.</summary>
    /// <param name="picture">Sides that 2^coarsest divides.</param>
    public static Plane[] Of(Plane picture, int coarsest)
    {
        var scales = new Plane[coarsest + 1];
        scales[0] = picture;
        for (var s = 1; s <= coarsest; s++) scales[s] = Half(scales[s - 1]);
        return scales;
    }

    private static Plane Half(Plane fine)
    {
        var half = new Plane(new(fine.Height / 2, fine.Width / 2));
        for (var y = 0; y < half.Height; y++)
        {
            var upper = fine.Pixels(2 * y);
            var lower = fine.Pixels((2 * y) + 1);
            var row = half.Pixels(y);
            for (var x = 0; x < row.Length; x++) row[x] = 0.25f * (upper[2 * x] + upper[(2 * x) + 1] + (lower[2 * x] + lower[(2 * x) + 1]));
        }

        half.Extend();
        return half;
    }
}
