using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;

namespace Motion.Properties.Decode;

/// <summary>Pictures for tests.</summary>
internal static class Samples
{
    /// <summary>A hash of the place; the golden pictures were made by the same formula.</summary>
    public static byte Value(uint seed, uint c, uint y, uint x)
    {
        var z = (seed * 0x9E3779B1) + (c * 0x85EBCA77) + (y * 0xC2B2AE3D) + (x * 0x27D4EB2F);
        z = (z ^ (z >> 15)) * 0x2C1B3C6D;
        z = (z ^ (z >> 12)) * 0x297A2D39;
        return (byte)(z ^ (z >> 15));
    }

    /// <summary>[3, H, W] of <see cref="Value"/>.</summary>
    public static byte[] Planes(uint seed, Size2 size) =>
        [
            .. from c in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, size.Height)
            from x in Enumerable.Range(0, size.Width)
            select Value(seed, (uint)c, (uint)y, (uint)x),
        ];

    /// <summary>The bytes of an RGB PNG of <see cref="Planes"/>.</summary>
    public static byte[] PngOf(uint seed, Size2 size) => PngWriter.Encode(Planes(seed, size), size).OrThrow();

    /// <summary>A PNG written by hand: rows of packed samples, no filter.</summary>
    /// <param name="size">Height and width.</param>
    /// <param name="depth">Bits a sample.</param>
    /// <param name="colourType">0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA.</param>
    /// <param name="rows">Packed bytes of each row.</param>
    /// <param name="chunks">Chunks between the header and the data.</param>
    public static byte[] RawPng(
        Size2 size,
        int depth,
        int colourType,
        IEnumerable<byte[]> rows,
        params (string Type, byte[] Data)[] chunks
    ) => PngFile(size, depth, colourType, interlaced: false, [.. rows.SelectMany(row => row.Prepend((byte)0))], chunks);

    /// <summary>A PNG of filtered rows; two chunks of data. Parameters as above.</summary>
    public static byte[] PngFile(
        Size2 size,
        int depth,
        int colourType,
        bool interlaced,
        byte[] filtered,
        params (string Type, byte[] Data)[] chunks
    )
    {
        var packed = Packed(filtered);
        var half = packed.Length / 2;
        return
        [
            .. PngSignature,
            .. Chunk("IHDR", PngHeader(size, depth, colourType, interlaced)),
            .. chunks.SelectMany(chunk => Chunk(chunk.Type, chunk.Data)),
            .. Chunk("IDAT", packed[..half]),
            .. Chunk("IDAT", packed[half..]),
            .. Chunk("IEND", []),
        ];
    }

    public static byte[] PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public static byte[] PngHeader(Size2 size, int depth, int colourType, bool interlaced)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, size.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), size.Height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colourType, interlaced ? (byte)1 : (byte)0);
        return header;
    }

    /// <summary>A zlib stream.</summary>
    public static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>A TIFF header with one directory that states an orientation, as an eXIf chunk holds it.</summary>
    public static byte[] Exif(int orientation, bool little = false)
    {
        byte[] big =
        [
            .. "MM\0*"u8,
            0,
            0,
            0,
            8,
            0,
            2,
            1,
            0x0F,
            0,
            2,
            0,
            0,
            0,
            1,
            65,
            0,
            0,
            0,
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte)orientation,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        return little
            ?
            [
                .. "II*\0"u8,
                8,
                0,
                0,
                0,
                2,
                0,
                0x0F,
                1,
                2,
                0,
                1,
                0,
                0,
                0,
                65,
                0,
                0,
                0,
                0x12,
                1,
                3,
                0,
                1,
                0,
                0,
                0,
                (byte)orientation,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
            ]
            : big;
    }

    /// <summary>A JPEG with Exif data behind its start.</summary>
    public static byte[] WithExif(byte[] jpeg, byte[] exif) =>
        [.. jpeg[..2], 0xFF, 0xE1, (byte)((exif.Length + 8) >> 8), (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif, .. jpeg[2..]];

    /// <summary>An 8-bit palette PNG of object numbers.</summary>
    public static byte[] Labels(Size2 size, Func<int, int, byte> label) =>
        RawPng(
            size,
            8,
            3,
            Enumerable.Range(0, size.Height).Select(y => Enumerable.Range(0, size.Width).Select(x => label(y, x)).ToArray()),
            ("PLTE", [.. Enumerable.Range(0, 256 * 3).Select(i => (byte)(i * 31))])
        );

    /// <summary>A chunk of a PNG with its checksum.</summary>
    public static byte[] Chunk(string type, byte[] data)
    {
        var body = Encoding.ASCII.GetBytes(type).Concat(data).ToArray();
        var (length, crc) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(body));
        return [.. length, .. body, .. crc];
    }
}

/// <summary>Opening and reading sources in tests.</summary>
internal static class Reading
{
    public static readonly Seed Seed = new(7);

    public static DecodeStage Open(DecodeOptions options) => DecodeSources.Open(options, Seed).OrThrow();

    public static string Refusal(DecodeOptions options) =>
        DecodeSources.Open(options, Seed).Match(_ => "opened without complaint", error => error.Describe());

    /// <summary>The first items of a source; the caller owns the pairs.</summary>
    public static async Task<List<Result<FramePair, DecodeError>>> Items(DecodeOptions options, int most = 1000)
    {
        var items = new List<Result<FramePair, DecodeError>>();
        await foreach (var item in Open(options).Frames(0, CancellationToken.None))
        {
            items.Add(item);
            if (items.Count == most)
            {
                break;
            }
        }

        return items;
    }

    /// <summary>As above, where every item must be a pair.</summary>
    public static async Task<List<FramePair>> Pairs(DecodeOptions options, int most = 1000) =>
        [.. (await Items(options, most)).Select(item => item.OrThrow())];

    public static byte[] Bytes(TorchSharp.torch.Tensor tensor)
    {
        using var whole = tensor.contiguous();
        return whole.bytes.ToArray();
    }

    public static string Text(Result<FramePair, DecodeError> item) =>
        item.Match(pair => $"{pair.Key} step {pair.Step}", error => error.Describe());
}
