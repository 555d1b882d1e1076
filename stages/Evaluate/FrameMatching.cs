using Motion.Contracts;
using Motion.DataSets;
using Measured = Motion.Evaluate.Overlaps.Measured;

namespace Motion.Evaluate;

/// <summary>One checked frame to its outcomes.</summary>
internal static class FrameMatching
{
    public static FrameOutcomes Match(Detections frame, Annotation truth, EvaluateOptions options)
    {
        Instance[] truths = [.. truth.Instances];
        Detection[] found = [.. frame.Items];
        var truthCount = new MaskCount(truths.Length, truths.All(item => item.Mask is not null));
        var foundCount = new MaskCount(found.Length, found.All(item => item.Mask is not null));
        var boxes = MatchBoxes(truths, found);
        if (!options.Masks || !truthCount.HaveMasks)
        {
            return new FrameOutcomes(frame.Key, boxes, null, null, truthCount, foundCount, default);
        }

        var there = Array.ConvertAll(truths, item => Measured.Of(item.Mask!));
        var filledTruths = Array.ConvertAll(truths, item => Measured.Of(Rles.FromBox(item.Box, frame.OriginalSize)));
        var here = foundCount.HaveMasks ? Array.ConvertAll(found, item => Measured.Of(item.Mask!)) : null;
        return new FrameOutcomes(
            frame.Key,
            boxes,
            here is null ? null : MatchMasks(truths, there, found, here),
            options.FilledBoxes
                ? MatchMasks(truths, there, found, Array.ConvertAll(found, item => Measured.Of(Rles.FromBox(item.Box, frame.OriginalSize))))
                : null,
            truthCount,
            foundCount,
            SumIous(truths, there, filledTruths, here ?? [])
        );
    }

    private static UnitOutcomes MatchBoxes(Instance[] truths, Detection[] found)
    {
        var (there, here) = (Array.ConvertAll(truths, item => CocoBox.Of(item.Box)), Array.ConvertAll(found, item => CocoBox.Of(item.Box)));
        return Matching.Match(
            TruthItems(truths),
            FoundItems(found, i => here[i].Area),
            Overlaps.OfBoxes(here, there, Array.ConvertAll(truths, item => item.IsCrowd)),
            AreaRanges.Images
        );
    }

    private static UnitOutcomes MatchMasks(Instance[] truths, Measured[] there, Detection[] found, Measured[] here) =>
        Matching.Match(
            TruthItems(truths),
            FoundItems(found, i => here[i].Area),
            Overlaps.OfMeasured(i => here[i], i => there[i], Array.ConvertAll(truths, item => item.IsCrowd)),
            AreaRanges.Images
        );

    /// <summary>
    /// Ids count from 1: an object's own id may be 0, which is no match. The size is the annotation's, else the mask's, else the box's.
    /// </summary>
    private static TruthItem[] TruthItems(Instance[] truths) =>
        [
            .. truths.Select(
                (item, i) =>
                    new TruthItem(
                        item.Class,
                        i + 1,
                        item.Area ?? (item.Mask is null ? CocoBox.Of(item.Box).Area : Rles.Area(item.Mask)),
                        item.IsCrowd
                    )
            ),
        ];

    private static FoundItem[] FoundItems(Detection[] found, Func<int, double> area) =>
        [.. found.Select((item, i) => new FoundItem(item.Class, item.Score, area(i)))];

    private static IouSums SumIous(Instance[] truths, Measured[] there, Measured[] filledTruths, Measured[] here)
    {
        var sums = default(IouSums);
        for (var i = 0; i < truths.Length; i++)
        {
            if (!truths[i].IsCrowd)
            {
                sums = new IouSums(
                    sums.Objects + 1,
                    sums.Best + Best(there[i], here),
                    sums.FilledBox + Overlaps.Iou(filledTruths[i], there[i], crowd: false)
                );
            }
        }

        return sums;
    }

    /// <summary>Best IoU of any class; masks whose areas alone rule out a better one are passed over.</summary>
    private static double Best(Measured truth, Measured[] found)
    {
        var best = 0.0;
        foreach (var item in found)
        {
            var (smaller, larger) = (Math.Min(truth.Area, item.Area), Math.Max(truth.Area, item.Area));
            if (smaller > best * larger)
            {
                best = Math.Max(best, Overlaps.Iou(item, truth, crowd: false));
            }
        }

        return best;
    }
}
