using Motion.Contracts;
using Motion.Kernels;
using SkiaSharp;

namespace Motion.Report.Pictures;

/// <summary>JPEG without chroma subsampling: the pictures inside the page, a tenth of their size as PNG.</summary>
public static class JpegWriter
{
    /// <summary>Encodes a picture; <see cref="Skia.Lacking"/> was asked before.</summary>
    /// <param name="planes">[3, H, W] R, G, B bytes.</param>
    /// <param name="size">H and W, at least 1 and at most 65535.</param>
    /// <param name="quality">1 (small) to 100 (near exact), as in the Independent JPEG Group's scale.</param>
    public static byte[] Encode(ReadOnlySpan<byte> planes, Size2 size, int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size.Longest, ushort.MaxValue);
        return SkiaPixels.Encode(
            planes,
            size,
            pixels =>
                pixels.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore))
        );
    }
}
