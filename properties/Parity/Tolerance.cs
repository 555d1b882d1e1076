using System.Globalization;
using Motion.Contracts;

namespace Motion.Parity;

/// <summary>
/// How far a recomputed number a may lie from a stored one b: |a - b| is at most Absolute + OfLargest * max |b| + OfEach * |b|.
/// </summary>
/// <param name="Name">What docs/parity.md gives its reason under.</param>
/// <param name="Absolute">In the quantity's unit.</param>
/// <param name="OfLargest">Of the largest finite magnitude in the stored quantity.</param>
/// <param name="OfEach">Of each stored number's own magnitude.</param>
internal sealed record Tolerance(string Name, double Absolute = 0, double OfLargest = 0, double OfEach = 0)
{
    /// <summary>Equal to the bit (whole numbers, bytes, copies).</summary>
    public static Tolerance Exact { get; } = new("exact");

    /// <summary>At least this one and at most that one, wherever both speak of absolute differences.</summary>
    public Tolerance Between(double least, double most) => this with { Absolute = Math.Clamp(Absolute, least, Math.Max(least, most)) };

    /// <summary>As in the table: "1e-4 + 2e-6 max".</summary>
    public override string ToString()
    {
        var parts = new[] { (Absolute, ""), (OfLargest, " max"), (OfEach, " each") }
            .Where(part => part.Item1 > 0)
            .Select(part =>
                part.Item1.ToString("0.##e+0", CultureInfo.InvariantCulture).Replace("e+0", "", StringComparison.Ordinal) + part.Item2
            )
            .ToList();
        return parts.Count == 0 ? Name : $"{string.Join(" + ", parts)} ({Name})";
    }
}

/// <summary>What a comparison came to.</summary>
/// <param name="Absolute">Largest |a - b|; NaN where a number is not one, infinite where the shapes differ.</param>
/// <param name="Relative">Largest |a - b| over the largest |b|.</param>
/// <param name="Share">Largest |a - b| over what the tolerance allows there; NaN and more than 1 fail.</param>
/// <param name="Worst">Index of the element with the largest share.</param>
/// <param name="Elements">How many numbers were compared.</param>
internal readonly record struct Difference(double Absolute, double Relative, double Share, long Worst, long Elements)
{
    public bool Passes => Share <= 1;

    /// <summary>Compares number by number. A NaN on either side fails; infinities pass where they are equal.</summary>
    public static Difference Between(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, Tolerance tolerance)
    {
        if (actual.Length != expected.Length)
        {
            return new(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, 0, expected.Length);
        }

        var largest = Largest(expected);
        var (absolute, share, worst) = (0.0, 0.0, 0L);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = double.IsInfinity(expected[i]) && actual[i] == expected[i] ? 0 : Math.Abs(actual[i] - expected[i]);
            var allowed = tolerance.Absolute + (tolerance.OfLargest * largest) + (tolerance.OfEach * Math.Abs(expected[i]));
            var part =
                difference == 0 ? 0
                : double.IsNaN(difference) || double.IsInfinity(difference) ? double.PositiveInfinity
                : difference / allowed;
            absolute = double.IsNaN(absolute) || double.IsNaN(difference) ? double.NaN : Math.Max(absolute, difference);
            if (part > share)
            {
                (share, worst) = (part, i);
            }
        }

        return new(absolute, absolute == 0 ? 0 : absolute / largest, share, worst, expected.Length);
    }

    private static double Largest(ReadOnlySpan<double> numbers)
    {
        var largest = 0.0;
        foreach (var number in numbers)
        {
            largest = double.IsFinite(number) ? Math.Max(largest, Math.Abs(number)) : largest;
        }

        return largest;
    }
}
