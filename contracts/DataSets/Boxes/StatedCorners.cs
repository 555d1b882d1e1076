using System.Globalization;

namespace Motion.DataSets;

/// <summary>
/// The corners of a box with all digits that a file gives them. Files that state a width mean its digits too: 0.1 + 0.2 is 0.3 here, and
/// 0.3 - 0.1 is 0.2 again, so that a box may go from one form to the other and back.
/// </summary>
internal readonly record struct StatedCorners(decimal X1, decimal Y1, decimal X2, decimal Y2)
{
    public static StatedCorners Of(CocoBox box)
    {
        var (x, y) = (Digits(box.X), Digits(box.Y));
        return new StatedCorners(x, y, x + Digits(box.Width), y + Digits(box.Height));
    }

    public CocoBox ToXywh() => new(Nearest(X1), Nearest(Y1), Nearest(X2 - X1), Nearest(Y2 - Y1));

    /// <summary>The corners with so many decimals.</summary>
    public StatedCorners Rounded(int decimals) =>
        new(decimal.Round(X1, decimals), decimal.Round(Y1, decimals), decimal.Round(X2, decimals), decimal.Round(Y2, decimals));

    /// <summary>The shortest decimal number that is read as this double.</summary>
    private static decimal Digits(double value) =>
        decimal.TryParse(
            value.ToString("R", CultureInfo.InvariantCulture),
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out var digits
        )
            ? digits
            : throw new ArgumentOutOfRangeException(nameof(value), value, "no pixel is so far away");

    /// <summary>The double that is read from these digits (a cast may be the one beside it).</summary>
    private static double Nearest(decimal value) =>
        double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
