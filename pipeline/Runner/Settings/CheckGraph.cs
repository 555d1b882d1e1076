using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>Who feeds whom, and whether that makes a run.</summary>
internal static class CheckGraph
{
    /// <summary>Notes every stage that lacks an input, is fed the wrong message, or has no place in the run.</summary>
    /// <param name="settings">Read without a problem of their own, or with placeholders for what had one.</param>
    /// <param name="kinds">The stages there are.</param>
    /// <param name="placeOf">Where the yaml says a key (<c>stages.flow.weights</c>), or what is nearest above it.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static void Of(PipelineSettings settings, ImmutableArray<StageKind> kinds, Func<string, Place> placeOf, Problems problems)
    {
        foreach (var stage in settings.Stages)
        {
            CheckFrom(stage, settings, kinds, problems);
            CheckPorts(stage, settings, kinds, placeOf, problems);
            CheckOptions(stage, settings, placeOf, problems);
            if (stage.Placement.Copies > 1 && !stage.Kind.MayCopy)
            {
                problems.Add(
                    stage.Place,
                    $"stages.{stage.Name}.copies",
                    $"got {stage.Placement.Copies}",
                    $"{stage.Name} depends on the order of its messages and runs once; copies are for {Names(kinds.Where(kind => kind.MayCopy), ", ")}."
                );
            }
        }

        if (!settings.Stages.IsEmpty)
            CheckWhole(settings, kinds, placeOf, problems);
    }

    /// <summary>Stages whose part in a phase gives a message.</summary>
    private static IEnumerable<StageKind> GiversOf(Port port, Phase phase, IEnumerable<StageKind> kinds) =>
        kinds.Where(kind => kind.In(phase)?.Gives == port.Message);

    /// <summary>The phases that the run has.</summary>
    private static IEnumerable<Phase> PhasesOf(PipelineSettings settings) =>
        settings.Train is null ? [Phase.Test] : [Phase.Train, Phase.Test];

    private static void CheckWhole(
        PipelineSettings settings,
        ImmutableArray<StageKind> kinds,
        Func<string, Place> placeOf,
        Problems problems
    )
    {
        var (stages, train) = (placeOf("stages"), placeOf("train"));
        var (sources, trainers, ends) = (
            WithWork<StageWork.Source>(kinds),
            WithWork<StageWork.Trainer>(kinds),
            WithWork<StageWork.Fold>(kinds)
        );
        bool Has(IEnumerable<StageKind> some) => some.Any(kind => settings.Has(kind.Name));
        if (!problems.Any && settings.Train is null && !Has(ends))
            problems.Add(
                stages,
                "stages",
                "there is nothing to do",
                $"Add train, {Names(ends.Select(kind => kind with { Name = $"stages.{kind.Name}" }), " or ")}."
            );
        if (!Has(sources))
            problems.Add(
                stages,
                "stages",
                $"there is no {Names(sources, " or ")} stage",
                $"Every run begins with {Names(sources, " or ")}."
            );
        if (settings.Train is not null && !Has(trainers))
            problems.Add(
                train,
                "train",
                $"there is no {Names(trainers, " or ")} stage to train",
                $"Add stages.{Names(trainers, " or stages.")}, or leave out train."
            );
        foreach (var idle in settings.Train is null ? settings.Stages.Where(stage => stage.Kind.Test is null) : [])
        {
            problems.Add(
                idle.Place,
                $"stages.{idle.Name}",
                $"the {idle.Name} is only used in training, and there is no train section",
                $"Add train: {{iterations: ...}}, or leave out stages.{idle.Name}."
            );
        }

        if (problems.Any)
            return;
        foreach (var phase in PhasesOf(settings))
        {
            if (Circle(settings, phase) is { } circle)
                problems.Add(
                    settings.Find(circle)!.Place,
                    $"stages.{circle}.from",
                    $"{circle} would feed itself",
                    "Take a stage out of from."
                );
            else if (
                Graph.Of(settings, phase).Stages.Where(stage => stage.Kind.In(phase)!.Work is StageWork.Source).ToList()
                is [var first, var second, ..]
            )
            {
                problems.Add(
                    second.Place,
                    "stages",
                    $"the {Word(phase)} would begin with both {first.Name} and {second.Name}",
                    "Say with from whom the stages behind them are fed by."
                );
            }
        }
    }

    /// <summary>A stage whose messages would come from itself.</summary>
    private static string? Circle(PipelineSettings settings, Phase phase)
    {
        var edges = Graph.Possible(settings, phase).Where(edge => !edge.Port.IsAnswer).ToLookup(edge => edge.To, edge => edge.From);
        bool Reaches(string from, string to, HashSet<string> seen) =>
            edges[from].Any(giver => giver == to || (seen.Add(giver) && Reaches(giver, to, seen)));
        return settings.Stages.Select(stage => stage.Name).FirstOrDefault(name => Reaches(name, name, []));
    }

    private static void CheckFrom(StageSettings stage, PipelineSettings settings, ImmutableArray<StageKind> kinds, Problems problems)
    {
        var path = $"stages.{stage.Name}.from";
        foreach (var twice in (stage.Placement.From ?? []).GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add(stage.Place, path, $"{twice.Key} is named twice", "Name it once.");
        foreach (var name in (stage.Placement.From ?? []).Distinct(StringComparer.Ordinal))
        {
            if (kinds.FirstOrDefault(kind => kind.Name == name) is not { } giver)
            {
                problems.Add(stage.Place, path, $"there is no stage {name}", Suggest.Among(name, kinds.Select(kind => kind.Name)));
            }
            else if (!settings.Has(name))
            {
                problems.Add(
                    stage.Place,
                    path,
                    $"{name} is not among the stages of this run",
                    $"Add stages.{name}, or take it out of from."
                );
            }
            else if (
                giver == stage.Kind
                || !Enum.GetValues<Phase>()
                    .Any(phase => stage.Kind.In(phase)?.Takes.Any(port => port.Message == giver.In(phase)?.Gives) ?? false)
            )
            {
                var gives = giver.Parts.Select(part => part.Gives?.Name).OfType<string>().Distinct().DefaultIfEmpty("nothing");
                var takes = stage
                    .Kind.Parts.SelectMany(part => part.Takes)
                    .Select(port => port.Message.Name)
                    .Distinct()
                    .DefaultIfEmpty("nothing");
                var givers = kinds
                    .Where(kind =>
                        kind != stage.Kind
                        && settings.Has(kind.Name)
                        && Enum.GetValues<Phase>()
                            .Any(phase => stage.Kind.In(phase)?.Takes.Any(port => GiversOf(port, phase, [kind]).Any()) ?? false)
                    )
                    .ToList();
                problems.Add(
                    stage.Place,
                    path,
                    $"{name} emits {string.Join(" or ", gives)}, but {stage.Name} takes {string.Join(", ", takes)}",
                    givers.Count == 0 ? "Take from out." : $"Feed {stage.Name} from {Names(givers, " or ")}."
                );
            }
        }
    }

    private static void CheckPorts(
        StageSettings stage,
        PipelineSettings settings,
        ImmutableArray<StageKind> kinds,
        Func<string, Place> placeOf,
        Problems problems
    )
    {
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var phase in PhasesOf(settings))
        {
            var edges = Graph.Possible(settings, phase);
            foreach (var port in stage.Ports(phase))
            {
                var givers = edges.Where(edge => edge.To == stage.Name && edge.Port == port).Select(edge => edge.From).ToList();
                var known = GiversOf(port, phase, kinds.Where(kind => kind != stage.Kind)).ToList();
                if (givers.Count > 1 && said.Add($"{port.Message.Name}, many"))
                {
                    problems.Add(
                        stage.Place,
                        $"stages.{stage.Name}",
                        $"{string.Join(" and ", givers)} give it {port.Message.Name}",
                        $"Say which it takes: from: [{givers[^1]}{string.Concat(stage.Ports(phase).Where(other => other != port).SelectMany(other => GiversOf(other, phase, kinds)).Where(kind => settings.Has(kind.Name)).Select(kind => $", {kind.Name}").Distinct())}]."
                    );
                }
                else if (givers.Count == 0 && port.Required && said.Add(port.Message.Name))
                {
                    if (port.IsAnswer && stage.Placement.From is null)
                        problems.Add(
                            placeOf("train"),
                            "train",
                            $"training needs a {Names(known, " or ")} stage",
                            $"Add stages.{Names(known, " or stages.")}, or leave out train."
                        );
                    else
                        problems.Add(
                            stage.Place,
                            $"stages.{stage.Name}",
                            $"nothing feeds it {port.Message.Name}",
                            stage.Placement.From is null || !known.Any(kind => settings.Has(kind.Name))
                                ? $"Add the stage that emits it ({Names(known, ", ")})."
                                : $"Add {Names(known.Where(kind => settings.Has(kind.Name)), " or ")} to from."
                        );
                }
            }
        }
    }

    /// <summary>What a stage says of its own options, each thing once, at its value.</summary>
    private static void CheckOptions(StageSettings stage, PipelineSettings settings, Func<string, Place> placeOf, Problems problems)
    {
        if (stage.Kind.Check is not { } check)
            return;
        var trains = settings.Train is not null;
        foreach (
            var problem in PhasesOf(settings)
                .Where(phase => stage.Kind.In(phase) is not null)
                .SelectMany(phase => check(stage.Options[phase], trains))
                .Distinct()
        )
        {
            problems.Add(
                placeOf($"stages.{stage.Name}.{problem.Key}"),
                $"stages.{stage.Name}.{problem.Key}",
                problem.Problem,
                problem.Remedy
            );
        }
    }

    private static List<StageKind> WithWork<TWork>(IEnumerable<StageKind> kinds) =>
        [.. kinds.Where(kind => kind.Parts.Any(part => part.Work is TWork))];

    private static string Names(IEnumerable<StageKind> kinds, string between) => string.Join(between, kinds.Select(kind => kind.Name));

    private static string Word(Phase phase) => phase is Phase.Train ? "training" : "test";
}
