using System.Diagnostics;
using System.Reflection;
using Motion.Properties.Generators;

namespace Motion.Properties.Verify;

/// <summary>What came of checking one law.</summary>
/// <param name="Law">The law.</param>
/// <param name="Cases">Cases it was checked for.</param>
/// <param name="Weight">Its share of the count asked for: 1, or less where one case costs much.</param>
/// <param name="Distribution">Kinds of cases with their shares.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Broken">What refutes it; null where it holds.</param>
internal sealed record LawOutcome(
    Law Law,
    int Cases,
    double Weight,
    IReadOnlyList<(string Kind, double Share)> Distribution,
    double Seconds,
    CounterExample? Broken
);

/// <summary>Checks laws one by one.</summary>
internal static class CheckLaw
{
    /// <param name="law">What to check.</param>
    /// <param name="runs">Cases of a law of weight 1.</param>
    /// <param name="seed">Where its cases come from.</param>
    /// <param name="clock">Measures.</param>
    public static async Task<LawOutcome> Run(Law law, int runs, LawSeed seed, TimeProvider clock)
    {
        var session = new LawSession(runs, seed);
        var begun = clock.GetTimestamp();
        CounterExample? broken = null;
        try
        {
            await session.Run(() => Call(law));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            broken = Inner(e)?.Example ?? new(seed, session.Cases, "", "", 0, $"{e.GetType().Name}: {e.Message}");
        }

        return new(law, session.Cases, session.Weight, session.Distribution, clock.GetElapsedTime(begun).TotalSeconds, broken);
    }

    private static async Task Call(Law law)
    {
        var type = law.Method.DeclaringType!;
        var fixtures = type.IsAbstract
            ? []
            : type.GetConstructors()
                .Single()
                .GetParameters()
                .Select(parameter => Activator.CreateInstance(parameter.ParameterType))
                .ToArray();
        var instance = law.Method.IsStatic ? null : Activator.CreateInstance(type, fixtures);
        try
        {
            if (law.Method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, [.. law.Arguments], null) is Task task)
                await task;
        }
        finally
        {
            foreach (var disposable in fixtures.Append(instance).OfType<IDisposable>())
                disposable.Dispose();
        }
    }

    /// <summary>FsCheck wraps what its runner throws.</summary>
    private static LawBrokenException? Inner(Exception? e) => e is null ? null : e as LawBrokenException ?? Inner(e.InnerException);
}
