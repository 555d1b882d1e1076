using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Motion.Contracts;
using Motion.DataSets;
using static Motion.Evaluate.CocoConstants;

namespace Motion.Evaluate;

/// <summary>LVIS's numbers.</summary>
/// <param name="Scores">As COCO's; all three limits are LVIS's one, which holds for an image and all classes together.</param>
/// <param name="Ap">AP of rare, common and frequent classes; -1 where there is none.</param>
/// <param name="BeyondLimit">Detections beyond the best of their image.</param>
/// <param name="Unsaid">Detections of classes of which their image says nothing: they do not count.</param>
public sealed record LvisScores(TypeEvaluation Scores, (double Rare, double Common, double Frequent) Ap, long BeyondLimit, long Unsaid);

/// <summary>
/// LVIS's federated evaluation, number for number that of lvis-api (7d7f07d): the best 300 detections of an image, of all classes together;
/// detections of a class of which the image says nothing (neither an object nor neg_category_ids) are dropped; in a class of
/// not_exhaustive_category_ids what matches nothing is ignored. No crowds; an object that says ignore never counts.
/// </summary>
public static class LvisEvaluation
{
    /// <summary>Detections of an image that count.</summary>
    public const int MostDetections = 300;

    /// <summary>AP and AR of a data set.</summary>
    /// <param name="truths">Annotated objects.</param>
    /// <param name="detections">Detected objects.</param>
    /// <param name="kind">Boxes or masks; the objects must have them.</param>
    /// <param name="rules">What the images say.</param>
    /// <param name="frequencies">Of each class r, c or f; null of one that is in no group.</param>
    /// <param name="threads">Images matched at a time; does not change the result.</param>
    /// <param name="most">How many detections of an image count, the best first.</param>
    /// <exception cref="ArgumentException">As <see cref="CocoEvaluation.Evaluate"/>.</exception>
    public static LvisScores Evaluate(
        CocoTruths truths,
        CocoDetections detections,
        OverlapKind kind,
        LvisRules rules,
        IReadOnlyList<string?> frequencies,
        int threads = 1,
        int most = MostDetections
    )
    {
        var best = Best(truths.Images, detections.Items, most);
        var positive = truths.Items.Select(truth => (truth.Image, truth.Class)).ToHashSet();
        var said = best.Where(found =>
                positive.Contains((found.Image, found.Class)) || rules.Images[found.Image].Negative.Contains(found.Class)
            )
            .ToImmutableArray();
        var images = CocoImages.Of(
            truths with
            {
                Items = [.. truths.Items.Select(truth => truth with { IsCrowd = false })],
            },
            new CocoDetections(said),
            kind
        );
        var outcomes = new UnitOutcomes[truths.Images];
        Threads.For(
            outcomes.Length,
            threads,
            image => outcomes[image] = images.Match(image, most: most, open: rules.Images[image].NotExhaustive)
        );
        var scores = Accumulation.Accumulate(
            kind == OverlapKind.Boxes ? "bbox" : "segm",
            truths.Classes,
            outcomes,
            threads,
            DetectionLimits.Create([most, most, most])
        );
        double Of(string group) => Ap(scores, [.. frequencies.Index().Where(pair => pair.Item == group).Select(pair => pair.Index)]);
        return new LvisScores(scores, (Of("r"), Of("c"), Of("f")), detections.Items.Length - best.Length, best.Length - said.Length);
    }

    /// <summary>The best of each image, of all classes; where there are no more, in the order of the list.</summary>
    private static ImmutableArray<CocoDetection> Best(int images, ImmutableArray<CocoDetection> all, int most)
    {
        var groups = Grouping.By(all, found => found.Image, images);
        var best = ImmutableArray.CreateBuilder<CocoDetection>(all.Length);
        for (var image = 0; image < images; image++)
        {
            var here = groups.Of(image).ToArray();
            best.AddRange((here.Length <= most ? here : here.OrderByDescending(i => all[i].Score).Take(most)).Select(i => all[i]));
        }

        return best.ToImmutable();
    }

    /// <summary>Mean precision of some classes, over all thresholds and recalls, at all areas; -1 of nothing.</summary>
    private static double Ap(TypeEvaluation scores, int[] classes)
    {
        var (defined, wanted) = (new List<double>(), classes.ToHashSet());
        var counted = scores.Counted;
        var places = counted.Index().Where(each => wanted.Contains(each.Item)).Select(each => each.Index).ToArray();
        for (var cell = 0; cell < Thresholds * Recalls; cell++)
        {
            foreach (var place in places)
            {
                if (scores.Precision[((cell * counted.Length) + place) * Ranges * Limits] is var precision and > -1)
                    defined.Add(precision);
            }
        }

        return PairwiseMean.Of(CollectionsMarshal.AsSpan(defined));
    }
}
