using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Runner.Settings;

/// <summary>An arrow: what one stage gives and another takes.</summary>
/// <param name="From">Who gives.</param>
/// <param name="To">Who takes.</param>
/// <param name="Port">Where it goes in.</param>
internal sealed record Edge(string From, string To, Port Port);

/// <summary>
/// The graph of a phase as a value: the stages that have a part in it, in the order of the stream, and the arrows between their ports.
/// Wiring, checks, drawing, recovery and replay are read off it.
/// </summary>
/// <param name="Phase">The stream.</param>
/// <param name="Stages">Each behind those that feed it.</param>
/// <param name="Edges">By who takes, in the order of its ports.</param>
internal sealed record Graph(Phase Phase, ImmutableArray<StageSettings> Stages, ImmutableArray<Edge> Edges)
{
    /// <summary>
    /// The graph of a phase: whatever feeds, over however many stages, one that ends it (the trainer; whoever answers at the end).
    /// </summary>
    public static Graph Of(PipelineSettings settings, Phase phase)
    {
        var edges = Possible(settings, phase);
        var stages = ImmutableArray.CreateBuilder<StageSettings>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        void Visit(StageSettings stage)
        {
            if (!seen.Add(stage.Name))
                return;
            foreach (var edge in edges.Where(edge => edge.To == stage.Name && !edge.Port.IsAnswer))
                Visit(settings.Find(edge.From)!);
            stages.Add(stage);
            foreach (var edge in edges.Where(edge => edge.To == stage.Name && edge.Port.IsAnswer))
                Visit(settings.Find(edge.From)!);
        }

        foreach (var end in settings.Stages.Where(stage => IsEnd(stage, phase)))
            Visit(end);
        return new(phase, stages.ToImmutable(), [.. edges.Where(edge => seen.Contains(edge.From) && seen.Contains(edge.To))]);
    }

    /// <summary>Where its stream begins; null where nothing does, or it has no stage.</summary>
    public StageSettings? Source => Stages.FirstOrDefault(stage => WorkOf(stage) is StageWork.Source);

    /// <summary>The stage that learns.</summary>
    public StageSettings? Trainer => Stages.FirstOrDefault(stage => WorkOf(stage) is StageWork.Trainer);

    /// <summary>The stages between the trainer's predictions and its gradients, in order; empty where the loop is not closed.</summary>
    public ImmutableArray<StageSettings> Loop()
    {
        var loop = ImmutableArray.CreateBuilder<StageSettings>();
        for (
            var edge = Edges.FirstOrDefault(edge => edge.Port.IsAnswer);
            edge is not null && edge.From != Trainer?.Name;
            edge = Into(edge.From).FirstOrDefault()
        )
        {
            loop.Insert(0, Stages.First(stage => stage.Name == edge.From));
            if (loop.Count > Stages.Length)
                return [];
        }

        return loop.ToImmutable();
    }

    public IEnumerable<Edge> Into(string stage) => Edges.Where(edge => edge.To == stage);

    public IEnumerable<Edge> OutOf(string stage) => Edges.Where(edge => edge.From == stage);

    /// <summary>The stages that a stage's messages come from, near and far, and itself.</summary>
    public ImmutableHashSet<string> Behind(string stage)
    {
        var all = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        void Visit(string name)
        {
            if (!all.Add(name))
                return;
            foreach (var edge in Into(name))
                Visit(edge.From);
        }

        Visit(stage);
        return all.ToImmutable();
    }

    public StageWork WorkOf(StageSettings stage) => stage.Kind.In(Phase)!.Work;

    /// <summary>Every arrow that the settings allow, whoever needs it. A stage does not feed itself.</summary>
    internal static ImmutableArray<Edge> Possible(PipelineSettings settings, Phase phase) =>
        [
            .. from to in settings.Stages
            from port in to.Ports(phase)
            from giver in settings.Stages
            where giver.Name != to.Name && giver.Kind.In(phase)?.Gives == port.Message && to.Placement.From?.Contains(giver.Name) != false
            select new Edge(giver.Name, to.Name, port),
        ];

    /// <summary>Whether a stage is what a phase is done for.</summary>
    internal static bool IsEnd(StageSettings stage, Phase phase) =>
        (phase, stage.Kind.In(phase)?.Work) is (Phase.Train, StageWork.Trainer) or (Phase.Test, StageWork.Fold);
}
