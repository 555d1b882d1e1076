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
        var circles = Circles.In(mentions.Select(mention => (mention.From, mention.To)).Distinct().ToLookup(pair => pair.From, pair => pair.To));
        Assert.True(circles.Count == 0, $"Folders of pipeline/ know each other in a circle:\n{string.Join("\n", circles.Select(circle => Told(circle, mentions)))}");
    }

    private static string Told(IReadOnlyList<string> circle, IReadOnlyList<Mention> mentions) =>
        string.Join("; ", circle.Zip([.. circle.Skip(1), circle[0]], (from, to) =>
        {
            var files = mentions.Where(mention => mention.From == from && mention.To == to).Select(mention => mention.File).ToArray();
            return $"{from} knows {to} ({string.Join(", ", files.Take(3))}{(files.Length > 3 ? $" and {files.Length - 3} more" : "")})";
        }));

    private static List<Mention> Mentions(string root)
    {
        var files = (from folder in Directory.EnumerateDirectories(root)
                     let name = Path.GetFileName(folder)
                     where name is not ("bin" or "obj")
                     from path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                     select (Folder: name, Path: path, Text: Comment().Replace(File.ReadAllText(path), ""))).ToList();
        var types = files.ToLookup(file => file.Folder, StringComparer.Ordinal).ToDictionary(
            folder => folder.Key, folder => folder.SelectMany(file => Declared().Matches(file.Text)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return [.. from file in files
                   from name in Used().Matches(file.Text).Select(match => match.Groups["folder"].Value)
                       .Concat(Qualified().Matches(file.Text).Where(match => types.TryGetValue(match.Groups["folder"].Value, out var declared) && declared.Contains(match.Groups["name"].Value)).Select(match => match.Groups["folder"].Value))
                       .Distinct(StringComparer.Ordinal)
                   where types.ContainsKey(name) && name != file.Folder
                   select new Mention(file.Folder, name, Path.GetFileName(file.Path))];
    }

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(class|record struct|record|struct|interface|enum)\s+(?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\busing (static )?(\w+ = )?Motion\.Pipeline\.(?<folder>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Used();

    [GeneratedRegex(@"(?<![\w.])((Motion\.)?Pipeline\.)?(?<folder>[A-Z]\w*)\.(?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Qualified();
}
