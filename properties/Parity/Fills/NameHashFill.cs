using System.Text;
using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Parity.Fills;

/// <summary>
/// The value of one entry's elements as a function of their uniform number u in [-1, 1): Offset + Scale * u, or with |u|.
/// </summary>
internal readonly record struct FillValue(double Offset, double Scale, bool Absolute = false)
{
    public double Of(double u) => Offset + (Scale * (Absolute ? Math.Abs(u) : u));
}

/// <summary>Which values an entry gets; null where the constructor's value stays.</summary>
internal delegate FillValue? FillRule(string name, long[] shape);

/// <summary>
/// Weights that depend only on an entry's name and shape, so that two implementations hold the same ones without sharing a file.
/// FNV-1a of the name, SplitMix64 per element, one rounding to float32 at the end.
/// </summary>
internal static class NameHashFill
{
    /// <summary>float32 tensor of the given shape.</summary>
    public static Tensor Fill(string name, long[] shape, FillValue value)
    {
        var values = new float[shape.Aggregate(1L, (product, side) => checked(product * side))];
        var hash = Hash(name);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)value.Of(Uniform(hash, (ulong)i));
        }

        return tensor(values, shape);
    }

    /// <summary>All entries for which the rule has a value.</summary>
    public static Dictionary<string, Tensor> Fill(IEnumerable<KeyValuePair<string, long[]>> shapes, FillRule rule)
    {
        var filled = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, shape) in shapes)
        {
            if (rule(name, shape) is { } value)
            {
                filled.Add(name, Fill(name, shape, value));
            }
        }

        return filled;
    }

    /// <summary>FNV-1a, 32 bit, of the UTF-8 bytes.</summary>
    public static uint Hash(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ letter) * 16777619u);
        }

        return hash;
    }

    /// <summary>The i-th number in [-1, 1) of a name, a multiple of 2^-23.</summary>
    public static double Uniform(uint hash, ulong i)
    {
        var z = unchecked(((ulong)hash << 32) + i + SplitMix64.Gamma);
        return ((long)(SplitMix64.Mix(z) >> 40) - 8388608) / 8388608.0;
    }
}
