using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Evaluate;

/// <summary>
/// The frames of a clip, matched once: what any choice of clips, each as often as one likes, is measured from, as a bootstrap does it.
/// </summary>
public sealed record MatchedClip
{
    private MatchedClip(string clip, ImmutableArray<FrameOutcomes> frames) => (Clip, Frames) = (clip, frames);

    /// <summary>Its name.</summary>
    public string Clip { get; }

    internal ImmutableArray<FrameOutcomes> Frames { get; }

    /// <summary>Matches frames; those without an annotation are passed over.</summary>
    /// <param name="found">Detections and truth of frames of any clips, in any order.</param>
    /// <param name="classes">Number of categories.</param>
    /// <param name="options">As the evaluate stage's.</param>
    /// <returns>Clips by name, or the first frame that cannot be compared.</returns>
    public static Result<ImmutableArray<MatchedClip>, EvaluateError> Of(IEnumerable<Detections> found, int classes, EvaluateOptions options)
    {
        var frames = new List<FrameOutcomes>();
        foreach (var frame in found.Where(frame => frame.Truth is not null))
        {
            if (FrameChecks.Problem(frame, frame.Truth!, classes) is { } problem)
                return new EvaluateError.BadItem(frame.Key, problem);
            frames.Add(FrameMatching.Match(frame, frame.Truth!, options));
        }

        return frames
            .GroupBy(frame => frame.Key.Clip, StringComparer.Ordinal)
            .OrderBy(clip => clip.Key, StringComparer.Ordinal)
            .Select(clip => new MatchedClip(clip.Key, [.. clip.OrderBy(frame => frame.Key.Frame)]))
            .ToImmutableArray();
    }

    /// <summary>The numbers of some clips together, as the evaluate stage gives them of the same frames; without tracks.</summary>
    /// <param name="clips">A clip that stands there twice counts twice.</param>
    /// <param name="classes">Number of categories.</param>
    public static Evaluation Measure(IEnumerable<MatchedClip> clips, int classes) =>
        EvaluateStage.Evaluate([.. clips.SelectMany(clip => clip.Frames)], classes, threads: 1);
}
