using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Flow in the forms that people have it in, told apart by content: Middlebury's .flo, KITTI's PNG of 16 bits, .pfm.</summary>
public static class FlowForms
{
    /// <summary>What a component is set to where a form says by other means that the flow is not known.</summary>
    public const float Unknown = 1e10f;

    private const double KittiZero = 1 << 15;
    private const double KittiSteps = 64;
    private const int MostHeader = 100;

    /// <summary>Endings of the files that are looked for, the first there is.</summary>
    public static IReadOnlyList<string> Endings { get; } = [".flo", ".png", ".pfm", ".flo5"];

    private static ReadOnlySpan<byte> Hdf5 => [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10];

    /// <summary>The flow file of a name in a folder; null where there is none.</summary>
    public static string? Find(string folder, string name) =>
        Endings.Select(ending => Path.Combine(folder, name + ending)).FirstOrDefault(File.Exists);

    /// <summary>Reads a flow.</summary>
    public static Result<FloFile, FloError> Read(string path)
    {
        try
        {
            return Parse(InputFile.ReadAllBytes(path), path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new FloError.Unreachable(
                path,
                problem is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : problem.Message
            );
        }
    }

    /// <summary>The flow in a file's bytes; <paramref name="name"/> is what errors call it.</summary>
    public static Result<FloFile, FloError> Parse(ReadOnlySpan<byte> bytes, string name) =>
        Png.IsPng(bytes)
            ? Png.Read(bytes, name)
                .Match(picture => Kitti(picture, name), error => new FloError.Unusable(name, error.Problem, error.Remedy))
        : bytes.StartsWith("PF"u8) || bytes.StartsWith("Pf"u8) ? Pfm(bytes, name)
        : bytes.StartsWith(Hdf5)
            ? new FloError.Unusable(
                name,
                "this is HDF5 (Spring's .flo5), which is not read",
                "Write it as .flo or .pfm: Spring's own flow_IO.py has readFlo5Flow and writeFloFlow"
            )
        : Flo.Parse(bytes, name);

    /// <summary>u = (R - 32768) / 64, v = (G - 32768) / 64 where B is not 0; else unknown.</summary>
    /// <remarks>KITTI's development kit, readme.txt and io_flow.h.</remarks>
    private static Result<FloFile, FloError> Kitti(PngImage picture, string name)
    {
        if (picture.Kind != PngKind.Rgb || picture.Depth != 16)
        {
            return new FloError.Unusable(
                name,
                $"a PNG with flow has 3 channels of 16 bits (KITTI's form), this one {(picture.Kind == PngKind.Rgb ? 3 : 1)} of {picture.Depth}",
                "A picture of a flow's colours cannot be made vectors again: give the flow itself, as .flo, KITTI's PNG or .pfm."
            );
        }

        var pairs = new float[picture.Deep.Length / 3 * 2];
        for (var i = 0; i < pairs.Length / 2; i++)
        {
            var isKnown = picture.Deep[(3 * i) + 2] != 0;
            pairs[2 * i] = isKnown ? (float)((picture.Deep[3 * i] - KittiZero) / KittiSteps) : Unknown;
            pairs[(2 * i) + 1] = isKnown ? (float)((picture.Deep[(3 * i) + 1] - KittiZero) / KittiSteps) : Unknown;
        }

        return new FloFile(picture.Size, pairs);
    }

    /// <summary>
    /// "PF", width, height, a scale whose sign is the byte order; three float32 a pixel, the lowest row first. The values are as written,
    /// the third is not read.
    /// </summary>
    private static Result<FloFile, FloError> Pfm(ReadOnlySpan<byte> bytes, string name)
    {
        if (
            Words(bytes) is not ([var kind, var wide, var high, var scaled], var start)
            || !int.TryParse(wide, NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || width is < 1 or > Flo.LongestSide
            || !int.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            || height is < 1 or > Flo.LongestSide
            || !double.TryParse(scaled, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale)
            || scale == 0
            || !double.IsFinite(scale)
        )
        {
            return new FloError.Unusable(name, "its header is not that of a .pfm (PF, width, height, scale)", "Copy the file again.");
        }

        if (kind != "PF")
        {
            return new FloError.Unusable(
                name,
                "a .pfm of one channel is no flow (disparities look like this)",
                "Give one of three channels (PF): u, v and one that is not read."
            );
        }

        var expected = start + (12L * width * height);
        if (bytes.Length != expected)
        {
            return new FloError.WrongLength(name, width, height, expected, bytes.Length);
        }

        var pairs = new float[2 * width * height];
        for (var y = 0; y < height; y++)
        {
            var row = bytes.Slice(start + (12 * width * (height - 1 - y)), 12 * width);
            for (var k = 0; k < 2 * width; k++)
            {
                var sample = row[((12 * (k / 2)) + (4 * (k % 2)))..];
                pairs[(2 * width * y) + k] =
                    scale < 0 ? BinaryPrimitives.ReadSingleLittleEndian(sample) : BinaryPrimitives.ReadSingleBigEndian(sample);
            }
        }

        return new FloFile(new Size2(height, width), pairs);
    }

    /// <summary>Four words and where the data begin, one white space after them; fewer where there are not so many.</summary>
    private static (string[] Words, int Start) Words(ReadOnlySpan<byte> bytes)
    {
        var (words, word, at) = (new List<string>(), new StringBuilder(), 0);
        for (; at < Math.Min(bytes.Length, MostHeader) && words.Count < 4; at++)
        {
            if (!char.IsWhiteSpace((char)bytes[at]))
            {
                word.Append((char)bytes[at]);
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return ([.. words], at);
    }
}
