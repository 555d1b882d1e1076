using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Opens YouTube-VIS and COCO files. The lists of videos (images) and categories are read first and held; annotations, wherever they
/// stand in the file, are gone through one at a time.
/// </summary>
internal static class JsonSet
{
    /// <summary>Reads the lists of a file.</summary>
    /// <param name="file">The JSON.</param>
    /// <param name="format">YouTube-VIS or COCO.</param>
    /// <param name="reading">How.</param>
    public static Result<DataSet, DecodeError> Open(JsonFile file, DataFormat format, SetReading reading)
    {
        var lists = new Lists(file.Name, format == DataFormat.YoutubeVis, reading);
        return from arrays in JsonElements.ForEach(file, lists.Take, reading.Tolerate, reading.Progress)
            from _ in lists.Needed(arrays)
            from __ in Twins.Settle(lists, file, reading)
            select Of(file, format, lists, arrays.Contains("annotations"), reading);
    }

    private static DataSet Of(JsonFile file, DataFormat format, Lists lists, bool isAnnotated, SetReading reading)
    {
        var named = lists.Named();
        var categories = lists.Categories.OrderBy(category => category.Id).ToImmutableArray();
        var rules = new TrackRules(
            file,
            format == DataFormat.YoutubeVis,
            reading,
            named,
            lists.VideoOf,
            lists.LeftOut,
            categories.Select((category, i) => (category.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i),
            lists.VideoTexts,
            lists.CategoryTexts
        );
        return new DataSet(file.Name, format, categories, [.. rules.Videos], isAnnotated, null)
        {
            Tracks = (use, tolerate, progress) => Tracks(rules, use, tolerate, progress),
            ByVideo = (use, tolerate, progress) => ByVideo(rules, use, tolerate, progress),
            Extras = [.. lists.Extras],
            Notes = [.. lists.Notes],
            FollowedByTracks = lists.Implied,
            Rules = rules,
        };
    }

    private static Result<Unit, DecodeError> Tracks(TrackRules rules, UseTrack use, Tolerate tolerate, Progress? progress)
    {
        var (reader, view, shares) = (new TrackReader(rules), new TrackView(), new SharesOfFrame.Watch(rules.File.Name));
        return JsonElements
            .ForEach(
                rules.File,
                part =>
                    part is not { Member: "annotations", Index: >= 0 } ? null
                    : reader.Read(part, view) is { } problem ? tolerate(problem)
                    : Watched(view),
                _ => null, // parts that are no UTF-8, and a broken end, were told of when the lists were read
                progress
            )
            .Bind(_ => shares.Problem is { } problem ? problem : Result.Ok<Unit, DecodeError>(default));

        DecodeError? Watched(TrackView track)
        {
            if (!rules.Reading.AsPycocotools)
            {
                shares.Add(track);
            }

            return use(track);
        }
    }

    private static Result<Unit, DecodeError> ByVideo(TrackRules rules, UseVideo use, Tolerate tolerate, Progress? progress)
    {
        var places = rules.Videos.Select(_ => new List<(long Index, long Offset, int Length)>()).ToArray();
        return from _ in Tracks(rules, Note, tolerate, progress) from done in EachVideo(rules, places, use) select done;

        DecodeError? Note(TrackView track)
        {
            places[track.Video].Add((track.Index, track.Offset, track.JsonLength));
            return null;
        }
    }

    private static Result<Unit, DecodeError> EachVideo(TrackRules rules, List<(long Index, long Offset, int Length)>[] places, UseVideo use)
    {
        try
        {
            using var file = InputFile.OpenHandle(rules.File.Path);
            var reader = new TrackReader(rules);
            for (var video = 0; video < places.Length; video++)
            {
                var tracks = new List<TrackView>();
                foreach (var (index, offset, length) in places[video])
                {
                    var bytes = new byte[length];
                    var view = new TrackView();
                    if (
                        RandomAccess.Read(file, bytes, offset) != length
                        || reader.Read(new JsonPart("annotations", index, bytes, offset), view) is not null
                    )
                    {
                        return new DecodeError.Corrupt(
                            rules.File.Name,
                            "the file changed while it was read",
                            "Read it again once nothing writes to it."
                        );
                    }

                    tracks.Add(view);
                }

                if (use(video, tracks) is { } error)
                {
                    return error;
                }
            }

            return default(Unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(rules.File.Name, e);
        }
    }
}
