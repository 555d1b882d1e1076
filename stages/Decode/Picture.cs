using Motion.Contracts;
using Motion.Kernels;

namespace Motion.Decode;

/// <summary>A picture in memory.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Planes">[3, H, W] R, G, B.</param>
internal sealed record Picture(Size2 Size, byte[] Planes)
{
    public Picture Scale(Size2 size) => size == Size ? this : new Picture(size, ImageResize.Bilinear(Planes, Size, size));

    /// <summary>From interleaved R, G, B bytes, row-major.</summary>
    public static Picture FromInterleaved(Size2 size, ReadOnlySpan<byte> rgb)
    {
        var area = (int)size.Area;
        var planes = new byte[3 * area];
        var red = planes.AsSpan(0, area);
        var green = planes.AsSpan(area, area);
        var blue = planes.AsSpan(2 * area, area);
        rgb = rgb[..(3 * area)];
        for (var (i, j) = (0, 0); i < area; i++, j += 3)
        {
            red[i] = rgb[j];
            green[i] = rgb[j + 1];
            blue[i] = rgb[j + 2];
        }

        return new Picture(size, planes);
    }
}

/// <summary>Picture files, JPEG or PNG, told apart by their first bytes.</summary>
internal static class PictureFiles
{
    private const int HeaderBytes = 1 << 15;
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png"];

    public static bool HasPictureName(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public static Result<Picture, DecodeError> Read(string path) => Bytes(path).Bind(bytes =>
        Png.IsPng(bytes)
            ? Png.Read(bytes, path).Map(png => new Picture(png.Size, png.ToPlanes())).MapError(Refuse)
            : Jpeg.Read(bytes, path));

    /// <summary>Height and width as seen, from the file's header alone: of a JPEG only the beginning is read where that holds the header.</summary>
    public static Result<Size2, DecodeError> Size(string path) => Opened(path, () =>
    {
        using var file = InputFile.Open(path);
        var bytes = new byte[Math.Min(HeaderBytes, file.Length)];
        var start = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        if (Png.IsPng(start))
        {
            file.Position = 0;
            return Png.SizeOf(file, path).MapError(Refuse);
        }

        return Jpeg.Size(start, path) is { IsOk: true } size ? size : Jpeg.Size(InputFile.ReadAllBytes(path), path);
    });

    public static Result<PngImage, DecodeError> Labels(string path) => Bytes(path).Bind(bytes => Png.Read(bytes, path).MapError(Refuse));

    private static DecodeError Refuse(PngError error) => new DecodeError.Corrupt(error.Path, error.Problem, error.Remedy);

    private static Result<byte[], DecodeError> Bytes(string path) => Opened<byte[]>(path, () => InputFile.ReadAllBytes(path));

    private static Result<T, DecodeError> Opened<T>(string path, Func<Result<T, DecodeError>> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new DecodeError.Missing(path, "a picture");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DecodeError.Corrupt(path, e.Message.TrimEnd('.'), "Check the file and its permissions.");
        }
    }
}
