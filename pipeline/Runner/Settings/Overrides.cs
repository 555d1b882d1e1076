using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>What the command line changes in a yaml.</summary>
/// <param name="Values">Paths and values of <c>--set path=value</c>, and of options that stand for one (--seed is run.seed).</param>
/// <param name="Data">What <c>${data}</c> stands for; where the yaml has no <c>${data}</c>, the decode stage's path.</param>
/// <param name="LaidOver">Yaml files of <c>--with</c>, laid over the document before the values; the last on top.</param>
internal sealed record Overrides(ImmutableArray<Override> Values, string? Data = null, ImmutableArray<string>? LaidOver = null)
{
    private const string Placeholder = "${data}";

    public static Overrides None { get; } = new([]);

    public ImmutableArray<string> With => LaidOver ?? [];

    /// <summary>The document with the changes made; values from the command line have it as their place.</summary>
    public Node.Map Apply(Node.Map document, Problems problems)
    {
        var filled = (Node.Map)Fill(document, problems);
        var all =
            Data is not null && !Mentions(document)
                ? Values.Insert(0, new("stages.decode.path", Data, "--data", IsText: true, BothPhases: true))
                : Values;
        return all.Aggregate(filled, (map, change) => Set(map, change, problems));
    }

    private static bool Mentions(Node node) =>
        node switch
        {
            Node.Scalar scalar => scalar.Text.Contains(Placeholder, StringComparison.Ordinal),
            Node.List list => list.Items.Any(Mentions),
            Node.Map map => map.Entries.Any(entry => Mentions(entry.Value)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private Node Fill(Node node, Problems problems)
    {
        switch (node)
        {
            case Node.Scalar scalar when Mentions(scalar):
                if (Data is null)
                    problems.Add(scalar.Place, "", $"{Placeholder} stands here, but no data was named", "Give --data PATH.");
                return scalar with { Text = scalar.Text.Replace(Placeholder, Data ?? "data", StringComparison.Ordinal) };
            case Node.List list:
                return list with { Items = [.. list.Items.Select(item => Fill(item, problems))] };
            case Node.Map map:
                return map with { Entries = [.. map.Entries.Select(entry => entry with { Value = Fill(entry.Value, problems) })] };
            default:
                return node;
        }
    }

    /// <summary>
    /// Takes what some maps of a stage (<c>train:</c>, <c>test:</c>, <c>withoutWeights:</c>) say of the key away, so that the change holds
    /// where they would.
    /// </summary>
    private static Node.Map Clear(Node.Map map, string[] path, params ReadOnlySpan<string> maps)
    {
        if (
            path is not [var top, var stage, var key]
            || map.Find(top) is not Node.Map stages
            || stages.Find(stage) is not Node.Map settings
        )
            return map;
        foreach (var name in maps)
        {
            if (settings.Find(name) is Node.Map change)
                settings = settings.With(settings.KeyOf(name)!, change.Without(key));
        }

        return map.With(map.KeyOf(top)!, stages.With(stages.KeyOf(stage)!, settings));
    }

    private static Node.Map Set(Node.Map map, Override change, Problems problems)
    {
        var source = change.Source;
        Node? value = change.IsText
            ? new Node.Scalar(new(source, 0, 0), change.Value, Quoted: true)
            : ReadYaml.Value(change.Value, source, problems);
        if (value is null)
            return map;
        var keys = change.Path.Split('.');
        return Put(
            change.BothPhases ? Clear(map, keys, "train", "test", "withoutWeights") : Clear(map, keys, "withoutWeights"),
            keys,
            value
        );

        Node.Map Put(Node.Map at, ReadOnlySpan<string> path, Node leaf)
        {
            var key = at.KeyOf(path[0]) ?? new Node.Scalar(new(source, 0, 0), path[0]);
            if (path.Length == 1)
                return at.With(key, leaf);
            var below = at.Find(path[0]) as Node.Map ?? Node.Map.Empty(new(source, 0, 0));
            return at.With(key, Put(below, path[1..], leaf));
        }
    }
}

/// <param name="Path">stages.flow.iterations.</param>
/// <param name="Value">Yaml, or plain text where <paramref name="IsText"/>.</param>
/// <param name="Source">The option, for messages.</param>
/// <param name="IsText">The value is text whatever it looks like (a path, a name).</param>
/// <param name="BothPhases">It holds in both phases, whatever the yaml says of one.</param>
internal sealed record Override(string Path, string Value, string Source, bool IsText = false, bool BothPhases = false);
