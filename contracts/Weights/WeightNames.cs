using System.Collections.Immutable;

namespace Motion.Contracts;

/// <summary>Whether weights are those of a network.</summary>
public static class WeightNames
{
    /// <summary>The weights, if they have exactly the expected names and shapes; else everything that differs, in ordinal order, and the weights stay the caller's.</summary>
    public static Result<Weights, WeightsError> Check(Weights weights, IReadOnlyDictionary<string, long[]> expected)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(expected);
        var found = weights.All.ToDictionary(pair => pair.Key, pair => pair.Value.shape);
        ImmutableArray<string> lacking = [.. expected.Keys.Where(name => !found.ContainsKey(name)).Order(StringComparer.Ordinal)];
        ImmutableArray<string> exceeding = [.. found.Keys.Where(name => !expected.ContainsKey(name)).Order(StringComparer.Ordinal)];
        ImmutableArray<WrongShape> shapes =
        [
            .. from pair in expected
               where found.TryGetValue(pair.Key, out var shape) && !shape.AsSpan().SequenceEqual(pair.Value)
               orderby pair.Key
               select new WrongShape(pair.Key, [.. pair.Value], [.. found[pair.Key]]),
        ];
        return lacking.IsEmpty && exceeding.IsEmpty && shapes.IsEmpty ? weights : new WeightsError.WrongNames(lacking, exceeding, shapes);
    }
}
