using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Video files, by their names.</summary>
internal static class VideoNames
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

    /// <summary>Whether a folder holds videos.</summary>
    public static bool Any(string folder) =>
        Directory.GetFiles(folder).Any(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));

    public static Result<ImmutableArray<string>, DecodeError> Find(string path)
    {
        if (!Directory.Exists(path))
        {
            return ImmutableArray.Create(path);
        }

        var found = Directory
            .GetFiles(path)
            .Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(CountingOrder.Files)
            .ToImmutableArray();
        return found.IsEmpty ? new DecodeError.Missing(path, $"a video ({string.Join(", ", Endings)})") : found;
    }
}
