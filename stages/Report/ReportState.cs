using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Report;

/// <summary>What a report has been told so far. Pictures that are not shown are gone; results are on disk already.</summary>
public sealed record ReportState : IDisposable
{
    internal ReportItem.Run? Run { get; init; }

    internal ImmutableArray<TrainingPoint> Curve { get; init; } = [];

    internal Evaluation? Score { get; init; }

    /// <summary>Clips that are shown, in the order of their first frames.</summary>
    internal ImmutableList<Strip> Strips { get; init; } = [];

    /// <summary>Names of clips beyond those shown.</summary>
    internal ImmutableHashSet<string> HiddenClips { get; init; } = [];

    internal long Frames { get; init; }

    internal long Detections { get; init; }

    internal ImmutableArray<string> Pictures { get; init; } = [];

    internal ResultsWriter? Results { get; init; }

    /// <summary>Gives up an unfinished report.</summary>
    public void Dispose() => Results?.Dispose();
}

/// <summary>What is shown of a clip.</summary>
/// <param name="Clip">Its name.</param>
/// <param name="Frames">Frames seen, shown or not.</param>
/// <param name="Shots">Those shown, as they came.</param>
internal sealed record Strip(string Clip, int Frames, ImmutableArray<Shot> Shots)
{
    /// <summary>Whether a frame is to be shown: the first one at or after each of n places spread evenly over the clip.</summary>
    /// <param name="frame">Index in the clip.</param>
    /// <param name="length">Frames of the clip, or 0 if it is not known; then the first n frames are shown.</param>
    /// <param name="n">Pictures per clip.</param>
    public bool Wants(int frame, int length, int n) => Shots.Length < n && frame >= (long)Shots.Length * length / Math.Max(1, n);
}
