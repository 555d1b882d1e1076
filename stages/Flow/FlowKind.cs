using System.Text.Json;
using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>The flow stage as a run knows it.</summary>
public static class FlowKind
{
    public static StageKind Kind { get; } =
        new("flow", typeof(FlowOptions), "estimates the motion from a frame to the next")
        {
            Train = Part,
            Test = Part,
            Extras = typeof(FlowCacheOptions),
            MayCopy = true,
            Check = (options, _) => Problems((FlowOptions)options),
            Notes = (options, catalogue) => WorkSizes((FlowOptions)options, catalogue),
        };

    private static StagePart Part =>
        StagePart.Map<FlowOptions, FramePair, FlowFrame>(
            (options, context) =>
                Estimator(options, context)
                    .Map<EstimateFlow, Func<FramePair, Result<FlowFrame, IStageError>>, FlowError>(estimate =>
                        pair => estimate(pair).Widen()
                    )
                    .Widen()
        );

    /// <summary>The stage of a run, with its memo on disk in front.</summary>
    public static Result<EstimateFlow, FlowError> Estimator(FlowOptions options, StageContext context)
    {
        var seeded = options with { Seed = options.Seed ?? (long)context.Seed.Value };
        return FlowStage.Create(seeded, device(context.Device), context.Threads).Map(estimate => FlowCache.Over(estimate, seeded, context));
    }

    private static IEnumerable<OptionProblem> Problems(FlowOptions options)
    {
        if (options.Source().HasWeights() && options.Weights is null)
        {
            yield return new(
                "weights",
                $"the network {JsonNamingPolicy.KebabCaseLower.ConvertName(options.Source().ToString())} needs weights",
                $"Name published weights that were fetched (motion weights list), a .pth or .safetensors file, or \"{FlowOptions.RandomWeights}\" to test."
            );
        }
    }

    /// <summary>A sentence for each size of frames that flow is estimated smaller than.</summary>
    private static IEnumerable<string> WorkSizes(FlowOptions options, Catalogue catalogue) =>
        !options.Source().HasWeights()
            ? []
            : from size in catalogue.Clips.Select(clip => clip.Size).Distinct()
            where size.Area > options.MaxArea
            let work = FlowStage.WorkSize(size, options.MaxArea)
            select $"flow of frames of {size.Width}x{size.Height} is estimated at {work.Width}x{work.Height} and enlarged (stages.flow.maxArea: {options.MaxArea})";
}
