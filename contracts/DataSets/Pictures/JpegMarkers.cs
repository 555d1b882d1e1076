using System.Buffers.Binary;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What the segments in front of a JPEG's data say.</summary>
/// <param name="Stored">Height and width as stored.</param>
/// <param name="Components">1 grey, 3 colours, 4 for printing.</param>
/// <param name="Orientation">Of its Exif segment.</param>
/// <param name="IsHuffman">Its data have a code of at least one bit for every block; arithmetic coding has less.</param>
/// <param name="Data">Where its first scan begins: the place of that marker.</param>
internal sealed record JpegHeader(Size2 Stored, int Components, Orientation Orientation, bool IsHuffman, int Data)
{
    private const int Cmyk = 4; // components
    private const long MostPixels = 1 << 27; // a small file can declare any size: bounds what it makes us allocate

    /// <summary>Height and width as seen, from the header alone.</summary>
    public static Result<Size2, DecodeError> SizeOf(ReadOnlySpan<byte> bytes, string name) =>
        Of(bytes, name).Map(header => header.Orientation.Upright(header.Stored));

    /// <summary>The header of a picture that can be a frame; <paramref name="name"/> is what an error calls the file.</summary>
    public static Result<JpegHeader, DecodeError> Of(ReadOnlySpan<byte> bytes, string name) =>
        bytes.IsEmpty
            ? Corrupt(name, "the file is empty")
            : JpegMarkers
                .Header(bytes)
                .MapError(problem => (DecodeError)Corrupt(name, problem))
                .Bind<JpegHeader, JpegHeader, DecodeError>(header =>
                    header switch
                    {
                        { Components: Cmyk } => new DecodeError.Corrupt(
                            name,
                            "the picture is CMYK, for printing; frames must be RGB or grey",
                            "Convert it: ffmpeg -i FILE -pix_fmt yuvj420p NEW.jpg."
                        ),
                        { Stored: { Shortest: 0 } empty } => Corrupt(name, $"a picture of {empty.Width}x{empty.Height} pixels"),
                        { Stored: { Area: > MostPixels } large } => Corrupt(
                            name,
                            $"a picture of {large.Width}x{large.Height} pixels is larger than the {MostPixels} that are read"
                        ),
                        _ => header,
                    }
                );

    public static DecodeError.Corrupt Corrupt(string name, string problem) =>
        new(name, $"not an intact JPEG or PNG picture ({problem})", "Replace the file.");
}

/// <summary>
/// The markers of a JPEG file (ITU-T T.81, annex B): its header, and whether its data are whole as far as markers tell. Skia decodes what
/// it finds and fills the rest with grey; libjpeg's warnings do not reach its callers.
/// </summary>
internal static class JpegMarkers
{
    private const byte Start = 0xD8,
        End = 0xD9,
        Scan = 0xDA,
        Exif = 0xE1,
        FirstArithmetic = 0xC8,
        FirstRestart = 0xD0,
        LastRestart = 0xD7;
    private const string TooShort = "it ends before its end mark";

    public static Result<JpegHeader, string> Header(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0xFF, Start, ..])
        {
            return "it does not begin as one";
        }

        (Size2 Size, int Components, bool IsHuffman)? frame = null;
        Orientation? orientation = null;
        for (var at = 2; Next(bytes, ref at) is { } marker; at += Length(bytes, at))
        {
            if (marker == Scan)
            {
                return frame is { } found
                    ? new JpegHeader(found.Size, found.Components, orientation ?? Orientation.AsStored, found.IsHuffman, at)
                    : "it has no frame header";
            }

            if (!HasSegment(marker) || Length(bytes, at) > bytes.Length - at)
            {
                return HasSegment(marker) ? TooShort : $"it has a marker {marker:X2} in its header";
            }

            var segment = bytes.Slice(at, Length(bytes, at));
            if (IsFrame(marker) && segment.Length >= 10)
            {
                frame = (
                    new Size2(BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), BinaryPrimitives.ReadUInt16BigEndian(segment[7..])),
                    segment[9],
                    marker < FirstArithmetic
                );
            }
            else if (marker == Exif && segment[4..].StartsWith("Exif\0\0"u8))
            {
                orientation ??= Orientations.Find(segment[4..]);
            }
        }

        return TooShort;
    }

    /// <summary>What is wrong with the data of a file, from its first scan to its end mark; null where nothing is.</summary>
    /// <param name="bytes">The whole file. What follows its end mark is not looked at.</param>
    /// <param name="at">The place of the first scan's marker.</param>
    public static string? DataProblem(ReadOnlySpan<byte> bytes, int at)
    {
        var restart = FirstRestart;
        while (Next(bytes, ref at) is { } marker)
        {
            switch (marker)
            {
                case End:
                    return null;
                case >= FirstRestart and <= LastRestart:
                    if (marker != restart)
                    {
                        return "a part of its data is missing";
                    }

                    restart = marker == LastRestart ? FirstRestart : (byte)(marker + 1);
                    at += 2;
                    break;
                case var _ when !HasSegment(marker) || IsFrame(marker):
                    return $"there is a marker {marker:X2} in its data";
                default:
                    restart = marker == Scan ? FirstRestart : restart;
                    at += Length(bytes, at);
                    break;
            }
        }

        return TooShort;
    }

    /// <summary>Moves to the next marker, past coded data and fill bytes; null where there is none, or its segment has no length.</summary>
    private static byte? Next(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length - 1 && bytes[at..^1].IndexOf((byte)0xFF) is >= 0 and var skipped)
        {
            at += skipped;
            if (bytes[at + 1] is not 0 and not 0xFF and var marker)
            {
                return !HasSegment(marker) || at + 4 <= bytes.Length ? marker : null;
            }

            at++;
        }

        return null;
    }

    /// <summary>Of a marker with its segment; at least the marker and the length itself.</summary>
    private static int Length(ReadOnlySpan<byte> bytes, int at) =>
        2 + Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]));

    /// <summary>Tables, scans, comments, what applications add, frames.</summary>
    private static bool HasSegment(byte marker) => marker is >= 0xC0 and <= 0xCF or >= Scan and <= 0xEF or 0xFE;

    /// <summary>Any start of frame; C4, C8 and CC are no frames.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
