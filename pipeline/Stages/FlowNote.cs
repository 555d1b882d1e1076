using Motion.Contracts;
using Motion.Decode;
using Motion.Flow;
using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Stages;

/// <summary>What a reader of the report must know of where its motion comes from.</summary>
internal static class FlowNote
{
    /// <summary>All of it, for a report on these clips.</summary>
    public static IEnumerable<string> All(PipelineSettings settings, Catalogue catalogue) => [.. Of(settings) is { } note ? [note] : Array.Empty<string>(), .. WorkSizes(settings, Phase.Test, catalogue)];

    /// <summary>A sentence where flow was not estimated; null where a network estimated it, or there is no flow stage.</summary>
    public static string? Of(PipelineSettings settings)
    {
        if (settings.Find("flow")?.Options[Phase.Test] is not FlowOptions flow) return null;
        return flow.Network switch
        {
            FlowSource.Precomputed when settings.Find("decode")?.Options[Phase.Test] is DecodeOptions { Source: SourceKind.Synthetic } =>
                "The motion is the synthetic source's own exact flow: no network estimated it. On real video flow is estimated, and less sharp.",
            FlowSource.Precomputed => "The motion was read from files beside the frames: no network estimated it.",
            FlowSource.Zero => "There is no motion in this run (flow network: zero).",
            FlowSource.Gma or FlowSource.RaftSmall => null,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>A sentence for each size of frames that flow is estimated smaller than.</summary>
    public static IEnumerable<string> WorkSizes(PipelineSettings settings, Phase phase, Catalogue catalogue) =>
        settings.Find("flow")?.Options[phase] is not FlowOptions flow || !FlowCache.Estimates(flow.Network) ? [] :
        from size in catalogue.Clips.Select(clip => clip.Size).Distinct()
        where size.Area > flow.MaxArea
        let work = FlowStage.WorkSize(size, flow.MaxArea)
        select $"flow of frames of {size.Width}x{size.Height} is estimated at {work.Width}x{work.Height} and enlarged (stages.flow.maxArea: {flow.MaxArea})";
}
