using System.Globalization;
using Motion.Contracts;

namespace Motion.Runner.Yaml;

/// <summary>Single values in yaml: text, truth values, numbers, words of a list. One spelling each, the same in and out.</summary>
internal static class Scalars
{
    /// <summary>The value, or null where the text does not say one of that type.</summary>
    public static object? Read(Type type, Node.Scalar scalar)
    {
        var text = scalar.Text;
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var style = NumberStyles.AllowLeadingSign;
        var culture = CultureInfo.InvariantCulture;
        return type switch
        {
            _ when type == typeof(string) => text,
            { IsEnum: true } => NamesOf(type).FirstOrDefault(name => Plain(name) == Plain(text)) is { } found
                ? Enum.Parse(type, Plain(found), ignoreCase: true)
                : null,
            _ when type == typeof(bool) => text switch
            {
                "true" or "True" or "TRUE" => true,
                "false" or "False" or "FALSE" => false,
                _ => null,
            },
            _ when type == typeof(int) => int.TryParse(digits, style, culture, out var i) ? i : null,
            _ when type == typeof(long) => long.TryParse(digits, style, culture, out var l) ? l : null,
            _ when type == typeof(ulong) => ulong.TryParse(digits, style, culture, out var u) ? u : null,
            _ when type == typeof(float) => float.TryParse(digits, NumberStyles.Float, culture, out var f) && float.IsFinite(f) ? f : null,
            _ when type == typeof(double) => double.TryParse(digits, NumberStyles.Float, culture, out var d) && double.IsFinite(d)
                ? d
                : null,
            _ => null,
        };
    }

    /// <summary>The text that <see cref="Read"/> takes back; null where the type is no single value.</summary>
    public static string? Write(object value) =>
        value switch
        {
            string text => text,
            Enum word => Shape.Kebab(word.ToString()),
            bool truth => truth ? "true" : "false",
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            int or long or ulong => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
            _ => null,
        };

    /// <summary>What to call a value of the type; null where it is no single value.</summary>
    public static string? Noun(Type type) =>
        type switch
        {
            _ when type == typeof(string) => "text",
            { IsEnum: true } => $"one of {string.Join(", ", NamesOf(type))}",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) || type == typeof(ulong) => "a whole number",
            _ when type == typeof(float) || type == typeof(double) => "a number",
            _ => null,
        };

    public static IEnumerable<string> NamesOf(Type enumType) => Enum.GetNames(enumType).Select(Shape.Kebab);

    private static string Plain(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
