using System.CommandLine;
using System.Globalization;

namespace Motion.Pipeline.Cli;

/// <summary>Options that are numbers within bounds; what is no number at all is told by the parser.</summary>
internal static class OptionRange
{
    /// <summary>Refuses numbers out of bounds, both ends included.</summary>
    public static void Within(this Option option, double low, double high) =>
        option.Validators.Add(value =>
        {
            foreach (var token in value.Tokens)
            {
                if (
                    double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && !(number >= low && number <= high)
                )
                    value.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {low} to {high}; got {token.Value}"));
            }
        });
}
