using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Images that say of which video they are a frame (video_id, frame_id; track_id of an annotation), as videos again. COCO itself knows
/// none of this; files made from videos often have it, ours among them.
/// </summary>
internal static class Clips
{
    /// <summary>The set with its images put together; the set itself where they do not say all of it.</summary>
    public static DataSet Of(DataSet images)
    {
        if (FramesOf.Of(images) is not { } frames)
        {
            return images;
        }

        var (videos, frameOf) = (frames.Videos, frames.At);
        Result<Unit, DecodeError> ByVideo(UseVideo use, Tolerate tolerate, Progress? progress)
        {
            var number = 1L;
            var areUnique = Unique(images, frameOf);
            var joint = new Joint(images, videos);
            DecodeError? Last()
            {
                if (joint.Video < 0)
                {
                    return null;
                }

                var tracks = joint.Tracks();
                foreach (var track in areUnique ? [] : tracks)
                {
                    (track.Number, track.Id) = (track.Id, number++);
                }

                return use(joint.Video, tracks);
            }

            return images
                .ByVideo(
                    (image, tracks) =>
                    {
                        var (video, frame) = frameOf[image];
                        if (video != joint.Video)
                        {
                            if (Last() is { } error)
                            {
                                return error;
                            }

                            joint = new Joint(images, videos) { Video = video };
                        }

                        return videos[video].Size != images.Videos[image].Size
                            ? new DecodeError.BadAnnotation(
                                images.Path,
                                $"$.images[{images.Videos[image].Position}] (id {images.Videos[image].Id})",
                                $"the image is {images.Videos[image].Size}, its video {videos[video].Size}",
                                "All frames of a video must have one size."
                            )
                            : joint.Add(tracks, frame, tolerate);
                    },
                    tolerate,
                    progress
                )
                .Bind(_ => Last() is { } error ? error : Result.Ok<Unit, DecodeError>(default));
        }

        return images with
        {
            Videos = videos,
            ByVideo = ByVideo,
            Tracks = (use, tolerate, progress) => ByVideo((_, tracks) => TrackViews.Each(tracks, use), tolerate, progress),
        };
    }

    /// <summary>
    /// Whether each track number belongs to one video, so that it can be an id in the whole set (0 can not: such an object never counts as
    /// found).
    /// </summary>
    private static bool Unique(DataSet images, IReadOnlyList<(int Video, int Frame)> frameOf)
    {
        var (videoOf, areUnique) = (new Dictionary<long, int>(), true);
        _ = images.Tracks(
            track =>
            {
                var video = frameOf[track.Video].Video;
                areUnique &= track.Track is not { } id || (id != 0 && (videoOf.TryAdd(id, video) || videoOf[id] == video));
                return null;
            },
            _ => null,
            null
        );
        return areUnique;
    }

    /// <summary>The tracks of one video, as its frames come.</summary>
    private sealed class Joint(DataSet images, ImmutableArray<SetVideo> videos)
    {
        private readonly SortedDictionary<long, TrackView> _tracks = [];

        public int Video { get; init; } = -1;

        public IReadOnlyList<TrackView> Tracks() => [.. _tracks.Values];

        public DecodeError? Add(IReadOnlyList<TrackView> annotations, int frame, Tolerate tolerate)
        {
            foreach (var one in annotations)
            {
                var place = $"{JsonElements.Place("annotations", one.Index)} (id {one.Id})";
                var track = one.Track;
                if (track is null && images.FollowedByTracks)
                {
                    track = FramesOf.FirstAlone + one.Index; // an object of this image alone
                }

                if (track is not { } id)
                {
                    if (
                        tolerate(
                            new DataProblem(
                                DataFault.MissingMember,
                                new DecodeError.BadAnnotation(
                                    images.Path,
                                    place,
                                    "its image is a frame of a video, but which object it is in other frames is not said",
                                    "Add track_id."
                                )
                            )
                        ) is
                        { } error
                    )
                    {
                        return error;
                    }

                    continue;
                }

                if (!_tracks.TryGetValue(id, out var known))
                {
                    known = new TrackView
                    {
                        Id = id,
                        Index = _tracks.Count,
                        Video = Video,
                        Category = one.Category,
                        IsCrowd = one.IsCrowd,
                    };
                    _tracks.Add(id, known);
                }

                if (
                    (known.Category != one.Category || known.Boxes[frame] is not null)
                    && tolerate(
                        new DataProblem(
                            DataFault.DuplicateId,
                            new DecodeError.BadAnnotation(
                                images.Path,
                                place,
                                $"the track {id} has {(known.Category != one.Category ? "another category elsewhere" : "two annotations of this image")}",
                                "Give each object a track_id of its own."
                            )
                        )
                    )
                        is { } twice
                )
                {
                    return twice;
                }

                Set(known, one, frame);
            }

            return null;
        }

        private void Set(TrackView track, TrackView one, int frame)
        {
            var frames = videos[Video].Frames;
            Put(track.Boxes, one.Boxes[0], frame, frames);
            Put(track.Areas, one.Areas[0], frame, frames);
            if (one.MaskAt(0) is { } mask)
            {
                var start = track.JsonLength;
                if (track.Json.Length < start + mask.Length)
                {
                    var longer = new byte[Math.Max(start + mask.Length, 2 * track.Json.Length)];
                    track.Json.AsSpan(0, start).CopyTo(longer);
                    track.Json = longer;
                }

                one.Json.AsSpan(mask.Start, mask.Length).CopyTo(track.Json.AsSpan(start));
                track.JsonLength = start + mask.Length;
                Put(track.Masks, mask with { Start = start }, frame, frames);
            }
        }

        private static void Put<T>(FrameList<T> into, T? one, int frame, int frames)
            where T : struct
        {
            if (one is { } entry)
            {
                into.Begin(frames);
                into[frame] = entry;
            }
        }
    }
}

/// <summary>Images that are frames of videos: the videos, and which frame of which each image is.</summary>
/// <param name="Videos">In their order.</param>
/// <param name="At">Of each image.</param>
internal sealed record FramesOf(ImmutableArray<SetVideo> Videos, ImmutableArray<(int Video, int Frame)> At)
{
    /// <summary>Number of the first object that is in one image alone: beyond numbers of tracks.</summary>
    public const long FirstAlone = 1L << 41;

    /// <summary>Null where the images do not say of which video they are.</summary>
    public static FramesOf? Of(DataSet images)
    {
        if (images.Format != DataFormat.Coco || images.Videos.IsEmpty || images.Videos.Any(image => image.Of is null))
        {
            return null;
        }

        // The images come sorted by video and frame.
        var groups = images
            .Videos.Select((image, i) => (image, i))
            .GroupBy(pair => pair.image.Of!.Value.Video)
            .Select(group => group.ToArray())
            .ToImmutableArray();
        var names = ClipNames.Distinct(groups.Select(group => Path.GetDirectoryName(group[0].image.Files[0])));
        var at = new (int, int)[images.Videos.Length];
        foreach (var (video, group) in groups.Index())
        {
            foreach (var (frame, pair) in group.Index())
            {
                at[pair.i] = (video, frame);
            }
        }

        return new FramesOf(
            [
                .. groups.Select(
                    (group, i) =>
                        new SetVideo(
                            group[0].image.Of!.Value.Video,
                            names?[i] ?? $"video-{group[0].image.Of!.Value.Video}",
                            [.. group.Select(pair => pair.image.Files[0])],
                            group.Length,
                            group[0].image.Size
                        )
                ),
            ],
            [.. at]
        );
    }
}
