using Motion.Contracts;
using System.Diagnostics;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>First numbers of a model.</summary>
internal static class Initialise
{
    /// <summary>
    /// A tensor for every entry; each draws from a seed of its own name, so that one entry more or less changes no other.
    /// </summary>
    public static Weights Draw(IEnumerable<Entry> entries, Seed seed) =>
        Weights.Of(entries.Select(entry => KeyValuePair.Create(entry.Name, Draw(entry, seed.Derive(entry.Name)))));

    private static Tensor Draw(Entry entry, Seed seed)
    {
        long[] shape = [.. entry.Shape];
        using var scope = NewDisposeScope();
        var values = entry.Initial switch
        {
            Initial.Constant(var value) => full(shape, Held.Of(value), entry.Role == Role.Counter ? ScalarType.Int64 : ScalarType.Float32),
            Initial.Values(var numbers) => tensor(numbers.ToArray(), ScalarType.Int64).reshape(shape),
            Initial.Normal(var deviation) => Filled(entry, seed.Draws(), draws => deviation * draws.NextNormal()).reshape(shape),
            Initial.Uniform(var bound) => Filled(entry, seed.Draws(), draws => draws.NextDouble(-bound, bound)).reshape(shape),
            _ => throw new UnreachableException(),
        };
        return values.DetachFromDisposeScope();
    }

    private static Tensor Filled(Entry entry, Draws draws, Func<Draws, double> next)
    {
        var values = new float[entry.Elements];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = (float)next(draws);
        }

        return tensor(values, ScalarType.Float32);
    }
}
