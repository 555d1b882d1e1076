using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Motion.Properties.Generators;

/// <summary>Drawn values in words, collections with their items.</summary>
public static class Words
{
    private const int MostItems = 24;

    public static string Of(object? value) =>
        value switch
        {
            null => "null",
            string text => $"\"{text}\"",
            ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(index => Of(tuple[index])))})",
            IEnumerable items when IsPlain(value) => $"[{string.Join(", ", Some([.. items.Cast<object?>()]))}]",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };

    private static IEnumerable<string> Some(object?[] items) =>
        items.Take(MostItems).Select(Of).Concat(items.Length > MostItems ? [$"... {items.Length} items"] : []);

    /// <summary>A collection, and not a type of ours that happens to be one and prints itself.</summary>
    private static bool IsPlain(object value) =>
        value.GetType().Namespace?.StartsWith("Motion", StringComparison.Ordinal) != true || value is Array;
}
