using FsCheck;
using FsCheck.Fluent;

namespace Motion.Properties.Generators;

/// <summary>How laws are checked: always the same cases, so that a red run can be repeated.</summary>
public static class Laws
{
    private const ulong Seed = 0x4D6F74696F6EUL;
    private const ulong Gamma = 0x9E3779B97F4A7C15UL; // FsCheck wants an odd number beside the seed

    /// <summary>A hundred cases.</summary>
    public static Config Config => Cases(100);

    /// <summary>Fewer cases, for a law whose one case takes milliseconds.</summary>
    public static Config Cases(int count) => Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(new Replay(new Rnd(Seed, Gamma), null));

    /// <summary>Checks a law for drawn values; throws with the shrunk counterexample.</summary>
    public static void Hold<T>(Gen<T> values, Func<T, bool> law, int cases = 100) => Prop.ForAll(values.ToArbitrary(), law).Check(Cases(cases));
}
