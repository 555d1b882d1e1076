using System.Collections.Immutable;
using System.Globalization;
using Motion.Pipeline.Yaml;

namespace Motion.Pipeline.Settings;

/// <summary>
/// Numbers of iterations written as a share of the whole training: <c>steps: [75%]</c>, <c>warmupIterations: 50%</c>. They follow train.iterations, so that
/// a shorter or longer run of the same yaml keeps its schedule's shape.
/// </summary>
internal static class SharesOfTraining
{
    /// <summary>Keys whose value holds a share: what a resumed training keeps as it began, though its length has changed.</summary>
    public static ImmutableArray<string> KeysIn(Node.Map document) => document.Find("stages") is { } stages ? [.. Keys(stages, "stages")] : [];

    private static IEnumerable<string> Keys(Node node, string path) => node switch
    {
        Node.Map map => map.Entries.SelectMany(entry => Keys(entry.Value, $"{path}.{entry.Key.Text}")),
        Node.List list when list.Items.Any(IsShare) => [path],
        _ => IsShare(node) ? [path] : [],
    };

    private static bool IsShare(Node node) => node is Node.Scalar { Quoted: false } scalar && Share(scalar.Text) is not null;

    /// <summary>The document with every share in its stages turned into a number.</summary>
    public static Node.Map In(Node.Map document, Problems problems)
    {
        if (document.Find("stages") is not { } stages) return document;
        var given = (document.Find("train") as Node.Map)?.Find("iterations") as Node.Scalar;
        var iterations = given is null ? new TrainSettings().Iterations : int.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null;
        return document.With(document.KeyOf("stages")!, Replace(stages, iterations, problems));
    }

    private static Node Replace(Node node, int? iterations, Problems problems) => node switch
    {
        Node.Scalar { Quoted: false } scalar when Share(scalar.Text) is { } share => Number(scalar, share, iterations, problems),
        Node.Scalar => node,
        Node.List list => list with { Items = [.. list.Items.Select(item => Replace(item, iterations, problems))] },
        Node.Map map => map with { Entries = [.. map.Entries.Select(entry => entry with { Value = Replace(entry.Value, iterations, problems) })] },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static double? Share(string text) =>
        text.EndsWith('%') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) ? percent / 100 : null;

    private static Node.Scalar Number(Node.Scalar scalar, double share, int? iterations, Problems problems)
    {
        if (share is < 0 or > 1) problems.Add(scalar.Place, "", $"got {scalar.Show()}", "A share of the training's iterations is between 0% and 100%.");
        return scalar with { Text = ((int)Math.Round(share * (iterations ?? 0), MidpointRounding.AwayFromZero)).ToString(CultureInfo.InvariantCulture) };
    }
}
