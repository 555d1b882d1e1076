using Motion.Contracts;
using Motion.Pipeline.Published;
using Motion.Runner.Settings;
using Motion.Runner.Text;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Settings;

/// <summary>
/// Which file a stage's <c>weights</c> mean. A value is a path, the name of published weights (raft-small), or a list of both: the first
/// that is there is taken. A stage's <c>withoutWeights</c> map says what is different where none of them can be had.
/// </summary>
internal static class ChooseWeights
{
    private const string Key = "weights";
    private const string Otherwise = "withoutWeights";

    /// <summary>The document with every <c>weights</c> a path, and no <c>withoutWeights</c>.</summary>
    /// <param name="document">The whole yaml.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="store">Path of published weights; the user's store where not given.</param>
    public static Node.Map In(Node.Map document, Problems problems, Func<PublishedWeights, string>? store = null)
    {
        var path = store ?? WeightStore.PathOf;
        if (document.Find("stages") is not Node.Map stages)
            return document;
        var chosen = stages with
        {
            Entries =
            [
                .. stages.Entries.Select(entry =>
                    entry.Value is Node.Map stage ? new(entry.Key, Stage(stage, $"stages.{entry.Key.Text}", problems, path)) : entry
                ),
            ],
        };
        return document.With(document.KeyOf("stages")!, chosen);
    }

    private static Node.Map Stage(Node.Map stage, string path, Problems problems, Func<PublishedWeights, string> store)
    {
        var plain = stage.Without(Otherwise);
        if (stage.Find(Otherwise) is not { } otherwise)
            return (Node.Map)Choose(plain, path, problems, store);
        if (otherwise is not Node.Map change)
        {
            problems.Add(
                otherwise.Place,
                $"{path}.{Otherwise}",
                $"got {otherwise.Show()}",
                "Expected a map of what is different without the weights."
            );
            return plain;
        }

        var missing = new Problems();
        var chosen = (Node.Map)Choose(plain, path, missing, store);
        return missing.Any ? (Node.Map)Choose(plain.Under(change), path, problems, store) : chosen;
    }

    private static Node Choose(Node node, string path, Problems problems, Func<PublishedWeights, string> store) =>
        node is not Node.Map map
            ? node
            : map with
            {
                Entries =
                [
                    .. map.Entries.Select(entry => new Node.Entry(
                        entry.Key,
                        entry.Key.Text == Key
                            ? Existing(entry.Value, $"{path}.{Key}", problems, store)
                            : Choose(entry.Value, $"{path}.{entry.Key.Text}", problems, store)
                    )),
                ],
            };

    private static Node Existing(Node value, string path, Problems problems, Func<PublishedWeights, string> store)
    {
        var candidates =
            value is Node.List list ? [.. list.Items.OfType<Node.Scalar>()]
            : value is Node.Scalar scalar ? [scalar]
            : Array.Empty<Node.Scalar>();
        foreach (var candidate in candidates)
        {
            var file = WeightStore.Find(candidate.Text) is { } published ? store(published) : candidate.Text;
            if (File.Exists(file))
                return new Node.Scalar(candidate.Place, file, Quoted: true);
        }

        var named = candidates.Select(candidate => WeightStore.Find(candidate.Text)).FirstOrDefault(published => published is not null);
        if (value is Node.Scalar && named is null)
            return value; // a path, nothing, or a stage's own word: the stage says what it makes of it
        var looked = string.Join(
            ", ",
            candidates.Select(candidate => WeightStore.Find(candidate.Text) is { } p ? store(p) : candidate.Text)
        );
        problems.Add(
            value.Place,
            path,
            candidates.Length == 0 ? $"got {value.Show()}" : $"none of these files is there: {looked}",
            named is null
                ? "Expected a path, the name of published weights, or a list of them."
                : $"Fetch them with: {Hints.Program} weights fetch {named.Name}. Or give a path."
        );
        return new Node.Scalar(value.Place, "missing", Quoted: true);
    }
}
