using Motion.Contracts;
using Motion.Decode;
using Motion.Flow;
using Motion.Runner.Settings;

namespace Motion.Pipeline.Stages;

/// <summary>What a reader of the report must know of where its motion comes from.</summary>
internal static class FlowNote
{
    /// <summary>A sentence where flow was not estimated; null where it was estimated, or there is no flow stage.</summary>
    public static string? Of(PipelineSettings settings) =>
        settings.OptionsOf<FlowOptions>(FlowKind.Kind, Phase.Test)?.Source() switch
        {
            FlowSource.Precomputed
                when settings.OptionsOf<DecodeOptions>(DecodeKind.Kind, Phase.Test) is { Source: SourceKind.Synthetic } =>
                "The motion is the synthetic source's own exact flow: no network estimated it. On real video flow is estimated, and less sharp.",
            FlowSource.Precomputed => "The motion was read from files beside the frames: no network estimated it.",
            FlowSource.Zero => "There is no motion in this run (flow network: zero).",
            _ => null,
        };
}
