using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Properties.Decode;

namespace Motion.Properties.Generators;

/// <summary>
/// A PNG of any form with random samples, written by the plain reading of the specification: nothing in it is the reader's.
/// </summary>
/// <param name="Size">Height and width.</param>
/// <param name="Depth">Bits a sample.</param>
/// <param name="Colour">0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.</param>
/// <param name="IsInterlaced">Seven passes.</param>
/// <param name="Seed">Of samples and filters.</param>
internal sealed record PngForm(Size2 Size, int Depth, int Colour, bool IsInterlaced, int Seed)
{
    private static readonly string[] PassOf =
    [
        "16462646",
        "77777777",
        "56565656",
        "77777777",
        "36463646",
        "77777777",
        "56565656",
        "77777777",
    ]; // PNG 8.2

    public static Gen<PngForm> Any =>
        from form in Gen.Elements(
            (0, 1),
            (0, 2),
            (0, 4),
            (0, 8),
            (0, 16),
            (2, 8),
            (2, 16),
            (3, 1),
            (3, 2),
            (3, 4),
            (3, 8),
            (4, 8),
            (4, 16),
            (6, 8),
            (6, 16)
        )
        from height in Gen.Choose(1, 20)
        from width in Gen.Choose(1, 20)
        from interlaced in Gen.Elements(false, true)
        from seed in Gen.Choose(0, int.MaxValue)
        select new PngForm(new Size2(height, width), form.Item2, form.Item1, interlaced, seed);

    public int Channels =>
        Colour switch
        {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };

    public int Kept => Channels == 2 ? 1 : Math.Min(Channels, 3);

    /// <summary>[H, W, channels].</summary>
    public int[] Samples()
    {
        var draws = new Seed((ulong)Seed).Draws();
        return [.. Enumerable.Range(0, (int)Size.Area * Channels).Select(_ => draws.Next(1 << Depth))];
    }

    /// <summary>The samples without alpha.</summary>
    public int[] Stored() => [.. Samples().Where((_, i) => i % Channels < Kept)];

    /// <summary>The file, with these chunks between header and data.</summary>
    public byte[] File(params (string Type, byte[] Data)[] chunks)
    {
        var palette = Enumerable.Range(0, 3 << Depth).Select(i => (byte)(i * 31)).ToArray();
        return Decode.Samples.PngFile(Size, Depth, Colour, IsInterlaced, Rows(), Colour == 3 ? [("PLTE", palette), .. chunks] : chunks);
    }

    /// <summary>Filtered rows of all passes.</summary>
    private byte[] Rows()
    {
        var (samples, draws, rows) = (Samples(), new Seed((ulong)Seed).Derive("filters").Draws(), new List<byte>());
        foreach (var pass in IsInterlaced ? "1234567" : "0")
        {
            byte[]? above = null;
            for (var y = 0; y < Size.Height; y++)
            {
                var row = Packed(
                    Enumerable
                        .Range(0, Size.Width)
                        .Where(x => pass == '0' || PassOf[y % 8][x % 8] == pass)
                        .SelectMany(x => Enumerable.Range(0, Channels).Select(c => samples[(((y * Size.Width) + x) * Channels) + c]))
                );
                if (row.Length > 0)
                {
                    rows.AddRange(Filtered(row, above ?? new byte[row.Length], draws.Next(5)));
                    above = row;
                }
            }
        }

        return [.. rows];
    }

    private byte[] Packed(IEnumerable<int> samples)
    {
        var bits = string.Concat(samples.Select(sample => Convert.ToString(sample, 2).PadLeft(Depth, '0')));
        return [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk).PadRight(8, '0'), 2))];
    }

    /// <summary>PNG 9.2.</summary>
    private byte[] Filtered(byte[] row, byte[] above, int filter)
    {
        var step = Math.Max(1, Channels * Depth / 8);
        return
        [
            (byte)filter,
            .. row.Select(
                (value, i) =>
                {
                    var (a, b, c) = (i < step ? 0 : row[i - step], (int)above[i], i < step ? 0 : above[i - step]);
                    return (byte)(
                        value
                        - filter switch
                        {
                            0 => 0,
                            1 => a,
                            2 => b,
                            3 => (a + b) / 2,
                            _ => new[] { a, b, c }.MinBy(near => Math.Abs(a + b - c - near)),
                        }
                    );
                }
            ),
        ];
    }
}
