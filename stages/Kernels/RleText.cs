using System.Buffers;
using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Kernels;

/// <summary>
/// COCO's compressed strings. Run i is written as it is for i below 3, and as its difference to run i-2 after that; the number, signed, is cut
/// into groups of 5 bits, lowest first; bit 5 says that another group follows; 48 is added to make a letter.
/// </summary>
public static partial class Rles
{
    private const int GroupBits = 5;
    private const int More = 1 << GroupBits;
    private const int Sign = 1 << (GroupBits - 1);
    private const int FirstLetter = 48;
    private const int MostGroups = 7; // 35 bits hold every difference of two uints

    /// <summary>The compressed string of a mask; its runs are written as they are.</summary>
    public static string ToText(Rle mask)
    {
        var counts = mask.Counts.AsSpan();
        var letters = ArrayPool<char>.Shared.Rent(counts.Length * MostGroups);
        var length = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            var number = i > 2 ? (long)counts[i] - counts[i - 2] : counts[i];
            var more = true;
            while (more)
            {
                var group = (int)(number & (More - 1));
                number >>= GroupBits;
                more = number != ((group & Sign) == 0 ? 0 : -1);
                letters[length++] = (char)((more ? group | More : group) + FirstLetter);
            }
        }

        var text = new string(letters, 0, length);
        ArrayPool<char>.Shared.Return(letters);
        return text;
    }

    /// <summary>The mask of a compressed string.</summary>
    /// <param name="text">Letters '0' to 'o'.</param>
    /// <param name="size">Height and width of the mask, which the string does not hold.</param>
    /// <returns>The mask with exactly the runs written, or <see cref="RleError.BadText"/> or <see cref="RleError.BadCounts"/>.</returns>
    public static Result<Rle, RleError> FromText(string text, Size2 size) => FromText(text.AsSpan(), size);

    /// <inheritdoc cref="FromText(string, Size2)"/>
    public static Result<Rle, RleError> FromText(ReadOnlySpan<char> text, Size2 size)
    {
        var counts = ArrayPool<uint>.Shared.Rent(text.Length);
        try
        {
            var runs = 0;
            for (var position = 0; position < text.Length; runs++)
            {
                var start = position;
                if (ReadNumber(text, ref position) is not { } number)
                {
                    return new RleError.BadText(Math.Min(position, text.Length - 1), "no such letter, or the number does not end");
                }

                number += runs > 2 ? counts[runs - 2] : 0;
                if (number is < 0 or > uint.MaxValue)
                {
                    return new RleError.BadText(start, $"run {runs} would be {number} pixels long");
                }

                counts[runs] = (uint)number;
            }

            return FromCounts(ImmutableArray.Create(counts.AsSpan(0, runs)), size);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(counts);
        }
    }

    private static long? ReadNumber(ReadOnlySpan<char> text, ref int position)
    {
        var number = 0L;
        for (var shift = 0; shift < MostGroups * GroupBits && position < text.Length; shift += GroupBits)
        {
            var letter = text[position] - FirstLetter;
            if (letter is < 0 or >= 2 * More)
            {
                return null;
            }

            position++;
            number |= (long)(letter & (More - 1)) << shift;
            if ((letter & More) == 0)
            {
                return (letter & Sign) == 0 ? number : number | (-1L << (shift + GroupBits));
            }
        }

        return null;
    }
}
