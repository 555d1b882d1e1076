using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What a comparison should say of the annotations that it reads, though it is no mistake.</summary>
internal static class TruthNotes
{
    private const string NoAreas = "{0} annotations state no area: sizes are those of their masks, or else of their boxes";

    /// <summary>What there is to say of one annotation.</summary>
    public static void Of(TrackView track, FaultTally tally, CocoRules rules)
    {
        if (rules == CocoRules.Lvis && track.IsCrowd)
        {
            tally.Note("{0} annotations say iscrowd, which LVIS's rules do not look at: only ignore keeps an object from counting");
        }

        if (rules == CocoRules.Coco && track.IsIgnored)
        {
            tally.Note("{0} annotations say ignore, which the reference does not look at: only iscrowd keeps an object from counting");
        }

        if (track.Id == 0)
        {
            tally.Note("{0} annotation has the id 0, and as in the reference a match with it does not count: number annotations from 1");
        }
    }

    /// <summary>The list, and how long it is.</summary>
    public static ImmutableArray<T> Drained<T>(ImmutableArray<T>.Builder builder, out int count)
    {
        count = builder.Count;
        return builder.DrainToImmutable();
    }

    /// <summary>With a note where masks are compared and objects have none.</summary>
    /// <param name="sifted">What there is to say already.</param>
    /// <param name="without">Objects without a pixel of a mask.</param>
    /// <param name="all">Objects.</param>
    /// <param name="items">What they are called.</param>
    public static Sifted Without(Sifted sifted, int without, int all, string items) =>
        without == 0
            ? sifted
            : sifted with
            {
                Notes = sifted.Notes.Add(
                    without == all
                        ? $"none of the {all} {items} has a mask, so no mask can match: compare boxes (--type bbox), or give masks"
                        : $"{without} of {all} {items} have no mask, and nothing can match them"
                ),
            };

    /// <summary>The area of an annotation of an image that states none.</summary>
    public static double AreaOf(TrackView track, FaultTally tally)
    {
        tally.Note(NoAreas);
        return track.Rle(0) is { } mask && Rles.Area(mask) > 0 ? Rles.Area(mask) : track.Stated?.Area ?? 0;
    }

    /// <summary>The areas of a track that states none.</summary>
    public static IEnumerable<double?> AreasOf(ImmutableArray<Rle?> masks, FaultTally tally)
    {
        tally.Note(NoAreas);
        return masks.Select(mask => mask is null ? (double?)null : Rles.Area(mask));
    }
}
