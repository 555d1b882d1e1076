using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Writes palette PNGs, which Skia does not: 8 bits a pixel, no filter, one chunk of data.</summary>
internal static class PngLabels
{
    private static readonly byte[] Colours = LabelColours();

    public static byte[] Encode(ReadOnlySpan<byte> labels, Size2 size)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, size.Area);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size.Area);
        var header = new byte[PngHeader.Bytes];
        BinaryPrimitives.WriteInt32BigEndian(header, size.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), size.Height);
        (header[8], header[9]) = (8, 3);
        using var file = new MemoryStream();
        file.Write(PngFile.Signature);
        Append(file, "IHDR"u8, header);
        Append(file, "PLTE"u8, Colours);
        Append(file, "IDAT"u8, Packed(labels, size.Width));
        Append(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Packed(ReadOnlySpan<byte> labels, int width)
    {
        using var packed = new MemoryStream();
        using (var rows = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (; labels.Length > 0; labels = labels[width..])
            {
                rows.WriteByte(0);
                rows.Write(labels[..width]);
            }
        }

        return packed.ToArray();
    }

    private static void Append(MemoryStream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        name.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc32.HashToUInt32(chunk.AsSpan(4, data.Length + 4)));
        file.Write(chunk);
    }

    /// <summary>
    /// The colours in which label pictures are drawn by custom: bits 0, 3, 6 of a number make its red, 1, 4, 7 green, 2, 5 blue.
    /// </summary>
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
}
