using System.Buffers.Binary;
using Motion.Contracts;

namespace Motion.Report.Pictures;

/// <summary>
/// Baseline JPEG (ITU-T T.81) without chroma subsampling: the pictures inside the page, a tenth of their size as PNG. The tables are the
/// examples of Annex K.
/// </summary>
public static class JpegEncoder
{
    private const int Side = 8;
    private const int Area = Side * Side;
    private const int EndOfBlock = 0x00;
    private const int SixteenZeros = 0xF0;

    private static readonly int[] ZigZag = MakeZigZag();
    private static readonly float[] Cosines = MakeCosines();

    /// <summary>Encodes a picture.</summary>
    /// <param name="planes">[3, H, W] R, G, B bytes.</param>
    /// <param name="size">H and W, at least 1 and at most 65535.</param>
    /// <param name="quality">1 (small) to 100 (near exact), as in the Independent JPEG Group's scale.</param>
    public static byte[] Encode(ReadOnlySpan<byte> planes, Size2 size, int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, 3L * size.Area);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size.Longest, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Shortest, 1);
        var tables = new[] { Scaled(JpegTables.Luminance, quality), Scaled(JpegTables.Chrominance, quality) };
        var output = new List<byte>((int)(size.Area / 4) + 1024);
        WriteHeader(output, size, tables);
        WriteScan(new BitWriter(output), ToYCbCr(planes, size), size, tables);
        output.AddRange([0xFF, 0xD9]);
        return [.. output];
    }

    private static void WriteHeader(List<byte> output, Size2 size, byte[][] tables)
    {
        output.AddRange([0xFF, 0xD8]);
        Segment(output, 0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        for (var t = 0; t < 2; t++)
        {
            var table = tables[t];
            Segment(output, 0xDB, [(byte)t, .. ZigZag.Select(at => table[at])]);
        }

        Span<byte> sides = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(sides, (ushort)size.Height);
        BinaryPrimitives.WriteUInt16BigEndian(sides[2..], (ushort)size.Width);
        Segment(output, 0xC0, [8, .. sides, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
        foreach (var (id, codes) in new[] { (0x00, JpegTables.LuminanceDc), (0x10, JpegTables.LuminanceAc), (0x01, JpegTables.ChrominanceDc), (0x11, JpegTables.ChrominanceAc) })
        {
            Segment(output, 0xC4, [(byte)id, .. codes.Counts, .. codes.Symbols]);
        }

        Segment(output, 0xDA, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
    }

    private static void Segment(List<byte> output, byte marker, byte[] content) =>
        output.AddRange([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content]);

    private static void WriteScan(BitWriter bits, float[] ycc, Size2 size, byte[][] tables)
    {
        var last = new int[3]; // DC of the block before, of each component
        var block = new float[Area];
        for (var top = 0; top < size.Height; top += Side)
        {
            for (var left = 0; left < size.Width; left += Side)
            {
                for (var c = 0; c < 3; c++)
                {
                    var (dc, ac) = c == 0 ? (JpegTables.LuminanceDc, JpegTables.LuminanceAc) : (JpegTables.ChrominanceDc, JpegTables.ChrominanceAc);
                    Cut(ycc.AsSpan((int)(c * size.Area), (int)size.Area), size, top, left, block);
                    Transform(block);
                    last[c] = WriteBlock(bits, Quantised(block, tables[Math.Min(c, 1)]), last[c], dc, ac);
                }
            }
        }

        bits.Flush();
    }

    /// <returns>The block's DC, which the next one is coded against.</returns>
    private static int WriteBlock(BitWriter bits, int[] values, int lastDc, HuffmanCodes dc, HuffmanCodes ac)
    {
        WriteNumber(bits, dc, 0, values[0] - lastDc);
        var zeros = 0;
        for (var i = 1; i < Area; i++)
        {
            if (values[i] == 0)
            {
                zeros++;
                continue;
            }

            for (; zeros > 15; zeros -= 16)
            {
                bits.Write(ac, SixteenZeros);
            }

            WriteNumber(bits, ac, zeros, values[i]);
            zeros = 0;
        }

        if (zeros > 0)
        {
            bits.Write(ac, EndOfBlock);
        }

        return values[0];
    }

    /// <summary>How many zeros went before and how many bits the number has, as a code; then those bits, of n - 1 if n is negative.</summary>
    private static void WriteNumber(BitWriter bits, HuffmanCodes codes, int zeros, int number)
    {
        var length = 32 - int.LeadingZeroCount(Math.Abs(number));
        bits.Write(codes, (zeros << 4) | length);
        bits.Write(number < 0 ? number - 1 : number, length);
    }

    /// <summary>An 8x8 block; beyond the picture its last row and column are repeated.</summary>
    private static void Cut(ReadOnlySpan<float> plane, Size2 size, int top, int left, float[] block)
    {
        for (var y = 0; y < Side; y++)
        {
            var row = Math.Min(top + y, size.Height - 1) * size.Width;
            for (var x = 0; x < Side; x++)
            {
                block[(y * Side) + x] = plane[row + Math.Min(left + x, size.Width - 1)];
            }
        }
    }

    /// <summary>The two-dimensional cosine transform (A.3.3), in place.</summary>
    private static void Transform(float[] block)
    {
        Span<float> rows = stackalloc float[Area];
        for (var y = 0; y < Side; y++)
        {
            for (var u = 0; u < Side; u++)
            {
                var sum = 0f;
                for (var x = 0; x < Side; x++)
                {
                    sum += block[(y * Side) + x] * Cosines[(u * Side) + x];
                }

                rows[(y * Side) + u] = sum;
            }
        }

        for (var u = 0; u < Side; u++)
        {
            for (var v = 0; v < Side; v++)
            {
                var sum = 0f;
                for (var y = 0; y < Side; y++)
                {
                    sum += rows[(y * Side) + u] * Cosines[(v * Side) + y];
                }

                block[(v * Side) + u] = sum;
            }
        }
    }

    private static int[] Quantised(float[] block, byte[] table)
    {
        var values = new int[Area];
        for (var i = 0; i < Area; i++)
        {
            var at = ZigZag[i];
            values[i] = (int)MathF.Round(block[at] / table[at]);
        }

        return values;
    }

    /// <summary>[3, H, W]: luminance and both chrominances, 128 subtracted (JFIF 1.02).</summary>
    private static float[] ToYCbCr(ReadOnlySpan<byte> planes, Size2 size)
    {
        var area = (int)size.Area;
        var ycc = new float[3 * area];
        for (var i = 0; i < area; i++)
        {
            var (r, g, b) = (planes[i], planes[area + i], planes[(2 * area) + i]);
            ycc[i] = (0.299f * r) + (0.587f * g) + (0.114f * b) - 128;
            ycc[area + i] = (-0.168736f * r) - (0.331264f * g) + (0.5f * b);
            ycc[(2 * area) + i] = (0.5f * r) - (0.418688f * g) - (0.081312f * b);
        }

        return ycc;
    }

    private static byte[] Scaled(byte[] table, int quality)
    {
        var percent = Math.Clamp(quality, 1, 100) < 50 ? 5000 / Math.Clamp(quality, 1, 100) : 200 - (2 * Math.Min(quality, 100));
        return [.. table.Select(step => (byte)Math.Clamp(((step * percent) + 50) / 100, 1, 255))];
    }

    private static int[] MakeZigZag() =>
    [
        .. Enumerable.Range(0, Area).OrderBy(at => (at / Side) + (at % Side))
            .ThenBy(at => ((at / Side) + (at % Side)) % 2 == 0 ? at % Side : at / Side),
    ];

    /// <summary>[frequency, position]: c(u)/2 cos((2x + 1) u pi / 16).</summary>
    private static float[] MakeCosines() =>
    [
        .. Enumerable.Range(0, Area).Select(i => (float)(
            (i / Side == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos(((2 * (i % Side)) + 1) * (i / Side) * Math.PI / 16))),
    ];

    /// <summary>Bits, highest first; a byte of ones is followed by a zero byte, so that it is no marker.</summary>
    private sealed class BitWriter(List<byte> output)
    {
        private uint _held;
        private int _count;

        public void Write(HuffmanCodes codes, int symbol) => Write(codes.CodeOf(symbol), codes.LengthOf(symbol));

        public void Write(int value, int length)
        {
            _held = (_held << length) | ((uint)value & ((1u << length) - 1));
            for (_count += length; _count >= 8; _count -= 8)
            {
                var whole = (byte)(_held >> (_count - 8));
                output.Add(whole);
                if (whole == 0xFF)
                {
                    output.Add(0);
                }
            }
        }

        /// <summary>Fills the last byte with ones.</summary>
        public void Flush() => Write(-1, (8 - _count) % 8);
    }
}
