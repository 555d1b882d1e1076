using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Brings boxes of an export to the clips that they are about: those told by the names of pictures to their frames, those in percent to
/// pixels.
/// </summary>
internal static class Placing
{
    private static readonly string[] Folders = ["frames", "images", "img1", "JPEGImages"];

    /// <param name="file">As it was read.</param>
    /// <param name="about">The clips; null where they are not known.</param>
    public static Result<BoxFile, DecodeError> On(BoxFile file, IReadOnlyList<SetVideo>? about) =>
        from named in file.Pictures.IsEmpty ? file
        : about is null
            ? file with
            {
                Notes = file.Notes.Add(
                    "frames are the pictures that it names, in the order in which people count; name their folder (--source) if it does not name all of them"
                ),
            }
        : ByPicture(file, about)
        from placed in named.InPercent ? InPixels(named, about) : named
        select placed;

    /// <summary>
    /// What a file is about where nobody said it: its video beside it, or the only folder of pictures beside it that fits; null where there
    /// is none.
    /// </summary>
    public static string? Beside(BoxFile file)
    {
        if (file.PicturesIn is { } known)
        {
            return known;
        }

        if ((!file.InPercent && file.Pictures.IsEmpty) || file.PicturesWithoutEnding)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file.Path))!;
        if (file.Video is { } video && Path.Combine(folder, video) is var beside && File.Exists(beside))
        {
            return beside;
        }

        return Folders
            .Select(name => Path.Combine(folder, name))
            .Prepend(folder)
            .Where(Directory.Exists)
            .FirstOrDefault(at => Fits(file, at));
    }

    private static bool Fits(BoxFile file, string folder) =>
        ClipFolders.Find(folder, null) is Result<ImmutableArray<ClipFolder>, DecodeError>.Ok([var clip])
        && (file.FramesStated is null || clip.Pictures.Length == file.FramesStated)
        && (
            file.Pictures.IsEmpty
            || clip.Pictures.Select(picture => Path.GetFileName(picture))
                .ToHashSet(StringComparer.Ordinal)
                .IsSupersetOf(file.Pictures.Select(picture => Path.GetFileName(picture)))
        );

    private static Result<BoxFile, DecodeError> ByPicture(BoxFile file, IReadOnlyList<SetVideo> about)
    {
        string Key(string name) => file.PicturesWithoutEnding ? Path.ChangeExtension(name, null) : name;
        var known = about
            .SelectMany((video, v) => video.Files.Select((name, frame) => (Name: Key(name.Replace('\\', '/')), Video: v, Frame: frame)))
            .ToLookup(picture => Path.GetFileName(picture.Name), StringComparer.Ordinal);
        var placed = new (string Clip, int Frame)[file.Pictures.Length];
        var spokenOf = new HashSet<int>();
        foreach (var (i, picture) in file.Pictures.Index())
        {
            var name = picture.Replace('\\', '/');
            if (OfVideos(name, about) is [var ofVideo])
            {
                placed[i] = (about[ofVideo.Video].Name, ofVideo.Frame);
                spokenOf.Add(ofVideo.Video);
                continue;
            }

            var all = known[Path.GetFileName(name)].Select(one => (one, Shared: SharedFolders(one.Name, name))).ToArray();
            if (all.Where(pair => pair.Shared == all.Max(other => other.Shared)).ToArray() is not [var (found, _)])
            {
                return new DecodeError.BadAnnotation(
                    file.Path,
                    file.Frames.FirstOrDefault(frame => frame.Frame == i)?.Place ?? "$",
                    all.Length == 0
                        ? $"there is no picture {BoxRows.Show(picture)}"
                        : $"{all.Length} clips have a picture {BoxRows.Show(picture)}",
                    all.Length == 0
                        ? "Name the folder of the pictures that it is about."
                        : "Name the folder of one clip, or give the pictures names of their own."
                );
            }

            placed[i] = (about[found.Video].Name, found.Frame);
            spokenOf.Add(found.Video);
        }

        var frames = file
            .Frames.Select(frame => frame with { Clip = placed[frame.Frame].Clip, Frame = placed[frame.Frame].Frame })
            .ToArray();
        var told = frames.Select(frame => (frame.Clip, frame.Frame)).ToHashSet();
        var absent = !file.AbsentIsEmpty
            ? []
            : spokenOf
                .Order()
                .SelectMany(video =>
                    Enumerable.Range(0, about[video].Frames).Select(frame => new StatedFrame(about[video].Name, frame, about[video].Name))
                )
                .Where(frame => !told.Contains((frame.Clip, frame.Frame)))
                .ToArray();
        return file with
        {
            Pictures = [],
            Frames = [.. frames, .. absent],
            Boxes = [.. file.Boxes.Select(box => box with { Clip = placed[box.Frame].Clip, Frame = placed[box.Frame].Frame })],
            Notes =
                absent.Length == 0
                    ? file.Notes
                    : file.Notes.Add($"{absent.Length} pictures without a text are pictures without an object, as the form has it"),
        };
    }

    /// <summary>
    /// Frames of video files, which have no names of pictures: CLIP/00000 counts from 0, as conversions write it, so does frame_000000 of
    /// an only video (CVAT), and CLIP_1 counts from 1 (Ultralytics).
    /// </summary>
    private static (int Video, int Frame)[] OfVideos(string name, IReadOnlyList<SetVideo> about)
    {
        var stem = PictureFiles.HasPictureName(name) ? Path.ChangeExtension(name, null) : name;
        int? Frame(SetVideo video) =>
            Number(stem, video.Name + "/")
            ?? (about.Count == 1 ? Number(Path.GetFileName(stem), "frame_") : null)
            ?? (Number(Path.GetFileName(stem), video.Name + "_") is { } one ? one - 1 : null);
        return
        [
            .. about
                .Index()
                .Where(pair => pair.Item.Files.IsEmpty)
                .Select(pair => (pair.Index, Frame(pair.Item)))
                .Where(pair => pair.Item2 is >= 0)
                .Select(pair => (pair.Index, pair.Item2!.Value)),
        ];
    }

    private static int? Number(string name, string before) =>
        name.StartsWith(before, StringComparison.Ordinal)
        && int.TryParse(
            name.AsSpan(before.Length),
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    /// <summary>How many folders two names have in common, from the file upwards.</summary>
    private static int SharedFolders(string one, string other) =>
        one.Split('/').Reverse().Zip(other.Split('/').Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();

    private static Result<BoxFile, DecodeError> InPixels(BoxFile file, IReadOnlyList<SetVideo>? about)
    {
        var boxes = ImmutableArray.CreateBuilder<StatedBox>(file.Boxes.Length);
        foreach (var box in file.Boxes)
        {
            var video =
                about is null ? null
                : box.Clip is null ? (about is [var only] ? only : null)
                : about.FirstOrDefault(one => IsOf(one.Name, box.Clip));
            if (about is null || (video is not null && video.Size == default && about.All(one => one.Size == default)))
            {
                return new DecodeError.BadAnnotation(
                    file.Path,
                    box.Place,
                    "its boxes are shares of the frame, and how large that is the file does not say",
                    "Name the video, or the folder of pictures, that it is about: --source PATH."
                );
            }

            if (video is null || video.Size == default)
            {
                boxes.Add(box); // whoever places it says that there is no such clip, or passes over one that is not chosen
                continue;
            }

            if (box.Percent?.Scaled(video.Size.Width / 100.0, video.Size.Height / 100.0).AboutCorner() is not { } c)
            {
                return new DecodeError.BadAnnotation(file.Path, box.Place, "its corners are no pixels", "Correct it, or export it again.");
            }

            boxes.Add(
                box with
                {
                    Clip = box.Clip is null ? null : video.Name,
                    Corners = c,
                    Box = new Box((float)c.X1, (float)c.Y1, (float)c.X2, (float)c.Y2),
                    Percent = null,
                }
            );
        }

        var names = file
            .Boxes.Zip(boxes, (before, after) => (before.Clip, After: after.Clip))
            .Where(pair => pair.Clip is not null)
            .DistinctBy(pair => pair.Clip)
            .ToDictionary(pair => pair.Clip!, pair => pair.After);
        return file with
        {
            InPercent = false,
            Boxes = boxes.DrainToImmutable(),
            Frames =
            [
                .. file.Frames.Select(frame => frame.Clip is { } clip ? frame with { Clip = names.GetValueOrDefault(clip, clip) } : frame),
            ],
        };
    }

    /// <summary>Whether a clip is the one of this name; uploads have eight letters and a dash before it.</summary>
    private static bool IsOf(string clip, string named) =>
        clip == named || (named.Length == clip.Length + 9 && named[8] == '-' && named.EndsWith(clip, StringComparison.Ordinal));
}
