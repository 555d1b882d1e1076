using System.Collections.Immutable;
using Motion.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Motion.Pipeline.Yaml;

/// <summary>Yaml text -> <see cref="Node"/>. Anchors and aliases are followed; tags and merge keys are not part of our yaml.</summary>
internal static class ReadYaml
{
    private const int DeepestNesting = 64;

    /// <summary>One document; a key written twice is noted and the first kept. Null where the text is no yaml at all.</summary>
    public static Node? Document(string text, string file, Problems problems)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) return Node.Map.Empty(new(file, 1, 1));
            parser.Consume<DocumentStart>();
            var node = new Reading(parser, file, problems).Value(0);
            parser.Consume<DocumentEnd>();
            if (parser.Current is DocumentStart second) problems.Add(At(file, second.Start), "", "a second yaml document begins", "Keep one document a file.");
            return node;
        }
        catch (YamlException e)
        {
            if (TabInIndentation(text) is { } line) problems.Add(new(file, line, 1), "", "a tab indents this line", "Yaml is indented with spaces.");
            else problems.Add(At(file, e.End), "", $"this is not yaml: {e.Message.TrimEnd('.')}", "Check indentation, brackets and quotes.");
            return null;
        }
    }

    /// <summary>The value of a <c>--set path=value</c>: a scalar, or a list or map in brackets.</summary>
    public static Node? Value(string text, string source, Problems problems) => Document(text, source, problems) switch
    {
        null => null,
        Node.Map { Entries.IsEmpty: true } when text.Trim().Length == 0 => new Node.Scalar(new(source, 0, 0), ""),
        var node => OnCommandLine(node, source),
    };

    private static Node OnCommandLine(Node node, string source)
    {
        var place = new Place(source, 0, 0);
        return node switch
        {
            Node.Scalar scalar => scalar with { Place = place },
            Node.List list => list with { Place = place, Items = [.. list.Items.Select(item => OnCommandLine(item, source))] },
            Node.Map map => new Node.Map(place, [.. map.Entries.Select(entry => new Node.Entry(entry.Key with { Place = place }, OnCommandLine(entry.Value, source)))]),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static int? TabInIndentation(string text) =>
        text.Split('\n').Index().Where(line => line.Item.TakeWhile(char.IsWhiteSpace).Contains('\t')).Select(line => (int?)line.Index + 1).FirstOrDefault();

    private static Place At(string file, Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private sealed class Reading(Parser parser, string file, Problems problems)
    {
        private readonly Dictionary<AnchorName, Node> _anchors = [];

        public Node Value(int depth)
        {
            var place = At(file, parser.Current!.Start);
            if (depth > DeepestNesting) throw new YamlException(parser.Current.Start, parser.Current.End, $"nested deeper than {DeepestNesting} levels");
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                return _anchors.TryGetValue(alias.Value, out var node)
                    ? node
                    : throw new YamlException(alias.Start, alias.End, $"*{alias.Value} names no anchor above it");
            }

            var anchor = ((NodeEvent)parser.Current).Anchor;
            Node value = parser.TryConsume<Scalar>(out var scalar) ? new Node.Scalar(place, scalar.Value, scalar.Style is not ScalarStyle.Plain)
                : parser.Accept<SequenceStart>(out _) ? List(place, depth)
                : Map(place, depth);
            if (!anchor.IsEmpty) _anchors[anchor] = value;
            return value;
        }

        private Node.List List(Place place, int depth)
        {
            parser.Consume<SequenceStart>();
            var items = ImmutableArray.CreateBuilder<Node>();
            while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Value(depth + 1));
            return new(place, items.ToImmutable());
        }

        private Node.Map Map(Place place, int depth)
        {
            parser.Consume<MappingStart>();
            var entries = ImmutableArray.CreateBuilder<Node.Entry>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = Value(depth + 1);
                var value = Value(depth + 1);
                if (key is not Node.Scalar name)
                {
                    problems.Add(key.Place, "", $"{key.Show()} stands where a key should", "Keys are single words.");
                }
                else if (entries.FirstOrDefault(entry => entry.Key.Text == name.Text) is { } first)
                {
                    problems.Add(name.Place, "", $"the key {name.Text} is here a second time (first in line {first.Key.Place.Line})", "Keep one of them.");
                }
                else
                {
                    entries.Add(new(name, value));
                }
            }

            return new(place, entries.ToImmutable());
        }
    }
}
