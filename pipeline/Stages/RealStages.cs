using Motion.Contracts;
using Motion.Pipeline.Running;

namespace Motion.Pipeline.Stages;

/// <summary>The stages that this build knows.</summary>
internal static class RealStages
{
    public static StageTable Table { get; } = new(
        [],
        (_, _) => new StartError("decode", "this build has no source"),
        (stage, _) => new StartError(stage.Name, "this build has no such stage"),
        (_, _) => 0);
}
