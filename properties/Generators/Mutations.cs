using Motion.Contracts;

namespace Motion.Properties.Generators;

/// <summary>Changes to the bytes of a file, as accidents and malice make them.</summary>
internal static class Mutations
{
    /// <summary>One to three of: other bytes, a cut, something taken out, something doubled, a number at its limits.</summary>
    public static byte[] Change(byte[] original, Draws draws)
    {
        var bytes = original.ToList();
        for (var change = draws.Next(3); change >= 0 && bytes.Count > 0; change--)
        {
            var at = draws.Next(bytes.Count);
            var length = 1 + draws.Next(Math.Min(40, bytes.Count - at));
            switch (draws.Next(6))
            {
                case 0:
                    bytes[at] = (byte)draws.NextUInt64();
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << draws.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, draws.Next(4) == 0 ? bytes.Count - at : 1);
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(draws.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    var extreme = BitConverter.GetBytes(Extremes[draws.Next(Extremes.Length)]);
                    for (var i = 0; i < extreme.Length && at + i < bytes.Count; i++)
                        bytes[at + i] = extreme[i];
                    break;
            }
        }

        return [.. bytes];
    }

    private static readonly long[] Extremes =
    [
        0,
        1,
        -1,
        int.MaxValue,
        int.MinValue,
        uint.MaxValue,
        long.MaxValue,
        long.MinValue,
        1L << 40,
        0x7f7f7f7f7f7f7f7f,
    ];
}
