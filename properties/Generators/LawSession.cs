using FsCheck;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Motion.Contracts;

namespace Motion.Properties.Generators;

/// <summary>Where a law's cases come from: a seed for all of them, or the very case that failed.</summary>
/// <param name="Seed">FsCheck's seed.</param>
/// <param name="Gamma">FsCheck's second number, odd.</param>
/// <param name="Size">FsCheck's size of one case; null where the whole run is asked for.</param>
public readonly record struct LawSeed(ulong Seed, ulong Gamma, int? Size)
{
    /// <summary>The first case of a law, by the run's seed and the law's name: no law's cases depend on which others are checked.</summary>
    public static LawSeed Of(ulong seed, string law) => new(new Seed(seed).Derive(law).Value, SplitMix64.Gamma, null);

    public override string ToString() => Size is { } size ? $"{Seed},{Gamma},{size}" : $"{Seed}";
}

/// <summary>A law that does not hold, with what refutes it.</summary>
/// <param name="Replay">Draws the counterexample (before it was shrunk) again.</param>
/// <param name="Case">Its number, from 1.</param>
/// <param name="Original">As drawn.</param>
/// <param name="Shrunk">The smallest that still refutes the law.</param>
/// <param name="Shrinks">Steps between the two.</param>
/// <param name="Why">An assertion's or exception's text; empty where the law said only no.</param>
public sealed record CounterExample(LawSeed Replay, int Case, string Original, string Shrunk, int Shrinks, string Why);

/// <summary>Leaves a law at its first counterexample.</summary>
public sealed class LawBrokenException(CounterExample example) : Exception(example.Shrunk)
{
    public CounterExample Example { get; } = example;
}

/// <summary>
/// One law's check outside the test suite: how many cases, from which seed, and what came of it. Flows with the law's own calls, so laws
/// may be checked side by side.
/// </summary>
public sealed class LawSession(int runs, LawSeed seed) : IRunner
{
    private static readonly AsyncLocal<LawSession?> Flowing = new();

    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _drawn;

    public static LawSession? Current => Flowing.Value;

    /// <summary>Cases checked so far.</summary>
    public int Cases { get; private set; }

    /// <summary>Share of the usual count that this law asks for: 1 for the usual, less where one case costs more.</summary>
    public double Weight { get; private set; } = 1;

    /// <summary>Kinds of what was drawn, commonest first, each with its share.</summary>
    public IReadOnlyList<(string Kind, double Share)> Distribution
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _kinds
                        .OrderByDescending(kind => kind.Value)
                        .ThenBy(kind => kind.Key, StringComparer.Ordinal)
                        .Select(kind => (kind.Key, (double)kind.Value / Math.Max(1, _drawn))),
                ];
            }
        }
    }

    /// <summary>Runs code as this session's.</summary>
    public async Task Run(Func<Task> law)
    {
        Flowing.Value = this;
        await law();
    }

    /// <summary>FsCheck's settings for a law that usually has <paramref name="usual"/> cases.</summary>
    public Config Config(int usual)
    {
        Weight = (double)usual / Laws.UsualCases;
        var size = seed.Size is { } one ? FSharpOption<int>.Some(one) : FSharpOption<int>.None;
        return FsCheck
            .Config.Quick.WithMaxTest(seed.Size is null ? (int)Math.Max(1, Math.Round(runs * Weight)) : 1)
            .WithReplay(new Replay(new Rnd(seed.Seed, seed.Gamma), size))
            .WithQuietOnSuccess(true)
            .WithRunner(this);
    }

    void IRunner.OnStartFixture(Type type) { }

    /// <summary>Counts what was drawn by its kinds.</summary>
    void IRunner.OnArguments(int number, FSharpList<object> arguments, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> show)
    {
        lock (_gate)
        {
            _drawn++;
            foreach (var kind in Kinds.Of(arguments))
                _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        }
    }

    void IRunner.OnShrink(FSharpList<object> arguments, FSharpFunc<FSharpList<object>, string> show) { }

    void IRunner.OnFinished(string name, TestResult result)
    {
        switch (result)
        {
            case TestResult.Passed passed:
                Count(passed.Item1);
                break;
            case TestResult.Exhausted exhausted:
                Count(exhausted.Item);
                throw new LawBrokenException(
                    new(seed, exhausted.Item.NumberOfTests, "", "", 0, "The law's condition left too few of the drawn cases.")
                );
            case TestResult.Failed failed:
                Count(failed.Item1);
                throw new LawBrokenException(
                    new(
                        new(failed.Item6.Seed, failed.Item6.Gamma, failed.Item7),
                        failed.Item1.NumberOfTests,
                        Show(failed.Item2),
                        Show(failed.Item3),
                        failed.Item1.NumberOfShrinks,
                        Why(failed)
                    )
                );
        }
    }

    /// <summary>FsCheck's own classes, which a law may name (Classify, Collect), count beside ours.</summary>
    private void Count(TestData data)
    {
        Cases += data.NumberOfTests;
        lock (_gate)
        {
            foreach (var (percent, labels) in data.Stamps)
            {
                foreach (var label in labels)
                    _kinds[label] = _kinds.GetValueOrDefault(label) + (percent * data.NumberOfTests / 100);
            }
        }
    }

    private static string Why(TestResult.Failed failed) =>
        string.Join(
            "; ",
            failed.Item1.Labels.Concat(
                failed.Item4 is Outcome.Failed { Item: { } exception } ? [exception.Message.Split("\n   at ")[0].Trim()] : []
            )
        );

    private static string Show(FSharpList<object> values) => string.Join(", ", values.Select(Words.Of));
}
