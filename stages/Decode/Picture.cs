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
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png"];

    public static bool HasPictureName(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public static Result<Picture, DecodeError> Read(string path) => Bytes(path).Bind(bytes =>
        Png.IsPng(bytes)
            ? Png.Read(bytes, path).Match(png => Result.Ok<Picture, DecodeError>(new Picture(png.Size, png.ToPlanes())), Refuse)
            : Jpeg.Read(bytes, path));

    /// <summary>Height and width, from the file's header alone.</summary>
    public static Result<Size2, DecodeError> Size(string path) => Bytes(path).Bind(bytes =>
        Png.IsPng(bytes) ? Png.SizeOf(bytes) : Jpeg.Size(bytes, path));

    public static Result<PngImage, DecodeError> Labels(string path) => Bytes(path).Bind(bytes =>
        Png.Read(bytes, path).Match(Result.Ok<PngImage, DecodeError>, error => new DecodeError.Corrupt(
            error.Path, error.Problem, error.Remedy)));

    private static Result<Picture, DecodeError> Refuse(PngError error) => new DecodeError.Corrupt(error.Path, error.Problem, error.Remedy);

    private static Result<byte[], DecodeError> Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
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
