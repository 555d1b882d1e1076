using System.Text.Json;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Parity;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>Compares an evaluation with the numbers of the original.</summary>
public static class Expected
{
    /// <summary>
    /// The original adds pairwise, we in order: sums of up to a million numbers of [0, 1] differ by about 1e-16 of their mean.
    /// </summary>
    private const double SummationOrder = 1e-12;

    public static void Matches(JsonElement evaluation, TypeEvaluation actual, string folder)
    {
        Close(Doubles(evaluation.GetProperty("stats")), [.. actual.Stats.Values]);
        Assert.Equal(evaluation.GetProperty("perCategory").GetArrayLength(), actual.Categories.Length);
        Assert.All(evaluation.GetProperty("perCategory").EnumerateArray().Zip(actual.Categories), pair => Matches(pair.First, pair.Second));
        if (evaluation.TryGetProperty("arrays", out var name) && Path.Combine(folder, name.GetString()!) is var path && File.Exists(path))
        {
            Arrays(path, actual);
        }

        if (evaluation.TryGetProperty("officialRounded", out var rounded))
        {
            Assert.Equal(Doubles(rounded), actual.Stats.Values.Select(value => Math.Round(value, 3)));
        }
    }

    /// <summary>One entry of "perCategory".</summary>
    public static void Matches(JsonElement category, CategoryStats actual) =>
        Close(
            [
                .. new[] { "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100" }.Select(name =>
                    category.GetProperty(name).GetDouble()
                ),
            ],
            [actual.Ap, actual.Ap50, actual.Ap75, actual.ApSmall, actual.ApMedium, actual.ApLarge, actual.Ar1, actual.Ar10, actual.Ar100]
        );

    /// <summary>Precision, recall and, where stored, scores: the same doubles.</summary>
    public static void Arrays(string path, TypeEvaluation actual)
    {
        using var arrays = References.Tensors(path).OrThrow();
        Same(arrays["precision"].Elements<double>(), EvaluationArrays.Precision(actual));
        Same(arrays["recall"].Elements<double>(), EvaluationArrays.Recall(actual));
        if (arrays.Find("scores") is { } scores)
        {
            Same(scores.Elements<double>(), EvaluationArrays.Scores(actual));
        }
    }

    public static void Same(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected, (value, i) => Assert.Equal(value, actual[i]));
    }

    public static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    public static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected, (value, i) => Assert.InRange(actual[i], value - SummationOrder, value + SummationOrder));
    }
}
