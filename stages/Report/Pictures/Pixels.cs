using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Report.Pictures;

/// <summary>A picture in plain memory.</summary>
/// <param name="Size">H and W.</param>
/// <param name="Planes">[3, H, W] R, G, B bytes.</param>
public sealed record Pixels(Size2 Size, byte[] Planes)
{
    /// <param name="picture">uint8 [3, H, W] RGB, any device.</param>
    public static Pixels Of(Tensor picture)
    {
        using var scope = NewDisposeScope();
        var size = new Size2((int)picture.size(1), (int)picture.size(2));
        return new Pixels(size, picture.Elements<byte>());
    }

    /// <summary>No side longer than so many pixels; a small picture stays as it is.</summary>
    public Pixels Within(int longest)
    {
        var size = Fit(Size, longest);
        return size == Size ? this : new Pixels(size, ImageResize.Bilinear(Planes, Size, size));
    }

    /// <summary>The size that <see cref="Within"/> makes.</summary>
    public static Size2 Fit(Size2 size, int longest)
    {
        var scale = Math.Min(1, longest / (double)size.Longest);
        return new Size2(Math.Max(1, (int)Math.Round(size.Height * scale)), Math.Max(1, (int)Math.Round(size.Width * scale)));
    }

    /// <summary>A mask at another size: each pixel takes what lies under its middle.</summary>
    /// <param name="mask">At any size.</param>
    /// <param name="size">H and W.</param>
    /// <returns>[H*W], 0 or 1.</returns>
    public static byte[] MaskAt(Rle mask, Size2 size)
    {
        var source = Rles.Decode(mask);
        if (mask.Size == size)
        {
            return source;
        }

        var scaled = new byte[size.Area];
        for (var y = 0; y < size.Height; y++)
        {
            var row = (int)(((2L * y) + 1) * mask.Size.Height / (2L * size.Height)) * mask.Size.Width;
            for (var x = 0; x < size.Width; x++)
            {
                scaled[(y * size.Width) + x] = source[row + (int)(((2L * x) + 1) * mask.Size.Width / (2L * size.Width))];
            }
        }

        return scaled;
    }
}
