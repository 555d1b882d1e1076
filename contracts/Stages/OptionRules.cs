using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Motion.Contracts;

/// <summary>
/// What the properties of a settings record allow, as their attributes say it: the one place where a range stands, for yaml and for whoever
/// makes a stage without it.
/// </summary>
public static class OptionRules
{
    /// <summary>Every setting that breaks a rule of its own, the records within included.</summary>
    /// <param name="options">A settings record.</param>
    /// <returns>The setting as yaml spells its path (<c>head.prior</c>), and a sentence's end: what it must be, what it is.</returns>
    public static IEnumerable<(string Setting, string Problem)> Broken(object options) => Broken(options, "");

    /// <summary>A rule in words, with a blank before it: <c> in 1 .. 64</c>, <c> above 0 and below 1</c>.</summary>
    public static string Text(ValidationAttribute rule) =>
        rule switch
        {
            RangeAttribute { MinimumIsExclusive: false, MaximumIsExclusive: false } range => string.Create(
                CultureInfo.InvariantCulture,
                $" in {range.Minimum} .. {range.Maximum}"
            ),
            RangeAttribute range => string.Create(
                CultureInfo.InvariantCulture,
                $" {(range.MinimumIsExclusive ? "above" : "from")} {range.Minimum} {(range.MaximumIsExclusive ? "and below" : "to")} {range.Maximum}"
            ),
            AllowedValuesAttribute allowed => $": one of {string.Join(", ", allowed.Values)}",
            _ => $" ({rule.FormatErrorMessage("the value")})",
        };

    private static IEnumerable<(string Setting, string Problem)> Broken(object options, string within)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || property.GetValue(options) is not { } value)
                continue;
            var setting = within + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
            {
                yield return (setting, string.Create(CultureInfo.InvariantCulture, $"must be{Text(rule)}; got {value}"));
            }

            if (
                property.PropertyType is not { IsEnum: false, Namespace: { } space }
                || !space.StartsWith("Motion.", StringComparison.Ordinal)
            )
                continue;
            foreach (var broken in Broken(value, $"{setting}."))
                yield return broken;
        }
    }
}
