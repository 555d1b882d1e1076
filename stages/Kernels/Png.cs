using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>What the samples of a PNG picture are.</summary>
public enum PngKind
{
    /// <summary>One byte a pixel: the index into the palette, as stored.</summary>
    Palette,

    /// <summary>
    /// One byte a pixel: the grey value as stored (0, 1 in a 1-bit file), except 16-bit greys, which are reduced to 0..255.
    /// </summary>
    Grey,

    /// <summary>Three bytes a pixel, R G B, 0..255; transparency is dropped.</summary>
    Rgb,
}

/// <summary>A decoded PNG picture.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Kind">What the samples are.</param>
/// <param name="Depth">Bits a sample in the file: 1, 2, 4, 8, 16.</param>
/// <param name="Samples">Row-major; one byte a pixel, or three interleaved.</param>
/// <param name="Colours">R, G, B of each palette entry or grey value, interleaved; empty for <see cref="PngKind.Rgb"/>.</param>
public sealed record PngImage(Size2 Size, PngKind Kind, int Depth, byte[] Samples, byte[] Colours)
{
    /// <summary>The picture as colours, whatever its kind: [3, H, W] R, G, B planes.</summary>
    public byte[] ToPlanes()
    {
        var area = Samples.Length / (Kind == PngKind.Rgb ? 3 : 1);
        var planes = new byte[3 * area];
        for (var c = 0; c < 3; c++)
        {
            var plane = planes.AsSpan(c * area, area);
            for (var i = 0; i < plane.Length; i++)
            {
                plane[i] = Kind == PngKind.Rgb ? Samples[(3 * i) + c] : ColourOf(Samples[i], c);
            }
        }

        return planes;
    }

    private byte ColourOf(int value, int channel) => (3 * value) + channel < Colours.Length ? Colours[(3 * value) + channel] : (byte)0;
}

/// <summary>A PNG picture that cannot be read or written.</summary>
public sealed record PngError(string Path, string Problem, string Remedy) : IStageError
{
    public string Describe() => $"{Path}: {Problem}. {Remedy}";
}

/// <summary>
/// PNG by libpng's simplified interface. Palette pictures and greys are asked for with their colour map, which is what keeps the stored
/// numbers: as plain greys libpng would scale and gamma-correct them (docs/decisions/0010-png-and-jpeg-by-system-libraries.md).
/// </summary>
public static unsafe class Png
{
    private const uint Version = 1;
    private const uint FormatRgb = 2;
    private const uint FormatRgba = 3;
    private const uint FormatColourMap = 8 | 3; // entries of R, G, B, A: without A libpng refuses transparent palettes
    private const uint FormatRgbColourMap = 8 | 2;
    private const uint ColourFlag = 2;
    private const uint SixteenBitsAreSrgb = 4;
    private const int HeaderBytes = 26;
    private const long MostPixels = 1 << 27; // a small file can declare any size: bounds what it makes us allocate
    private static readonly Lazy<Library?> Lib = new(Library.Load);

    public static Result<PngImage, PngError> Read(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new PngError(path, e.Message.TrimEnd('.'), "Check the path and its permissions.");
        }
    }

    /// <summary>Decodes a whole file's bytes; <paramref name="name"/> is what an error calls it.</summary>
    public static Result<PngImage, PngError> Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (Lib.Value is not { } lib)
        {
            return Missing(name);
        }

        if (!IsPng(bytes))
        {
            return Corrupt(name, "this is not a PNG picture");
        }

        Image image = new() { Version = Version };
        fixed (byte* memory = bytes)
        {
            if (lib.BeginRead(&image, memory, (nuint)bytes.Length) == 0)
            {
                return Corrupt(name, image.Problem);
            }

            var (depth, isPalette, isColour) = (bytes[24], bytes[25] == 3, (image.Format & ColourFlag) != 0);
            var indexed = isPalette || (!isColour && depth <= 8);
            image.Flags |= SixteenBitsAreSrgb;
            image.Format = indexed ? FormatColourMap : FormatRgba;
            var channels = indexed ? 1 : 4;
            if ((long)image.Width * image.Height > MostPixels)
            {
                lib.Free(&image);
                return Corrupt(name, $"a picture of {image.Width}x{image.Height} pixels is larger than the {MostPixels} that are read");
            }

            var size = new Size2((int)image.Height, (int)image.Width);
            var pixels = new byte[size.Area * channels];
            var colours = new byte[indexed ? 4 * 256 : 0];
            fixed (byte* into = pixels, map = colours)
            {
                if (lib.FinishRead(&image, null, into, 0, map) == 0 || image.Severity > 1)
                {
                    return Corrupt(name, image.Problem);
                }
            }

            return indexed
                ? new PngImage(
                    size, isPalette ? PngKind.Palette : PngKind.Grey, depth, pixels,
                    WithoutAlpha(colours.AsSpan(0, 4 * (int)image.ColourMapEntries)))
                : FromRgba(size, depth, isColour, pixels);
        }
    }

    /// <summary>Writes an RGB picture; to a temporary name first, then renamed.</summary>
    /// <param name="path">File; its folder must exist.</param>
    /// <param name="planes">[3, H, W] R, G, B.</param>
    /// <param name="size">H and W.</param>
    public static Result<Unit, PngError> Write(string path, ReadOnlySpan<byte> planes, Size2 size) => Encode(planes, size).Match<Result<Unit, PngError>>(
        bytes =>
        {
            try
            {
                var temporary = path + ".part";
                File.WriteAllBytes(temporary, bytes);
                File.Move(temporary, path, overwrite: true);
                return default(Unit);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new PngError(path, e.Message.TrimEnd('.'), "Check that the folder exists, is writable and has space.");
            }
        },
        error => error with { Path = path });

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
    public static Result<byte[], PngError> Encode(ReadOnlySpan<byte> planes, Size2 size)
    {
        var area = (int)size.Area;
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, 3 * area);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(area);
        if (Lib.Value is not { } lib)
        {
            return Missing("PNG");
        }

        var pixels = new byte[3 * area];
        for (var i = 0; i < area; i++)
        {
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = (planes[i], planes[area + i], planes[(2 * area) + i]);
        }

        var result = new byte[pixels.Length + (pixels.Length / 256) + 4096]; // deflate falls back to stored blocks: this always suffices for RGB
        nuint length = (nuint)result.Length;
        Image image = new() { Version = Version, Width = (uint)size.Width, Height = (uint)size.Height, Format = FormatRgb };
        fixed (byte* from = pixels, into = result)
        {
            if (lib.WriteToMemory(&image, into, &length, 0, from, 0, null) == 0)
            {
                throw new InvalidOperationException($"libpng could not write {size}: {image.Problem}");
            }
        }

        return result[..(int)length];
    }

    /// <summary>A picture of object numbers as the bytes of a PNG file with a palette: 8 bits a pixel, as DAVIS has them.</summary>
    /// <param name="labels">[H, W] row-major; 0 is the background, drawn black.</param>
    /// <param name="size">H and W, at least 1 each.</param>
    public static Result<byte[], PngError> EncodeLabels(ReadOnlySpan<byte> labels, Size2 size)
    {
        var area = (int)size.Area;
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, area);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(area);
        if (Lib.Value is not { } lib)
        {
            return Missing("PNG");
        }

        var result = new byte[area + (area / 256) + (2 * size.Height) + 8192];
        nuint length = (nuint)result.Length;
        Image image = new()
        {
            Version = Version,
            Width = (uint)size.Width,
            Height = (uint)size.Height,
            Format = FormatRgbColourMap,
            ColourMapEntries = 256,
        };
        fixed (byte* from = labels, into = result, map = LabelColours())
        {
            if (lib.WriteToMemory(&image, into, &length, 0, from, 0, map) == 0)
            {
                throw new InvalidOperationException($"libpng could not write {size}: {image.Problem}");
            }
        }

        return result[..(int)length];
    }

    /// <summary>The colours in which label pictures are drawn by custom: bits 0, 3, 6 of a number make its red, 1, 4, 7 green, 2, 5 blue.</summary>
    private static byte[] LabelColours()
    {
        var colours = new byte[3 * 256];
        for (var value = 0; value < 256; value++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                colours[(3 * value) + (bit % 3)] |= (byte)(((value >> bit) & 1) << (7 - (bit / 3)));
            }
        }

        return colours;
    }

    public static bool IsPng(ReadOnlySpan<byte> bytes) =>
        bytes.Length > HeaderBytes && bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);

    /// <summary>Height and width that the header declares; the bytes are a PNG's (<see cref="IsPng"/>).</summary>
    public static Size2 SizeOf(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32BigEndian(bytes[20..]), BinaryPrimitives.ReadInt32BigEndian(bytes[16..]));

    private static Size2 SizeOf(Tensor image) => image.dtype == uint8 && image.shape is [3, var height, var width]
        ? new Size2((int)height, (int)width)
        : throw new ArgumentException($"expected uint8 [3, H, W], got {image.dtype} [{string.Join(", ", image.shape)}]", nameof(image));

    private static PngImage FromRgba(Size2 size, int depth, bool isColour, byte[] rgba)
    {
        var rgb = WithoutAlpha(rgba);
        return isColour
            ? new PngImage(size, PngKind.Rgb, depth, rgb, [])
            : new PngImage(
                size, PngKind.Grey, depth, [.. Enumerable.Range(0, (int)size.Area).Select(i => rgb[3 * i])],
                [.. Enumerable.Range(0, 3 * 256).Select(i => (byte)(i / 3))]);
    }

    private static byte[] WithoutAlpha(ReadOnlySpan<byte> rgba)
    {
        var rgb = new byte[rgba.Length / 4 * 3];
        for (var (i, j) = (0, 0); j < rgb.Length; i += 4, j += 3)
        {
            (rgb[j], rgb[j + 1], rgb[j + 2]) = (rgba[i], rgba[i + 1], rgba[i + 2]);
        }

        return rgb;
    }

    private static PngError Missing(string name) =>
        new(name, "the library libpng16.so.16 is not installed", "Install it (Debian and Ubuntu: apt-get install libpng16-16).");

    private static PngError Corrupt(string name, string problem) => new(name, problem, "Replace the file by an intact PNG picture.");

    /// <summary>png_image of png.h (libpng 1.6).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Image
    {
        public nint Opaque;
        public uint Version;
        public uint Width;
        public uint Height;
        public uint Format;
        public uint Flags;
        public uint ColourMapEntries;
        public uint WarningOrError;
        public fixed byte Message[64];

        /// <summary>0 nothing, 1 warning, 2 error, 3 both.</summary>
        public readonly uint Severity => WarningOrError & 3;

        public readonly string Problem
        {
            get
            {
                fixed (byte* text = Message)
                {
                    return "libpng says: " + (Marshal.PtrToStringUTF8((nint)text) ?? "nothing");
                }
            }
        }
    }

    private sealed record Library(
        nint BeginReadAddress, nint FinishReadAddress, nint WriteAddress, nint FreeAddress)
    {
        public int BeginRead(Image* image, byte* memory, nuint length) =>
            ((delegate* unmanaged<Image*, byte*, nuint, int>)BeginReadAddress)(image, memory, length);

        public int FinishRead(Image* image, void* background, byte* buffer, int stride, byte* map) =>
            ((delegate* unmanaged<Image*, void*, byte*, int, byte*, int>)FinishReadAddress)(image, background, buffer, stride, map);

        public int WriteToMemory(Image* image, byte* memory, nuint* length, int to8Bit, byte* buffer, int stride, byte* map) =>
            ((delegate* unmanaged<Image*, byte*, nuint*, int, byte*, int, byte*, int>)WriteAddress)(image, memory, length, to8Bit, buffer, stride, map);

        public void Free(Image* image) => ((delegate* unmanaged<Image*, void>)FreeAddress)(image);

        public static Library? Load()
        {
            foreach (var name in (ReadOnlySpan<string>)["libpng16.so.16", "libpng16.16.dylib", "libpng16"])
            {
                if (NativeLibrary.TryLoad(name, out var handle))
                {
                    return new Library(
                        NativeLibrary.GetExport(handle, "png_image_begin_read_from_memory"),
                        NativeLibrary.GetExport(handle, "png_image_finish_read"),
                        NativeLibrary.GetExport(handle, "png_image_write_to_memory"),
                        NativeLibrary.GetExport(handle, "png_image_free"));
                }
            }

            return null;
        }
    }
}
