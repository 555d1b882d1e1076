using System.Collections.Immutable;

namespace Motion.DataSets;

/// <summary>Names of pictures in a JSON. They are relative to the folder of pictures, and stay in it unless the user allows more.</summary>
internal static class PictureNames
{
    public const string Remedy =
        "If these pictures are meant, allow it with --pictures-anywhere (of a run: stages.decode.picturesAnywhere=true).";

    /// <summary>What is wrong with a name, to follow it in a sentence; null where nothing is.</summary>
    public static string? Problem(string name, bool anywhere)
    {
        if (name.Length == 0 || name.EndsWith('/'))
        {
            return "names no picture";
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            return "has a zero in it, which no file name can have";
        }

        return anywhere ? null
            : Path.IsPathRooted(name) || (name.Length > 1 && name[1] == ':')
                ? "is absolute, and pictures are looked for below the folder of pictures only"
            : Climbs(name) ? "leads out of the folder of pictures"
            : null;
    }

    private static bool Climbs(string name)
    {
        var depth = 0;
        foreach (var part in name.Split('/', '\\'))
        {
            depth +=
                part is "" or "." ? 0
                : part is ".." ? -1
                : 1;
            if (depth < 0)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Names of clips that come from a JSON: parts of paths in much of what a run writes and looks for.</summary>
internal static class ClipNames
{
    /// <summary>The names, where they tell clips apart and none leads out of a folder; otherwise null.</summary>
    public static ImmutableArray<string>? Distinct(IEnumerable<string?> names)
    {
        var all = names.ToImmutableArray();
        return
            all.All(name =>
                !string.IsNullOrEmpty(name) && !Path.IsPathRooted(name) && !name.Split('/', '\\').Any(part => part is "" or "." or "..")
            )
            && all.Distinct(StringComparer.Ordinal).Count() == all.Length
            ? all.Select(name => name!).ToImmutableArray()
            : null;
    }
}
