using Motion.Contracts;
using SkiaSharp;

namespace Motion.Kernels;

/// <summary>
/// Planes of ours to and from pixels of Skia: four bytes each, R G B and an alpha of 255, no colour space, so that no value changes.
/// </summary>
public static unsafe class SkiaPixels
{
    /// <summary>Encodes planes as a file's bytes.</summary>
    /// <param name="planes">[3, H, W] R, G, B.</param>
    /// <param name="size">H and W, at least 1 each.</param>
    /// <param name="encode">The format.</param>
    public static byte[] Encode(ReadOnlySpan<byte> planes, Size2 size, Func<SKPixmap, SKData?> encode)
    {
        var area = (int)size.Area;
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, 3 * area);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(area);
        var pixels = new byte[4 * area];
        for (var i = 0; i < area; i++)
        {
            (pixels[4 * i], pixels[(4 * i) + 1], pixels[(4 * i) + 2], pixels[(4 * i) + 3]) = (
                planes[i],
                planes[area + i],
                planes[(2 * area) + i],
                255
            );
        }

        fixed (byte* at = pixels)
        {
            using var map = new SKPixmap(Info(size, SKAlphaType.Opaque), (nint)at);
            using var data = encode(map) ?? throw new InvalidOperationException($"Skia could not encode {size}");
            return data.ToArray();
        }
    }

    /// <summary>Decodes the picture of a codec as it is stored.</summary>
    /// <param name="codec">Of a picture without transparency.</param>
    /// <param name="planes">[3, H, W] R, G, B; of what was decoded before a failure otherwise.</param>
    public static SKCodecResult Decode(SKCodec codec, out byte[] planes)
    {
        var size = new Size2(codec.Info.Height, codec.Info.Width);
        var area = (int)size.Area;
        var pixels = new byte[4 * area];
        planes = new byte[3 * area];
        SKCodecResult result;
        fixed (byte* at = pixels)
        {
            result = codec.GetPixels(Info(size, SKAlphaType.Unpremul), (nint)at);
        }

        var red = planes.AsSpan(0, area);
        var green = planes.AsSpan(area, area);
        var blue = planes.AsSpan(2 * area, area);
        for (var (i, j) = (0, 0); i < area; i++, j += 4)
        {
            (red[i], green[i], blue[i]) = (pixels[j], pixels[j + 1], pixels[j + 2]);
        }

        return result;
    }

    private static SKImageInfo Info(Size2 size, SKAlphaType alpha) =>
        new(size.Width, size.Height, SKColorType.Rgba8888, alpha, colorspace: null);
}
