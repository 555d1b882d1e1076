namespace Motion.Contracts;

/// <summary>
/// The root of every random choice. Seeds are derived by name and number, never shared, so that no choice depends on the order of others.
/// </summary>
public readonly record struct Seed(ulong Value)
{
    /// <summary>A seed of its own for one purpose.</summary>
    public Seed Derive(string purpose)
    {
        var hash = 0xCBF29CE484222325UL; // FNV-1a, 64 bit
        foreach (var letter in purpose)
        {
            hash = (hash ^ letter) * 0x100000001B3UL;
        }

        return new Seed(SplitMix64.Mix(Value ^ hash));
    }

    /// <summary>A seed of its own for the n-th of equal things (frames, iterations).</summary>
    public Seed Derive(long n) => new(SplitMix64.Mix(Value + ((ulong)n * SplitMix64.Gamma) + 1));

    /// <summary>A fresh stream of draws; two streams of one seed are equal.</summary>
    public Draws Draws() => new(Value);
}

/// <summary>A stream of random numbers (SplitMix64); local to the function that made it.</summary>
public sealed class Draws(ulong state)
{
    private ulong _state = state;

    public ulong NextUInt64()
    {
        _state += SplitMix64.Gamma;
        return SplitMix64.Mix(_state);
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform in 0 .. count-1.</summary>
    public int Next(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(ulong)(((UInt128)NextUInt64() * (ulong)count) >> 64);
    }

    /// <summary>Standard normal (Box and Muller).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>A permutation of 0 .. count-1 (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}

/// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
public static class SplitMix64
{
    public const ulong Gamma = 0x9E3779B97F4A7C15UL;

    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
