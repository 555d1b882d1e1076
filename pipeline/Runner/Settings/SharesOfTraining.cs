using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>
/// Numbers of iterations written as a share of the whole training: <c>steps: [75%]</c>, <c>warmupIterations: 50%</c>. They follow
/// train.iterations, so that a shorter or longer run of the same yaml keeps its schedule's shape.
/// </summary>
internal static class SharesOfTraining
{
    /// <summary>Keys whose value holds a share: what a resumed training keeps as it began, though its length has changed.</summary>
    public static ImmutableArray<string> KeysIn(Node.Map document, ImmutableArray<StageKind> kinds)
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        Stages(
            document,
            kinds,
            (node, path) =>
            {
                if (IsShare(node) || (node is Node.List list && list.Items.Any(IsShare)))
                    keys.Add(path);
                return node;
            }
        );
        return keys.ToImmutable();
    }

    /// <summary>
    /// The document with every share turned into a number, where the settings of its stages allow one (<see
    /// cref="ShareOfTrainingAttribute"/>).
    /// </summary>
    public static Node.Map In(Node.Map document, ImmutableArray<StageKind> kinds, Problems problems)
    {
        var given = (document.Find("train") as Node.Map)?.Find("iterations") as Node.Scalar;
        var iterations =
            given is null ? new TrainSettings().Iterations
            : int.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : (int?)null;
        Node Replaced(Node node) =>
            node switch
            {
                Node.Scalar { Quoted: false } scalar when Share(scalar.Text) is { } share => Number(scalar, share, iterations, problems),
                Node.List list => list with { Items = [.. list.Items.Select(Replaced)] },
                _ => node,
            };
        return Stages(document, kinds, (node, _) => Replaced(node));
    }

    /// <summary>The document with what a function makes of each value that may be a share.</summary>
    private static Node.Map Stages(Node.Map document, ImmutableArray<StageKind> kinds, Func<Node, string, Node> each) =>
        document.Find("stages") is not Node.Map stages
            ? document
            : document.With(
                document.KeyOf("stages")!,
                stages with
                {
                    Entries =
                    [
                        .. stages.Entries.Select(entry =>
                            kinds.FirstOrDefault(kind => kind.Name == entry.Key.Text) is { } kind && entry.Value is Node.Map map
                                ? entry with
                                {
                                    Value = Stage(kind, map, $"stages.{kind.Name}", each),
                                }
                                : entry
                        ),
                    ],
                }
            );

    private static Node.Map Stage(StageKind kind, Node.Map map, string path, Func<Node, string, Node> each)
    {
        string[] phases = kind.HasPhases ? ["train", "test"] : [];
        return Record(kind.Options, map, path, each) is var own && phases.Length == 0
            ? own
            : own with
            {
                Entries =
                [
                    .. own.Entries.Select(entry =>
                        phases.Contains(entry.Key.Text) && entry.Value is Node.Map change
                            ? entry with
                            {
                                Value = Record(kind.Options, change, $"{path}.{entry.Key.Text}", each),
                            }
                            : entry
                    ),
                ],
            };
    }

    private static Node.Map Record(Type type, Node.Map map, string path, Func<Node, string, Node> each)
    {
        var keys = Shape.Of(type).Keys.ToDictionary(key => key.Name, StringComparer.Ordinal);
        return map with
        {
            Entries =
            [
                .. map.Entries.Select(entry =>
                    !keys.TryGetValue(entry.Key.Text, out var key) ? entry
                    : key.MayBeShare ? entry with { Value = each(entry.Value, $"{path}.{key.Name}") }
                    : entry.Value is Node.Map inner && Shape.IsRecord(key.Type)
                        ? entry with
                        {
                            Value = Record(key.Type, inner, $"{path}.{key.Name}", each),
                        }
                    : entry
                ),
            ],
        };
    }

    private static bool IsShare(Node node) => node is Node.Scalar { Quoted: false } scalar && Share(scalar.Text) is not null;

    private static double? Share(string text) =>
        text.EndsWith('%')
        && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            ? percent / 100
            : null;

    private static Node.Scalar Number(Node.Scalar scalar, double share, int? iterations, Problems problems)
    {
        if (share is < 0 or > 1)
            problems.Add(scalar.Place, "", $"got {scalar.Show()}", "A share of the training's iterations is between 0% and 100%.");
        return scalar with
        {
            Text = ((int)Math.Round(share * (iterations ?? 0), MidpointRounding.AwayFromZero)).ToString(CultureInfo.InvariantCulture),
        };
    }
}
