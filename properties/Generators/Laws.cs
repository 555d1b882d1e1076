using FsCheck;
using FsCheck.Fluent;

namespace Motion.Properties.Generators;

/// <summary>
/// How laws are checked. The test suite draws always the same cases, so that a red run can be repeated; <c>motion verify</c> asks for as
/// many as it likes from a seed of its own (<see cref="LawSession"/>).
/// </summary>
public static class Laws
{
    /// <summary>
    /// Cases of a law that says nothing else; a law with fewer has a case that costs more, and keeps that ratio whatever is asked.
    /// </summary>
    public const int UsualCases = 100;

    /// <summary>The seed of the test suite, and of <c>motion verify</c> where it is given none.</summary>
    public const ulong UsualSeed = 0x4D6F74696F6EUL;

    private const ulong Gamma = 0x9E3779B97F4A7C15UL; // FsCheck wants an odd number beside the seed

    /// <summary>A hundred cases.</summary>
    public static Config Config => Cases(UsualCases);

    /// <summary>Fewer cases, for a law whose one case takes milliseconds.</summary>
    public static Config Cases(int count)
    {
        if (LawSession.Current is { } session)
            return session.Config(count);
        LawAttribute.Draws();
        return Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(new Replay(new Rnd(UsualSeed, Gamma), null));
    }

    /// <summary>Checks a law for drawn values; throws with the shrunk counterexample.</summary>
    public static void Hold<T>(Gen<T> values, Func<T, bool> law, int cases = UsualCases) =>
        Prop.ForAll(Arb.From(values, Smaller.Of(values)), law).Check(Cases(cases));
}
