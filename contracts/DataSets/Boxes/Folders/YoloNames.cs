using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Motion.DataSets;

/// <summary>
/// The names of the classes of YOLO's texts, from 0: of data.yaml (a list, or a map of numbers), or the lines of classes.txt or obj.names.
/// </summary>
internal static class YoloNames
{
    private const int MostBytes = 4 << 20; // of a yaml
    private const int MostClasses = 100_000;
    private static readonly string[] Lines = ["classes.txt", "obj.names"];

    /// <summary>Looks beside a text, in the folders above it and in that of the set, up to two above that.</summary>
    /// <param name="folder">Of the set.</param>
    /// <param name="text">One of its texts.</param>
    public static Result<ImmutableArray<string>, DecodeError> Find(string folder, string text)
    {
        var root = Path.GetFullPath(folder).TrimEnd('/');
        var (at, above) = (Path.GetDirectoryName(text), 0);
        while (at is not null && above <= 2)
        {
            if (Lines.Select(name => Path.Combine(at, name)).FirstOrDefault(File.Exists) is { } lines)
            {
                return Used(lines, OfLines);
            }

            foreach (var yaml in Directory.GetFiles(at, "*.yaml").Concat(Directory.GetFiles(at, "*.yml")).Order(CountingOrder.Files))
            {
                if (
                    Used(yaml, OfYaml) is var read
                    && !(read is Result<ImmutableArray<string>, DecodeError>.Ok(var names) && names.IsDefault)
                )
                {
                    return read;
                }
            }

            above += at.Length <= root.Length ? 1 : 0;
            at = Path.GetDirectoryName(at);
        }

        return new DecodeError.BadSetting(
            "format",
            $"{folder} holds {Path.GetRelativePath(root, text)}, as YOLO writes boxes, but no names of classes",
            "Put data.yaml, classes.txt or obj.names beside it; to read the pictures alone say --format davis."
        );
    }

    /// <summary>Whether a yaml names classes.</summary>
    public static Result<bool, DecodeError> AreIn(string yaml) => Used(yaml, OfYaml).Map(names => !names.IsDefault);

    private static Result<ImmutableArray<string>, DecodeError> Used(
        string path,
        Func<string, string, Result<ImmutableArray<string>, DecodeError>> use
    )
    {
        try
        {
            return new FileInfo(path).Length > MostBytes
                ? new DecodeError.Corrupt(
                    path,
                    $"is larger than {MostBytes >> 20} MiB, and names of classes are not",
                    "Name the classes in a classes.txt."
                )
                : use(path, InputFile.ReadStrictText(path)).Bind(names => Checked(path, names));
        }
        catch (DecoderFallbackException)
        {
            return new DecodeError.Corrupt(path, "not text in UTF-8", "Save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

    private static Result<ImmutableArray<string>, DecodeError> Checked(string path, ImmutableArray<string> names) =>
        names.IsDefault ? names
        : names.Index().FirstOrDefault(pair => string.IsNullOrWhiteSpace(pair.Item)) is { Item: not null } blank
            ? new DecodeError.BadAnnotation(path, $"class {blank.Index}", "it has no name", "Name it.")
        : names.Index().GroupBy(pair => pair.Item, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? new DecodeError.BadAnnotation(
                path,
                $"class {twice.ElementAt(1).Index}",
                $"the class {twice.Key} is named twice",
                "Give each class a name of its own."
            )
        : names;

    private static Result<ImmutableArray<string>, DecodeError> OfLines(string path, string text) =>
        text.TrimEnd().Length == 0
            ? new DecodeError.BadAnnotation(path, "row 1", "the file is empty", "Write the name of a class a line.")
            : text.TrimEnd().Split('\n').Select(line => line.Trim()).ToImmutableArray();

    /// <summary>
    /// The names of a yaml; no array, not even an empty one, where it has no such member. Read event by event, so that neither depth nor
    /// anchors cost anything.
    /// </summary>
    private static Result<ImmutableArray<string>, DecodeError> OfYaml(string path, string text)
    {
        try
        {
            var names = new SortedDictionary<int, string>();
            var (parser, depth, isMap, isThere) = (new Parser(new StringReader(text)), 0, false, false);
            var (member, key) = ((string?)null, (string?)null); // of the outermost map, of names
            while (parser.MoveNext())
            {
                switch (parser.Current)
                {
                    case SequenceStart or MappingStart:
                        isMap = depth == 1 ? parser.Current is MappingStart : isMap;
                        depth++;
                        break;
                    case SequenceEnd or MappingEnd:
                        depth--;
                        member = depth == 1 ? null : member;
                        break;
                    case AnchorAlias when depth == 1:
                        member = null;
                        break;
                    case Scalar name when depth == 1:
                        member = member is null ? name.Value : null;
                        isThere |= member == "names";
                        break;
                    case Scalar name when depth == 2 && member == "names" && isMap && key is null:
                        key = name.Value;
                        break;
                    case Scalar name when depth == 2 && member == "names":
                        var number = names.Count;
                        if (
                            isMap
                            && !(int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MostClasses)
                        )
                        {
                            return new DecodeError.BadAnnotation(
                                path,
                                $"line {name.Start.Line}",
                                $"the number of a class must be a whole number from 0 on; got {BoxRows.Show(key)}",
                                "Correct it."
                            );
                        }

                        names[number] = name.Value;
                        key = null;
                        break;
                }
            }

            return names.Count > 0 && names.Keys.Last() != names.Count - 1
                    ? new DecodeError.BadAnnotation(
                        path,
                        "names",
                        $"{names.Count} classes are named, up to the number {names.Keys.Last()}",
                        "Name each number from 0 on."
                    )
                : isThere ? names.Values.ToImmutableArray()
                : default(ImmutableArray<string>);
        }
        catch (YamlException e)
        {
            return new DecodeError.Corrupt(path, $"not YAML, line {e.Start.Line}: {e.Message.TrimEnd('.')}", "Correct it.");
        }
    }
}
