using Motion.Contracts;

namespace Motion.Forward;

/// <summary>
/// Settings that the stage cannot follow: ranges stand at the settings themselves (<see cref="OptionRules"/>), here is what no range can
/// say.
/// </summary>
internal static class OptionChecks
{
    /// <summary>The options, or everything that is wrong with them in one error.</summary>
    public static Result<ForwardOptions, ForwardError> Check(ForwardOptions options, int classes, bool training)
    {
        string[] problems =
        [
            .. OptionRules.Broken(options).Select(rule => $"{rule.Setting} {rule.Problem}"),
            .. classes >= 1 ? Array.Empty<string>() : [$"the source has {classes} categories; at least one is needed"],
            .. Problems(options, training)
                .Select(problem => $"{problem.Key} {problem.Problem}: {char.ToLowerInvariant(problem.Remedy[0])}{problem.Remedy[1..^1]}"),
        ];
        return problems.Length == 0 ? options : new ForwardError.BadSettings([.. problems]);
    }

    /// <summary>What no range can say.</summary>
    public static IEnumerable<OptionProblem> Problems(ForwardOptions options, bool training)
    {
        var (backbone, view) = (options.Backbone, options.View);
        var isPretrained = backbone.Weights is not null || options.Weights is not null;
        (bool Holds, string Key, string Problem, string Remedy)[] rules =
        [
            (
                backbone.PixelMean.Length == 3,
                "backbone.pixelMean",
                $"needs 3 numbers; got {backbone.PixelMean.Length}",
                "Give one a channel."
            ),
            (
                backbone.PixelStd.Length == 3 && backbone.PixelStd.All(value => value > 0),
                "backbone.pixelStd",
                "needs 3 positive numbers",
                "Give one a channel."
            ),
            (
                backbone.SmallChannels.Length == 4 && backbone.SmallChannels.All(value => value >= 1),
                "backbone.smallChannels",
                "needs 4 positive numbers, for res2 .. res5",
                "Give one a stage of the network."
            ),
            (
                !backbone.Grow || backbone.Network == BackboneNetwork.Resnet101,
                "backbone.grow",
                "is for backbone.network: resnet101",
                "Take one of them out."
            ),
            (
                !training || (view.ShortestSides.Length >= 1 && view.ShortestSides.All(side => side >= 1)),
                "view.shortestSides",
                "needs at least one positive number",
                "Give the sides in pixels."
            ),
            (
                !training || backbone.Network == BackboneNetwork.Small || backbone.Freeze == Freeze.None || isPretrained,
                "backbone.freeze",
                $"{backbone.Freeze.ToString().ToLowerInvariant()} would freeze random numbers",
                "Name a file in backbone.weights, or set backbone.freeze: none."
            ),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => new OptionProblem(rule.Key, rule.Problem, rule.Remedy));
    }
}
