using System.Security.Cryptography;
using Motion.Contracts;

namespace Motion.Properties.Generators;

/// <summary>Everything below a folder: names, what they are, and every byte.</summary>
internal static class DiskState
{
    /// <summary>By path; links are told by where they lead, and not followed.</summary>
    public static SortedDictionary<string, string> Of(string folder)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(folder, found);
        return found;
    }

    private static void Add(string folder, SortedDictionary<string, string> found)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            var kind = FileIdentity.OfEntry(path).Kind;
            found[path] = kind switch
            {
                FileKind.Link => $"link to {new FileInfo(path).LinkTarget}",
                FileKind.Regular => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))),
                _ => kind.ToString(),
            };
            if (kind == FileKind.Folder)
            {
                Add(path, found);
            }
        }
    }

    /// <summary>What was there before and is now changed or gone.</summary>
    public static IReadOnlyList<string> Harmed(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        [.. before.Where(pair => after.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => pair.Key)];

    /// <summary>What is new.</summary>
    public static IReadOnlyList<string> Made(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        [.. after.Keys.Where(path => !before.ContainsKey(path))];
}

/// <summary>Names that want to lead somewhere else, or to be two names of one file.</summary>
internal static class HostileNames
{
    private static readonly string[] Parts =
    [
        "..",
        "..",
        ".",
        "",
        "a",
        "A",
        "b",
        "\u00e9",
        "e\u0301",
        "a.",
        "a ",
        " a",
        "CON",
        "nul.x",
        "lpt1",
        "-v",
        "a\\..\\..\\b",
        "~",
        "c:",
        "link",
        "deep",
        "\u001b[2J",
        "x\ny",
        "\u202ea",
        new string('n', 240),
        "*",
        "%03d",
    ];

    /// <summary>A part of a path.</summary>
    public static string Part(Draws draws) => Parts[draws.Next(Parts.Length)];

    /// <summary>
    /// A path of up to four parts; now and then absolute, below the folder given, or the plain name of a picture that is there.
    /// </summary>
    public static string Path(Draws draws, string absolute) =>
        draws.Next(5) switch
        {
            0 => $"{absolute}/{Part(draws)}",
            1 => $"v{draws.Next(3)}",
            _ => string.Join('/', Enumerable.Range(0, 1 + draws.Next(4)).Select(_ => Part(draws))),
        };
}
