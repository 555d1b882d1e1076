using System.Globalization;
using Motion.Pipeline.Yaml;

namespace Motion.Pipeline.Settings;

/// <summary>
/// Numbers of iterations written as a share of the whole training: <c>steps: [75%]</c>, <c>warmupIterations: 50%</c>. They follow train.iterations, so that
/// a shorter or longer run of the same yaml keeps its schedule's shape.
/// </summary>
internal static class SharesOfTraining
{
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
