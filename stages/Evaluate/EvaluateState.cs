using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Evaluate;

/// <summary>
/// What is left of the frames seen so far: for each a few dozen bytes a detection, and, for tracks, the masks of its best detections and
/// annotated objects as strings. A value: states may be kept, merged, and gone on from.
/// </summary>
public sealed record EvaluateState
{
    internal EvaluateState(ImmutableStack<FrameOutcomes> frames, ImmutableStack<ClipFrame> clips) => (Frames, Clips) = (frames, clips);

    internal ImmutableStack<FrameOutcomes> Frames { get; }

    /// <summary>Frames for tracks, those without annotation too.</summary>
    internal ImmutableStack<ClipFrame> Clips { get; }
}

/// <summary>One frame's part of the evaluation.</summary>
/// <param name="Key">Which frame.</param>
/// <param name="Boxes">Outcomes of boxes.</param>
/// <param name="Masks">Outcomes of masks; null where an object or a detection of the frame has none.</param>
/// <param name="FilledBoxes">Outcomes of filled boxes as masks; null where an object of the frame has none.</param>
/// <param name="Truths">Annotated objects, and how many of them have masks: all or none.</param>
/// <param name="Found">Detections, and how many of them have masks: all or none.</param>
/// <param name="Ious">Sums over the objects that are no crowds.</param>
internal sealed record FrameOutcomes(
    FrameKey Key,
    UnitOutcomes Boxes,
    UnitOutcomes? Masks,
    UnitOutcomes? FilledBoxes,
    MaskCount Truths,
    MaskCount Found,
    IouSums Ious
);

/// <summary>How many things, and whether they have masks.</summary>
internal readonly record struct MaskCount(int Count, bool HaveMasks)
{
    public bool LackMasks => Count > 0 && !HaveMasks;

    public bool ShowMasks => Count > 0 && HaveMasks;
}

/// <summary>Sums over annotated objects with masks, crowds apart.</summary>
/// <param name="Objects">How many.</param>
/// <param name="Best">Of the best mask IoU among the frame's detections.</param>
/// <param name="FilledBox">Of the mask IoU of the object's own true box.</param>
internal readonly record struct IouSums(int Objects, double Best, double FilledBox);
