using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Properties.Verify;

/// <summary>Laws of what was found in a frame.</summary>
internal static class DetectionLaws
{
    /// <summary>Boxes were compared in pixels of the network's input and are recorded in those of the frame.</summary>
    private const double OverlapRounding = 1e-3;

    public static ImmutableArray<RecordedLaw> All { get; } =
    [
        RecordedLaw.Each<Detections>(
            "Detections_Scores_FallAndLieInZeroToOne",
            (found, _) =>
                found
                    .Items.Select(item => item.Score)
                    .Where(score => !(score is > 0 and <= 1))
                    .Select(score => $"{found.Key}: a score of {score}")
                    .FirstOrDefault()
                ?? (
                    found.Items.Zip(found.Items.Skip(1)).All(pair => pair.First.Score >= pair.Second.Score)
                        ? null
                        : $"{found.Key}: a score is above the one before it"
                )
        ),
        RecordedLaw.Each<Detections>(
            "Detections_Boxes_LieInTheFrame",
            (found, _) => FrameLaws.Outside(found.Items.Select(item => item.Box), found.OriginalSize)
        ),
        RecordedLaw.Each<Detections>(
            "Detections_OfOneClass_OverlapNoMoreThanSuppressionAllows",
            (found, run) =>
                (
                    from a in Enumerable.Range(0, found.Items.Length)
                    from b in Enumerable.Range(a + 1, found.Items.Length - a - 1)
                    let first = found.Items[a]
                    let second = found.Items[b]
                    where
                        first.Class == second.Class
                        && IsWhole(first.Box, found.OriginalSize)
                        && IsWhole(second.Box, found.OriginalSize) // a cut at the border changes an overlap
                        && Boxes.Iou(first.Box, second.Box) > run.NmsThreshold + OverlapRounding
                    select $"{found.Key}: {first.Box} and {second.Box} of class {first.Class} overlap by {Boxes.Iou(first.Box, second.Box)}"
                ).FirstOrDefault()
        ),
        RecordedLaw.Each<Detections>(
            "Detections_Masks_AreCanonicalRunsOfTheFramesSize",
            (found, _) =>
                found
                    .Items.Select(item => item.Mask is { } mask ? FrameLaws.RunProblem(mask, found.OriginalSize) : null)
                    .FirstOrDefault(problem => problem is not null)
        ),
        RecordedLaw.Each<Detections>(
            "Detections_Masks_ComeBackFromText",
            (found, _) =>
                found.Items.All(item =>
                    item.Mask is not { } mask
                    || Rles.FromText(Rles.ToText(mask), mask.Size).Match(read => Rles.Same(read, mask), _ => false)
                )
                    ? null
                    : $"{found.Key}: a mask is another after COCO's text"
        ),
    ];

    private static bool IsWhole(Box box, Size2 frame) => box.X1 > 0 && box.Y1 > 0 && box.X2 < frame.Width && box.Y2 < frame.Height;
}
