using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Motion.Contracts;
using static Motion.Evaluate.CocoConstants;

namespace Motion.Evaluate;

/// <summary>
/// From outcomes to precision, recall and the twelve numbers. pycocotools, cocoeval.py, accumulate and summarize. Recall grows only at a
/// true positive, and precision is nowhere higher than at one: so only those are kept, and every detection is visited once a size range and
/// limit.
/// </summary>
public static class Accumulation
{
    /// <summary>Average precision over images.</summary>
    /// <param name="type">Name of the result: bbox, segm, segm-video.</param>
    /// <param name="classes">Number of categories, K.</param>
    /// <param name="units">Outcomes of each image, in the order that decides between equal scores.</param>
    /// <param name="threads">Categories accumulated at a time; does not change the result.</param>
    /// <param name="limits">How many detections count; COCO's where not given.</param>
    public static TypeEvaluation Accumulate(
        string type,
        int classes,
        IReadOnlyList<UnitOutcomes> units,
        int threads = 1,
        DetectionLimits? limits = null
    )
    {
        var most = (limits ?? DetectionLimits.Usual).Values;
        var (outcomes, starts) = GroupByClass(classes, units);
        var counted = CountByClass(classes, units);
        var curves = new Curves(
            classes,
            [.. Enumerable.Range(0, classes).Where(category => counted.AsSpan(category * Ranges, Ranges).ContainsAnyExcept(0))]
        );
        Threads.For(
            curves.Counted.Length,
            threads,
            place =>
            {
                var category = curves.Counted[place];
                var group = outcomes.AsSpan(starts[category]..starts[category + 1]);
                SortByScore(group);
                for (var range = 0; range < Ranges; range++)
                {
                    if (counted[(category * Ranges) + range] is var positives and > 0)
                    {
                        for (var limit = 0; limit < Limits; limit++)
                        {
                            Sweep(group, positives, new Cell(place, range, limit), most[limit], curves);
                        }
                    }
                }
            }
        );
        return Summary.Of(type, curves);
    }

    /// <summary>All outcomes, class by class, each in the order of units; where each class starts.</summary>
    private static (Outcome[] Outcomes, int[] Starts) GroupByClass(int classes, IReadOnlyList<UnitOutcomes> units)
    {
        var starts = new int[classes + 1];
        foreach (var unit in units)
        {
            foreach (ref readonly var outcome in unit.Found.AsSpan())
            {
                starts[outcome.Class + 1]++;
            }
        }

        for (var category = 0; category < classes; category++)
        {
            starts[category + 1] += starts[category];
        }

        var next = starts[..classes];
        var outcomes = new Outcome[starts[classes]];
        foreach (var unit in units)
        {
            foreach (ref readonly var outcome in unit.Found.AsSpan())
            {
                outcomes[next[outcome.Class]++] = outcome;
            }
        }

        return (outcomes, starts);
    }

    private static int[] CountByClass(int classes, IReadOnlyList<UnitOutcomes> units)
    {
        var counted = new int[classes * Ranges];
        foreach (var unit in units)
        {
            foreach (var (category, ranges) in unit.Truths.AsSpan())
            {
                for (var bits = (uint)ranges; bits != 0; bits &= bits - 1)
                {
                    counted[(category * Ranges) + BitOperations.TrailingZeroCount(bits)]++;
                }
            }
        }

        return counted;
    }

    /// <summary>By falling score; equal scores stay in their order.</summary>
    private static void SortByScore(Span<Outcome> outcomes)
    {
        var keys = new (double Score, int Place)[outcomes.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (-outcomes[i].Score, i);
        }

        keys.AsSpan().Sort();
        var sorted = new Outcome[outcomes.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            sorted[i] = outcomes[keys[i].Place];
        }

        sorted.CopyTo(outcomes);
    }

    /// <summary>One category (by its place among those that are counted), size range and limit: its place in the arrays.</summary>
    internal readonly record struct Cell(int Place, int Range, int Limit);

    private static void Sweep(ReadOnlySpan<Outcome> outcomes, int positives, Cell cell, int limit, Curves curves)
    {
        var (common, first) = (0, double.NaN); // false positives at every threshold; score of the first detection
        Span<int> others = stackalloc int[Thresholds]; // false positives at some
        others.Clear();
        var hits = new Hits(positives);
        foreach (ref readonly var outcome in outcomes)
        {
            if (outcome.Rank >= limit)
            {
                continue;
            }

            first = double.IsNaN(first) ? outcome.Score : first;
            var isFalse = (uint)(outcome.False >> (cell.Range * Thresholds)) & ((1 << Thresholds) - 1);
            if (isFalse == (1 << Thresholds) - 1)
            {
                common++;
                continue;
            }

            var isTrue = (uint)(outcome.True >> (cell.Range * Thresholds)) & ((1 << Thresholds) - 1);
            for (; isTrue != 0; isTrue &= isTrue - 1)
            {
                var threshold = BitOperations.TrailingZeroCount(isTrue);
                hits.Add(threshold, common + others[threshold], outcome.Score);
            }

            for (; isFalse != 0; isFalse &= isFalse - 1)
            {
                others[BitOperations.TrailingZeroCount(isFalse)]++;
            }
        }

        for (var threshold = 0; threshold < Thresholds; threshold++)
        {
            curves.Fill(cell, threshold, hits.Of(threshold), positives, first);
        }
    }

    /// <summary>Precision and score at every true positive, a list for each threshold.</summary>
    private readonly struct Hits(int positives)
    {
        private const double Spacing = 2.220446049250313e-16; // numpy.spacing(1), which keeps 0/0 away

        private readonly (double Precision, double Score)[] _all = new (double, double)[Thresholds * positives];
        private readonly int[] _counts = new int[Thresholds];

        public void Add(int threshold, int falsePositives, double score)
        {
            var count = _counts[threshold]++;
            double truePositives = count + 1;
            _all[(threshold * (_all.Length / Thresholds)) + count] = (truePositives / (falsePositives + truePositives + Spacing), score);
        }

        public Span<(double Precision, double Score)> Of(int threshold) =>
            _all.AsSpan(threshold * (_all.Length / Thresholds), _counts[threshold]);
    }
}

/// <summary>
/// The three arrays of an evaluation, of the categories that have something to find; -1 until filled. Different cells may be filled at the
/// same time.
/// </summary>
internal sealed class Curves(int classes, ImmutableArray<int> counted)
{
    /// <summary>Categories of the vocabulary.</summary>
    public int Classes => classes;

    /// <summary>Those of the arrays, ascending.</summary>
    public ImmutableArray<int> Counted => counted;

    /// <summary>[T, R, C, A, M].</summary>
    public double[] Precision { get; } = Undefined(Thresholds * Recalls * counted.Length * Ranges * Limits);

    /// <summary>[T, C, A, M].</summary>
    public double[] Recall { get; } = Undefined(Thresholds * counted.Length * Ranges * Limits);

    /// <summary>[T, R, C, A, M].</summary>
    public double[] Scores { get; } = Undefined(Thresholds * Recalls * counted.Length * Ranges * Limits);

    private static double[] Undefined(int length)
    {
        var array = new double[length];
        array.AsSpan().Fill(-1);
        return array;
    }

    public int PrecisionAt(int threshold, int recall, int place, int range, int limit) =>
        (((((((threshold * Recalls) + recall) * counted.Length) + place) * Ranges) + range) * Limits) + limit;

    public int RecallAt(int threshold, int place, int range, int limit) =>
        (((((threshold * counted.Length) + place) * Ranges) + range) * Limits) + limit;

    /// <param name="cell">Where.</param>
    /// <param name="threshold">IoU threshold.</param>
    /// <param name="hits">Precision and score at each true positive; the precisions are overwritten.</param>
    /// <param name="positives">Truths that count.</param>
    /// <param name="first">Score of the very first detection, NaN without any: the score at recall 0.</param>
    public void Fill(Accumulation.Cell cell, int threshold, Span<(double Precision, double Score)> hits, int positives, double first)
    {
        var (place, range, limit) = cell;
        Recall[RecallAt(threshold, place, range, limit)] = hits.Length / (double)positives;
        for (var i = hits.Length - 2; i >= 0; i--)
        {
            hits[i].Precision = Math.Max(hits[i].Precision, hits[i + 1].Precision);
        }

        for (int recall = 0, hit = 0; recall < Recalls; recall++)
        {
            while (hit < hits.Length && (hit + 1) / (double)positives < RecallThresholds[recall])
            {
                hit++;
            }

            var at = PrecisionAt(threshold, recall, place, range, limit);
            (Precision[at], Scores[at]) = hit < hits.Length ? hits[hit] : default;
            if (recall == 0)
            {
                Scores[at] = double.IsNaN(first) ? 0 : first;
            }
        }
    }
}

/// <summary>How many things at a time.</summary>
internal static class Threads
{
    public static void For(int count, int threads, Action<int> body)
    {
        if (threads > 1)
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            body(i);
        }
    }
}
