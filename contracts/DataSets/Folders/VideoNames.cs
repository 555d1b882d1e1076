using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Video files, by their names.</summary>
public static class VideoNames
{
    private static readonly string[] Endings =
    [
        ".mp4",
        ".mov",
        ".mkv",
        ".avi",
        ".webm",
        ".m4v",
        ".mpg",
        ".mpeg",
        ".ts",
        ".wmv",
        ".flv",
        ".ogv",
        ".gif",
    ];

    /// <summary>Whether a file is a video by its name.</summary>
    public static bool Is(string file) => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a folder holds videos.</summary>
    public static bool Any(string folder) => Directory.GetFiles(folder).Any(Is);

    public static Result<ImmutableArray<string>, DecodeError> Find(string path)
    {
        if (!Directory.Exists(path))
        {
            return ImmutableArray.Create(path);
        }

        var found = Directory.GetFiles(path).Where(Is).Order(CountingOrder.Files).ToImmutableArray();
        return found.IsEmpty ? new DecodeError.Missing(path, $"a video ({string.Join(", ", Endings)})") : found;
    }
}
