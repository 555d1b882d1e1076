using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Whether weights are those of a network.</summary>
public static class WeightNames
{
    private const string Module = "module.";

    /// <summary>The names without the <c>module.</c> that DataParallel puts before all of them; where only some begin so, as they are.</summary>
    internal static (Weights Weights, bool HadModule) WithoutModule(Weights weights) =>
        weights.Count > 0 && weights.All.All(pair => pair.Key.StartsWith(Module, StringComparison.Ordinal))
            ? (Weights.Of(weights.All.Select(pair => KeyValuePair.Create(pair.Key[Module.Length..], pair.Value))), true)
            : (weights, false);

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

    /// <summary>The weights, if all are floating-point but those that count, which are whole; else the first that is not, and the weights stay the caller's.</summary>
    /// <param name="counts">Which names are of whole numbers.</param>
    public static Result<Weights, WeightsError> CheckTypes(Weights weights, Func<string, bool> counts)
    {
        foreach (var (name, tensor) in weights.All)
        {
            var isFloating = tensor.dtype is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;
            if (isFloating == counts(name) || tensor.dtype == ScalarType.Bool)
            {
                return new WeightsError.WrongType(name, TensorData.NameOf(tensor.dtype), counts(name) ? "whole numbers" : "floating-point numbers");
            }
        }

        return weights;
    }
}
