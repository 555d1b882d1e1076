using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>The loss stage as a run knows it.</summary>
public static class LossKind
{
    public static StageKind Kind { get; } =
        new("loss", typeof(LossOptions), "compares predictions with boxes and pairs; gives the gradient back")
        {
            Train = StagePart.Map<LossOptions, Prediction, Gradient>(
                (options, context) =>
                {
                    var (compute, at) = (LossStage.Create(options), device(context.Device));
                    return Result.Ok<Func<Prediction, Result<Gradient, IStageError>>, IStageError>(prediction =>
                        compute(OnDevice.Move(prediction, at)).Widen()
                    );
                }
            ),
        };
}
