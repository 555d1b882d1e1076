using System.Collections.Immutable;
using Motion.Contracts;
using static Motion.Evaluate.CocoConstants;

namespace Motion.Evaluate;

/// <summary>The arrays of an evaluation over every category of its vocabulary, as pycocotools has them.</summary>
public static class EvaluationArrays
{
    /// <summary>[T=10, R=101, K, A=4, M=3], row-major; -1 where undefined.</summary>
    /// <exception cref="OverflowException">The vocabulary is too large for one array.</exception>
    public static double[] Precision(TypeEvaluation evaluation) => Full(evaluation, evaluation.Precision, Thresholds * Recalls);

    /// <summary>[T, K, A, M], likewise.</summary>
    /// <exception cref="OverflowException">The vocabulary is too large for one array.</exception>
    public static double[] Recall(TypeEvaluation evaluation) => Full(evaluation, evaluation.Recall, Thresholds);

    /// <summary>[T, R, K, A, M], likewise.</summary>
    /// <exception cref="OverflowException">The vocabulary is too large for one array.</exception>
    public static double[] Scores(TypeEvaluation evaluation) => Full(evaluation, evaluation.Scores, Thresholds * Recalls);

    private static double[] Full(TypeEvaluation evaluation, ImmutableArray<double> counted, int outer)
    {
        const int inner = Ranges * Limits;
        var (classes, places) = (evaluation.Categories.Length, evaluation.Counted);
        var full = new double[checked(outer * classes * inner)];
        full.AsSpan().Fill(-1);
        for (var at = 0; at < outer; at++)
        {
            foreach (var (place, category) in places.Index())
                counted.AsSpan(((at * places.Length) + place) * inner, inner).CopyTo(full.AsSpan(((at * classes) + category) * inner));
        }

        return full;
    }
}
