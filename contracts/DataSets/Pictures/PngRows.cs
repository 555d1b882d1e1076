using System.IO.Compression;
using System.Numerics;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>The samples of a PNG as stored, alpha dropped: [H, W, 1 or 3].</summary>
/// <param name="Bytes">As stored up to 8 bits; 16 bits reduced to 8.</param>
/// <param name="Deep">16 bits as stored; empty otherwise.</param>
internal sealed record PngSamples(byte[] Bytes, ushort[] Deep);

/// <summary>Unpacks the rows of a PNG: decompression, filters (PNG 9), interlacing (PNG 8.2), packed samples (PNG 7.2).</summary>
internal static class PngRows
{
    private const long MostExpansion = 1032; // of deflate: 258 bytes for two bits
    private const string TooFew = "its data end before its last row";

    public static Result<PngSamples, string> Read(PngFile file)
    {
        var (header, passes) = (file.Header, Passes(file.Header));
        if (passes.Sum(pass => pass.Size.Height * (header.RowBytes(pass.Size.Width) + 1L)) > MostExpansion * file.Packed.Length)
        {
            return TooFew;
        }

        var kept = (int)header.Stored.Area * header.Kept;
        var into = new PngSamples(new byte[kept], new ushort[header.Depth == 16 ? kept : 0]);
        try
        {
            using var rows = new ZLibStream(new MemoryStream(file.Packed), CompressionMode.Decompress);
            foreach (var pass in passes)
            {
                if (ReadPass(rows, header, pass, into) is { } problem)
                {
                    return problem;
                }
            }

            return rows.ReadByte() < 0 ? into : "its data go on after its last row";
        }
        catch (InvalidDataException)
        {
            return "its compressed data are damaged";
        }
    }

    /// <summary>Every pixel whose place is (Top + k Down, Left + l Right).</summary>
    private readonly record struct Pass(Size2 Size, int Top, int Left, int Down, int Right);

    private static Pass[] Passes(PngHeader header)
    {
        var (height, width) = (header.Stored.Height, header.Stored.Width);
        (int Top, int Left, int Down, int Right)[] grids = header.IsInterlaced
            ? [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
            : [(0, 0, 1, 1)];
        return
        [
            .. from grid in grids
            let size = new Size2(
                (int)(((long)height - grid.Top + grid.Down - 1) / grid.Down),
                (int)(((long)width - grid.Left + grid.Right - 1) / grid.Right)
            )
            where size.Shortest > 0
            select new Pass(size, grid.Top, grid.Left, grid.Down, grid.Right),
        ];
    }

    private static string? ReadPass(ZLibStream rows, PngHeader header, Pass pass, PngSamples into)
    {
        var length = header.RowBytes(pass.Size.Width) + 1; // with the filter's number in front
        var (row, before) = (new byte[length], new byte[length]);
        var step = Math.Max(1, header.Channels * header.Depth / 8);
        for (var y = 0; y < pass.Size.Height; y++, (row, before) = (before, row))
        {
            if (rows.ReadAtLeast(row, length, throwOnEndOfStream: false) < length)
            {
                return TooFew;
            }

            if (!Unfilter(row[0], row.AsSpan(1), before.AsSpan(1), step))
            {
                return $"a row has the filter {row[0]}, which no PNG has";
            }

            Spread(row.AsSpan(1), header, pass, y, into);
        }

        return null;
    }

    /// <summary>
    /// Adds to each byte what the filter predicts from the bytes to its left (a), above (b), and above that to the left (c).
    /// </summary>
    private static bool Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> before, int step)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (var i = step; i < row.Length; i++)
                {
                    row[i] += row[i - step];
                }

                return true;
            case 2:
                Add(row, before);
                return true;
            case 3:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)(((i < step ? 0 : row[i - step]) + before[i]) >> 1);
                }

                return true;
            case 4:
                Add(row[..Math.Min(step, row.Length)], before);
                for (var i = step; i < row.Length; i++)
                {
                    row[i] += Paeth(row[i - step], before[i], before[i - step]);
                }

                return true;
            default:
                return false;
        }
    }

    private static void Add(Span<byte> row, ReadOnlySpan<byte> before)
    {
        var i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) + new Vector<byte>(before[i..])).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += before[i];
        }
    }

    /// <summary>Whichever of the three is nearest to a + b - c; a before b before c.</summary>
    private static byte Paeth(int a, int b, int c)
    {
        var (toA, toB, toC) = (Math.Abs(b - c), Math.Abs(a - c), Math.Abs(a + b - c - c));
        return (byte)(
            toA <= toB && toA <= toC ? a
            : toB <= toC ? b
            : c
        );
    }

    /// <summary>A row's samples to their places.</summary>
    private static void Spread(ReadOnlySpan<byte> row, PngHeader header, Pass pass, int y, PngSamples into)
    {
        var (depth, channels, kept) = (header.Depth, header.Channels, header.Kept);
        var start = (((pass.Top + (y * pass.Down)) * header.Stored.Width) + pass.Left) * kept;
        if (depth == 8 && channels == kept && pass.Right == 1)
        {
            row.CopyTo(into.Bytes.AsSpan(start));
            return;
        }

        for (var x = 0; x < pass.Size.Width; x++)
        {
            for (var c = 0; c < kept; c++)
            {
                var (from, to) = ((x * channels) + c, start + (x * pass.Right * kept) + c);
                if (depth == 16)
                {
                    var value = (row[2 * from] << 8) | row[(2 * from) + 1];
                    into.Deep[to] = (ushort)value;
                    into.Bytes[to] = (byte)(((value * 255) + 32895) >> 16); // value / 257, rounded
                }
                else if (depth == 8)
                {
                    into.Bytes[to] = row[from];
                }
                else
                {
                    var bit = from * depth;
                    into.Bytes[to] = (byte)((row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1));
                }
            }
        }
    }
}
