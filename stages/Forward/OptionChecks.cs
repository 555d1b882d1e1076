using Motion.Contracts;

namespace Motion.Forward;

/// <summary>Settings that the stage cannot follow.</summary>
internal static class OptionChecks
{
    /// <summary>The options, or everything that is wrong with them in one error.</summary>
    public static Result<ForwardOptions, ForwardError> Check(ForwardOptions options, int classes, bool training)
    {
        var problems = Problems(options, classes).Concat(training ? TrainingProblems(options) : []).ToArray();
        return problems.Length == 0 ? options : new ForwardError.BadSettings([.. problems]);
    }

    private static IEnumerable<string> Problems(ForwardOptions options, int classes)
    {
        var (backbone, mask, view, inference) = (options.Backbone, options.Mask, options.View, options.Inference);
        return Broken(
            (classes >= 1, $"the source has {classes} categories; at least one is needed"),
            (backbone.PixelMean.Length == 3, $"backbone.pixelMean needs 3 numbers; got {backbone.PixelMean.Length}"),
            (backbone.PixelStd.Length == 3 && backbone.PixelStd.All(value => value > 0), "backbone.pixelStd needs 3 positive numbers"),
            (backbone.SmallChannels.Length == 4 && backbone.SmallChannels.All(value => value >= 1),
                "backbone.smallChannels needs 4 positive numbers, for res2 .. res5"),
            (!backbone.Grow || backbone.Network == BackboneNetwork.Resnet101, "backbone.grow is for backbone.network: resnet101"),
            (options.Pyramid.Channels >= 1, $"pyramid.channels must be positive; got {options.Pyramid.Channels}"),
            (options.Head.TowerConvs >= 0, $"head.towerConvs must not be negative; got {options.Head.TowerConvs}"),
            (options.Head.Prior is > 0 and < 1, $"head.prior must be between 0 and 1; got {options.Head.Prior}"),
            (options.Head.CentreSampling > 0, $"head.centreSampling must be positive; got {options.Head.CentreSampling}"),
            (mask.BranchConvs >= 0 && mask.BranchChannels >= 1,
                "mask.branchConvs must not be negative, mask.branchChannels must be positive"),
            (mask.Channels >= 1 && mask.HeadChannels >= 1 && mask.PerImage >= 1,
                "mask.channels, mask.headChannels and mask.perImage must be positive"),
            (view.TestShortestSide >= 1 && view.TestLongestSide >= 1, "view.testShortestSide and view.testLongestSide must be positive"),
            (inference.PerLevel >= 1 && inference.PerFrame >= 1, "inference.perLevel and inference.perFrame must be positive"),
            (inference.ScoreThreshold is >= 0 and < 1,
                $"inference.scoreThreshold must be at least 0 and below 1; got {inference.ScoreThreshold}"),
            (inference.NmsThreshold is >= 0 and <= 1, $"inference.nmsThreshold must be between 0 and 1; got {inference.NmsThreshold}"));
    }

    private static IEnumerable<string> TrainingProblems(ForwardOptions options)
    {
        var (backbone, view, optimiser) = (options.Backbone, options.View, options.Optimiser);
        var isPretrained = backbone.Weights is not null || options.Weights is not null;
        return Broken(
            (view.ShortestSides.Length >= 1 && view.ShortestSides.All(side => side >= 1),
                "view.shortestSides needs at least one positive number"),
            (view.LongestSide >= 1, $"view.longestSide must be positive; got {view.LongestSide}"),
            (view.FlipProbability is >= 0 and <= 1, $"view.flipProbability must be between 0 and 1; got {view.FlipProbability}"),
            (optimiser.LearningRate > 0, $"optimiser.learningRate must be positive; got {optimiser.LearningRate}"),
            (optimiser.Momentum is >= 0 and < 1, $"optimiser.momentum must be at least 0 and below 1; got {optimiser.Momentum}"),
            (optimiser.WeightDecay >= 0, $"optimiser.weightDecay must not be negative; got {optimiser.WeightDecay}"),
            (optimiser.Warmup >= 0, $"optimiser.warmup must not be negative; got {optimiser.Warmup}"),
            (optimiser.ClipNorm > 0, $"optimiser.clipNorm must be positive; got {optimiser.ClipNorm}"),
            (options.Features.MemoryMegabytes >= 0,
                $"features.memoryMegabytes must not be negative; got {options.Features.MemoryMegabytes}"),
            (backbone.Network == BackboneNetwork.Small || backbone.Freeze == Freeze.None || isPretrained,
                $"backbone.freeze: {backbone.Freeze.ToString().ToLowerInvariant()} would freeze random numbers; "
                + "name a file in backbone.weights, or set backbone.freeze: none"));
    }

    private static IEnumerable<string> Broken(params (bool Holds, string Otherwise)[] rules) =>
        rules.Where(rule => !rule.Holds).Select(rule => rule.Otherwise);
}
