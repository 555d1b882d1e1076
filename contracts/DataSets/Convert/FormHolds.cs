using System.Collections.Immutable;

namespace Motion.DataSets;

/// <summary>What a set may say beside its boxes, of which a form holds some.</summary>
public enum SetPart
{
    /// <summary>Masks.</summary>
    Masks,

    /// <summary>Areas that are stated.</summary>
    Areas,

    /// <summary>Which boxes of several frames are one object.</summary>
    Tracks,

    /// <summary>Which objects are crowds, or to ignore.</summary>
    Crowds,

    /// <summary>Annotated frames in which there is no object.</summary>
    EmptyFrames,

    /// <summary>Frames that are not annotated, as something else than frames without an object.</summary>
    UnannotatedFrames,

    /// <summary>Classes of which there is no object.</summary>
    UnusedClasses,

    /// <summary>Ids of categories and videos.</summary>
    Ids,
}

/// <summary>
/// What the forms that are written can hold: the one place that says it. docs/data.md shows it, and conversions tell what they lose by it.
/// </summary>
public static class FormHolds
{
    private static readonly ImmutableDictionary<DataFormat, ImmutableHashSet<SetPart>> Parts = new Dictionary<
        DataFormat,
        ImmutableHashSet<SetPart>
    >
    {
        [DataFormat.YoutubeVis] =
        [
            SetPart.Masks,
            SetPart.Areas,
            SetPart.Tracks,
            SetPart.Crowds,
            SetPart.EmptyFrames,
            SetPart.UnusedClasses,
            SetPart.Ids,
        ],
        [DataFormat.Coco] =
        [
            SetPart.Masks,
            SetPart.Areas,
            SetPart.Tracks,
            SetPart.Crowds,
            SetPart.EmptyFrames,
            SetPart.UnusedClasses,
            SetPart.Ids,
        ],
        [DataFormat.Davis] = [SetPart.Masks, SetPart.Tracks, SetPart.EmptyFrames, SetPart.UnannotatedFrames],
        [DataFormat.BoxesCsv] = [SetPart.Tracks, SetPart.Crowds, SetPart.UnannotatedFrames],
        [DataFormat.BoxesJson] = [SetPart.Tracks, SetPart.Crowds, SetPart.EmptyFrames, SetPart.UnannotatedFrames, SetPart.UnusedClasses],
        [DataFormat.Cvat] = [SetPart.Tracks, SetPart.UnannotatedFrames],
        [DataFormat.LabelStudio] = [SetPart.Tracks, SetPart.UnannotatedFrames],
        [DataFormat.Mot] = [SetPart.Tracks, SetPart.Crowds, SetPart.UnannotatedFrames],
        [DataFormat.Via] = [SetPart.Tracks, SetPart.EmptyFrames, SetPart.UnannotatedFrames],
        [DataFormat.Labelme] = [SetPart.Tracks, SetPart.EmptyFrames, SetPart.UnannotatedFrames],
        [DataFormat.Yolo] = [SetPart.EmptyFrames, SetPart.UnusedClasses],
    }.ToImmutableDictionary();

    /// <summary>The forms that are written.</summary>
    public static ImmutableArray<DataFormat> Targets { get; } = [.. Parts.Keys.Order()];

    /// <summary>Whether a form that is written holds a part.</summary>
    public static bool Holds(this DataFormat form, SetPart part) => Parts[form].Contains(part);

    /// <summary>The sentence of a conversion that loses a part.</summary>
    public static string Lost(SetPart part) =>
        part switch
        {
            SetPart.Masks => "masks",
            SetPart.Areas => "stated areas",
            SetPart.Tracks => "objects of several frames (which boxes are one object)",
            SetPart.Crowds => "marks of crowds (their boxes stay)",
            SetPart.EmptyFrames => "annotated frames without an object (a row is a box: they count as not annotated)",
            SetPart.UnannotatedFrames => "frames not known to be empty, but not annotated (the target cannot tell the two apart)",
            SetPart.UnusedClasses => "categories without an object",
            SetPart.Ids => "ids of categories and videos",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
