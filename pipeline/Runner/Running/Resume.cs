using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;

namespace Motion.Runner.Running;

/// <summary>Where an interrupted training goes on.</summary>
internal static class Resume
{
    /// <summary>
    /// Behind the newest checkpoint that is whole and that the curve reaches; the curve is cut there, since what came after is done again.
    /// A checkpoint that is damaged is put aside, and what is passed over is said.
    /// </summary>
    /// <exception cref="StartFailed">There are checkpoints, and none can be gone on from.</exception>
    public static StreamStart From(Session session)
    {
        var folder = session.Folder;
        if (session.Settings.Train is null)
            return StreamStart.Fresh;
        var (curve, checkpoints) = (Curve.Open(folder.Curve), folder.AllCheckpoints());
        var passedOver = new List<string>();
        var trainer = Graph.Of(session.Settings, Phase.Train).Trainer!;
        var (problemOf, seed) = (((StageWork.Trainer)trainer.Kind.Train!.Work).Problem, session.Settings.Seed.Derive(trainer.Name));
        foreach (var (iteration, path) in checkpoints.Reverse())
        {
            var damage = problemOf(path, iteration, seed);
            if ((damage ?? Unreached(folder, curve, iteration)) is { } problem)
            {
                passedOver.Add($"{path} cannot be gone on from: {problem}");
                if (damage is not null && checkpoints.Length > 1)
                    RunFolder.PutAside(path);
                continue;
            }

            foreach (var text in passedOver)
                session.Log.Warn(text);
            if (passedOver.Count > 0)
                session.Log.Warn($"the training goes on from iteration {iteration}, the checkpoint before");
            else if (curve.Damage is { } tail)
                session.Log.Warn($"{folder.Curve}: {tail}; it is cut off there, and done again");
            var lines = Curve.CutAt(folder.Curve, iteration);
            var last = lines[^1];
            return new(iteration, last.Batch + 1, last.Sequence, last.Point.Seconds, path);
        }

        if (passedOver.Count > 0)
        {
            throw new StartFailed(
                new(
                    "train",
                    $"{string.Join("; ", passedOver)}. There is no checkpoint before it: put a copy in its place, or start anew under another --name (from weights that are whole: --set stages.{trainer.Name}.weights=FILE)."
                )
            );
        }

        if (curve.Lines is [.., _])
            session.Log.Warn(
                $"there is no checkpoint: the training begins from the beginning, and the {curve.Lines.Length} iterations of {folder.Curve} are done again"
            );
        if (File.Exists(folder.Curve))
            Curve.CutAt(folder.Curve, 0);
        return StreamStart.Fresh;
    }

    private static string? Unreached(RunFolder folder, CurveFile curve, int iteration) =>
        curve.Lines is [.., _] && curve.Lines.Any(line => line.Point.Iteration == iteration - 1)
            ? null
            : $"{folder.Curve} ends before iteration {iteration}{(curve.Damage is { } damage ? $": {damage}" : "")}";
}
