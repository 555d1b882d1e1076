using Motion.Contracts;
using Motion.DataSets;
using SkiaSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Pictures as PNG files, by Skia (docs/decisions/0010-pictures-through-skiasharp.md).</summary>
public static class PngWriter
{
    /// <summary>Writes an RGB picture; to a temporary name first, then renamed.</summary>
    /// <param name="path">File; its folder must exist.</param>
    /// <param name="planes">[3, H, W] R, G, B.</param>
    /// <param name="size">H and W.</param>
    public static Result<Unit, PngError> Write(string path, ReadOnlySpan<byte> planes, Size2 size) =>
        Encode(planes, size)
            .Match<Result<Unit, PngError>>(
                bytes =>
                {
                    if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
                    {
                        return new PngError(path, $"there is no folder {folder}", "Make it first.");
                    }

                    try
                    {
                        WholeFile.Write(path, bytes, lasting: false);
                        return default(Unit);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                    {
                        return new PngError(path, e.Message.TrimEnd('.'), "Check that the folder exists, is writable and has space.");
                    }
                },
                error => error with { Path = path }
            );

    /// <summary>Writes an RGB picture, uint8 [3, H, W] on the CPU; to a temporary name first, then renamed.</summary>
    public static Result<Unit, PngError> Write(string path, Tensor image)
    {
        using var whole = image.contiguous();
        return Write(path, whole.bytes, SizeOf(whole));
    }

    /// <summary>An RGB picture, uint8 [3, H, W] on the CPU, as the bytes of a PNG file.</summary>
    public static Result<byte[], PngError> Encode(Tensor image)
    {
        using var whole = image.contiguous();
        return Encode(whole.bytes, SizeOf(whole));
    }

    /// <summary>An RGB picture as the bytes of a PNG file.</summary>
    /// <param name="planes">[3, H, W] R, G, B.</param>
    /// <param name="size">H and W, at least 1 each.</param>
    public static Result<byte[], PngError> Encode(ReadOnlySpan<byte> planes, Size2 size) =>
        Skia.Lacking is { } lack
            ? new PngError("PNG", lack.Problem, lack.Remedy)
            : SkiaPixels.Encode(planes, size, pixels => pixels.Encode(SKPngEncoderOptions.Default));

    private static Size2 SizeOf(Tensor image) =>
        image.dtype == uint8 && image.shape is [3, var height, var width]
            ? new Size2((int)height, (int)width)
            : throw new ArgumentException($"expected uint8 [3, H, W], got {image.dtype} [{string.Join(", ", image.shape)}]", nameof(image));
}
