using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Examples;

/// <summary>Settings of the stage.</summary>
/// <param name="Below">Pixels a frame below which nothing moves.</param>
public sealed record StillOptions([property: Range(0.0, 100.0)] double Below = 0.5);

/// <summary>A stage between flow and those it feeds: slow motion, a shaking camera's, becomes none.</summary>
public static class Still
{
    public static StageKind Kind { get; } =
        new("still", typeof(StillOptions), "takes slow motion for none")
        {
            Train = Part,
            Test = Part,
            MayCopy = true,
        };

    private static StagePart Part =>
        StagePart.Map<StillOptions, FlowFrame, FlowFrame>(
            (options, _) => Result.Ok<Func<FlowFrame, Result<FlowFrame, IStageError>>, IStageError>(frame => Calm(frame, options.Below))
        );

    private static FlowFrame Calm(FlowFrame frame, double below)
    {
        using var scope = NewDisposeScope();
        var speed = frame.Flow.select(0, 0).hypot(frame.Flow.select(0, 1)); // [H, W]
        var calm = frame.Flow * speed.ge(Held.Of(below)); // [2, H, W]
        frame.Flow.Dispose(); // a stage owns what it takes
        return frame with { Flow = calm.DetachFromDisposeScope() };
    }
}
