using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>
/// The stages there are: all that a runner is told of them. Tests, and programs of one's own, run the pipeline with a table of their own.
/// </summary>
/// <param name="Kinds">In the order in which they are listed.</param>
internal sealed record StageTable(ImmutableArray<StageKind> Kinds)
{
    /// <summary>
    /// A written yaml with what can only be known here filled in (which file a name of weights means), before it is read.
    /// </summary>
    public Func<Node.Map, Problems, Node.Map> Complete { get; init; } = (document, _) => document;

    /// <summary>Sentences on the run as a whole, for the reader of its results; those of single stages are their kinds'.</summary>
    public Func<PipelineSettings, IEnumerable<string>> Notes { get; init; } = _ => [];

    public static implicit operator StageTable(ImmutableArray<StageKind> kinds) => new(kinds);
}
