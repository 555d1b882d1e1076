using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Evaluate;

/// <summary>COCO's evaluation of boxes and masks, number for number that of pycocotools 2.0.11.</summary>
public static class CocoEvaluation
{
    /// <summary>AP and AR of a data set.</summary>
    /// <param name="truths">Annotated objects.</param>
    /// <param name="detections">Detected objects; per image and class the best 100 count.</param>
    /// <param name="kind">Boxes or masks; the objects must have them.</param>
    /// <param name="threads">Images matched at a time; does not change the result.</param>
    /// <param name="limits">How many detections count; COCO's where not given.</param>
    /// <exception cref="ArgumentException">An image or class out of range, an area or score that is not finite, a mask that is
    /// lacking.</exception>
    public static TypeEvaluation Evaluate(
        CocoTruths truths,
        CocoDetections detections,
        OverlapKind kind,
        int threads = 1,
        DetectionLimits? limits = null
    )
    {
        var images = CocoImages.Of(truths, detections, kind);
        var outcomes = new UnitOutcomes[truths.Images];
        Threads.For(outcomes.Length, threads, image => outcomes[image] = images.Match(image, most: (limits ?? DetectionLimits.Usual).Most));
        return Accumulation.Accumulate(kind == OverlapKind.Boxes ? "bbox" : "segm", truths.Classes, outcomes, threads, limits);
    }

    /// <summary>Who matched whom, in each image and class that has an object. Indices are those of the two lists.</summary>
    /// <exception cref="ArgumentException">As <see cref="Evaluate"/>.</exception>
    public static ImmutableArray<(int Image, GroupMatches Matches)> Details(CocoTruths truths, CocoDetections detections, OverlapKind kind)
    {
        var images = CocoImages.Of(truths, detections, kind);
        var details = ImmutableArray.CreateBuilder<(int, GroupMatches)>();
        for (var image = 0; image < truths.Images; image++)
        {
            var (truthsHere, foundHere) = (images.Truths.Of(image).ToArray(), images.Found.Of(image).ToArray());
            images.Match(image, group => details.Add((image, group.Renumbered(foundHere, truthsHere))));
        }

        return details.ToImmutable();
    }
}

/// <summary>Both lists, seen image by image.</summary>
internal sealed record CocoImages(CocoTruths AllTruths, CocoDetections AllFound, OverlapKind Kind, Grouping Truths, Grouping Found)
{
    public static CocoImages Of(CocoTruths truths, CocoDetections detections, OverlapKind kind)
    {
        foreach (ref readonly var truth in truths.Items.AsSpan())
        {
            Check(truths, kind, truth.Class, truth.Area, truth.Mask is null);
        }

        foreach (ref readonly var found in detections.Items.AsSpan())
        {
            Check(truths, kind, found.Class, found.Area + found.Score, found.Mask is null);
        }

        return new CocoImages(
            truths,
            detections,
            kind,
            Grouping.By(truths.Items, truth => truth.Image, truths.Images),
            Grouping.By(detections.Items, found => found.Image, truths.Images)
        );
    }

    /// <param name="image">Which.</param>
    /// <param name="watch">Told who matched whom.</param>
    /// <param name="most">How many detections of a class count.</param>
    /// <param name="open">Classes of which the image does not tell every object; null where it tells all.</param>
    public UnitOutcomes Match(
        int image,
        Action<GroupMatches>? watch = null,
        int most = CocoConstants.MostDetections,
        IReadOnlySet<int>? open = null
    )
    {
        var truths = Gather(AllTruths.Items, Truths.Of(image));
        var found = Gather(AllFound.Items, Found.Of(image));
        var crowds = Array.ConvertAll(truths, truth => truth.IsCrowd);
        var overlaps =
            Kind == OverlapKind.Boxes
                ? Overlaps.OfBoxes(Array.ConvertAll(found, item => item.Box), Array.ConvertAll(truths, truth => truth.Box), crowds)
                : Overlaps.OfMasks(
                    Array.ConvertAll(found, item => item.Mask!.Value.Unpack()),
                    Array.ConvertAll(truths, truth => truth.Mask!.Value.Unpack()),
                    crowds
                );
        return Matching.Match(
            Array.ConvertAll(
                truths,
                truth => new TruthItem(truth.Class, truth.Id, truth.Area, truth.IsCrowd) { IsIgnored = open is not null && truth.IsIgnored }
            ),
            Array.ConvertAll(
                found,
                item => new FoundItem(item.Class, item.Score, item.Area) { IsOpen = open?.Contains(item.Class) ?? false }
            ),
            overlaps,
            AreaRanges.Images,
            watch,
            most
        );
    }

    private static T[] Gather<T>(ImmutableArray<T> items, ReadOnlySpan<int> indices)
    {
        var gathered = new T[indices.Length];
        for (var i = 0; i < gathered.Length; i++)
        {
            gathered[i] = items[indices[i]];
        }

        return gathered;
    }

    private static void Check(CocoTruths truths, OverlapKind kind, int category, double numbers, bool lacksMask)
    {
        if (category < 0 || category >= truths.Classes)
        {
            throw new ArgumentException($"class {category} is none of {truths.Classes}");
        }

        if (!double.IsFinite(numbers))
        {
            throw new ArgumentException($"an area or score is {numbers}");
        }

        if (kind == OverlapKind.Masks && lacksMask)
        {
            throw new ArgumentException("masks are compared, but an object has none");
        }
    }
}

/// <summary>Indices of a list, group by group, each in the order of the list.</summary>
internal sealed record Grouping(int[] Order, int[] Starts)
{
    public ReadOnlySpan<int> Of(int group) => Order.AsSpan(Starts[group]..Starts[group + 1]);

    /// <exception cref="ArgumentException">An item belongs to no group.</exception>
    public static Grouping By<T>(ImmutableArray<T> items, Func<T, int> groupOf, int groups)
    {
        var starts = new int[groups + 1];
        foreach (var item in items)
        {
            var group = groupOf(item);
            if (group < 0 || group >= groups)
            {
                throw new ArgumentException($"image {group} is none of {groups}");
            }

            starts[group + 1]++;
        }

        for (var group = 0; group < groups; group++)
        {
            starts[group + 1] += starts[group];
        }

        var (order, next) = (new int[items.Length], starts[..groups]);
        for (var i = 0; i < order.Length; i++)
        {
            order[next[groupOf(items[i])]++] = i;
        }

        return new Grouping(order, starts);
    }
}
