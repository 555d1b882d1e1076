using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Kernels;

namespace Motion.Properties.Evaluate;

/// <summary>A ground-truth file of the YouTube-VIS layout.</summary>
/// <param name="Truths">Its tracks.</param>
/// <param name="VideoIds">Ascending; index = TrackTruth.Video.</param>
/// <param name="CategoryIds">Ascending; index = TrackTruth.Class.</param>
/// <param name="Sizes">By video.</param>
public sealed record YtvisTruthFile(
    ImmutableArray<TrackTruth> Truths, ImmutableArray<long> VideoIds, ImmutableArray<long> CategoryIds, ImmutableArray<Size2> Sizes);

/// <summary>Reads YouTube-VIS JSON as its API does.</summary>
public static class YtvisFiles
{
    public static YtvisTruthFile ReadTruths(string path)
    {
        var root = Oracles.Read(path);
        var videos = root.GetProperty("videos").EnumerateArray().OrderBy(video => video.GetProperty("id").GetInt64()).ToList();
        ImmutableArray<long> ids = [.. videos.Select(video => video.GetProperty("id").GetInt64())];
        ImmutableArray<Size2> sizes = [.. videos.Select(video => new Size2(video.GetProperty("height").GetInt32(), video.GetProperty("width").GetInt32()))];
        ImmutableArray<long> categories = [.. root.GetProperty("categories").EnumerateArray().Select(category => category.GetProperty("id").GetInt64()).Order()];
        var truths =
            from track in root.GetProperty("annotations").EnumerateArray()
            let video = ids.BinarySearch(track.GetProperty("video_id").GetInt64())
            let category = categories.BinarySearch(track.GetProperty("category_id").GetInt64())
            where video >= 0 && category >= 0
            let areas = track.GetProperty("areas").EnumerateArray().Select(area => area.ValueKind == JsonValueKind.Null ? (double?)null : area.GetDouble())
            select new TrackTruth(
                video, category, track.GetProperty("id").GetInt64(), ReadMasks(track, sizes[video]), YtvisEvaluation.MeanArea(areas),
                track.GetProperty("iscrowd").GetInt32() != 0);
        return new YtvisTruthFile([.. truths], ids, categories, sizes);
    }

    /// <summary>Detected tracks of listed videos and categories, and their places in the file, from 1.</summary>
    public static (ImmutableArray<TrackDetection> Tracks, ImmutableArray<long> Ids) ReadDetections(string path, YtvisTruthFile truths)
    {
        var known = (
            from entry in Oracles.Read(path).EnumerateArray().Select((track, i) => (Track: track, Id: i + 1L))
            let video = truths.VideoIds.BinarySearch(entry.Track.GetProperty("video_id").GetInt64())
            let category = truths.CategoryIds.BinarySearch(entry.Track.GetProperty("category_id").GetInt64())
            where video >= 0 && category >= 0
            select (entry.Id, Track: new TrackDetection(video, category, entry.Track.GetProperty("score").GetDouble(), ReadMasks(entry.Track, truths.Sizes[video])))).ToList();
        return ([.. known.Select(entry => entry.Track)], [.. known.Select(entry => entry.Id)]);
    }

    private static ImmutableArray<Rle?> ReadMasks(JsonElement track, Size2 size) =>
        [.. track.GetProperty("segmentations").EnumerateArray().Select(mask => mask.ValueKind == JsonValueKind.Null ? null : CocoFiles.ReadMask(mask, size))];
}
