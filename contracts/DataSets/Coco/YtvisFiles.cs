using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Annotated tracks, ready to be compared.</summary>
/// <param name="Index">What the indices of videos and classes mean.</param>
/// <param name="Truths">In the file's order.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record YtvisTruthFile(CocoIndex Index, ImmutableArray<TrackTruth> Truths, Sifted Sifted)
{
    internal DataSet Set { get; init; } = null!;
}

/// <summary>Detected tracks.</summary>
/// <param name="Tracks">In the file's order; those of unlisted categories are left out, as in the reference.</param>
/// <param name="Ids">Of each its id: the place in the file, from 1.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record YtvisResultsFile(ImmutableArray<TrackDetection> Tracks, ImmutableArray<int> Ids, Sifted Sifted);

/// <summary>YouTube-VIS annotation and results files, ready to be compared; of either only that is held.</summary>
public static class YtvisFiles
{
    /// <summary>Reads annotated tracks.</summary>
    public static Result<YtvisTruthFile, DecodeError> ReadTruths(string path, CocoReading reading)
    {
        var truths = ImmutableArray.CreateBuilder<TrackTruth>();
        return CocoFiles
            .Truths(
                path,
                DataFormat.YoutubeVis,
                SetUse.Masks,
                reading,
                (set, index, tally) =>
                    track =>
                    {
                        TruthNotes.Of(track, tally, reading.Rules);
                        var masks = Masks(track, set, tally, "annotated");
                        truths.Add(
                            new TrackTruth(
                                index.UnitOf(set.Videos[track.Video].Id),
                                track.Category,
                                track.Id,
                                masks,
                                TrackTruth.MeanArea(track.Areas.Count > 0 ? Areas(track) : TruthNotes.AreasOf(masks, tally)),
                                track.IsCrowd
                            )
                        );
                        return null;
                    }
            )
            .Map(read => new YtvisTruthFile(
                read.Index,
                truths.ToImmutable(),
                TruthNotes.Without(read.Sifted, truths.Count(truth => truth.Masks.All(mask => mask is null)), truths.Count, "tracks")
            )
            {
                Set = read.Set,
            });
    }

    /// <summary>Reads detected tracks.</summary>
    public static Result<YtvisResultsFile, DecodeError> ReadResults(string path, YtvisTruthFile truths, CocoReading reading)
    {
        var (tally, set, view) = (new FaultTally(reading.Policy), truths.Set, new TrackView());
        var reader = new TrackReader(set.Rules! with { File = path, OfResults = true });
        var tracks = ImmutableArray.CreateBuilder<TrackDetection>();
        var ids = ImmutableArray.CreateBuilder<int>();
        return CocoFiles
            .List(
                path,
                reading,
                tally.Rule,
                part =>
                {
                    if (reader.Read(part, view) is { } problem)
                    {
                        return tally.Rule(problem);
                    }

                    tracks.Add(
                        new TrackDetection(
                            truths.Index.UnitOf(set.Videos[view.Video].Id),
                            view.Category,
                            view.Score!.Value,
                            Masks(view, set, tally, "detected")
                        )
                    );
                    ids.Add((int)part.Index + 1);
                    return null;
                }
            )
            .Map(_ => new YtvisResultsFile(tracks.DrainToImmutable(), ids.DrainToImmutable(), tally.Sifted));
    }

    private static IEnumerable<double?> Areas(TrackView track) => track.Areas.Frames.ToArray().Select(frame => track.Areas[frame]);

    private static ImmutableArray<Rle?> Masks(TrackView track, DataSet set, FaultTally tally, string which)
    {
        var frames = set.Videos[track.Video].Frames;
        if (frames > 0 && track.Masks.Count != frames)
        {
            tally.PassOver($"{which} tracks with more or fewer entries than frames: paired up to the shorter list");
        }

        return [.. Enumerable.Range(0, track.Masks.Count).Select(track.Rle)];
    }
}
