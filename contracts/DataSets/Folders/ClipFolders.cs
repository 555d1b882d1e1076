using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A frame: index of the clip in the catalogue, index of the frame in the clip.</summary>
internal readonly record struct FrameAt(int Clip, int Frame);

/// <summary>What is known of the frames of a source, in pixels of the original.</summary>
internal sealed record TruthTable(ImmutableArray<Category> Categories, Func<FrameAt, Result<Annotation?, DecodeError>> Of);

/// <summary>One clip on disk.</summary>
/// <param name="Name">Of its folder.</param>
/// <param name="Pictures">Files of its frames, in order; at least one.</param>
/// <param name="Masks">Folder of its annotation pictures; null where the layout has none.</param>
internal sealed record ClipFolder(string Name, ImmutableArray<string> Pictures, string? Masks);

/// <summary>Finds clips in a folder.</summary>
internal static class ClipFolders
{
    private const string UsualLevel = "480p";

    /// <summary>
    /// All clips below a folder, by name as people count: of ROOT/JPEGImages, of ROOT/JPEGImages/480p, of ROOT, or ROOT itself as one clip.
    /// </summary>
    /// <param name="root">The folder.</param>
    /// <param name="resolution">Which of several levels below JPEGImages; null for the only one, or 480p.</param>
    public static Result<ImmutableArray<ClipFolder>, DecodeError> Find(string root, string? resolution)
    {
        try
        {
            return Directory.Exists(root) ? Search(root, resolution) : new DecodeError.Missing(root, "a folder of clips");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DecodeError.Corrupt(root, e.Message.TrimEnd('.'), "Check the folder and its permissions.");
        }
    }

    private static Result<ImmutableArray<ClipFolder>, DecodeError> Search(string root, string? resolution)
    {
        var (images, masks) = Layout(root);
        var levels = Levels(images);
        if (levels.Length > 0 || resolution is not null)
        {
            if (Array.Find(levels, level => level == (resolution ?? (levels.Length == 1 ? level : UsualLevel))) is not { } level)
            {
                return new DecodeError.BadSetting(
                    "resolution",
                    $"{images} has {(levels.Length == 0 ? "no levels of resolution" : string.Join(", ", levels))}{(resolution is null ? "" : $", not {resolution}")}",
                    levels.Length == 0 ? "Leave it out." : "Name one of them."
                );
            }

            if (level == "Annotations")
            {
                return new DecodeError.Missing(Path.Combine(root, "JPEGImages"), "the folder of the pictures that Annotations are about");
            }

            (images, masks) = (Path.Combine(images, level), Below(masks, level));
        }

        var clips = Directory
            .GetDirectories(images)
            .Order(CountingOrder.Names)
            .Select(folder => new ClipFolder(Path.GetFileName(folder), Pictures(folder), Below(masks, Path.GetFileName(folder))))
            .Where(clip => !clip.Pictures.IsEmpty)
            .ToImmutableArray();
        var own = Pictures(images);
        if (clips.IsEmpty && !own.IsEmpty)
        {
            return ImmutableArray.Create(
                new ClipFolder(Path.GetFileName(Path.GetFullPath(root).TrimEnd(Path.DirectorySeparatorChar)), own, masks)
            );
        }

        return clips.IsEmpty ? new DecodeError.Missing(images, "a folder of pictures (CLIP/NNNNN.jpg or .png)") : clips;
    }

    /// <summary>
    /// The folders of pictures and of annotation pictures: DAVIS's, KITTI-MOTS' (training/image_02 and instances, one beside the other or
    /// below it); the root alone where it is neither.
    /// </summary>
    private static (string Images, string? Masks) Layout(string root)
    {
        (string Images, string Masks)[] known =
        [
            ("JPEGImages", "Annotations"),
            ("training/image_02", "instances"),
            ("training/image_02", "training/instances"),
            ("image_02", "instances"),
            ("images", "instances"),
        ];
        return
            Array.Find(
                known,
                layout =>
                    Directory.Exists(Path.Combine(root, layout.Images))
                    && (layout.Images == "JPEGImages" || Directory.Exists(Path.Combine(root, layout.Masks)))
            )
                is { Images: not null } found
            ? (Path.Combine(root, found.Images), Path.Combine(root, found.Masks))
            : (root, null);
    }

    /// <summary>A clip has the size of its first readable picture.</summary>
    public static Result<ClipInfo, DecodeError> Info(ClipFolder clip) =>
        (clip.Pictures.Select(PictureFiles.Size).FirstOrDefault(size => size.IsOk) ?? PictureFiles.Size(clip.Pictures[0])).Map(
            size => new ClipInfo(clip.Name, clip.Pictures.Length, size)
        );

    /// <summary>DAVIS's resolutions: folders of folders, without a picture of their own.</summary>
    private static string[] Levels(string images)
    {
        var folders = Directory.GetDirectories(images);
        return folders.Length > 0 && folders.All(folder => Pictures(folder).IsEmpty && Directory.GetDirectories(folder).Length > 0)
            ? [.. folders.Select(folder => Path.GetFileName(folder)).Order(CountingOrder.Names)]
            : [];
    }

    private static string? Below(string? folder, string clip) => folder is null ? null : Path.Combine(folder, clip);

    private static ImmutableArray<string> Pictures(string folder) =>
        [.. Directory.GetFiles(folder).Where(PictureFiles.HasPictureName).Order(CountingOrder.Files)];
}
