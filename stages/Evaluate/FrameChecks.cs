using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Evaluate;

/// <summary>What makes a frame, or frames together, incomparable; in words that name the item.</summary>
internal static class FrameChecks
{
    /// <summary>The first problem of a frame, or null.</summary>
    public static string? Problem(Detections frame, Annotation truth, int classes)
    {
        for (var i = 0; i < frame.Items.Length; i++)
        {
            var item = frame.Items[i];
            var problem = float.IsFinite(item.Score)
                ? ItemProblem(item.Class, item.Box, item.Mask, classes, frame.OriginalSize)
                : $"has the score {item.Score}; a score is a finite number";
            if (problem is not null)
            {
                return $"detection {i} {problem}.";
            }
        }

        for (var i = 0; i < truth.Instances.Length; i++)
        {
            var item = truth.Instances[i];
            var problem =
                item.Area is { } area && !double.IsFinite(area)
                    ? $"has the area {area}; an area is a finite number of pixels"
                    : ItemProblem(item.Class, item.Box, item.Mask, classes, frame.OriginalSize);
            if (problem is not null)
            {
                return $"annotated object {i} {problem}.";
            }
        }

        return Mixed("detections", frame.Items.Count(item => item.Mask is null), frame.Items.Length)
            ?? Mixed("annotated objects", truth.Instances.Count(item => item.Mask is null), truth.Instances.Length);
    }

    private static string? Mixed(string what, int lacking, int count) =>
        lacking == 0 || lacking == count ? null : $"{lacking} of its {count} {what} have no mask; give masks to all or to none.";

    private static string? ItemProblem(int category, Box box, Rle? mask, int classes, Size2 size) =>
        category < 0 || category >= classes ? $"has the class {category}; the catalogue has {classes} categories, from 0"
        : !box.IsFinite ? $"has the box {box}; its corners are finite numbers"
        : box.X2 < box.X1 || box.Y2 < box.Y1 ? $"has the box {box}; its right and bottom do not lie left of and above the others"
        : mask is null ? null
        : mask.Size != size ? $"has a mask of {mask.Size}; masks have the size of the original frame, {size}"
        : Rles.Problem(mask) is { } problem ? $"has a broken mask: {problem}"
        : null;

    /// <summary>Why frames, ascending by key, do not fit together, or null.</summary>
    public static EvaluateError? Misfit(ImmutableArray<FrameOutcomes> frames, EvaluateOptions options)
    {
        for (var i = 1; i < frames.Length; i++)
        {
            if (frames[i].Key == frames[i - 1].Key)
            {
                return new EvaluateError.BadItem(frames[i].Key, "the frame was evaluated twice; send each frame to one copy of the stage.");
            }
        }

        return options.Masks
            ? Uneven(frames, "annotated objects", frame => frame.Truths) ?? Uneven(frames, "detections", frame => frame.Found)
            : null;
    }

    private static EvaluateError.BadItem? Uneven(ImmutableArray<FrameOutcomes> frames, string what, Func<FrameOutcomes, MaskCount> count) =>
        frames.Any(frame => count(frame).ShowMasks) && frames.FirstOrDefault(frame => count(frame).LackMasks) is { } lacking
            ? new EvaluateError.BadItem(
                lacking.Key,
                $"its {what} have no masks, but those of other frames have; give masks to all or to none, or set masks: false."
            )
            : null;
}
