using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>An object in a frame.</summary>
/// <param name="Box">Pixels of the frame.</param>
/// <param name="Mask">Its mask; null where there is a box alone.</param>
/// <param name="Quality">0 to 1, how far the mask is to be trusted; null where nobody said.</param>
/// <param name="Given">Whether a person drew its box; null where nobody said.</param>
public sealed record ShownMask(Box Box, Rle? Mask, double? Quality, bool? Given);

/// <summary>An object of a video.</summary>
/// <param name="Id">Within its video.</param>
/// <param name="Class">Its class's name.</param>
/// <param name="Frames">Where it is seen.</param>
public sealed record ShownObject(long Id, string Class, ImmutableSortedDictionary<int, ShownMask> Frames);

/// <summary>A video and its objects.</summary>
public sealed record ShownVideo(string Name, int Frames, Size2 Size, ImmutableArray<ShownObject> Objects);

/// <summary>Masks of any set, to be looked at.</summary>
public static class ShownMasks
{
    /// <summary>Goes through the videos of a set, one at a time.</summary>
    /// <param name="path">Any set with annotations.</param>
    /// <param name="place">What is known of it.</param>
    /// <param name="use">Takes a video; an error ends the reading.</param>
    /// <param name="progress">Told now and then.</param>
    /// <returns>The names of the classes.</returns>
    public static Result<ImmutableArray<string>, DecodeError> Each(
        string path,
        DataPlace place,
        Func<ShownVideo, DecodeError?> use,
        Progress? progress = null
    )
    {
        var faults = new FaultTally(place.Policy);
        return from opened in Recognise.Open(path, place, faults.Rule, progress)
            let set = Clips.Of(opened)
            from _ in set.ByVideo((video, tracks) => use(Video(set, video, tracks)), faults.Rule, null)
            select set.Categories.Select(category => category.Name).ToImmutableArray();
    }

    private static ShownVideo Video(DataSet set, int video, IReadOnlyList<TrackView> tracks)
    {
        var of = set.Videos[video];
        var areUnique = tracks.All(track => track.Number is not null) && tracks.DistinctBy(track => track.Number).Count() == tracks.Count;
        return new ShownVideo(of.Name, of.Frames, of.Size, [.. tracks.Select(track => Object(set, track, areUnique))]);
    }

    private static ShownObject Object(DataSet set, TrackView track, bool byNumber)
    {
        var qualities = Members(set, track, "qualities"u8, (ref json) => json.Number(out var value) is null ? value : (double?)null);
        var given = Members(set, track, "given"u8, (ref json) => json.Flag(out var flag, anyNumber: false) is null ? flag : (bool?)null);
        var frames = ImmutableSortedDictionary.CreateBuilder<int, ShownMask>();
        foreach (var frame in track.Told)
        {
            if (track.Seen(frame) is { } box)
            {
                frames.Add(
                    frame,
                    new ShownMask(
                        box.ToBox(),
                        track.Rle(frame),
                        frame < qualities.Count ? qualities[frame] : track.Score,
                        frame < given.Count ? given[frame] : null
                    )
                );
            }
        }

        var own =
            set.Format == DataFormat.YoutubeVis && track.JsonLength > 0
                ? JsonReading.MemberOf(track.Json.AsSpan(0, track.JsonLength), "track_id"u8)
                : null;
        return new ShownObject(
            own ?? (byNumber ? track.Number!.Value : track.Id),
            set.Categories[track.Category].Name,
            frames.ToImmutable()
        );
    }

    private delegate T? ReadMember<T>(ref JsonReading json)
        where T : struct;

    /// <summary>An entry a frame, of a member that sets in general do not have; empty where it is not there.</summary>
    private static List<T?> Members<T>(DataSet set, TrackView track, ReadOnlySpan<byte> name, ReadMember<T> read)
        where T : struct
    {
        var all = new List<T?>();
        if (
            set.Format != DataFormat.YoutubeVis
            || track.JsonLength == 0
            || !JsonReading.Find(track.Json.AsSpan(0, track.JsonLength), name, out var json)
            || !json.IsArray
        )
        {
            return all;
        }

        while (json.NextElement())
        {
            all.Add(json.IsNull ? null : read(ref json));
        }

        return all;
    }
}
