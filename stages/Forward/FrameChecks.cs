using Motion.Contracts;

namespace Motion.Forward;

/// <summary>What a frame must be before the network sees it.</summary>
internal static class FrameChecks
{
    /// <summary>The first rule the frame breaks; null if none.</summary>
    /// <param name="classes">Number of categories; a box's class is below it.</param>
    public static ForwardError? Problem(FlowFrame frame, int classes)
    {
        var (image, flow, original) = (frame.Image.shape, frame.Flow.shape, frame.OriginalSize);
        ForwardError Bad(string problem, string remedy) => new ForwardError.BadFrame(frame.Key, problem, remedy);
        if (image is not [3, > 0, > 0])
        {
            return Bad($"the image must be [3, height, width]; got [{string.Join(", ", image)}]", "Check the source");
        }

        if (flow is not [2, var height, var width] || height != image[1] || width != image[2])
        {
            return Bad($"the flow must be [2, {image[1]}, {image[2]}] like the image; got [{string.Join(", ", flow)}]", "Compute the flow at the image's size");
        }

        if (original.Height < 1 || original.Width < 1)
        {
            return Bad($"the original size must be positive; got {original}", "Check the source");
        }

        foreach (var instance in frame.Truth?.Instances ?? [])
        {
            if (!instance.Box.IsFinite)
            {
                return Bad($"object {instance.Id} has a box that is not finite ({instance.Box})", "Correct its annotation");
            }

            if (instance.Class < 0 || instance.Class >= classes)
            {
                return Bad($"object {instance.Id} has class {instance.Class}; there are {classes}", "Correct its annotation, or the source's categories");
            }
        }

        return null;
    }
}
