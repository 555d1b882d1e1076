using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>
/// YouTube-VIS and COCO as sources of a run. Boxes are held; masks stay in the file and are read with their frame, so that the memory
/// of a run does not grow with them. An image is a clip of one frame, without motion, unless it is said to be a frame of a video.
/// </summary>
internal static class SetSource
{
    public static Result<FrameSource, DecodeError> Open(DecodeOptions options, DataFormat format)
    {
        var tally = new FaultTally(options.Policy);
        return from place in SetPlaces.Find(options.Path!, options.Boxes, options.Split, format)
            from set in JsonSet.Open(
                place.Json,
                format,
                new SetReading(options.Policy, tally.Rule, SetUse.Frames, options.ClipBoxes, options.PicturesAnywhere)
            )
            let frames = FramesOf.Of(set)
            let all = frames?.Videos ?? set.Videos
            from chosen in ClipChoice.Select(options.Clipping, [.. all.Select(video => video.Name)], place.Json)
            from categories in Named(set)
            let classes = Classes(options, categories)
            let videos = chosen.Select(i => all[i]).ToImmutableArray()
            from truth in SetTruth.Of(set, frames, videos, chosen, classes, tally)
            let root = SetPlaces.PictureRoot(place.Pictures, videos)
            let clips = videos
                .Select(video => new ClipFolder(video.Name, [.. video.Files.Select(file => Path.Combine(root, file))], null))
                .ToImmutableArray()
            select new FrameSource(
                new Catalogue(classes.Classing.Categories, [.. videos.Select(video => new ClipInfo(video.Name, video.Frames, video.Size))]),
                _ => new PictureReader(clips, [.. videos.Select(video => video.Size)], truth.At, options.Flows)
            )
            {
                Notes = [.. set.Notes, .. tally.Counts.Select(FaultText.Sentence)],
            };
    }

    /// <summary>
    /// The categories of a set but for parents that nothing is an example of: some tools write each dataset's name, above all others, among
    /// its categories.
    /// </summary>
    private static Result<ImmutableArray<SetCategory>, DecodeError> Named(DataSet set)
    {
        var above = set
            .Categories.Select(category => (category.Above, category.Name))
            .Where(pair => pair.Above != pair.Name)
            .Select(pair => pair.Above)
            .ToHashSet();
        var parents = set.Categories.Where(category => category.Above is null or "" or "none" && above.Contains(category.Name)).ToHashSet();
        return parents.Count == 0
            ? set.Categories
            : set.Tracks(
                    track =>
                    {
                        parents.Remove(set.Categories[track.Category]);
                        return null;
                    },
                    _ => null,
                    null
                )
                .Map(_ => set.Categories.RemoveAll(parents.Contains)); // mistakes are told of when the boxes are noted
    }

    private static SetClasses Classes(DecodeOptions options, ImmutableArray<SetCategory> categories)
    {
        var own = options.Classes == ClassNaming.FromFile && options.Categories.IsEmpty;
        var classing = own
            ? Classing.Of(categories.Select(category => new Category((int)category.Id, category.Name)))
            : Classing.Choose(options.Naming, []);
        return new SetClasses(classing, options.Classes is ClassNaming.Ytvis or ClassNaming.Ytvis2021);
    }
}

/// <summary>Which class of the run each category of a set is.</summary>
/// <param name="Classing">The run's categories.</param>
/// <param name="LeavesOut">Whether an object of no class is left out, rather than being a mistake.</param>
internal sealed record SetClasses(Classing Classing, bool LeavesOut);

/// <summary>What a file says of the frames of a run: boxes in memory, masks by their place in the file.</summary>
internal sealed class SetTruth
{
    private readonly DataSet _set;
    private readonly ImmutableArray<Noted[]?[]> _frames;

    private SetTruth(DataSet set, ImmutableArray<Noted[]?[]> frames) => (_set, _frames) = (set, frames);

    private sealed record Noted(long Id, int Class, Box Box, bool IsCrowd, double? Area, long MaskOffset, int MaskLength, Size2 Size);

    /// <summary>Goes through all annotations: each is checked, those of chosen videos are noted.</summary>
    public static Result<SetTruth, DecodeError> Of(
        DataSet set,
        FramesOf? images,
        ImmutableArray<SetVideo> videos,
        ImmutableArray<int> chosen,
        SetClasses classes,
        FaultTally tally
    )
    {
        var clipOf = Enumerable.Repeat(-1, images?.Videos.Length ?? set.Videos.Length).ToArray();
        foreach (var (clip, video) in chosen.Index())
        {
            clipOf[video] = clip;
        }

        var frames = videos.Select(video => new List<Noted>?[video.Frames]).ToArray();
        return set.Tracks(Note, tally.Rule, null)
            .Map(_ => new SetTruth(set, [.. frames.Select(clip => clip.Select(noted => noted?.ToArray()).ToArray())]));

        DecodeError? Note(TrackView track)
        {
            var (video, first) = images?.At[track.Video] ?? (track.Video, 0);
            if (clipOf[video] is not (>= 0 and var clip))
            {
                return null;
            }

            if (classes.Classing.ClassOf(set.Categories[track.Category].Name) is not { } index)
            {
                var (at, id) = (track.Index, track.Id);
                return classes.LeavesOut
                    ? null
                    : tally.Rule(
                        new DataProblem(
                            DataFault.UnknownCategory,
                            () =>
                                new DecodeError.BadAnnotation(
                                    set.Path,
                                    $"{JsonElements.Place("annotations", at)} (id {id})",
                                    $"its category {set.Categories[track.Category].Name} is none of {classes.Classing.Names}",
                                    "Add it to the setting categories."
                                )
                        )
                    );
            }

            foreach (var t in track.Told)
            {
                if (track.Seen(t) is { } box && box.ToBox().Clip(set.Videos[track.Video].Size).IsProper)
                {
                    var mask = track.MaskAt(t);
                    (frames[clip][first + t] ??= []).Add(
                        new Noted(
                            images is null ? track.Id : track.Track ?? (FramesOf.FirstAlone + track.Index),
                            index,
                            box.ToBox().Clip(set.Videos[track.Video].Size),
                            track.IsCrowd,
                            track.AreaAt(t),
                            track.Offset + (mask?.Start ?? 0),
                            mask?.Length ?? 0,
                            set.Videos[track.Video].Size
                        )
                    );
                }
            }

            return null;
        }
    }

    /// <summary>The annotation of a frame; its masks are read now.</summary>
    public Result<Annotation?, DecodeError> At(FrameAt at)
    {
        if (!_set.IsAnnotated)
        {
            return Result.Ok<Annotation?, DecodeError>(null);
        }

        if (_frames[at.Clip][at.Frame] is not { } noted)
        {
            return Annotation.Empty;
        }

        try
        {
            using var file = noted.Any(o => o.MaskLength > 0) ? InputFile.OpenHandle(_set.Path) : null;
            return (Annotation?)
                new Annotation([
                    .. noted.Select(o => new Instance(o.Id, o.Class, o.Box, o.MaskLength == 0 ? null : Mask(file!, o), o.IsCrowd, o.Area)),
                ]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(_set.Path, e);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or FormatException)
        {
            return new DecodeError.Corrupt(_set.Path, "the file changed since the run began", "A run needs the file it was started with.");
        }
    }

    private static Rle Mask(Microsoft.Win32.SafeHandles.SafeFileHandle file, Noted noted)
    {
        var bytes = new byte[noted.MaskLength];
        var read = RandomAccess.Read(file, bytes, noted.MaskOffset);
        return MaskReader.Make(bytes.AsSpan(0, read), noted.Size);
    }
}
