using Motion.Contracts;

namespace Motion.Runner.Settings;

/// <summary>The graph of a run, in a line.</summary>
internal static class DrawGraph
{
    /// <summary>
    /// The stream, with the training's loop, and what takes it at its end: <c>decode -> flow (own process, 2 copies) -> forward &lt;->
    /// loss, 600 iterations; then -> evaluate, report (from flow)</c>. An end that does not take what the others do says from whom it
    /// takes.
    /// </summary>
    public static string Line(PipelineSettings settings)
    {
        var (train, test) = (settings.Train is null ? null : Graph.Of(settings, Phase.Train), Graph.Of(settings, Phase.Test));
        var loop = train?.Loop() ?? [];
        var path = (train?.Stages ?? [])
            .Concat(test.Stages)
            .DistinctBy(stage => stage.Name)
            .Where(stage => !loop.Contains(stage) && !Graph.IsEnd(stage, Phase.Test))
            .ToList();
        var ends = test
            .Stages.Where(stage => Graph.IsEnd(stage, Phase.Test))
            .Select(stage => Named(stage) + (stage.Placement.From is { } from ? $" (from {string.Join(", ", from)})" : ""))
            .ToList();
        return string.Join(" -> ", path.Select(Named))
            + (settings.Train is null ? "" : $" <-> {string.Join(" -> ", loop.Select(Named))}, {settings.Train.Iterations} iterations")
            + (ends.Count == 0 ? "" : $"; then -> {string.Join(", ", ends)}");
    }

    private static string Named(StageSettings stage) =>
        stage.Placement is { Process: Home.Own } or { Copies: > 1 } && stage.Placement is var p
            ? $"{stage.Name} ({(p.Process is Home.Own ? "own process" : "")}{(p is { Process: Home.Own, Copies: > 1 } ? ", " : "")}{(p.Copies > 1 ? $"{p.Copies} copies" : "")})"
            : stage.Name;
}
