using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Motion.Contracts;
using static Motion.Evaluate.CocoConstants;

namespace Motion.Evaluate;

/// <summary>Means over the arrays' defined entries. pycocotools, cocoeval.py, summarize.</summary>
internal static class Summary
{
    private const int Last = Limits - 1; // 100 detections

    public static TypeEvaluation Of(string type, Curves curves) => new(
        type,
        new CocoStats([
            Ap(curves, 0), Ap(curves, 0, 0), Ap(curves, 0, 5), Ap(curves, 1), Ap(curves, 2), Ap(curves, 3),
            Ar(curves, 0, 0), Ar(curves, 0, 1), Ar(curves, 0, Last), Ar(curves, 1, Last), Ar(curves, 2, Last), Ar(curves, 3, Last)]),
        [.. Enumerable.Range(0, curves.Classes).Select(k => OfClass(curves, k))],
        ImmutableCollectionsMarshal.AsImmutableArray(curves.Precision),
        ImmutableCollectionsMarshal.AsImmutableArray(curves.Recall),
        ImmutableCollectionsMarshal.AsImmutableArray(curves.Scores));

    private static CategoryStats OfClass(Curves curves, int k) => new(
        k,
        Ap(curves, 0, category: k), Ap(curves, 0, 0, k), Ap(curves, 0, 5, k), Ap(curves, 1, category: k), Ap(curves, 2, category: k), Ap(curves, 3, category: k),
        Ar(curves, 0, 0, k), Ar(curves, 0, 1, k), Ar(curves, 0, Last, k));

    /// <summary>Mean precision in a size range: of one threshold (0 is .50, 5 is .75) or all, of one category or all.</summary>
    private static double Ap(Curves curves, int range, int? threshold = null, int? category = null)
    {
        var defined = new List<double>();
        var ((firstT, lastT), (firstK, lastK)) = (Chosen(threshold, Thresholds), Chosen(category, curves.Classes));
        for (var t = firstT; t < lastT; t++)
        {
            for (var r = 0; r < Recalls; r++)
            {
                for (var k = firstK; k < lastK; k++)
                {
                    if (curves.Precision[curves.PrecisionAt(t, r, k, range, Last)] is var precision and > -1) defined.Add(precision);
                }
            }
        }

        return PairwiseMean.Of(CollectionsMarshal.AsSpan(defined));
    }

    private static double Ar(Curves curves, int range, int limit, int? category = null)
    {
        var defined = new List<double>();
        var (firstK, lastK) = Chosen(category, curves.Classes);
        for (var t = 0; t < Thresholds; t++)
        {
            for (var k = firstK; k < lastK; k++)
            {
                if (curves.Recall[curves.RecallAt(t, k, range, limit)] is var recall and > -1) defined.Add(recall);
            }
        }

        return PairwiseMean.Of(CollectionsMarshal.AsSpan(defined));
    }

    private static (int First, int Last) Chosen(int? one, int count) => one is { } index ? (index, index + 1) : (0, count);
}
