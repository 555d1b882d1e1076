using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Show;

/// <summary>The graph of a run, in a line.</summary>
internal static class DrawGraph
{
    /// <summary>decode -> flow (own process, 2 copies) -> forward &lt;-> loss; -> evaluate, report.</summary>
    public static string Line(PipelineSettings settings)
    {
        string Named(string stage) => settings.Find(stage) is { Placement: var p } && (p.Process is Home.Own || p.Copies > 1)
            ? $"{stage} ({(p.Process is Home.Own ? "own process" : "")}{(p is { Process: Home.Own, Copies: > 1 } ? ", " : "")}{(p.Copies > 1 ? $"{p.Copies} copies" : "")})"
            : stage;
        var path = string.Join(" -> ", new[] { "decode", "flow", "forward" }.Where(settings.Has).Select(Named));
        var ends = string.Join(", ", new[] { "evaluate", "report" }.Where(settings.Has).Select(Named));
        return path + (settings.Train is null ? "" : $" <-> {Named("loss")}, {settings.Train.Iterations} iterations") + (ends.Length == 0 ? "" : $"; then -> {ends}");
    }
}
