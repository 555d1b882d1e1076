using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;

namespace Motion.Properties.Generators;

/// <summary>
/// Shrinks by drawing again: what the same generator gives, as long as it is smaller. So a counterexample is always a value that the
/// generator could have drawn, whatever binds its parts together, and no generator needs a shrinker of its own.
/// </summary>
public static class Smaller
{
    private const int Draws = 300;

    /// <summary>Values of a generator that are smaller than one, from a seed that depends on nothing but how small that one is.</summary>
    public static Func<T, IEnumerable<T>> Of<T>(Gen<T> values) => value => Below(values, value);

    /// <summary>How much there is to read: numbers count by their digits, seeds not at all, collections by their items.</summary>
    public static double Measure(object? value) =>
        value switch
        {
            null or bool or ulong => 0,
            string text => 1 + text.Length,
            char => 1,
            IConvertible number when value.GetType().IsPrimitive => Math.Log2(
                1 + Math.Abs(number.ToDouble(null) is var x && double.IsFinite(x) ? x : 1e9)
            ),
            ITuple tuple => Enumerable.Range(0, tuple.Length).Sum(index => Measure(tuple[index])),
            IEnumerable items and not Message => items.Cast<object?>().Sum(item => 1 + Measure(item)),
            _ when value.GetType().Namespace?.StartsWith("Motion", StringComparison.Ordinal) == true => Parts(value)
                .Sum(part => Measure(part.GetValue(value))),
            _ => 0,
        };

    /// <summary>What a record is made of; the seed it is drawn from says nothing about its size.</summary>
    public static IEnumerable<PropertyInfo> Parts(object value) =>
        value is Message or Enum
            ? []
            : value
                .GetType()
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property =>
                    property.GetIndexParameters().Length == 0 && property.CanWrite && property.Name is not ("Seed" or "Number" or "Item")
                );

    private static IEnumerable<T> Below<T>(Gen<T> values, T value)
    {
        var (measure, sizes) = (Measure(value), new[] { 1, 3, 10, 30 });
        return sizes
            .SelectMany(size => Gen.Sample(values, size, new Rnd((ulong)(1000 * measure) + (ulong)size), Draws / sizes.Length))
            .Select(candidate => (Candidate: candidate, Measure: Measure(candidate)))
            .Where(pair => pair.Measure < measure)
            .OrderBy(pair => pair.Measure)
            .Select(pair => pair.Candidate);
    }
}
