using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;

namespace Motion.Decode;

/// <summary>YouTube-VIS: a JSON of videos, tracks and categories (2019 form), and folders of pictures.</summary>
internal static class VisSource
{
    public static Result<FrameSource, DecodeError> Open(DecodeOptions options) =>
        from json in FindJson(options)
        from file in VisFile.Read(json)
        from names in ClipNames(file)
        from chosen in ClipChoice.Select(options, names, json)
        from classes in ClassOf(options, file)
        from truth in VisTruth.Of(options, file, [.. chosen], classes.ClassOf)
        let root = PictureRoot(options.Path!, file, chosen)
        let clips = chosen.Select(i => Folder(root, names[i], file.Videos[i])).ToImmutableArray()
        let infos = chosen.Select(i => new ClipInfo(names[i], file.Videos[i].Files.Length, file.Videos[i].Size)).ToImmutableArray()
        select new FrameSource(
            new Catalogue(classes.Categories, infos),
            _ => new PictureReader(
                clips, [.. infos.Select(info => info.Size)],
                at => Result.Ok<Annotation?, DecodeError>(file.HasTracks ? truth[at.Clip][at.Frame] : null), options.Flows));

    private static ClipFolder Folder(string root, string name, VisVideo video) =>
        new(name, [.. video.Files.Select(file => Path.Combine(root, file))], null);

    private static Result<string, DecodeError> FindJson(DecodeOptions options)
    {
        string[] places = options.Boxes is not null
            ? [options.Boxes]
            : [Path.Combine(options.Path!, "instances.json"),
                Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Path!).TrimEnd('/')) ?? "/", "instances.json")];
        return places.FirstOrDefault(File.Exists) is { } found ? found : new DecodeError.Missing(
            places[0], "the JSON of annotations (setting boxes)");
    }

    /// <summary>The folder that the file names are relative to: the path itself, or JPEGImages in it.</summary>
    private static string PictureRoot(string path, VisFile file, ImmutableArray<int> chosen) =>
        !chosen.IsEmpty && !File.Exists(Path.Combine(path, file.Videos[chosen[0]].Files[0])) && Directory.Exists(Path.Combine(path, "JPEGImages"))
            ? Path.Combine(path, "JPEGImages")
            : path;

    /// <summary>A clip is named by the folder of its frames; where the files do not tell two clips apart, by its id.</summary>
    private static Result<ImmutableArray<string>, DecodeError> ClipNames(VisFile file)
    {
        if (file.Videos.GroupBy(video => video.Id).FirstOrDefault(ids => ids.Skip(1).Any()) is { } twice)
        {
            return new DecodeError.BadAnnotation(
                file.Path, twice.Last().Place, $"the video id {twice.Key} occurs twice", "Give each video an id of its own.");
        }

        var folders = file.Videos.Select(video => Path.GetDirectoryName(video.Files[0])).ToImmutableArray();
        return folders.All(folder => !string.IsNullOrEmpty(folder)) && folders.Distinct().Count() == folders.Length
            ? folders.Select(folder => folder!).ToImmutableArray()
            : file.Videos.Select(video => $"video-{video.Id}").ToImmutableArray();
    }

    private static Result<(ImmutableArray<Category> Categories, Func<VisTrack, Result<int?, DecodeError>> ClassOf), DecodeError> ClassOf(
        DecodeOptions options, VisFile file)
    {
        if (file.Categories.GroupBy(category => category.Id).FirstOrDefault(ids => ids.Skip(1).Any()) is { } twice)
        {
            return new DecodeError.BadAnnotation(
                file.Path, "$.categories", $"the category id {twice.Key} occurs twice", "Give each category an id of its own.");
        }

        if (file.Categories.GroupBy(category => category.Name).FirstOrDefault(names => names.Skip(1).Any()) is { } same)
        {
            return new DecodeError.BadAnnotation(
                file.Path, "$.categories", $"the category {same.Key} occurs twice", "Give each category a name of its own.");
        }

        var own = options.Classes == ClassNaming.FromFile && options.Categories.IsEmpty;
        var classing = own ? Classing.Of(file.Categories.OrderBy(category => category.Id)) : Classing.Choose(options, []);
        var nameOf = file.Categories.ToDictionary(category => (long)category.Id, category => category.Name);
        return (classing.Categories, track => !nameOf.TryGetValue(track.Category, out var name)
            ? new DecodeError.BadAnnotation(
                file.Path, $"{track.Place}.category_id", $"there is no category {track.Category}", "Correct it, or list the category.")
            : classing.ClassOf(name) is { } index ? Result.Ok<int?, DecodeError>(index)
            : options.Classes == ClassNaming.Ytvis ? Result.Ok<int?, DecodeError>(null)
            : new DecodeError.BadAnnotation(
                file.Path, track.Place, $"its category {name} is none of {classing.Names}", "Add it to the setting categories."));
    }
}

/// <summary>The tracks of a YouTube-VIS file as annotations of frames.</summary>
internal static class VisTruth
{
    /// <summary>
    /// Annotations by chosen clip and frame. Every track is checked against its video; those of other clips are passed over.
    /// </summary>
    public static Result<ImmutableArray<Annotation[]>, DecodeError> Of(
        DecodeOptions options, VisFile file, ImmutableArray<int> chosen, Func<VisTrack, Result<int?, DecodeError>> classOf)
    {
        var clipOf = chosen.Select((video, clip) => (file.Videos[video].Id, clip)).ToDictionary(pair => pair.Id, pair => pair.clip);
        var known = file.Videos.Select(video => video.Id).ToHashSet();
        var instances = chosen.Select(video => file.Videos[video].Files.Select(_ => ImmutableArray.CreateBuilder<Instance>()).ToArray()).ToArray();
        var ids = new HashSet<long>();
        foreach (var track in file.Tracks)
        {
            if (!ids.Add(track.Id))
            {
                return new DecodeError.BadAnnotation(
                    file.Path, $"{track.Place}.id", $"the annotation id {track.Id} occurs twice", "Give each annotation an id of its own.");
            }

            if (!known.Contains(track.Video))
            {
                return new DecodeError.BadAnnotation(
                    file.Path, $"{track.Place}.video_id", $"there is no video {track.Video}", "Correct it, or list the video.");
            }

            if (!clipOf.TryGetValue(track.Video, out var clip))
            {
                continue;
            }

            switch (classOf(track).Bind(index => Add(options, file, track, index, file.Videos[chosen[clip]], instances[clip])))
            {
                case Result<Unit, DecodeError>.Error(var error):
                    return error;
                default:
                    break;
            }
        }

        return instances.Select(clip => clip.Select(frame => new Annotation(frame.ToImmutable())).ToArray()).ToImmutableArray();
    }

    private static Result<Unit, DecodeError> Add(
        DecodeOptions options, VisFile file, VisTrack track, int? index, VisVideo video, ImmutableArray<Instance>.Builder[] frames)
    {
        (string Name, int Count)[] lists = [("bboxes", track.Boxes.Length), ("areas", track.Areas.Length), ("segmentations", track.Masks.Length)];
        foreach (var (name, count) in lists)
        {
            if (count != 0 && count != frames.Length)
            {
                return new DecodeError.BadAnnotation(
                    file.Path, $"{track.Place}.{name}", $"{count} entries for a video of {frames.Length} frames",
                    "Give an entry a frame, null where the object is not seen.");
            }
        }

        for (var t = 0; t < frames.Length; t++)
        {
            var mask = track.Masks.IsEmpty ? null : track.Masks[t];
            if (mask is not null && mask.Size != video.Size)
            {
                return new DecodeError.BadAnnotation(
                    file.Path, $"{track.Place}.segmentations[{t}]", $"the mask is {mask.Size}, its video {video.Size}", "Masks have the size of the frames: export them again.");
            }

            var stated = track.Boxes.IsEmpty ? null : track.Boxes[t];
            if ((stated ?? Tight(mask)) is not { } box)
            {
                continue; // not seen
            }

            if (BoxRule.Problem(box, video.Size, options.ClipBoxes) is { } problem)
            {
                return new DecodeError.BadAnnotation(file.Path, $"{track.Place}.bboxes[{t}]", problem.Text, problem.Remedy);
            }

            if (index is { } known)
            {
                frames[t].Add(new Instance(track.Id, known, box.Clip(video.Size), mask, track.IsCrowd, track.Areas.IsEmpty ? null : track.Areas[t]));
            }
        }

        return default(Unit);
    }

    private static Box? Tight(Rle? mask) => mask is not null && Rles.Area(mask) > 0 ? Rles.Box(mask) : null;
}
