using System.Text;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Report;
using static TorchSharp.torch;

namespace Motion.Pipeline.Evaluating;

/// <summary>Precision over recall, as arrays and as a page to look at.</summary>
internal static class CurveFiles
{
    public const string Arrays = "arrays.safetensors";
    public const string Page = "curves.html";

    private const int MostCategories = 5000; // 1 GB of arrays

    /// <summary>
    /// Writes both into a folder: <c>precision</c> [T=10, R=101, K, A=4, M=3], <c>recall</c> [T, K, A, M] and <c>scores</c> as precision,
    /// float64; the axes are IoU thresholds, recalls, categories by id, size ranges (all, small, medium, large) and detection limits (1,
    /// 10, 100, or those asked for; of LVIS's rules three times the one).
    /// </summary>
    /// <returns>Null, or why it cannot be done.</returns>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public static string? Write(FileEvaluation evaluation, string title, string folder)
    {
        if (evaluation.Scores.Categories.Length > MostCategories)
            return $"the curves of {evaluation.Scores.Categories.Length} categories take {evaluation.Scores.Categories.Length / MostCategories} GB and more; the arrays are written for {MostCategories} at most. Leave those out of the truth that have no annotation, or --curves.";
        using var scope = NewDisposeScope();
        var scores = evaluation.Scores;
        long classes = scores.Categories.Length;
        var problem = Safetensors
            .Write(
                Path.Combine(folder, Arrays),
                [
                    new("precision", tensor(EvaluationArrays.Precision(scores)).reshape(10, 101, classes, 4, 3)),
                    new("recall", tensor(EvaluationArrays.Recall(scores)).reshape(10, classes, 4, 3)),
                    new("scores", tensor(EvaluationArrays.Scores(scores)).reshape(10, 101, classes, 4, 3)),
                ]
            )
            .Match<string?>(_ => null, error => error.Describe());
        if (problem is null)
        {
            var page = PrecisionRecallPage.Of(
                title,
                scores,
                [.. evaluation.Index.Categories.Select(category => category.Name)],
                evaluation.Limits.Most
            );
            WholeFile.Write(Path.Combine(folder, Page), file => file.Write(Encoding.UTF8.GetBytes(page)));
        }

        return problem;
    }
}
