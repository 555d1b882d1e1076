using System.Collections.Immutable;
using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>One number of a tensor that training starts from.</summary>
public delegate double Initial(Draws draws);

/// <summary>One tensor of a network, by its published name.</summary>
/// <param name="Name">In the published state dict, without "module.".</param>
/// <param name="Shape">Its sides.</param>
/// <param name="Initial">How training from scratch starts.</param>
/// <param name="IsBuffer">A running statistic: no gradient.</param>
public sealed record WeightEntry(string Name, ImmutableArray<long> Shape, Initial Initial, bool IsBuffer = false);

/// <summary>The tensors that a network consists of, and how the published code starts them.</summary>
public static class Spec
{
    /// <summary>A convolution as PyTorch starts it: weight and bias uniform within 1/sqrt(fan in).</summary>
    public static IEnumerable<WeightEntry> Conv(string name, int input, int output, int height, int width, bool bias = true)
    {
        var bound = 1 / Math.Sqrt((double)input * height * width);
        return Conv(name, input, output, height, width, Uniform(bound), bias);
    }

    /// <summary>A convolution as the encoders start theirs: weight normal with variance 2 / fan out, bias as PyTorch's.</summary>
    public static IEnumerable<WeightEntry> EncoderConv(string name, int input, int output, int kernel) =>
        Conv(name, input, output, kernel, kernel, Normal(Math.Sqrt(2.0 / ((double)output * kernel * kernel))), bias: true);

    /// <summary>A batch norm: weight 1, bias 0, statistics of a standard normal.</summary>
    public static IEnumerable<WeightEntry> BatchNorm(string name, int channels) =>
    [
        new(name + ".weight", [channels], Constant(1)),
        new(name + ".bias", [channels], Constant(0)),
        new(name + ".running_mean", [channels], Constant(0), IsBuffer: true),
        new(name + ".running_var", [channels], Constant(1), IsBuffer: true),
    ];

    public static Initial Constant(double value) => _ => value;

    public static Initial Uniform(double bound) => draws => draws.NextDouble(-bound, bound);

    public static Initial Normal(double deviation) => draws => deviation * draws.NextNormal();

    /// <summary>The same entries, one scope deeper.</summary>
    public static IEnumerable<WeightEntry> At(string scope, IEnumerable<WeightEntry> entries) =>
        entries.Select(entry => entry with { Name = $"{scope}.{entry.Name}" });

    /// <summary>Names to shapes, as a weights file must have them.</summary>
    public static ImmutableSortedDictionary<string, long[]> Shapes(IEnumerable<WeightEntry> entries) =>
        entries.ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Shape.ToArray(), StringComparer.Ordinal);

    /// <summary>Weights to start training from. Each tensor has a seed of its own by its name.</summary>
    public static Weights Start(IEnumerable<WeightEntry> entries, Seed seed) => Weights.Of(entries.Select(entry =>
    {
        var draws = seed.Derive(entry.Name).Draws();
        var values = new float[entry.Shape.Aggregate(1L, (product, side) => product * side)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)entry.Initial(draws);
        }

        return KeyValuePair.Create(entry.Name, tensor(values, entry.Shape.ToArray()).DetachFromDisposeScope());
    }));

    private static IEnumerable<WeightEntry> Conv(string name, int input, int output, int height, int width, Initial weight, bool bias)
    {
        yield return new WeightEntry(name + ".weight", [output, input, height, width], weight);
        if (bias)
        {
            yield return new WeightEntry(name + ".bias", [output], Uniform(1 / Math.Sqrt((double)input * height * width)));
        }
    }
}
