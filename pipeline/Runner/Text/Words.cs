using Motion.Contracts;

namespace Motion.Runner.Text;

/// <summary>Words and numbers for people.</summary>
internal static class Words
{
    /// <summary>42 s, 3 min 20 s, 2 h 05 min.</summary>
    public static string Duration(double seconds) =>
        seconds switch
        {
            < 10 => string.Create(null, $"{seconds:0.0} s"),
            < 90 => string.Create(null, $"{seconds:0} s"),
            < 5400 => string.Create(null, $"{(int)(seconds / 60)} min {(int)(seconds % 60):00} s"),
            _ => string.Create(null, $"{(int)(seconds / 3600)} h {(int)(seconds % 3600 / 60):00} min"),
        };

    /// <summary>Loss terms without the prefix they share.</summary>
    public static string Terms(IEnumerable<LossTerm> terms) =>
        string.Join(
            ' ',
            terms.Select(term =>
                string.Create(
                    null,
                    $"{term.Name.Replace("loss_", "", StringComparison.Ordinal).Replace("fcos_", "", StringComparison.Ordinal)} {term.Value:0.000}"
                )
            )
        );

    public static string Rate(double perSecond) =>
        perSecond switch
        {
            0 => "-",
            < 1 => string.Create(null, $"{1 / perSecond:0.0} s each"),
            _ => string.Create(null, $"{perSecond:0.0}/s"),
        };
}
