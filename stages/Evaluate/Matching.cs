using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static Motion.Evaluate.CocoConstants;

namespace Motion.Evaluate;

/// <summary>
/// COCO's matching in one image (or video): in every class, detections by falling score take the truth they overlap most, if by the
/// threshold or more; truths that count come before ignored ones. pycocotools, cocoeval.py, evaluateImg, for all ranges and thresholds at
/// once.
/// </summary>
public static class Matching
{
    private const ulong AllThresholds = (1UL << Thresholds) - 1;
    private const ulong AllBits = (1UL << (Ranges * Thresholds)) - 1;

    /// <summary>Outcomes of one image.</summary>
    /// <param name="truths">Its annotated objects, in the order of the file.</param>
    /// <param name="found">Its detections, in the order of the file; scores are finite.</param>
    /// <param name="overlaps">IoU of those that share a class; called once a class.</param>
    /// <param name="ranges">Size ranges.</param>
    /// <param name="watch">Told who matched whom, class by class, where somebody wants to know.</param>
    /// <param name="most">How many detections of a class count.</param>
    public static UnitOutcomes Match(
        ReadOnlySpan<TruthItem> truths,
        ReadOnlySpan<FoundItem> found,
        FillOverlaps overlaps,
        AreaRanges ranges,
        Action<GroupMatches>? watch = null,
        int most = MostDetections
    )
    {
        var counted = CountTruths(truths, ranges);
        var (truthOrder, foundOrder) = (ByClass(truths), ByClassAndScore(found));
        var outcomes = new List<Outcome>(found.Length);
        for (int t = 0, f = 0; t < truths.Length || f < found.Length; )
        {
            var category = Math.Min(
                t < truths.Length ? truths[truthOrder[t]].Class : int.MaxValue,
                f < found.Length ? found[foundOrder[f]].Class : int.MaxValue
            );
            var (firstTruth, firstFound) = (t, f);
            while (t < truths.Length && truths[truthOrder[t]].Class == category)
            {
                t++;
            }

            while (f < found.Length && found[foundOrder[f]].Class == category)
            {
                f++;
            }

            var columns = truthOrder.AsSpan(firstTruth, t - firstTruth);
            var rows = foundOrder.AsSpan(firstFound, Math.Min(f - firstFound, most));
            MatchGroup(new Group(category, truths, found, columns, rows, ranges), overlaps, outcomes, watch);
        }

        return new UnitOutcomes([.. CollectionsMarshal.AsSpan(outcomes)], counted);
    }

    private static ImmutableArray<CountedTruth> CountTruths(ReadOnlySpan<TruthItem> truths, AreaRanges ranges)
    {
        var counted = ImmutableArray.CreateBuilder<CountedTruth>(truths.Length);
        foreach (var truth in truths)
        {
            if (!truth.IsCrowd && !truth.IsIgnored && ranges.RangesOf(truth.Area) is var bits and not 0)
            {
                counted.Add(new CountedTruth(truth.Class, bits));
            }
        }

        return counted.DrainToImmutable();
    }

    private static int[] ByClass(ReadOnlySpan<TruthItem> truths)
    {
        var keys = new long[truths.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = ((long)truths[i].Class << 32) | (uint)i;
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)(uint)key);
    }

    private static int[] ByClassAndScore(ReadOnlySpan<FoundItem> found)
    {
        var keys = new RankKey[found.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = new RankKey(found[i].Class, found[i].Score, i);
        }

        Array.Sort(keys, RankKey.Compare);
        return Array.ConvertAll(keys, key => key.Index);
    }

    private readonly record struct RankKey(int Class, double Score, int Index)
    {
        public static int Compare(RankKey a, RankKey b) =>
            a.Class != b.Class ? a.Class.CompareTo(b.Class)
            : a.Score != b.Score ? b.Score.CompareTo(a.Score)
            : a.Index.CompareTo(b.Index);
    }

    /// <summary>One class of one image; Columns and Rows are indices of Truths and Found.</summary>
    private readonly ref struct Group(
        int category,
        ReadOnlySpan<TruthItem> truths,
        ReadOnlySpan<FoundItem> found,
        ReadOnlySpan<int> columns,
        ReadOnlySpan<int> rows,
        AreaRanges ranges
    )
    {
        public int Class { get; } = category;

        public ReadOnlySpan<TruthItem> Truths { get; } = truths;

        public ReadOnlySpan<FoundItem> Found { get; } = found;

        public ReadOnlySpan<int> Columns { get; } = columns;

        public ReadOnlySpan<int> Rows { get; } = rows;

        public AreaRanges Areas { get; } = ranges;

        public bool Ignores(int column, int range) =>
            Truths[Columns[column]].IsCrowd
            || Truths[Columns[column]].IsIgnored
            || (Areas.RangesOf(Truths[Columns[column]].Area) & (1 << range)) == 0;
    }

    private static void MatchGroup(Group group, FillOverlaps overlaps, List<Outcome> outcomes, Action<GroupMatches>? watch)
    {
        var (d, g) = (group.Rows.Length, group.Columns.Length);
        Span<ulong> matched = d <= MostDetections ? stackalloc ulong[MostDetections] : new ulong[d],
            ignored = d <= MostDetections ? stackalloc ulong[MostDetections] : new ulong[d];
        matched.Clear();
        ignored.Clear();
        var iou = d * g == 0 ? [] : new double[d * g];
        var (order, ignores, matches) = (new int[g], new bool[g], watch is null ? [] : Enumerable.Repeat(-1, Thresholds * d).ToArray());
        if (d * g > 0)
        {
            overlaps(group.Rows, group.Columns, iou);
            for (var range = Ranges - 1; range >= 0; range--) // range 0 last: that is the one to be watched
            {
                OrderTruths(group, range, order, ignores);
                MatchRange(group, range, iou, order, ignores, matched, ignored, matches);
            }
        }

        for (var row = 0; row < d; row++)
        {
            var item = group.Found[group.Rows[row]];
            var outside = item.IsOpen ? AllBits : Spread(~group.Areas.RangesOf(item.Area));
            ignored[row] |= ~matched[row] & outside;
            outcomes.Add(new Outcome(item.Class, row, item.Score, matched[row] & ~ignored[row], ~matched[row] & ~ignored[row] & AllBits));
        }

        if (watch is not null)
        {
            OrderTruths(group, 0, order, ignores);
            watch(Details(group, order, ignores, matches, ignored, iou));
        }
    }

    /// <summary>Ten bits for each of the four.</summary>
    private static ulong Spread(int rangeBits)
    {
        var bits = 0UL;
        for (var range = 0; range < Ranges; range++)
        {
            bits |= (rangeBits & (1 << range)) == 0 ? 0 : AllThresholds << (range * Thresholds);
        }

        return bits;
    }

    /// <summary>Columns that count in this range, then those ignored, each in the order of the file; whether a column is ignored.</summary>
    private static void OrderTruths(Group group, int range, Span<int> order, Span<bool> ignores)
    {
        var place = 0;
        for (var column = 0; column < order.Length; column++)
        {
            ignores[column] = group.Ignores(column, range);
            if (!ignores[column])
            {
                order[place++] = column;
            }
        }

        for (var column = 0; column < order.Length; column++)
        {
            if (ignores[column])
            {
                order[place++] = column;
            }
        }
    }

    private static void MatchRange(
        Group group,
        int range,
        ReadOnlySpan<double> iou,
        ReadOnlySpan<int> order,
        ReadOnlySpan<bool> ignores,
        Span<ulong> matched,
        Span<ulong> ignored,
        Span<int> matches
    )
    {
        Span<bool> taken = order.Length <= 256 ? stackalloc bool[order.Length] : new bool[order.Length];
        for (var threshold = 0; threshold < Thresholds; threshold++)
        {
            taken.Clear();
            var bit = 1UL << ((range * Thresholds) + threshold);
            for (var row = 0; row < group.Rows.Length; row++)
            {
                var best = Best(group, iou.Slice(row * order.Length, order.Length), IouThresholds[threshold], order, ignores, taken);
                if (best < 0)
                {
                    continue;
                }

                taken[best] = true;
                matched[row] |= group.Truths[group.Columns[best]].Id == 0 ? 0 : bit;
                ignored[row] |= ignores[best] ? bit : 0;
                if (range == 0 && !matches.IsEmpty)
                {
                    matches[(threshold * group.Rows.Length) + row] = group.Columns[best];
                }
            }
        }
    }

    /// <summary>
    /// The column that a detection takes, or -1. A later column with the same overlap wins; an ignored one never beats one that counts.
    /// </summary>
    private static int Best(
        Group group,
        ReadOnlySpan<double> iou,
        double threshold,
        ReadOnlySpan<int> order,
        ReadOnlySpan<bool> ignores,
        ReadOnlySpan<bool> taken
    )
    {
        var (best, least) = (-1, threshold);
        foreach (var column in order)
        {
            if (best >= 0 && !ignores[best] && ignores[column])
            {
                break;
            }

            if (iou[column] >= least && (!taken[column] || group.Truths[group.Columns[column]].IsCrowd))
            {
                (best, least) = (column, iou[column]);
            }
        }

        return best;
    }

    private static GroupMatches Details(
        Group group,
        ReadOnlySpan<int> order,
        ReadOnlySpan<bool> ignores,
        int[] matches,
        ReadOnlySpan<ulong> ignored,
        double[] iou
    )
    {
        var rows = group.Rows.Length;
        var truths = ImmutableArray.CreateBuilder<int>(order.Length);
        var truthIgnored = ImmutableArray.CreateBuilder<bool>(order.Length);
        foreach (var column in order)
        {
            truths.Add(group.Columns[column]);
            truthIgnored.Add(ignores[column]);
        }

        var foundIgnored = ImmutableArray.CreateBuilder<bool>(matches.Length);
        for (var i = 0; i < matches.Length; i++)
        {
            foundIgnored.Add((ignored[i % rows] & (1UL << (i / rows))) != 0);
        }

        return new GroupMatches(
            group.Class,
            [.. group.Rows],
            truths.MoveToImmutable(),
            truthIgnored.MoveToImmutable(),
            [.. matches],
            foundIgnored.MoveToImmutable(),
            [.. iou]
        );
    }
}
