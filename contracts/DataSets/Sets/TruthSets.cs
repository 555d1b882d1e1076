using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>DAVIS's folders as a data set: an object of a clip is a track, its annotation pictures are read clip by clip.</summary>
internal static class DavisSet
{
    public static Result<DataSet, DecodeError> Open(string root, string? split) =>
        from chosen in SplitChoice.Apply(new ClipChoice([], split), root)
        from all in ClipFolders.Find(root, null)
        from picked in ClipChoice.Select(chosen, [.. all.Select(clip => clip.Name)], root)
        let clips = picked.Select(i => all[i]).ToImmutableArray()
        from infos in clips.Select(ClipFolders.Info).Sequence()
        from truth in MaskTruth.Open(root, ClassChoice.FromFile, clips, [.. infos])
        select Of(root, clips, [.. infos], truth);

    private static DataSet Of(string path, ImmutableArray<ClipFolder> clips, ImmutableArray<ClipInfo> infos, TruthTable truth)
    {
        var root = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(clips[0].Pictures[0])))!;
        var videos = clips
            .Select(
                (clip, i) =>
                    new SetVideo(
                        i + 1,
                        clip.Name,
                        [.. clip.Pictures.Select(file => Path.GetRelativePath(root, Path.GetFullPath(file)))],
                        clip.Pictures.Length,
                        infos[i].Size
                    )
            )
            .ToImmutableArray();
        var annotated = clips.Any(clip => clip.Masks is not null && Directory.Exists(clip.Masks));
        Result<Unit, DecodeError> ByVideo(UseVideo use, Tolerate tolerate, Progress? progress) =>
            Each(videos, truth, use, tolerate, progress);
        return new DataSet(
            path,
            DataFormat.Davis,
            [.. truth.Categories.Select(category => new SetCategory(category.Id, category.Name))],
            videos,
            annotated,
            root
        )
        {
            ByVideo = ByVideo,
            Tracks = (use, tolerate, progress) => ByVideo((_, tracks) => TrackViews.Each(tracks, use), tolerate, progress),
            Beside = () =>
                clips
                    .Select(clip => clip.Masks)
                    .OfType<string>()
                    .Where(Directory.Exists)
                    .SelectMany(Directory.GetFiles)
                    .Append(Path.Combine(path, ObjectNames.FileName)),
            AnnotatedFrames = clip =>
                clips[clip]
                    .Pictures.Index()
                    .Where(picture =>
                        clips[clip].Masks is { } masks
                        && File.Exists(Path.Combine(masks, Path.GetFileNameWithoutExtension(picture.Item) + ".png"))
                    )
                    .Select(picture => picture.Index)
                    .ToHashSet(),
        };
    }

    private static Result<Unit, DecodeError> Each(
        ImmutableArray<SetVideo> videos,
        TruthTable truth,
        UseVideo use,
        Tolerate tolerate,
        Progress? progress
    )
    {
        for (var (clip, id) = (0, 1L); clip < videos.Length; clip++)
        {
            var tracks = new SortedDictionary<long, TrackView>();
            for (var frame = 0; frame < videos[clip].Frames; frame++)
            {
                switch (truth.Of(new FrameAt(clip, frame)))
                {
                    case Result<Annotation?, DecodeError>.Error(var reason)
                        when tolerate(new DataProblem(DataFault.BadMask, reason)) is { } error:
                        return error;
                    case Result<Annotation?, DecodeError>.Ok({ } annotation):
                        Add(tracks, annotation, clip, frame, videos[clip]);
                        break;
                }
            }

            foreach (var (position, track) in tracks.Values.Index())
            {
                (track.Index, track.Number) = (position, track.Id);
                track.Id = id++;
            }

            if (use(clip, [.. tracks.Values]) is { } stop)
            {
                return stop;
            }

            progress?.Invoke(clip + 1, videos.Length);
        }

        return default(Unit);
    }

    private static void Add(SortedDictionary<long, TrackView> tracks, Annotation annotation, int clip, int frame, SetVideo video)
    {
        foreach (var o in annotation.Instances)
        {
            if (!tracks.TryGetValue(o.Id, out var track))
            {
                track = TrackViews.Empty(o.Id, clip, o.Class, o.IsCrowd, video.Frames, withMasks: true);
                tracks.Add(o.Id, track);
            }

            var area = Rles.Area(o.Mask!);
            track.Boxes[frame] = new CocoBox(o.Box.X1, o.Box.Y1, o.Box.Width, o.Box.Height);
            track.Areas[frame] = area;
            track.Masks[frame] = new StatedMask(MaskForm.Pixels, o.Mask!.Size, area, 0, 0, o.Mask);
        }
    }
}

/// <summary>Files of boxes as a data set: an object of a clip is a track without masks.</summary>
internal static class BoxesSet
{
    /// <param name="read">The file as it was read.</param>
    /// <param name="about">The videos or pictures that the boxes are about; null where that is not known: then sizes are not
    /// either.</param>
    /// <param name="clipBoxes">Whether boxes may reach over the border.</param>
    public static Result<DataSet, DecodeError> Open(BoxFile read, DataSet? about, bool clipBoxes) =>
        from file in Placing.On(read, about?.Videos)
        let path = read.Path
        let own = ClipOf(path)
        let videos = about?.Videos ?? Guessed(file, own)
        let names = BoxFile.Names(file)
        let categories = names.Select((name, i) => new SetCategory(i + 1, name)).ToImmutableArray()
        from placed in Place(file, videos, clipBoxes)
        select Of(path, file, videos, categories, about, placed);

    /// <summary>The clip of a file that names none: that of the file, but of SEQUENCE/gt/gt.txt (or det/det.txt) the sequence.</summary>
    private static string ClipOf(string path) =>
        Path.GetFileName(path) is "gt.txt" or "det.txt"
        && Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(path)))) is { Length: > 0 } sequence
            ? sequence
        : Directory.Exists(path) ? Path.GetFileName(Path.GetFullPath(path).TrimEnd('/'))
        : Path.GetFileNameWithoutExtension(path);

    private static ImmutableArray<SetVideo> Guessed(BoxFile file, string own) =>
        [
            .. file
                .Frames.GroupBy(frame => frame.Clip ?? own, StringComparer.Ordinal)
                .Select(
                    (clip, i) => new SetVideo(i + 1, clip.Key, [], clip.Max(frame => Math.Min(frame.Frame, int.MaxValue - 1)) + 1, default)
                ),
        ];

    /// <summary>Index of the video of each stated clip, every statement checked.</summary>
    private static Result<Dictionary<string, int>, DecodeError> Place(BoxFile file, ImmutableArray<SetVideo> videos, bool clipBoxes)
    {
        var byName = videos.Select((video, i) => (video.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        var infos = videos.Select(video => new ClipInfo(video.Name, video.Frames, video.Size)).ToImmutableArray();
        return BoxTruth.Check(file, infos, clipBoxes).Map(_ => byName);
    }

    private static DataSet Of(
        string path,
        BoxFile file,
        ImmutableArray<SetVideo> videos,
        ImmutableArray<SetCategory> categories,
        DataSet? about,
        Dictionary<string, int> byName
    )
    {
        int VideoOf(string? clip) => clip is null || videos.Length == 1 ? 0 : byName[clip];
        var categoryOf = categories
            .Select((category, i) => (category.Name, i))
            .ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        var boxes = file.Boxes.GroupBy(box => VideoOf(box.Clip)).ToDictionary(group => group.Key, group => group.ToArray());
        var frames = file
            .Frames.GroupBy(frame => VideoOf(frame.Clip))
            .ToDictionary(group => group.Key, group => group.Select(frame => frame.Frame).ToHashSet());
        var unique = file
            .Boxes.Select(box => (VideoOf(box.Clip), box.Id))
            .Distinct()
            .GroupBy(pair => pair.Id)
            .All(same => same.Key != 0 && same.Count() == 1); // an annotation with the id 0 never counts as found
        Result<Unit, DecodeError> ByVideo(UseVideo use, Tolerate tolerate, Progress? progress)
        {
            for (var (video, id) = (0, 1L); video < videos.Length; video++)
            {
                var tracks = Tracks(boxes.GetValueOrDefault(video, []), video, videos[video], categoryOf);
                foreach (var (position, track) in tracks.Index())
                {
                    (track.Index, track.Number) = (position, track.Id);
                    track.Id = unique ? track.Id : id++;
                }

                if (use(video, tracks) is { } error)
                {
                    return error;
                }
            }

            return default(Unit);
        }

        return new DataSet(path, file.Form, categories, videos, true, about?.PictureRoot)
        {
            ByVideo = ByVideo,
            Tracks = (use, tolerate, progress) => ByVideo((_, tracks) => TrackViews.Each(tracks, use), tolerate, progress),
            Beside = () => file.Files.Concat(about?.Inputs ?? []),
            AnnotatedFrames = video => frames.GetValueOrDefault(video, []),
            Notes = [.. file.Notes, .. about?.Notes ?? []],
        };
    }

    private static List<TrackView> Tracks(StatedBox[] boxes, int video, SetVideo of, Dictionary<string, int> categoryOf) =>
        [
            .. boxes
                .GroupBy(box => box.Id)
                .OrderBy(group => group.Key)
                .Select(group =>
                {
                    var track = TrackViews.Empty(
                        group.Key,
                        video,
                        categoryOf[group.First().Class],
                        group.Any(box => box.IsCrowd),
                        of.Frames,
                        withMasks: false
                    );
                    foreach (var box in group.OrderBy(box => box.Frame))
                    {
                        track.Boxes[box.Frame] = box.Corners.ToXywh();
                    }

                    return track;
                }),
        ];
}

/// <summary>Videos, or folders of pictures, of which nothing is known.</summary>
internal static class BareSet
{
    public static Result<DataSet, DecodeError> Videos(string path, DataPlace place) =>
        from infos in place.Probe is { } probe
            ? probe(path)
            : new DecodeError.Corrupt(path, InputFile.Unreadable(path) ?? "this is no data set", "Check the path.")
        select new DataSet(
            path,
            DataFormat.Videos,
            [],
            [.. infos.Select((video, i) => new SetVideo(i + 1, video.Name, [], video.Frames, video.Size))],
            false,
            null
        )
        {
            ByVideo = (_, _, _) => default(Unit),
            Tracks = (_, _, _) => default(Unit),
        };
}

/// <summary>Pictures of any sizes, each a video of one frame, of which nothing is known.</summary>
internal static class PicturesAlone
{
    /// <summary>The set where it is of folders of pictures of one size each; otherwise each picture by itself.</summary>
    public static Result<DataSet, DecodeError> WhereSizesDiffer(DataSet clips)
    {
        var pictures = clips
            .Videos.SelectMany(video =>
                video.Files.Select((name, frame) => (Video: video, Name: name, File: clips.PictureOf(video, frame)))
            )
            .ToArray();
        var sizes = pictures.Select(picture => PictureFiles.Size(picture.File)).ToArray();
        if (pictures.Zip(sizes).All(pair => pair.Second is Result<Size2, DecodeError>.Ok(var size) && size == pair.First.Video.Size))
        {
            return clips;
        }

        var names = ClipNames.Distinct(pictures.Select(picture => Path.GetFileNameWithoutExtension(picture.Name)));
        return sizes
            .Sequence()
            .Map(all =>
                clips with
                {
                    Videos =
                    [
                        .. pictures
                            .Zip(all, (picture, size) => (picture.Name, size))
                            .Select((pair, i) => new SetVideo(i + 1, names?[i] ?? $"image-{i + 1}", [pair.Name], 1, pair.size)),
                    ],
                    Notes = clips.Notes.Add("the pictures are of several sizes: each is by itself, without motion"),
                }
            );
    }
}

/// <summary>Making and passing on of views that do not come from JSON.</summary>
internal static class TrackViews
{
    public static TrackView Empty(long id, int video, int category, bool isCrowd, int frames, bool withMasks)
    {
        var track = new TrackView
        {
            Id = id,
            Video = video,
            Category = category,
            IsCrowd = isCrowd,
        };
        track.Boxes.Begin(frames);
        if (withMasks)
        {
            track.Areas.Begin(frames);
            track.Masks.Begin(frames);
        }

        return track;
    }

    public static DecodeError? Each(IEnumerable<TrackView> tracks, UseTrack use)
    {
        foreach (var track in tracks)
        {
            if (use(track) is { } error)
            {
                return error;
            }
        }

        return null;
    }
}
