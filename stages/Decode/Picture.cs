using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Decode;

/// <summary>A picture in memory.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Planes">[3, H, W] R, G, B.</param>
internal sealed record Picture(Size2 Size, byte[] Planes)
{
    /// <summary>Reads a file, JPEG or PNG, told apart by its first bytes.</summary>
    public static Result<Picture, DecodeError> Read(string path) =>
        PictureFiles
            .Bytes(path)
            .Bind(bytes =>
                Png.IsPng(bytes)
                    ? Png.Read(bytes, path).Map(png => new Picture(png.Size, png.ToPlanes())).MapError(PictureFiles.Refuse)
                    : Jpeg.Read(bytes, path)
            );

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
