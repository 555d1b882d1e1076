using System.Text.RegularExpressions;
using Motion.Properties.Verify;
using Xunit;

namespace Motion.Properties.House;

/// <summary>The folders of pipeline/ form no circle: whoever reads one need not read those that read it.</summary>
public sealed partial class FolderTests
{
    /// <summary>A file of one folder that names another: by a using, or by a type of it behind the folder's name.</summary>
    private sealed record Mention(string From, string To, string File);

    [SourceFact]
    public void FoldersOfPipeline_InWhoKnowsWhom_FormNoCircle()
    {
        var mentions = Mentions(Path.Combine(SourceFactAttribute.Root!, "pipeline"));
        Assert.NotEmpty(mentions);
        var circles = Circles.In(
            mentions.Select(mention => (mention.From, mention.To)).Distinct().ToLookup(pair => pair.From, pair => pair.To)
        );
        Assert.True(
            circles.Count == 0,
            $"Folders of pipeline/ know each other in a circle:\n{string.Join("\n", circles.Select(circle => Told(circle, mentions)))}"
        );
    }

    private static string Told(IReadOnlyList<string> circle, IReadOnlyList<Mention> mentions) =>
        string.Join(
            "; ",
            circle.Zip(
                [.. circle.Skip(1), circle[0]],
                (from, to) =>
                {
                    var files = mentions
                        .Where(mention => mention.From == from && mention.To == to)
                        .Select(mention => mention.File)
                        .ToArray();
                    return $"{from} knows {to} ({string.Join(", ", files.Take(3))}{(files.Length > 3 ? $" and {files.Length - 3} more" : "")})";
                }
            )
        );

    private static List<Mention> Mentions(string root)
    {
        // A folder is called as its namespace ends: Pipeline.Show, Runner.Yaml.
        var files = (
            from project in new[] { (Name: "Pipeline", Root: root), (Name: "Runner", Root: Path.Combine(root, "Runner")) }
            from folder in Directory.EnumerateDirectories(project.Root)
            where Path.GetFileName(folder) is not ("bin" or "obj" or "Runner")
            let name = $"{project.Name}.{Path.GetFileName(folder)}"
            from path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            select (Folder: name, Path: path, Text: Comment().Replace(File.ReadAllText(path), ""))
        ).ToList();
        var types = files
            .ToLookup(file => file.Folder, StringComparer.Ordinal)
            .ToDictionary(
                folder => folder.Key,
                folder =>
                    folder
                        .SelectMany(file => Declared().Matches(file.Text))
                        .Select(match => match.Groups["name"].Value)
                        .ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal
            );
        return
        [
            .. from file in files
            from name in Used()
                .Matches(file.Text)
                .Select(match => match.Groups["folder"].Value)
                .Concat(
                    from match in Qualified().Matches(file.Text)
                    from folder in match.Groups["folder"].Value is var said && said.Contains('.', StringComparison.Ordinal)
                        ? [said]
                        : new[] { $"Pipeline.{said}", $"Runner.{said}" }
                    where types.TryGetValue(folder, out var declared) && declared.Contains(match.Groups["name"].Value)
                    select folder
                )
                .Distinct(StringComparer.Ordinal)
            where types.ContainsKey(name) && name != file.Folder
            select new Mention(file.Folder, name, Path.GetFileName(file.Path)),
        ];
    }

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(class|record struct|record|struct|interface|enum)\s+(?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\busing (static )?(\w+ = )?Motion\.(?<folder>(Pipeline|Runner)\.\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Used();

    [GeneratedRegex(@"(?<![\w.])(Motion\.)?(?<folder>((Pipeline|Runner)\.)?[A-Z]\w*)\.(?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Qualified();
}
