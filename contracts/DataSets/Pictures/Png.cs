using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What the samples of a PNG picture are.</summary>
public enum PngKind
{
    /// <summary>One sample a pixel: the index into the palette, as stored.</summary>
    Palette,

    /// <summary>One sample a pixel: the grey value as stored (0, 1 in a 1-bit file).</summary>
    Grey,

    /// <summary>Three samples a pixel, R G B, as stored; transparency is dropped.</summary>
    Rgb,
}

/// <summary>A decoded PNG picture, upright; its numbers are the stored ones: no gamma, no colour profile.</summary>
/// <param name="Size">Height and width as seen: an orientation (eXIf) is applied.</param>
/// <param name="Kind">What the samples are.</param>
/// <param name="Depth">Bits a sample in the file: 1, 2, 4, 8, 16.</param>
/// <param name="Samples">Row-major; one byte a pixel, or three interleaved. Of 16-bit samples the nearest of 0..255.</param>
/// <param name="Deep">The samples of a 16-bit picture as stored, in the same order; empty for 8 bits and fewer.</param>
/// <param name="Colours">R, G, B of each palette entry or grey value, interleaved; empty for <see cref="PngKind.Rgb"/>.</param>
public sealed record PngImage(Size2 Size, PngKind Kind, int Depth, byte[] Samples, ushort[] Deep, byte[] Colours)
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
    public string Describe() => Legible.Line($"{Path}: {Problem}. {Remedy}");
}

/// <summary>
/// PNG files. They are read here, since palette indices, low greys and 16 bits are numbers to us and colours to libraries; label pictures
/// are written here, others by Skia (docs/decisions/0010-pictures-through-skiasharp.md).
/// </summary>
public static class Png
{
    public static Result<PngImage, PngError> Read(string path)
    {
        try
        {
            return Read(InputFile.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new PngError(path, e.Message.TrimEnd('.'), "Check the path and its permissions.");
        }
    }

    /// <summary>Decodes a whole file's bytes; <paramref name="name"/> is what an error calls it.</summary>
    public static Result<PngImage, PngError> Read(ReadOnlySpan<byte> bytes, string name) =>
        IsPng(bytes)
            ? (from file in PngFile.Parse(bytes) from samples in PngRows.Read(file) select Image(file, samples)).MapError(problem =>
                Corrupt(name, problem)
            )
            : Corrupt(name, "this is not a PNG picture");

    /// <summary>Height and width as seen, from the headers alone.</summary>
    /// <param name="file">At the first byte; seekable. It is left somewhere.</param>
    /// <param name="name">What an error calls it.</param>
    public static Result<Size2, PngError> SizeOf(Stream file, string name) =>
        PngFile.SizeOf(file).MapError(problem => Corrupt(name, problem));

    public static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(PngFile.Signature);

    /// <summary>A picture of object numbers as the bytes of a PNG file with a palette: 8 bits a pixel, as DAVIS has them.</summary>
    /// <param name="labels">[H, W] row-major; 0 is the background, drawn black.</param>
    /// <param name="size">H and W, at least 1 each.</param>
    public static byte[] EncodeLabels(ReadOnlySpan<byte> labels, Size2 size) => PngLabels.Encode(labels, size);

    private static PngImage Image(PngFile file, PngSamples samples)
    {
        var (header, orientation) = (file.Header, file.Orientation);
        return new PngImage(
            orientation.Upright(header.Stored),
            header.Kind,
            header.Depth,
            orientation.Upright(samples.Bytes, header.Stored, header.Kept),
            orientation.Upright(samples.Deep, header.Stored, header.Kept),
            header.Kind == PngKind.Grey ? Greys(Math.Min(header.Depth, 8)) : file.Palette
        );
    }

    /// <summary>Colours of the greys of a depth: from black to white in even steps.</summary>
    private static byte[] Greys(int depth) => [.. Enumerable.Range(0, 3 << depth).Select(i => (byte)(i / 3 * 255 / ((1 << depth) - 1)))];

    private static PngError Corrupt(string name, string problem) => new(name, problem, "Replace the file by an intact PNG picture.");
}
