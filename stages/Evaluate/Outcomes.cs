using System.Collections.Immutable;

namespace Motion.Evaluate;

/// <summary>What matching asks of an annotated object of one image or video.</summary>
/// <param name="Class">Index of its category.</param>
/// <param name="Id">0 is never a match.</param>
/// <param name="Area">Area for the size ranges.</param>
/// <param name="IsCrowd">Ignored, and may be matched many times.</param>
public readonly record struct TruthItem(int Class, long Id, double Area, bool IsCrowd)
{
    /// <summary>Ignored, but may be matched once only.</summary>
    public bool IsIgnored { get; init; }
}

/// <summary>What matching asks of a detected object of one image or video.</summary>
public readonly record struct FoundItem(int Class, double Score, double Area)
{
    /// <summary>Of a class of which its image does not tell every object: where it matches none, it is ignored.</summary>
    public bool IsOpen { get; init; }
}

/// <summary>
/// Fills the overlaps of some detections (rows) with some truths (columns), row-major; both are indices in their image's lists.
/// </summary>
public delegate void FillOverlaps(ReadOnlySpan<int> found, ReadOnlySpan<int> truths, Span<double> iou);

/// <summary>How one detection fared, for all size ranges and thresholds: bit (range * 10 + threshold).</summary>
/// <param name="Class">Index of its category.</param>
/// <param name="Rank">Its place by score among those of its class and image, 0 to 99.</param>
/// <param name="Score">Its score.</param>
/// <param name="True">Bits where it is a true positive.</param>
/// <param name="False">Bits where it is a false positive; where neither bit is set it is ignored.</param>
public readonly record struct Outcome(int Class, int Rank, double Score, ulong True, ulong False);

/// <summary>A truth that counts in some size ranges: bit r for range r.</summary>
public readonly record struct CountedTruth(int Class, int Ranges);

/// <summary>All that AP needs of one image or video: a few dozen bytes a detection, whatever its mask weighed.</summary>
public sealed record UnitOutcomes(ImmutableArray<Outcome> Found, ImmutableArray<CountedTruth> Truths);

/// <summary>
/// Who matched whom in one class of one image, at all areas and at most 100 detections; indices are those of the image's lists.
/// </summary>
/// <param name="Class">Index of the category.</param>
/// <param name="Found">Detections by falling score; D of them.</param>
/// <param name="Truths">Truths, the ignored ones last; G of them.</param>
/// <param name="TruthIgnored">[G], in the order of Truths.</param>
/// <param name="Matches">[T=10, D]: index of the matched truth, or -1.</param>
/// <param name="FoundIgnored">[T=10, D]: counts neither as true nor as false.</param>
/// <param name="Iou">[D, G]: rows as Found, columns in the order of the image's list.</param>
public sealed record GroupMatches(
    int Class,
    ImmutableArray<int> Found,
    ImmutableArray<int> Truths,
    ImmutableArray<bool> TruthIgnored,
    ImmutableArray<int> Matches,
    ImmutableArray<bool> FoundIgnored,
    ImmutableArray<double> Iou
)
{
    /// <summary>The same with indices of the whole lists, given those of the image's objects in them.</summary>
    internal GroupMatches Renumbered(int[] found, int[] truths) =>
        this with
        {
            Found = [.. Found.Select(i => found[i])],
            Truths = [.. Truths.Select(i => truths[i])],
            Matches = [.. Matches.Select(i => i < 0 ? i : truths[i])],
        };
}
