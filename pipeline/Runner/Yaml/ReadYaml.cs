using System.Collections.Immutable;
using Motion.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Motion.Runner.Yaml;

/// <summary>Yaml text -> <see cref="Node"/>. Anchors and aliases are followed; tags and merge keys are not part of our yaml.</summary>
internal static class ReadYaml
{
    private const int DeepestNesting = 64;
    private const int MostValues = 20_000; // anchors written out
    private const int MostTold = 20; // keys that occur twice
    private const long MostBytes = 1 << 22;

    /// <summary>The text of a yaml file.</summary>
    /// <exception cref="IOException">It is no file, cannot be read, or is longer than any settings.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string TextOf(string path) => InputFile.ReadAllText(path, MostBytes);

    /// <summary>One document; a key written twice is noted and the first kept. Null where the text is no yaml at all.</summary>
    public static Node? Document(string text, string file, Problems problems)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<YamlDotNet.Core.Events.StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return Node.Map.Empty(new(file, 1, 1));
            parser.Consume<DocumentStart>();
            var node = new Reading(parser, file, problems).Value(0);
            parser.Consume<DocumentEnd>();
            if (parser.Current is DocumentStart second)
                problems.Add(At(file, second.Start), "", "a second yaml document begins", "Keep one document a file.");
            return node;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            problems.Add(
                new(file, 1, 1),
                "",
                "this is not yaml: its brackets or quotes do not close",
                "Check indentation, brackets and quotes."
            );
            return null;
        }
        catch (YamlException e)
        {
            if (TabInIndentation(text) is { } line)
                problems.Add(new(file, line, 1), "", "a tab indents this line", "Yaml is indented with spaces.");
            else
                problems.Add(At(file, e.End), "", $"this is not yaml: {e.Message.TrimEnd('.')}", "Check indentation, brackets and quotes.");
            return null;
        }
    }

    /// <summary>The value of a <c>--set path=value</c>: a scalar, or a list or map in brackets.</summary>
    public static Node? Value(string text, string source, Problems problems) =>
        Document(text, source, problems) switch
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
            Node.Map map => new Node.Map(
                place,
                [.. map.Entries.Select(entry => new Node.Entry(entry.Key with { Place = place }, OnCommandLine(entry.Value, source)))]
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static int? TabInIndentation(string text) =>
        text.Split('\n')
            .Index()
            .Where(line => line.Item.TakeWhile(char.IsWhiteSpace).Contains('\t'))
            .Select(line => (int?)line.Index + 1)
            .FirstOrDefault();

    private static Place At(string file, Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private sealed class Reading(Parser parser, string file, Problems problems)
    {
        private readonly Dictionary<AnchorName, (Node Node, int Values, int Height)> _anchors = [];
        private int _values; // so far, anchors written out
        private int _twice; // keys
        private int _deepest; // levels below the document, of what was read last

        public Node Value(int depth)
        {
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                Bound(alias, depth, 1);
                if (!_anchors.TryGetValue(alias.Value, out var known))
                    throw new YamlException(alias.Start, alias.End, $"*{alias.Value} names no anchor above it");
                Bound(alias, depth + known.Height, known.Values - 1);
                return known.Node;
            }

            if (parser.Current is not NodeEvent current)
            {
                var (start, end) = parser.Current is { } other ? (other.Start, other.End) : (Mark.Empty, Mark.Empty);
                throw new YamlException(start, end, "a value is missing, or a bracket does not close");
            }

            var place = At(file, current.Start);
            Bound(current, depth, 1);
            var (before, above, anchor) = (_values, _deepest, current.Anchor);
            _deepest = depth;
            Node value =
                parser.TryConsume<Scalar>(out var scalar) ? new Node.Scalar(place, scalar.Value, scalar.Style is not ScalarStyle.Plain)
                : parser.Accept<SequenceStart>(out _) ? List(place, depth)
                : Map(place, depth);
            if (!anchor.IsEmpty)
                _anchors[anchor] = (value, _values - before + 1, _deepest - depth);
            _deepest = Math.Max(above, _deepest);
            return value;
        }

        private void Bound(ParsingEvent at, int depth, int values)
        {
            _deepest = Math.Max(_deepest, depth);
            if (depth > DeepestNesting)
                throw new YamlException(at.Start, at.End, $"nested deeper than {DeepestNesting} levels");
            if ((_values += values) > MostValues)
                throw new YamlException(at.Start, at.End, $"it holds more than {MostValues} values here, its anchors written out");
        }

        private Node.List List(Place place, int depth)
        {
            parser.Consume<SequenceStart>();
            var items = ImmutableArray.CreateBuilder<Node>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Value(depth + 1));
            return new(place, items.ToImmutable());
        }

        private Node.Map Map(Place place, int depth)
        {
            parser.Consume<MappingStart>();
            var entries = ImmutableArray.CreateBuilder<Node.Entry>();
            var firsts = new Dictionary<string, Node.Scalar>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = Value(depth + 1);
                var value = Value(depth + 1);
                if (key is not Node.Scalar name)
                {
                    problems.Add(key.Place, "", $"{key.Show()} stands where a key should", "Keys are single words.");
                }
                else if (!firsts.TryAdd(name.Text, name))
                {
                    if (_twice++ < MostTold)
                        problems.Add(
                            name.Place,
                            "",
                            $"the key {Node.Short(name.Text)} is here a second time (first in line {firsts[name.Text].Place.Line})",
                            "Keep one of them."
                        );
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
