namespace Motion.Forward;

/// <summary>The learning rate over the iterations.</summary>
public static class Schedule
{
    /// <summary>Rate of a step: linear warm-up from a fraction of the base rate, then a factor at every step passed.</summary>
    /// <param name="iteration">From 0.</param>
    /// <remarks>Detectron2's WarmupMultiStepLR with its scheduler stepped after each optimiser step.</remarks>
    public static double LearningRate(OptimiserOptions options, int iteration)
    {
        var progress = options.Warmup > 0 ? Math.Min(1, (double)iteration / options.Warmup) : 1;
        var warm = (options.WarmupFactor * (1 - progress)) + progress;
        return options.LearningRate * warm * Math.Pow(options.Gamma, options.Steps.Count(step => iteration >= step));
    }
}
