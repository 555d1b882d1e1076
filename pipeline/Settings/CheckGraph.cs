using System.Collections.Immutable;
using Motion.Pipeline.Yaml;

namespace Motion.Pipeline.Settings;

/// <summary>Who feeds whom, and whether that makes a run.</summary>
internal static class CheckGraph
{
    /// <summary>Notes every stage that lacks an input, is fed the wrong message, or has no place in the run.</summary>
    public static void Of(PipelineSettings settings, ImmutableArray<StageKind> kinds, Place train, Place stages, Problems problems)
    {
        foreach (var stage in settings.Stages)
        {
            CheckInputs(stage, settings, kinds, problems);
            foreach (var (key, problem, remedy) in stage.Kind.Check?.Invoke(stage, settings) ?? []) problems.Add(stage.Place, $"stages.{stage.Name}.{key}", problem, remedy);
            if (stage.Placement.Copies > 1 && !stage.Kind.MayCopy)
            {
                problems.Add(stage.Place, $"stages.{stage.Name}.copies", $"got {stage.Placement.Copies}", $"{stage.Name} depends on the order of its messages and runs once; copies are for {string.Join(", ", kinds.Where(k => k.MayCopy).Select(k => k.Name))}.");
            }
        }

        if (settings.Stages.IsEmpty) return;
        if (!problems.Any && settings.Train is null && !settings.Has("evaluate") && !settings.Has("report")) problems.Add(stages, "stages", "there is nothing to do", "Add train, stages.evaluate or stages.report.");
        if (!settings.Has("decode")) problems.Add(stages, "stages", "there is no decode stage", "Every run begins with decode.");
        if (settings.Train is not null && settings.Find("forward") is null) problems.Add(train, "train", "there is no forward stage to train", "Add stages.forward, or leave out train.");
        if (settings.Train is not null && settings.Has("forward") && !settings.Has("loss")) problems.Add(train, "train", "training needs a loss stage", "Add stages.loss, or leave out train.");
        if (settings.Train is null && settings.Find("loss") is { } loss) problems.Add(loss.Place, "stages.loss", "the loss is only used in training, and there is no train section", "Add train: {iterations: ...}, or leave out stages.loss.");
    }

    /// <summary>The stages whose messages a stage takes.</summary>
    public static ImmutableArray<string> InputsOf(StageSettings stage, PipelineSettings settings) =>
        stage.Placement.From ?? [.. settings.Stages.Where(other => other.Name != stage.Name && other.Kind.Emits.Any(stage.Wants)).Select(other => other.Name)];

    private static bool Accepts(StageKind kind, Type message) => kind.Takes.Any(take => take.Message == message);

    private static void CheckInputs(StageSettings stage, PipelineSettings settings, ImmutableArray<StageKind> kinds, Problems problems)
    {
        var path = $"stages.{stage.Name}";
        var wants = string.Join(", ", stage.Kind.Takes.Select(take => take.Message.Name));
        foreach (var name in stage.Placement.From ?? [])
        {
            if (kinds.FirstOrDefault(kind => kind.Name == name) is not { } giver)
            {
                problems.Add(stage.Place, $"{path}.from", $"there is no stage {name}", Suggest.Among(name, kinds.Select(kind => kind.Name)));
            }
            else if (!settings.Has(name))
            {
                problems.Add(stage.Place, $"{path}.from", $"{name} is not among the stages of this run", $"Add stages.{name}, or take it out of from.");
            }
            else if (!giver.Emits.Any(type => Accepts(stage.Kind, type)))
            {
                problems.Add(stage.Place, $"{path}.from", $"{name} emits {string.Join(" or ", giver.Emits.Select(type => type.Name))}, but {stage.Name} takes {(wants.Length == 0 ? "nothing" : wants)}", $"Feed {stage.Name} from {Givers(stage.Kind, kinds)}.");
            }
        }

        var fed = InputsOf(stage, settings).Select(settings.Find).OfType<StageSettings>().ToList();
        foreach (var take in stage.Kind.Takes.Where(take => take.Required && !fed.Any(giver => giver.Kind.Emits.Contains(take.Message))))
        {
            problems.Add(stage.Place, path, $"nothing feeds it {take.Message.Name}", $"Add the stage that emits it ({string.Join(", ", kinds.Where(kind => kind.Emits.Contains(take.Message)).Select(kind => kind.Name))}).");
        }
    }

    private static string Givers(StageKind kind, ImmutableArray<StageKind> kinds) =>
        string.Join(" or ", kinds.Where(giver => giver.Emits.Any(type => Accepts(kind, type))).Select(giver => giver.Name));
}
