using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Evaluate;

/// <summary>Settings of the evaluate stage.</summary>
public sealed record EvaluateOptions
{
    /// <summary>Whether masks are compared, where the truth has them; boxes always are.</summary>
    public bool Masks { get; init; } = true;

    /// <summary>Whether detections' filled boxes are compared with true masks too: what a box alone would give.</summary>
    public bool FilledBoxes { get; init; } = true;

    /// <summary>Whether detections are linked over frames and measured as tracks, as YouTube-VIS does, where clips have masks.</summary>
    public bool Tracks { get; init; } = true;

    /// <summary>How detections are linked.</summary>
    public LinkOptions Link { get; init; } = new();

    /// <summary>Categories accumulated at a time, at the end; does not change the result.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>What the stage is told of a frame.</summary>
/// <param name="Found">Its detections and, where known, its truth.</param>
/// <param name="Frame">The frame with its flow, for tracks; without it nothing moves. The stage disposes it.</param>
public sealed record SeenFrame(Detections Found, FlowFrame? Frame = null)
{
    public static implicit operator SeenFrame(Detections found) => new(found);
}

/// <summary>
/// The evaluate stage: frames with detections and truth in, COCO's numbers out. Each frame is matched as it comes and then forgotten but
/// for its outcomes. Frames may come in any order, and through several copies whose states are merged: what decides is the order of their
/// keys.
/// </summary>
/// <remarks>
/// Frames without an annotation are passed over, but for linking: nothing is known of them. A frame annotated as empty counts. Tracks are
/// linked at the end, when all frames of a clip are there whatever copy saw them.
/// </remarks>
public static class EvaluateStage
{
    /// <summary>The stage as a fold over frames.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="catalogue">Whose categories the classes are.</param>
    /// <returns>
    /// Step answers <see cref="EvaluateError.BadItem"/> for a frame that cannot be compared; Finish for frames that do not fit together
    /// (one twice, masks here and not there), and <see cref="EvaluateError.NoTruth"/> where no frame had an annotation.
    /// </returns>
    public static Fold<SeenFrame, EvaluateState, Evaluation, EvaluateError> Create(EvaluateOptions options, Catalogue catalogue) =>
        new(
            () => Start,
            (state, frame) => Step(options, catalogue.Categories.Length, state, frame),
            state => Finish(options, catalogue.Categories.Length, state)
        );

    /// <summary>The state that has seen the frames of both.</summary>
    public static EvaluateState Merge(EvaluateState first, EvaluateState second) =>
        new(
            second.Frames.Aggregate(first.Frames, (frames, frame) => frames.Push(frame)),
            second.Clips.Aggregate(first.Clips, (clips, frame) => clips.Push(frame))
        );

    private static EvaluateState Start { get; } = new([], []);

    private static Result<EvaluateState, EvaluateError> Step(EvaluateOptions options, int classes, EvaluateState state, SeenFrame seen)
    {
        using var frame = seen.Frame;
        var found = seen.Found;
        if (FrameChecks.Problem(found, found.Truth ?? Annotation.Empty, classes) is { } problem)
        {
            return new EvaluateError.BadItem(found.Key, problem);
        }

        var linked = options is { Tracks: true, Masks: true };
        return new EvaluateState(
            found.Truth is { } truth ? state.Frames.Push(FrameMatching.Match(found, truth, options)) : state.Frames,
            linked
                ? state.Clips.Push(ClipFrame.Of(found, frame is null ? null : FlowPlanes.Of(frame.Flow, found.OriginalSize), options.Link))
                : state.Clips
        );
    }

    private static Result<Evaluation, EvaluateError> Finish(EvaluateOptions options, int classes, EvaluateState state)
    {
        ImmutableArray<FrameOutcomes> frames =
        [
            .. state
                .Frames.OrderBy(frame => frame.Key.Sequence)
                .ThenBy(frame => frame.Key.Clip, StringComparer.Ordinal)
                .ThenBy(frame => frame.Key.Frame),
        ];
        return frames.IsEmpty ? new EvaluateError.NoTruth("No frame had an annotation.")
            : FrameChecks.Misfit(frames, options) is { } misfit ? misfit
            : Evaluate(frames, classes, options.Threads) with
            {
                Tracks = ClipEvaluation.Evaluate(state.Clips, classes, options.Link, options.Threads),
            };
    }

    private static Evaluation Evaluate(ImmutableArray<FrameOutcomes> frames, int classes, int threads)
    {
        var truthHasMasks = frames.Any(frame => frame.Truths.ShowMasks);
        var masks = truthHasMasks ? All(frames, frame => frame.Masks) : null;
        var filled = truthHasMasks ? All(frames, frame => frame.FilledBoxes) : null;
        var objects = frames.Sum(frame => frame.Ious.Objects);
        return new Evaluation(
            Accumulation.Accumulate("bbox", classes, [.. frames.Select(frame => frame.Boxes)], threads),
            masks is null ? null : Accumulation.Accumulate("segm", classes, masks, threads),
            filled is null ? null : Accumulation.Accumulate("segm", classes, filled, threads),
            masks is null || objects == 0 ? null : frames.Sum(frame => frame.Ious.Best) / objects,
            objects == 0 ? null : frames.Sum(frame => frame.Ious.FilledBox) / objects,
            frames.Length,
            frames.Sum(frame => frame.Truths.Count),
            frames.Sum(frame => frame.Found.Count)
        );
    }

    private static List<UnitOutcomes>? All(ImmutableArray<FrameOutcomes> frames, Func<FrameOutcomes, UnitOutcomes?> part)
    {
        var parts = frames.Select(part).OfType<UnitOutcomes>().ToList();
        return parts.Count == frames.Length ? parts : null;
    }
}
