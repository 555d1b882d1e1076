using Motion.Contracts;
using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Running;

/// <summary>Where an interrupted training goes on.</summary>
internal static class Resume
{
    /// <summary>Behind the newest checkpoint; the curve is cut there, since what came after is done again.</summary>
    /// <exception cref="StartFailed">The curve does not reach the checkpoint.</exception>
    public static TrainStart From(RunFolder folder, PipelineSettings settings)
    {
        if (settings.Train is null) return TrainStart.Fresh;
        var newest = folder.AllCheckpoints().LastOrDefault();
        if (newest.Path is null)
        {
            if (File.Exists(folder.Curve)) Curve.CutAt(folder.Curve, 0);
            return TrainStart.Fresh;
        }

        var lines = Curve.CutAt(folder.Curve, newest.Iteration);
        return lines is [.., var last] && last.Point.Iteration == newest.Iteration - 1
            ? new(newest.Iteration, last.Batch + 1, last.Sequence, last.Point.Seconds, newest.Path)
            : throw new StartFailed(new("train", $"{folder.Curve} ends before iteration {newest.Iteration}, of which there is a checkpoint. Remove {newest.Path} to go on from an earlier one, or start anew."));
    }
}
