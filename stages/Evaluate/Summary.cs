using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Motion.Contracts;
using static Motion.Evaluate.CocoConstants;

namespace Motion.Evaluate;

/// <summary>Means over the arrays' defined entries. pycocotools, cocoeval.py, summarize.</summary>
internal static class Summary
{
    private const int Last = Limits - 1; // 100 detections

    public static TypeEvaluation Of(string type, Curves curves) =>
        new(
            type,
            new CocoStats([
                Ap(curves, 0),
                Ap(curves, 0, 0),
                Ap(curves, 0, 5),
                Ap(curves, 1),
                Ap(curves, 2),
                Ap(curves, 3),
                Ar(curves, 0, 0),
                Ar(curves, 0, 1),
                Ar(curves, 0, Last),
                Ar(curves, 1, Last),
                Ar(curves, 2, Last),
                Ar(curves, 3, Last),
            ]),
            Categories(curves),
            ImmutableCollectionsMarshal.AsImmutableArray(curves.Precision),
            ImmutableCollectionsMarshal.AsImmutableArray(curves.Recall),
            ImmutableCollectionsMarshal.AsImmutableArray(curves.Scores)
        );

    /// <summary>One entry a category; all -1 for those without anything to find.</summary>
    private static ImmutableArray<CategoryStats> Categories(Curves curves)
    {
        var all = new CategoryStats[curves.Classes];
        for (var k = 0; k < all.Length; k++)
            all[k] = new(k, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        foreach (var (place, k) in curves.Counted.Index())
            all[k] = OfClass(curves, k, place);
        return ImmutableCollectionsMarshal.AsImmutableArray(all);
    }

    private static CategoryStats OfClass(Curves curves, int k, int place) =>
        new(
            k,
            Ap(curves, 0, place: place),
            Ap(curves, 0, 0, place),
            Ap(curves, 0, 5, place),
            Ap(curves, 1, place: place),
            Ap(curves, 2, place: place),
            Ap(curves, 3, place: place),
            Ar(curves, 0, 0, place),
            Ar(curves, 0, 1, place),
            Ar(curves, 0, Last, place)
        );

    /// <summary>Mean precision in a size range: of one threshold (0 is .50, 5 is .75) or all, of one category or all.</summary>
    private static double Ap(Curves curves, int range, int? threshold = null, int? place = null)
    {
        var defined = new List<double>();
        var ((firstT, lastT), (firstK, lastK)) = (Chosen(threshold, Thresholds), Chosen(place, curves.Counted.Length));
        for (var t = firstT; t < lastT; t++)
        {
            for (var r = 0; r < Recalls; r++)
            {
                for (var k = firstK; k < lastK; k++)
                {
                    if (curves.Precision[curves.PrecisionAt(t, r, k, range, Last)] is var precision and > -1)
                        defined.Add(precision);
                }
            }
        }

        return PairwiseMean.Of(CollectionsMarshal.AsSpan(defined));
    }

    private static double Ar(Curves curves, int range, int limit, int? place = null)
    {
        var defined = new List<double>();
        var (firstK, lastK) = Chosen(place, curves.Counted.Length);
        for (var t = 0; t < Thresholds; t++)
        {
            for (var k = firstK; k < lastK; k++)
            {
                if (curves.Recall[curves.RecallAt(t, k, range, limit)] is var recall and > -1)
                    defined.Add(recall);
            }
        }

        return PairwiseMean.Of(CollectionsMarshal.AsSpan(defined));
    }

    private static (int First, int Last) Chosen(int? one, int count) => one is { } index ? (index, index + 1) : (0, count);
}
