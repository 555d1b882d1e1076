using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What a PNG's header chunk says (PNG 11.2.1).</summary>
/// <param name="Stored">Height and width as stored.</param>
/// <param name="Depth">Bits a sample: 1, 2, 4, 8, 16.</param>
/// <param name="Colour">0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.</param>
/// <param name="IsInterlaced">Seven passes instead of one.</param>
internal sealed record PngHeader(Size2 Stored, int Depth, int Colour, bool IsInterlaced)
{
    public const int Bytes = 13;
    private const long MostPixels = 1 << 27; // a small file can declare any size: bounds what it makes us allocate

    public PngKind Kind =>
        Colour switch
        {
            3 => PngKind.Palette,
            0 or 4 => PngKind.Grey,
            _ => PngKind.Rgb,
        };

    /// <summary>Samples of a pixel in the file.</summary>
    public int Channels =>
        Colour switch
        {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };

    /// <summary>Of them those that are kept: all but alpha.</summary>
    public int Kept => Kind == PngKind.Rgb ? 3 : 1;

    /// <summary>Bytes of a row of <paramref name="width"/> pixels, without its filter.</summary>
    public int RowBytes(int width) => (int)((((long)width * Channels * Depth) + 7) / 8);

    public static Result<PngHeader, string> Parse(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length != Bytes)
        {
            return $"its header has {chunk.Length} bytes instead of {Bytes}";
        }

        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(chunk), BinaryPrimitives.ReadUInt32BigEndian(chunk[4..]));
        var (depth, colour) = (chunk[8], chunk[9]);
        var isKnown = (colour, depth) is (0, 1 or 2 or 4 or 8 or 16) or (3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        return width is 0 or > int.MaxValue || height is 0 or > int.MaxValue ? $"its header declares {width}x{height} pixels"
            : (long)width * height > MostPixels ? $"a picture of {width}x{height} pixels is larger than the {MostPixels} that are read"
            : !isKnown ? $"its header declares {depth} bits a sample in colour type {colour}, which no PNG has"
            : chunk[10] != 0 || chunk[11] != 0 || chunk[12] > 1 ? "its header names a compression, filter or interlacing that no PNG has"
            : new PngHeader(new Size2((int)height, (int)width), depth, colour, chunk[12] == 1);
    }
}

/// <summary>A PNG file taken apart: everything but its rows is checked.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Palette">R, G, B of each entry, interleaved; empty where the picture has no palette.</param>
/// <param name="Orientation">Of its eXIf chunk.</param>
/// <param name="Packed">The compressed rows (a zlib stream).</param>
internal sealed record PngFile(PngHeader Header, byte[] Palette, Orientation Orientation, byte[] Packed)
{
    public const int SignatureBytes = 8;
    private const int MostEntries = 256;
    private const int MostExif = 1 << 24;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Walks the chunks up to the end mark; what follows that is not looked at.</summary>
    public static Result<PngFile, string> Parse(ReadOnlySpan<byte> bytes)
    {
        PngHeader? header = null;
        var (palette, orientation, isLastData) = (Array.Empty<byte>(), (Orientation?)null, false);
        var packed = new MemoryStream();
        for (var rest = bytes[SignatureBytes..]; ; )
        {
            if (Chunk(rest, out var name, out var data) is { } problem)
            {
                return problem;
            }

            if ((header is null) != (name == "IHDR"))
            {
                return "its header is not its first chunk, once";
            }

            if (name == "IDAT" && packed.Length > 0 && !isLastData)
            {
                return "its data chunks are not in a row";
            }

            switch (name)
            {
                case "IHDR":
                    switch (PngHeader.Parse(data))
                    {
                        case Result<PngHeader, string>.Ok(var parsed):
                            header = parsed;
                            break;
                        case Result<PngHeader, string>.Error(var reason):
                            return reason;
                    }

                    break;
                case "PLTE" when data.Length is 0 or > 3 * MostEntries || data.Length % 3 != 0:
                    return $"its palette has {data.Length} bytes";
                case "PLTE":
                    palette = header!.Kind == PngKind.Palette ? data.ToArray() : [];
                    break;
                case "IDAT":
                    packed.Write(data);
                    break;
                case "eXIf":
                    orientation ??= Orientations.Find(data);
                    break;
                case "IEND":
                    return header!.Kind == PngKind.Palette && palette.Length == 0
                        ? "its palette is missing"
                        : new PngFile(header, palette, orientation ?? Orientation.AsStored, packed.ToArray());
                case [>= 'A' and <= 'Z', ..]:
                    return "it has a chunk that no reader of this kind knows and none may pass over";
            }

            isLastData = name == "IDAT";
            rest = rest[(data.Length + 12)..];
        }
    }

    /// <summary>
    /// Height and width as seen, from the headers of the chunks alone; a file that ends too early has those of what is there.
    /// </summary>
    /// <param name="file">At its beginning; must be seekable.</param>
    public static Result<Size2, string> SizeOf(Stream file)
    {
        Span<byte> start = stackalloc byte[SignatureBytes + 8 + PngHeader.Bytes + 4];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.StartsWith(Signature))
        {
            return "it ends within its header";
        }

        if (Chunk(start[SignatureBytes..], out var first, out var header) is { } problem || first != "IHDR")
        {
            return "its header is damaged";
        }

        return PngHeader.Parse(header).Map(parsed => OrientationOf(file).Upright(parsed.Stored));
    }

    private static Orientation OrientationOf(Stream file)
    {
        Span<byte> head = stackalloc byte[8];
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && !head.EndsWith("IEND"u8))
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (head.EndsWith("eXIf"u8) && length <= MostExif)
            {
                var whole = new byte[length + 12];
                head.CopyTo(whole);
                return
                    file.ReadAtLeast(whole.AsSpan(8), whole.Length - 8, throwOnEndOfStream: false) == whole.Length - 8
                    && Chunk(whole, out _, out var data) is null
                    ? Orientations.Find(data)
                    : Orientation.AsStored;
            }

            file.Seek(length + 4L, SeekOrigin.Current);
        }

        return Orientation.AsStored;
    }

    /// <summary>Splits one chunk off (PNG 5.3): its name and data, or what is wrong with it.</summary>
    private static string? Chunk(ReadOnlySpan<byte> rest, out string name, out ReadOnlySpan<byte> data)
    {
        name = "";
        data = [];
        if (rest.Length < 12)
        {
            return "it ends before its end mark";
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        name = Encoding.Latin1.GetString(rest.Slice(4, 4));
        if (length > rest.Length - 12)
        {
            return $"it ends within its chunk {Shown(name)}";
        }

        data = rest.Slice(8, (int)length);
        return Crc32.HashToUInt32(rest.Slice(4, (int)length + 4)) == BinaryPrimitives.ReadUInt32BigEndian(rest[((int)length + 8)..])
            ? null
            : $"the checksum of its chunk {Shown(name)} is wrong";
    }

    private static string Shown(string name) => name.All(char.IsAsciiLetter) ? name : "without a name";
}
