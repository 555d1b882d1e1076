using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Evaluate;

namespace Motion.Pipeline.Comparing;

/// <summary>What of an evaluation is compared.</summary>
internal enum Measure
{
    MaskAp,
    BoxAp,
    BestIou,
}

/// <summary>What one yaml has reached: for each seed its clips, each tested by the fold that has not learnt from it.</summary>
/// <param name="Name">Of the yaml.</param>
/// <param name="Seeds">One entry a seed, in the order of the seeds; of each the same clips.</param>
internal sealed record Method(string Name, ImmutableArray<ImmutableArray<MatchedClip>> Seeds);

/// <summary>A number with the bounds between which 95 % of its resampled values lie.</summary>
internal readonly record struct Interval(double Value, double Low, double High)
{
    /// <summary>Whether all of it lies on one side of zero.</summary>
    public bool IsClear => Low > 0 || High < 0;
}

/// <summary>One measure of one method: pooled over all clips, mean over the seeds, in percent.</summary>
internal sealed record Reached(Method Method, Measure Measure, Interval Pooled, ImmutableArray<double> OfSeeds);

/// <summary>By how much the second of two methods is above the first, in points.</summary>
/// <param name="First">Name of the one that is taken away.</param>
/// <param name="Second">Name of the other.</param>
/// <param name="Measure">In what.</param>
/// <param name="Pooled">Of the pooled numbers.</param>
/// <param name="OfClips">Of each clip by itself, mean over the seeds, by its name; without those of which nothing can be said.</param>
internal sealed record Difference(
    string First,
    string Second,
    Measure Measure,
    Interval Pooled,
    ImmutableSortedDictionary<string, double> OfClips
);

/// <summary>What came of a comparison.</summary>
internal sealed record Compared(ImmutableArray<Reached> Reached, ImmutableArray<Difference> Differences);

/// <summary>
/// Paired comparison of methods that were trained and tested on the same folds with the same seeds. Bounds are those of a bootstrap
/// (Efron and Tibshirani, 1993, section 13.3: percentiles): clips are drawn with replacement, and seeds are, and of both methods the same
/// ones, so that what makes a clip hard or a seed lucky for both falls out of the difference.
/// </summary>
internal static class Comparison
{
    /// <summary>The share of resampled values between the bounds.</summary>
    public const double Confidence = 0.95;

    /// <param name="methods">Two or more, with the same clips and number of seeds.</param>
    /// <param name="classes">Number of categories.</param>
    /// <param name="resamples">How often is drawn.</param>
    /// <param name="seed">Decides what is drawn.</param>
    /// <param name="threads">Resamples measured at a time; changes no number.</param>
    /// <param name="progress">Told how many of how many are measured.</param>
    public static Compared Of(
        ImmutableArray<Method> methods,
        int classes,
        int resamples,
        Seed seed,
        int threads,
        Action<int, int>? progress = null
    )
    {
        var (clips, seeds) = (methods[0].Seeds[0].Length, methods[0].Seeds.Length);
        var draws = seed.Derive("bootstrap").Draws();
        var drawn = Enumerable.Range(0, resamples).Select(_ => Drawn.Of(clips, seeds, draws)).ToArray();
        var whole = methods.Select(method => Pooled(method, Drawn.All(clips, seeds), classes)).ToArray(); // [method][measure]
        var resampled = new double?[resamples][][]; // [resample][method][measure]
        var done = 0;
        Parallel.For(
            0,
            resamples,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            index =>
            {
                resampled[index] = [.. methods.Select(method => Pooled(method, drawn[index], classes))];
                progress?.Invoke(Interlocked.Increment(ref done), resamples);
            }
        );
        return new Compared(
            [
                .. from measure in Enum.GetValues<Measure>()
                from method in methods.Index()
                let value = whole[method.Index][(int)measure]
                where value is not null
                select new Reached(
                    method.Item,
                    measure,
                    Bounded(value.Value, resampled.Select(one => one[method.Index][(int)measure])),
                    [.. method.Item.Seeds.Select(of => Numbers(of, classes)[(int)measure] ?? double.NaN)]
                ),
            ],
            [
                .. from measure in Enum.GetValues<Measure>()
                from second in Enumerable.Range(1, methods.Length - 1)
                from first in Enumerable.Range(0, second)
                let difference = whole[second][(int)measure] - whole[first][(int)measure]
                where difference is not null
                select new Difference(
                    methods[first].Name,
                    methods[second].Name,
                    measure,
                    Bounded(difference.Value, resampled.Select(one => one[second][(int)measure] - one[first][(int)measure])),
                    OfClips(methods[first], methods[second], measure, classes)
                ),
            ]
        );
    }

    /// <summary>The bounds of a number; of resamples that have none (no object was drawn) nothing is taken.</summary>
    private static Interval Bounded(double value, IEnumerable<double?> resampled)
    {
        var sorted = resampled.OfType<double>().Order().ToArray();
        return sorted.Length == 0
            ? new Interval(value, double.NaN, double.NaN)
            : new Interval(value, At(sorted, (1 - Confidence) / 2), At(sorted, (1 + Confidence) / 2));
    }

    /// <summary>A quantile, between neighbours on a straight line.</summary>
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)Math.Floor(place);
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (place - below));
    }

    /// <summary>Mean over the drawn seeds of each measure, pooled over the drawn clips.</summary>
    private static double?[] Pooled(Method method, Drawn drawn, int classes)
    {
        var each = drawn.Seeds.Select(of => Numbers(drawn.Clips.Select(clip => method.Seeds[of][clip]), classes)).ToArray();
        return
        [
            .. Enum.GetValues<Measure>()
                .Select(measure =>
                    each.Select(numbers => numbers[(int)measure]).OfType<double>().ToArray() is { Length: > 0 } known
                        ? known.Average()
                        : (double?)null
                ),
        ];
    }

    private static ImmutableSortedDictionary<string, double> OfClips(Method first, Method second, Measure measure, int classes) =>
        first
            .Seeds[0]
            .Select(
                (clip, index) =>
                    (
                        clip.Clip,
                        Differences: first
                            .Seeds.Zip(second.Seeds)
                            .Select(pair =>
                                Numbers([pair.Second[index]], classes)[(int)measure] - Numbers([pair.First[index]], classes)[(int)measure]
                            )
                            .OfType<double>()
                            .ToArray()
                    )
            )
            .Where(clip => clip.Differences.Length > 0)
            .ToImmutableSortedDictionary(clip => clip.Clip, clip => clip.Differences.Average(), StringComparer.Ordinal);

    /// <summary>Each measure in percent; null where nothing is defined.</summary>
    private static double?[] Numbers(IEnumerable<MatchedClip> clips, int classes)
    {
        var measured = MatchedClip.Measure(clips, classes);
        return [Percent(measured.Masks?.Stats.Ap), Percent(measured.Boxes.Stats.Ap), Percent(measured.MeanBestIou)];
    }

    private static double? Percent(double? share) => share is >= 0 ? 100 * share : null;

    /// <summary>Clips and seeds by their places; one may be there several times, or not at all.</summary>
    private sealed record Drawn(ImmutableArray<int> Clips, ImmutableArray<int> Seeds)
    {
        public static Drawn All(int clips, int seeds) => new([.. Enumerable.Range(0, clips)], [.. Enumerable.Range(0, seeds)]);

        public static Drawn Of(int clips, int seeds, Draws draws) =>
            new(
                [.. Enumerable.Range(0, clips).Select(_ => draws.Next(clips))],
                [.. Enumerable.Range(0, seeds).Select(_ => draws.Next(seeds))]
            );
    }
}
