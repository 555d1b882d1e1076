using System.Collections.Immutable;
using System.Text;
using Motion.Contracts;

namespace Motion.Decode;

/// <summary>
/// The setting <c>split</c>: a split by its name, where the format has splits, or a file that lists clips (one a line). DAVIS lists its
/// splits in ImageSets; YouTube-VIS and COCO have a JSON for each (<see cref="SetPlaces"/>).
/// </summary>
internal static class SplitChoice
{
    /// <summary>The settings with <c>clips</c> being those that the split lists, where it lists clips.</summary>
    public static Result<DecodeOptions, DecodeError> Apply(DecodeOptions options) => options switch
    {
        { Source: SourceKind.Synthetic } or { Split: null } => options,
        _ when IsList(options.Split) => Listed(options, options.Split),
        { Source: SourceKind.Frames } => Davis(options),
        { Source: SourceKind.Video } => new DecodeError.BadSetting(
            "split", $"videos have no splits by name; got {options.Split}", "Give a file that lists clips, one a line (split: val.txt)."),
        _ => options,
    };

    /// <summary>The name of a split; null where none, or a list, was asked for.</summary>
    public static string? NameOf(DecodeOptions options) => options.Split is { } split && !IsList(split) ? split : null;

    private static bool IsList(string split) => split.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) || File.Exists(split);

    private static Result<DecodeOptions, DecodeError> Davis(DecodeOptions options)
    {
        var sets = Path.Combine(options.Path!, "ImageSets");
        var places = SetPlaces.Aliases(options.Split!)
            .SelectMany(name => new[] { "2017", "2016", "480p", "1080p", "" }.Select(year => Path.Combine(sets, year, name + ".txt")))
            .ToArray();
        return places.FirstOrDefault(File.Exists) is { } found ? Listed(options, found) : new DecodeError.BadSetting(
            "split", $"{options.Path} lists no split {options.Split} in {Path.Combine(sets, "2017")}, 2016, 480p or 1080p",
            "Check the name, or give a file that lists clips, one a line.");
    }

    /// <summary>
    /// Reads a list. A line is a clip's name; or, as in DAVIS 2016, the picture and the annotation of a frame, whose folder is the clip.
    /// </summary>
    private static Result<DecodeOptions, DecodeError> Listed(DecodeOptions options, string path)
    {
        try
        {
            var names = InputFile.ReadStrictText(path).Split('\n')
                .Select(line => line.Trim()).Where(line => line.Length > 0).Select(NameIn).Distinct(StringComparer.Ordinal).ToImmutableArray();
            var chosen = options.Clips.IsEmpty ? names : [.. options.Clips.Where(names.Contains)];
            return chosen.IsEmpty
                ? new DecodeError.BadSetting("split", $"{path} lists none of the clips asked for", "Check the list and the setting clips.")
                : options with { Clips = chosen };
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
        return PictureFiles.HasPictureName(first) && Path.GetDirectoryName(first) is { Length: > 0 } folder ? Path.GetFileName(folder) : line;
    }
}
