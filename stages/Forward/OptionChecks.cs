using Motion.Contracts;

namespace Motion.Forward;

/// <summary>Settings that the stage cannot follow: ranges stand at the settings themselves (<see cref="OptionRules"/>), here is what no range can say.</summary>
internal static class OptionChecks
{
    /// <summary>The options, or everything that is wrong with them in one error.</summary>
    public static Result<ForwardOptions, ForwardError> Check(ForwardOptions options, int classes, bool training)
    {
        var problems = OptionRules.Broken(options).Select(rule => $"{rule.Setting} {rule.Problem}").Concat(Problems(options, classes)).Concat(training ? TrainingProblems(options) : []).ToArray();
        return problems.Length == 0 ? options : new ForwardError.BadSettings([.. problems]);
    }

    private static IEnumerable<string> Problems(ForwardOptions options, int classes)
    {
        var backbone = options.Backbone;
        return Broken(
            (classes >= 1, $"the source has {classes} categories; at least one is needed"),
            (backbone.PixelMean.Length == 3, $"backbone.pixelMean needs 3 numbers; got {backbone.PixelMean.Length}"),
            (backbone.PixelStd.Length == 3 && backbone.PixelStd.All(value => value > 0), "backbone.pixelStd needs 3 positive numbers"),
            (backbone.SmallChannels.Length == 4 && backbone.SmallChannels.All(value => value >= 1),
                "backbone.smallChannels needs 4 positive numbers, for res2 .. res5"),
            (!backbone.Grow || backbone.Network == BackboneNetwork.Resnet101, "backbone.grow is for backbone.network: resnet101"));
    }

    private static IEnumerable<string> TrainingProblems(ForwardOptions options)
    {
        var (backbone, view) = (options.Backbone, options.View);
        var isPretrained = backbone.Weights is not null || options.Weights is not null;
        return Broken(
            (view.ShortestSides.Length >= 1 && view.ShortestSides.All(side => side >= 1),
                "view.shortestSides needs at least one positive number"),
            (backbone.Network == BackboneNetwork.Small || backbone.Freeze == Freeze.None || isPretrained,
                $"backbone.freeze: {backbone.Freeze.ToString().ToLowerInvariant()} would freeze random numbers; "
                + "name a file in backbone.weights, or set backbone.freeze: none"));
    }

    private static IEnumerable<string> Broken(params (bool Holds, string Otherwise)[] rules) =>
        rules.Where(rule => !rule.Holds).Select(rule => rule.Otherwise);
}
