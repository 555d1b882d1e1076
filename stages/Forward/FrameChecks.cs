using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What a frame must be before the network sees it.</summary>
internal static class FrameChecks
{
    /// <summary>The first rule the frame breaks as one to train on; null if none.</summary>
    /// <param name="classes">Number of categories; a box's class is below it.</param>
    /// <remarks>
    /// A frame annotated as empty teaches background; one without annotation would teach that its objects are background.
    /// </remarks>
    public static ForwardError? TrainingProblem(FlowFrame frame, int classes) =>
        PictureProblem(frame)
        ?? (
            frame.Truth is { } truth
                ? TruthProblem(frame.Key, truth, classes)
                : new ForwardError.BadFrame(
                    frame.Key,
                    "there is no annotation to learn from",
                    "Train on annotated frames (decode.order: shuffled leaves the others out)"
                )
        );

    /// <summary>The first rule that the frame's image or flow breaks; null if none.</summary>
    public static ForwardError? PictureProblem(FlowFrame frame)
    {
        var (image, flow, original) = (frame.Image.shape, frame.Flow.shape, frame.OriginalSize);
        ForwardError Bad(string problem, string remedy) => new ForwardError.BadFrame(frame.Key, problem, remedy);
        if (image is not [3, > 0, > 0] || frame.Image.dtype != ScalarType.Byte)
        {
            return Bad(
                $"the image must be uint8 [3, height, width]; got {frame.Image.dtype} [{string.Join(", ", image)}]",
                "Check the source"
            );
        }

        if (flow is not [2, var height, var width] || height != image[1] || width != image[2] || frame.Flow.dtype != ScalarType.Float32)
        {
            return Bad(
                $"the flow must be float32 [2, {image[1]}, {image[2]}] like the image; got {frame.Flow.dtype} [{string.Join(", ", flow)}]",
                "Compute the flow at the image's size"
            );
        }

        if (original.Height < 1 || original.Width < 1)
        {
            return Bad($"the original size must be positive; got {original}", "Check the source");
        }

        return null;
    }

    private static ForwardError? TruthProblem(FrameKey key, Annotation truth, int classes)
    {
        ForwardError Bad(string problem) => new ForwardError.BadFrame(key, problem, "Correct its annotation");
        foreach (var instance in truth.Instances)
        {
            if (!instance.Box.IsFinite)
            {
                return Bad($"object {instance.Id} has a box that is not finite ({instance.Box})");
            }

            if (instance.Class < 0 || instance.Class >= classes)
            {
                return Bad($"object {instance.Id} has class {instance.Class}; there are {classes}");
            }
        }

        return null;
    }
}
