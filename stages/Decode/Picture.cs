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
            ? Png.Read(bytes, path).Match(png => Result.Ok<Picture, DecodeError>(new Picture(png.Size, png.ToPlanes())), Refuse)
            : Jpeg.Read(bytes, path));

    /// <summary>Height and width, from the file's header alone.</summary>
    public static Result<Size2, DecodeError> Size(string path) => Bytes(path).Bind(bytes =>
        Png.IsPng(bytes) ? Png.SizeOf(bytes) : Jpeg.Size(bytes, path));

    /// <summary>As <see cref="Size"/>, reading only the beginning of the file where that holds the header.</summary>
    public static Result<Size2, DecodeError> HeaderSize(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var bytes = new byte[Math.Min(HeaderBytes, RandomAccess.GetLength(file))];
            var read = bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0));
            return Png.IsPng(read) ? Png.SizeOf(read) : Jpeg.Size(read, path) is Result<Size2, DecodeError>.Ok({ Area: > 0 } size) ? size : Size(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

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
