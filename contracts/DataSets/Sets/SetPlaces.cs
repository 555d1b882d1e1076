using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Where the parts of a published set lie: the JSON, and the folder of pictures.</summary>
/// <param name="Json">The annotations.</param>
/// <param name="Pictures">Folders that may hold the pictures, the likeliest first.</param>
internal sealed record SetPlace(string Json, ImmutableArray<string> Pictures);

/// <summary>
/// Finds the JSON and the pictures of YouTube-VIS and COCO in the layouts that people have: one JSON beside the pictures' folder
/// (instances.json, train.json), one in the folder of each split, or all of them in a folder annotations.
/// </summary>
internal static class SetPlaces
{
    /// <summary>By the path of a set, or of its annotations.</summary>
    /// <param name="root">The JSON, or a folder.</param>
    /// <param name="stated">The JSON where the root is a folder; null to look for it.</param>
    /// <param name="split">As in <see cref="ClipChoice"/>.</param>
    /// <param name="format">YouTube-VIS or COCO.</param>
    public static Result<SetPlace, DecodeError> Find(string root, string? stated, string? split, DataFormat format)
    {
        split = SplitChoice.NameOf(split);
        if (File.Exists(root))
        {
            return new SetPlace(root, Pictures(root, split));
        }

        if (stated is not null)
        {
            return File.Exists(stated)
                ? new SetPlace(stated, [root, .. Below(root, split)])
                : new DecodeError.Missing(stated, "the JSON of annotations (setting boxes)");
        }

        return Json(root, format, split).Map(json => new SetPlace(json, [root, .. Below(root, split), .. Pictures(json, split)]));
    }

    /// <summary>The JSON of a folder.</summary>
    /// <param name="root">The folder of a set, of one of its splits, or of its pictures.</param>
    /// <param name="format">YouTube-VIS or COCO.</param>
    /// <param name="split">train, val, ...; null for the only one.</param>
    public static Result<string, DecodeError> Json(string root, DataFormat format, string? split)
    {
        if (!Directory.Exists(root))
        {
            return new DecodeError.Missing(root, "the folder");
        }

        var beside = Path.GetDirectoryName(Path.GetFullPath(root).TrimEnd('/')) ?? "/";
        var names = split is null ? new[] { "instances", "train", "annotations", "valid", "val", "test" } : [.. Aliases(split)];
        var own = Path.GetFileName(Path.GetFullPath(root).TrimEnd('/'));
        var candidates = split is null
            ? new[] { Path.Combine(root, Roboflow) }
                .Concat(
                    names.SelectMany(name =>
                        new[] { Path.Combine(root, name + ".json"), Path.Combine(root, "annotations", name + ".json") }
                    )
                )
                .Concat(own is "JPEGImages" or "images" ? names.Select(name => Path.Combine(beside, name + ".json")) : [])
                .Append(Path.Combine(beside, "instances.json"))
                .Append(Path.Combine(beside, own + ".json"))
                .Append(Path.Combine(beside, $"annotations_{own}.json"))
            : names.SelectMany(name =>
                new[]
                {
                    Path.Combine(root, name, Roboflow),
                    Path.Combine(root, name + ".json"),
                    Path.Combine(root, $"annotations_{name}.json"),
                    Path.Combine(root, $"instances_{name}.json"),
                    Path.Combine(root, name, "instances.json"),
                    Path.Combine(root, name, name + ".json"),
                    Path.Combine(root, "annotations", name + ".json"),
                    Path.Combine(root, "annotations", $"instances_{name}.json"),
                    Path.Combine(root, "annotations", $"instances_{name}2017.json"),
                    Path.Combine(root, "annotations", $"instances_{name}2014.json"),
                    Path.Combine(root, "annotations", $"instances_{name}_sub.json"),
                    Path.Combine(root, "annotations", $"annotations_{name}.json"),
                    Path.Combine(root, name, "annotations.json"),
                }
            );
        var found =
            candidates.FirstOrDefault(File.Exists) ?? (split is null ? Only(root) ?? Only(Path.Combine(root, "annotations")) : null);
        return found is not null ? found
            : split is null && Splits(root) is { Length: > 0 } splits
                ? (
                    splits is [var only]
                        ? Json(root, format, only)
                        : new DecodeError.BadSetting(
                            "split",
                            $"{root} holds the annotations of {string.Join(", ", splits)}",
                            "Name one: --split (of a run: split), or give the JSON itself."
                        )
                )
            : new DecodeError.Missing(
                Path.Combine(root, split is null ? "instances.json" : $"{split}.json"),
                $"the JSON of annotations{(split is null ? "" : $" of the split {split}")} (setting boxes; looked for instances.json, train.json, annotations/instances_*.json and the like)"
            );
    }

    private const string Roboflow = "_annotations.coco.json";

    /// <summary>The splits of which a folder holds annotations: by the names of its folders and of its JSONs.</summary>
    public static string[] Splits(string root)
    {
        string[] beginnings = ["instances_", "annotations_"];
        var files = new[] { root, Path.Combine(root, "annotations") }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>())
            .Select(name =>
                Array.Find(beginnings, start => name.StartsWith(start, StringComparison.Ordinal)) is { } beginning
                    ? name[beginning.Length..]
                    : null
            );
        var folders = Directory
            .GetDirectories(root)
            .Where(folder => new[] { Roboflow, "instances.json" }.Any(name => File.Exists(Path.Combine(folder, name))))
            .Select(Path.GetFileName);
        return [.. files.Concat(folders).OfType<string>().Distinct(StringComparer.Ordinal).Order(CountingOrder.Names)];
    }

    private static string? Only(string folder) =>
        Directory.Exists(folder)
        && Array.FindAll(Directory.GetFiles(folder, "*.json"), file => Path.GetFileName(file) != ObjectNames.FileName) is [var one]
            ? one
            : null;

    /// <summary>The names under which a split goes.</summary>
    public static IEnumerable<string> Aliases(string split) =>
        split switch
        {
            "val" => ["val", "valid"],
            "valid" => ["valid", "val"],
            _ => [split],
        };

    /// <summary>Folders that may hold the pictures of a JSON.</summary>
    public static ImmutableArray<string> Pictures(string json, string? split)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(json))!;
        var stem = Path.GetFileNameWithoutExtension(json);
        var name =
            split
            ?? (
                stem.StartsWith("instances_", StringComparison.Ordinal) ? stem["instances_".Length..]
                : stem.StartsWith("annotations_", StringComparison.Ordinal) ? stem["annotations_".Length..]
                : stem
            );
        var above = Path.GetDirectoryName(folder) ?? folder;
        return [.. Below(folder, name), folder, .. Path.GetFileName(folder) == "annotations" ? Below(above, name).Append(above) : []];
    }

    private static IEnumerable<string> Below(string root, string? split) =>
        [
            .. split is null
                ? []
                : Aliases(split)
                    .SelectMany(name =>
                        new[]
                        {
                            Path.Combine(root, name, "JPEGImages"),
                            Path.Combine(root, name),
                            Path.Combine(root, name + "2017"),
                            Path.Combine(root, name + "2014"),
                            Path.Combine(root, "images", name),
                            Path.Combine(root, "frames", name),
                        }
                    ),
            Path.Combine(root, "JPEGImages"),
            Path.Combine(root, "images"),
            Path.Combine(root, "frames"),
        ];

    /// <summary>The first of the folders that holds a picture of the videos; the first of all where none does.</summary>
    public static string PictureRoot(ImmutableArray<string> folders, IEnumerable<SetVideo> videos) =>
        FindRoot(folders, videos) ?? folders[0];

    /// <summary>The first of the folders that holds the first picture of one of the first videos; null where none does.</summary>
    public static string? FindRoot(ImmutableArray<string> folders, IEnumerable<SetVideo> videos)
    {
        var tried = videos.Where(video => !video.Files.IsEmpty).Take(8).ToArray();
        return folders.FirstOrDefault(folder =>
            tried.Any(video => video.Files.Take(2).Any(file => File.Exists(Path.Combine(folder, file))))
        );
    }
}
