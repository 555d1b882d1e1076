using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>
/// Yaml on yaml: <c>extends: base.yaml</c> begins from another file (its path is relative to the file that says so), <c>--with</c> lays
/// one over the yaml that is run. Maps are laid over one another key by key; anything else is replaced.
/// </summary>
internal static class YamlLayers
{
    private const string Extends = "extends";
    private const int DeepestChain = 16;

    /// <summary>The document with everything it extends under it.</summary>
    /// <param name="top">The document as written.</param>
    /// <param name="file">Where it was written.</param>
    public static Node.Map Extended(Node.Map top, string file, Problems problems) =>
        Extended(top, file, [Path.GetFullPath(file)], problems);

    /// <summary>The document with other files laid over it, the last on top.</summary>
    public static Node.Map Under(this Node.Map document, ImmutableArray<string> files, Problems problems) =>
        files.Aggregate(document, (map, file) => Read(file, new("--with", 0, 0), [], problems) is { } top ? map.Under(top) : map);

    private static Node.Map Extended(Node.Map top, string file, ImmutableArray<string> chain, Problems problems)
    {
        if (top.Find(Extends) is not { } named)
            return top;
        var own = top.Without(Extends);
        if (named is not Node.Scalar { IsNull: false } path)
        {
            problems.Add(named.Place, Extends, $"got {named.Show()}", "Name one yaml file, relative to this one.");
            return own;
        }

        var below = Path.Combine(Path.GetDirectoryName(file) ?? "", path.Text);
        return Read(below, path.Place, chain, problems) is { } map ? map.Under(own) : own;
    }

    private static Node.Map? Read(string file, Place from, ImmutableArray<string> chain, Problems problems)
    {
        if (chain.Contains(Path.GetFullPath(file), StringComparer.Ordinal) || chain.Length > DeepestChain)
        {
            problems.Add(
                from,
                Extends,
                $"{file} extends itself: {string.Join(" <- ", chain.Select(Path.GetFileName))}",
                "Take one extends out of the circle."
            );
            return null;
        }

        string text;
        try
        {
            text = ReadYaml.TextOf(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(
                from,
                "",
                e is FileNotFoundException or DirectoryNotFoundException ? $"there is no file {file}" : $"{file}: {e.Message.TrimEnd('.')}",
                "Name a yaml file."
            );
            return null;
        }

        switch (ReadYaml.Document(text, file, problems))
        {
            case null:
                return null;
            case Node.Map map:
                return Extended(map, file, chain.Add(Path.GetFullPath(file)), problems);
            case var other:
                problems.Add(other.Place, "", $"got {other.Show()}", "Expected a map.");
                return null;
        }
    }
}
