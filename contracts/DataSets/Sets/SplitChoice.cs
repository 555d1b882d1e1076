using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// The setting <c>split</c>: a split by its name, where the format has splits, or a file that lists clips (one a line). DAVIS lists its
/// splits in ImageSets; YouTube-VIS and COCO have a JSON for each (<see cref="SetPlaces"/>).
/// </summary>
internal static class SplitChoice
{
    /// <summary>The choice with the clips that its split lists, where it lists clips.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="davis">The folder whose ImageSets list the splits; null where splits by name are none of lists.</param>
    public static Result<ClipChoice, DecodeError> Apply(ClipChoice choice, string? davis = null) =>
        choice.Split is not { } split ? choice
        : IsList(split) ? Listed(choice, split)
        : davis is null ? choice
        : Davis(choice, split, davis);

    /// <summary>The name of a split; null where none, or a list, was asked for.</summary>
    public static string? NameOf(string? split) => split is not null && !IsList(split) ? split : null;

    public static bool IsList(string split) => split.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) || File.Exists(split);

    private static Result<ClipChoice, DecodeError> Davis(ClipChoice choice, string split, string root)
    {
        var sets = Path.Combine(root, "ImageSets");
        var places = SetPlaces
            .Aliases(split)
            .SelectMany(name => new[] { "2017", "2016", "480p", "1080p", "" }.Select(year => Path.Combine(sets, year, name + ".txt")))
            .ToArray();
        return places.FirstOrDefault(File.Exists) is { } found
            ? Listed(choice, found)
            : new DecodeError.BadSetting(
                "split",
                $"{root} lists no split {split} in {Path.Combine(sets, "2017")}, 2016, 480p or 1080p",
                "Check the name, or give a file that lists clips, one a line."
            );
    }

    /// <summary>
    /// Reads a list. A line is a clip's name; or, as in DAVIS 2016, the picture and the annotation of a frame, whose folder is the clip.
    /// </summary>
    private static Result<ClipChoice, DecodeError> Listed(ClipChoice choice, string path)
    {
        try
        {
            var names = InputFile
                .ReadStrictText(path)
                .Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.Length > 0)
                .Select(NameIn)
                .Distinct(StringComparer.Ordinal)
                .ToImmutableArray();
            var chosen = choice.Clips.IsEmpty ? names : [.. choice.Clips.Where(names.Contains)];
            return chosen.IsEmpty
                ? new DecodeError.BadSetting("split", $"{path} lists none of the clips asked for", "Check the list and the setting clips.")
                : choice with
                {
                    Clips = chosen,
                };
        }
        catch (DecoderFallbackException)
        {
            return new DecodeError.Corrupt(path, "not text in UTF-8", "Save the list as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

    private static string NameIn(string line)
    {
        var first = line.Split(' ', '\t')[0];
        return PictureFiles.HasPictureName(first) && Path.GetDirectoryName(first) is { Length: > 0 } folder
            ? Path.GetFileName(folder)
            : line;
    }
}
