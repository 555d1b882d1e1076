using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Annotated tracks, ready to be compared.</summary>
/// <param name="Index">What the indices of videos and classes mean.</param>
/// <param name="Truths">In the file's order; those of unlisted videos or categories are left out, as in the reference.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record YtvisTruthFile(CocoIndex Index, ImmutableArray<TrackTruth> Truths, Sifted Sifted);

/// <summary>Detected tracks.</summary>
/// <param name="Tracks">In the file's order; those of unlisted categories are left out, as in the reference.</param>
/// <param name="Ids">Of each its id: the place in the file, from 1.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record YtvisResultsFile(ImmutableArray<TrackDetection> Tracks, ImmutableArray<int> Ids, Sifted Sifted);

/// <summary>YouTube-VIS annotation and results files, as its API takes them; in one pass, holding nothing but what is compared.</summary>
public static class YtvisFiles
{
    /// <summary>Reads annotated tracks.</summary>
    public static Result<YtvisTruthFile, DecodeError> ReadTruths(string path, CocoReading reading)
    {
        var sieve = new Sieve(path, reading.Lenient);
        var index = new CocoIndexReading(sieve);
        var annotations = new YtvisTracks("annotations", areTruths: true, sieve);
        return
            from units in CocoFiles.Annotations(path, reading, sieve, "videos", index, (ref tokens, _, i) => annotations.Read(ref tokens, i))
            from tracks in annotations.Finish(units)
            select new YtvisTruthFile(
                units, [.. tracks.Select(track => new TrackTruth(track.Video, track.Class, track.Id, track.Masks, track.Area, track.IsCrowd))],
                new Sifted(sieve.LeftOut, sieve.PassedOver));
    }

    /// <summary>Reads detected tracks.</summary>
    public static Result<YtvisResultsFile, DecodeError> ReadResults(string path, YtvisTruthFile truths, CocoReading reading)
    {
        var sieve = new Sieve(path, reading.Lenient);
        var results = new YtvisTracks("", areTruths: false, sieve);
        return
            from _ in CocoDocument.List(path, reading, sieve, (ref tokens, array, i) => results.Read(ref tokens, i))
            from tracks in results.Finish(truths.Index)
            select new YtvisResultsFile(
                [.. tracks.Select(track => new TrackDetection(track.Video, track.Class, track.Score, track.Masks))],
                [.. tracks.Select(track => track.Place + 1)], new Sifted(sieve.LeftOut, sieve.PassedOver));
    }
}

/// <summary>Collects tracks while a file is read.</summary>
internal sealed class YtvisTracks(string array, bool areTruths, Sieve sieve)
{
    private readonly CocoItem _item = new(Members.Tracks);
    private readonly List<Written> _written = [];
    private readonly HashSet<long> _ids = [];

    private sealed record Written(
        int Place, long? Id, long Video, long Category, double Score, double Area, bool IsCrowd, ImmutableArray<WrittenMask?> Masks);

    /// <summary>A track whose video and class are known.</summary>
    public sealed record Known(int Place, int Video, int Class, long Id, double Score, double Area, bool IsCrowd, ImmutableArray<Rle?> Masks);

    public void Read(ref JsonTokens tokens, int place)
    {
        _item.Read(ref tokens);
        if (Problem() is { } problem)
        {
            Refuse(place, _item.Id, problem);
            return;
        }

        _written.Add(new Written(
            place, _item.Id, _item.Unit!.Value, _item.Category!.Value, _item.Score ?? 0, areTruths ? TrackTruth.MeanArea(_item.Areas!) : 0, _item.IsCrowd, [.. _item.Masks!]));
    }

    private ItemProblem? Problem() => _item.Problem
        ?? (areTruths && _item.Id is null ? CocoIndexReading.Missing("id")
        : _item.Unit is null ? CocoIndexReading.Missing("video_id")
        : _item.Category is null ? CocoIndexReading.Missing("category_id")
        : _item.Masks is null ? CocoIndexReading.Missing("segmentations")
        : areTruths && _item.Areas is null ? CocoIndexReading.Missing("areas")
        : !areTruths && _item.Score is null ? CocoIndexReading.Missing("score")
        : areTruths && !_ids.Add(_item.Id!.Value) ? CocoIndexReading.Twice("annotations", _item.Id.Value)
        : null);

    /// <summary>Those of listed videos and categories, their masks in the size of the video.</summary>
    public Result<IReadOnlyList<Known>, DecodeError> Finish(CocoIndex index)
    {
        var known = new List<Known>(_written.Count);
        foreach (var track in _written)
        {
            var (video, category) = (index.UnitOf(track.Video), index.CategoryOf(track.Category));
            if (video < 0 && !areTruths)
            {
                Refuse(track.Place, track.Id, new ItemProblem(
                    "detections in videos that are not listed", ".video_id", $"no video has the id {track.Video}", "Evaluate results with the annotations that they are of."));
                continue;
            }

            if (video < 0 || category < 0)
            {
                sieve.PassOver($"{(areTruths ? "annotations" : "detections")} of {(video < 0 ? "videos" : "categories")} that are not listed");
                continue;
            }

            if (MasksOf(track, index.Units[video]) is { } masks)
            {
                known.Add(new Known(track.Place, video, category, track.Id ?? 0, track.Score, track.Area, track.IsCrowd, masks));
            }
        }

        return sieve.Error is { } error ? error : known;
    }

    private ImmutableArray<Rle?>? MasksOf(Written track, CocoUnit video)
    {
        var masks = ImmutableArray.CreateBuilder<Rle?>(track.Masks.Length);
        foreach (var written in track.Masks)
        {
            var (mask, problem) = written is { } some ? some.In(video.Size, $".segmentations[{masks.Count}]") : default;
            if (problem is not null)
            {
                Refuse(track.Place, track.Id, problem);
                return null;
            }

            masks.Add(mask?.Runs?.Unpack());
        }

        if (video.Frames > 0 && masks.Count != video.Frames)
        {
            sieve.PassOver($"{(areTruths ? "annotated" : "detected")} tracks with more or fewer entries than frames: paired up to the shorter list");
        }

        return masks.MoveToImmutable();
    }

    private void Refuse(int place, long? id, ItemProblem problem) => sieve.Refuse(
        CocoDocument.PlaceOf(array, place), areTruths ? id is { } known ? $"id {known}" : null : $"detection {place + 1}", problem);
}
