using System.Collections.Immutable;
using System.Diagnostics;
using Motion.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>What an entry of the state dict is to the optimiser.</summary>
public enum Role
{
    /// <summary>Trained, with weight decay.</summary>
    Weight,

    /// <summary>Trained, without weight decay: scale and shift of a norm.</summary>
    Norm,

    /// <summary>Not trained: running statistics, frozen batch norm.</summary>
    Buffer,

    /// <summary>Not trained, int64.</summary>
    Counter,
}

/// <summary>Numbers that an entry starts with.</summary>
public abstract record Initial
{
    private Initial() { }

    /// <summary>One value everywhere.</summary>
    public sealed record Constant(double Value) : Initial;

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double Deviation) : Initial;

    /// <summary>Uniform in [-bound, bound).</summary>
    public sealed record Uniform(double Bound) : Initial;

    /// <summary>Given whole numbers.</summary>
    public sealed record Values(ImmutableArray<long> Numbers) : Initial;

    /// <summary>Detectron2's c2_xavier_fill: uniform with bound sqrt(3 / fan in).</summary>
    public static Initial Xavier(long fanIn) => new Uniform(Math.Sqrt(3.0 / fanIn));

    /// <summary>Detectron2's c2_msra_fill: normal with variance 2 / fan out.</summary>
    public static Initial Msra(long fanOut) => new Normal(Math.Sqrt(2.0 / fanOut));

    /// <summary>torch's default of a convolution and its bias: uniform with bound sqrt(1 / fan in).</summary>
    public static Initial Default(long fanIn) => new Uniform(Math.Sqrt(1.0 / fanIn));
}

/// <summary>One entry of a state dict.</summary>
public sealed record Entry(string Name, ImmutableArray<long> Shape, Role Role, Initial Initial)
{
    public bool IsTrained => Role is Role.Weight or Role.Norm;

    public long Elements => Shape.Aggregate(1L, (product, side) => product * side);
}

/// <summary>State dicts as data: what a network consists of, by published names, before there is a number of it.</summary>
public static class Spec
{
    public static IEnumerable<Entry> Scope(string scope, params IEnumerable<IEnumerable<Entry>> parts) =>
        parts.SelectMany(part => part).Select(entry => entry with { Name = $"{scope}.{entry.Name}" });

    /// <summary>Names to shapes, as a weights file must have them.</summary>
    public static ImmutableSortedDictionary<string, long[]> Shapes(IEnumerable<Entry> entries) =>
        entries.ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Shape.ToArray(), StringComparer.Ordinal);

    /// <summary>weight [output, input, kernel, kernel], and bias [output] unless null.</summary>
    public static IEnumerable<Entry> Convolution(int output, int input, int kernel, Initial weight, Initial? bias) =>
        Convolution(output, input, new Size2(kernel, kernel), weight, bias);

    /// <summary>weight [output, input, height, width], and bias [output] unless null.</summary>
    public static IEnumerable<Entry> Convolution(int output, int input, Size2 kernel, Initial weight, Initial? bias)
    {
        yield return new("weight", [output, input, kernel.Height, kernel.Width], Role.Weight, weight);
        if (bias is not null)
        {
            yield return new("bias", [output], Role.Weight, bias);
        }
    }

    /// <summary>Scale and shift of a group norm, or of a batch norm beside its running statistics.</summary>
    public static IEnumerable<Entry> Norm(int channels) =>
        [new("weight", [channels], Role.Norm, One), new("bias", [channels], Role.Norm, Zero)];

    public static IEnumerable<Entry> BatchNorm(int channels) =>
        [
            .. Norm(channels),
            new("running_mean", [channels], Role.Buffer, Zero),
            new("running_var", [channels], Role.Buffer, One),
            new("num_batches_tracked", [], Role.Counter, new Initial.Values([0])),
        ];

    public static IEnumerable<Entry> FrozenBatchNorm(int channels) =>
        [
            new("weight", [channels], Role.Buffer, One),
            new("bias", [channels], Role.Buffer, Zero),
            new("running_mean", [channels], Role.Buffer, Zero),
            new("running_var", [channels], Role.Buffer, One),
        ];

    public static Initial Zero { get; } = new Initial.Constant(0);

    public static Initial One { get; } = new Initial.Constant(1);
}

/// <summary>First numbers of a model.</summary>
public static class Initialise
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
