using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// COCO's compressed strings. Run i is written as it is for i below 3, and as its difference to run i-2 after that; the number, signed, is
/// cut into groups of 5 bits, lowest first; bit 5 says that another group follows; 48 is added to make a letter.
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
        var letters = ArrayPool<byte>.Shared.Rent(mask.Counts.Length * MostGroups);
        var text = Encoding.ASCII.GetString(letters, 0, WriteRuns(mask.Counts.AsSpan(), letters));
        ArrayPool<byte>.Shared.Return(letters);
        return text;
    }

    /// <summary>Writes run lengths as a compressed string.</summary>
    /// <param name="counts">The runs.</param>
    /// <param name="letters">Filled from its start; seven bytes a run suffice.</param>
    /// <returns>How many letters there are.</returns>
    public static int WriteRuns(ReadOnlySpan<uint> counts, Span<byte> letters)
    {
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
                letters[length++] = (byte)((more ? group | More : group) + FirstLetter);
            }
        }

        return length;
    }

    /// <summary>The mask of a compressed string.</summary>
    /// <param name="text">Letters '0' to 'o'.</param>
    /// <param name="size">Height and width of the mask, which the string does not hold.</param>
    /// <returns>The mask with exactly the runs written, or <see cref="RleError.BadText"/> or <see cref="RleError.BadCounts"/>.</returns>
    public static Result<Rle, RleError> FromText(string text, Size2 size) => FromText(text.AsSpan(), size);

    /// <inheritdoc cref="FromText(string, Size2)"/>
    public static Result<Rle, RleError> FromText(ReadOnlySpan<char> text, Size2 size)
    {
        var letters = ArrayPool<byte>.Shared.Rent(text.Length);
        var counts = ArrayPool<uint>.Shared.Rent(text.Length);
        try
        {
            for (var i = 0; i < text.Length; i++)
            {
                letters[i] = (byte)Math.Min(text[i], byte.MaxValue); // no letter of a mask is beyond 'o'
            }

            return ReadRuns(letters.AsSpan(0, text.Length), counts, out var runs) is { } error
                ? error
                : FromCounts(ImmutableArray.Create(counts.AsSpan(0, runs)), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(letters);
            ArrayPool<uint>.Shared.Return(counts);
        }
    }

    /// <summary>The run lengths that a compressed string holds, whatever mask they are of.</summary>
    /// <param name="letters">Bytes '0' to 'o'.</param>
    /// <param name="runs">Filled from its start; at least as long as <paramref name="letters"/>.</param>
    /// <param name="count">How many runs there are.</param>
    /// <returns>Null, or what is wrong with the string.</returns>
    public static RleError.BadText? ReadRuns(ReadOnlySpan<byte> letters, Span<uint> runs, out int count)
    {
        count = 0;
        for (var position = 0; position < letters.Length; count++)
        {
            var start = position;
            long number;
            if (letters[position] - FirstLetter is var only and >= 0 and < More) // most are one letter
            {
                number = (only ^ Sign) - Sign;
                position++;
            }
            else if (!ReadNumber(letters, ref position, out number))
            {
                return new RleError.BadText(Math.Min(position, letters.Length - 1), "no such letter, or the number does not end");
            }

            number += count > 2 ? runs[count - 2] : 0;
            if ((ulong)number > uint.MaxValue)
            {
                return new RleError.BadText(start, $"run {count} would be {number} pixels long");
            }

            runs[count] = (uint)number;
        }

        return null;
    }

    private static bool ReadNumber(ReadOnlySpan<byte> letters, ref int position, out long number)
    {
        number = 0;
        for (var shift = 0; shift < MostGroups * GroupBits && position < letters.Length; shift += GroupBits)
        {
            var letter = letters[position] - FirstLetter;
            if (letter is < 0 or >= 2 * More)
            {
                return false;
            }

            position++;
            number |= (long)(letter & (More - 1)) << shift;
            if ((letter & More) == 0)
            {
                number |= (letter & Sign) == 0 ? 0 : -1L << (shift + GroupBits);
                return true;
            }
        }

        return false;
    }
}
