using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>Settings with every default written out: what a run keeps beside its results, and can be run again.</summary>
internal static class ResolvedYaml
{
    public static string Text(PipelineSettings settings) => WriteYaml.Text(Document(settings));

    /// <summary>SHA-256 (hex) of what decides a stage's answers: its own settings, and those of the run that every stage sees.</summary>
    public static string HashOf(StageSettings stage, PipelineSettings settings)
    {
        var decides = WriteYaml.Of(
            ("seed", WriteYaml.Value(settings.Run.Seed)),
            ("threads", WriteYaml.Value(settings.Run.Threads)),
            ("device", WriteYaml.Value(settings.Run.Device)),
            ("batch", WriteYaml.Value(settings.Train?.Batch ?? 0)),
            ("options", Stage(stage).Without([.. Free(stage.Kind)]))
        );
        return Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(WriteYaml.Text(decides)))
        );
    }

    /// <summary>
    /// Where two configurations differ in what a resumed run must keep: everything but the length of the training, how often it is saved,
    /// where stages run, what is recorded and what is cached.
    /// </summary>
    public static ImmutableArray<(string Key, string Before, string Now)> Differences(Node before, PipelineSettings now)
    {
        var (old, current) = (Flat(before, "").ToDictionary(), Flat(Document(now), "").ToDictionary());
        string[] free =
        [
            "run.name",
            "run.folder",
            "run.silence",
            "run.spool",
            "train.iterations",
            "train.checkpointEvery",
            "train.keepCheckpoints",
        ];
        return
        [
            .. from key in old.Keys.Union(current.Keys).Order()
            where !free.Contains(key)
            let parts = key.Split('.')
            where !(parts is ["stages", var stage, var last] && now.Find(stage) is { } settings && Free(settings.Kind).Contains(last))
            let was = old.GetValueOrDefault(key, "nothing")
            let isNow = current.GetValueOrDefault(key, "nothing")
            where was != isNow
            select (key, was, isNow),
        ];
    }

    /// <summary>
    /// Values of an earlier sitting for the keys that the yaml gives as shares of the training's iterations: a training that goes on for
    /// longer keeps the schedule that it began with.
    /// </summary>
    public static ImmutableArray<Override> KeptShares(Node before, PipelineSettings now, string source)
    {
        var (old, current) = (Flat(before, "").ToDictionary(), Flat(Document(now), "").ToDictionary());
        return
        [
            .. SharesOf(now)
                .Where(key => old.ContainsKey(key) && current.ContainsKey(key) && current[key] != old[key])
                .Select(key => new Override(key, old[key], source)),
        ];
    }

    /// <summary>Keys of the resolved settings that the yaml gives as shares; what a stage says for both phases stands in each.</summary>
    public static IEnumerable<string> SharesOf(PipelineSettings settings) =>
        settings.Shares.SelectMany(key =>
            key.Split('.', 3) is ["stages", var stage, var rest] && settings.Find(stage) is { Kind.HasPhases: true }
                ? [key, $"stages.{stage}.train.{rest}", $"stages.{stage}.test.{rest}"]
                : new[] { key }
        );

    /// <summary>Keys of a stage that do not change what it answers.</summary>
    private static IEnumerable<string> Free(StageKind kind) =>
        Bind.KeysOf(typeof(Placement)).Concat(kind.Extras is null ? [] : Bind.KeysOf(kind.Extras));

    public static Node.Map Document(PipelineSettings settings)
    {
        var document = WriteYaml.Of(
            ("run", WriteYaml.Map(settings.Run)),
            ("stages", WriteYaml.Of([.. settings.Stages.Select(stage => (stage.Name, (Node)Stage(stage)))]))
        );
        return settings.Train is { } train ? document.With(WriteYaml.Key("train"), WriteYaml.Map(train)) : document;
    }

    private static Node.Map Stage(StageSettings stage)
    {
        var map = WriteYaml.Map(stage.Placement);
        if (stage.Extras is not null)
            map = map.Under(WriteYaml.Map(stage.Extras));
        return stage.Kind.HasPhases
            ? stage
                .Options.OrderBy(entry => entry.Key)
                .Aggregate(map, (all, entry) => all.With(WriteYaml.Key(Shape.Camel(entry.Key.ToString())), WriteYaml.Map(entry.Value)))
            : map.Under(WriteYaml.Map(stage.Options[Phase.Train]));
    }

    private static IEnumerable<(string Key, string Value)> Flat(Node node, string path) =>
        node switch
        {
            Node.Scalar scalar => [(path, scalar.Text)],
            Node.List list =>
            [
                (
                    path,
                    $"[{string.Join(", ", list.Items.Select((item, i) => string.Join(' ', Flat(item, "").Select(pair => pair.Value))))}]"
                ),
            ],
            Node.Map map => map.Entries.SelectMany(entry => Flat(entry.Value, Bind.Join(path, entry.Key.Text))),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
