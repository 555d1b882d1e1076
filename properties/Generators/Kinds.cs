using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using Motion.Contracts;

namespace Motion.Properties.Generators;

/// <summary>A drawn value that knows what kinds there are of it.</summary>
public interface IKnowsItsKinds
{
    /// <summary>Short names of the classes it belongs to, one a question: "no instance", "a map of one row".</summary>
    IEnumerable<string> Kinds();
}

/// <summary>What was drawn, in classes: so that it shows if a law is only ever asked about easy cases.</summary>
public static class Kinds
{
    public static IEnumerable<string> Of(IEnumerable<object?> values) => values.SelectMany(Of).Distinct(StringComparer.Ordinal);

    private static string[] Of(object? value) =>
        Named(value, "").ToArray() is { Length: > 0 } kinds ? kinds : [OfMeasure(Smaller.Measure(value))];

    /// <summary>Where nothing better is known: how much there is to read.</summary>
    private static string OfMeasure(double bits) =>
        bits < 8 ? "below 8 bits"
        : bits < 16 ? "8-15 bits"
        : bits < 32 ? "16-31 bits"
        : "32 bits and more";

    /// <summary>"no box", "1 box", "2-9 boxes", "10+ boxes".</summary>
    public static string Count(int count, string one, string many) =>
        count switch
        {
            0 => $"no {one}",
            1 => $"1 {one}",
            < 10 => $"2-9 {many}",
            < 100 => $"10-99 {many}",
            _ => $"100+ {many}",
        };

    public static string OfSize(Size2 size) =>
        size.Shortest <= 1 ? "one row or column"
        : size.Area <= 64 ? "up to 64 px"
        : "over 64 px";

    private static IEnumerable<string> Named(object? value, string name) =>
        value switch
        {
            IKnowsItsKinds known => known.Kinds(),
            Size2 size => [OfSize(size)],
            Enum choice => [string.Create(CultureInfo.InvariantCulture, $"{(name.Length == 0 ? "" : name + ": ")}{choice}")],
            string text => [Count(text.Length, "letter", "letters")],
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(index => Named(tuple[index], "")),
            ICollection items =>
            [
                name.Length == 0 ? Count(items.Count, "item", "items") : $"{name}: {Count(items.Count, "item", "items")}",
            ],
            null => [],
            _ when value.GetType() is { IsPrimitive: false, Namespace: { } space }
                    && space.StartsWith("Motion", StringComparison.Ordinal) => Smaller
                .Parts(value)
                .SelectMany(part => Named(part.GetValue(value), part.Name)),
            _ => [],
        };
}
