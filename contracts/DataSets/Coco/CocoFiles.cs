using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Annotations of images, ready to be compared.</summary>
/// <param name="Index">What the indices of images and classes mean.</param>
/// <param name="Truths">In the file's order.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record CocoTruthFile(CocoIndex Index, CocoTruths Truths, Sifted Sifted)
{
    internal DataSet Set { get; init; } = null!;
}

/// <summary>Results of images.</summary>
/// <param name="Detections">In the file's order; those of unlisted categories are left out, as in the reference.</param>
/// <param name="Ids">Of each its id: the place in the file, from 1.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record CocoResultsFile(CocoDetections Detections, ImmutableArray<int> Ids, Sifted Sifted);

/// <summary>What a results file holds.</summary>
public enum CocoType
{
    /// <summary>Boxes in images.</summary>
    Bbox,

    /// <summary>Masks in images.</summary>
    Segm,

    /// <summary>Masks in videos, YouTube-VIS.</summary>
    Ytvis,
}

/// <summary>By whose rules results are measured.</summary>
public enum CocoRules
{
    /// <summary>COCO's, and YouTube-VIS' of tracks.</summary>
    Coco,

    /// <summary>LVIS': an image speaks of some categories only. Also those of TAO's frames.</summary>
    Lvis,
}

/// <summary>How an annotation or results file is read.</summary>
/// <param name="Policy">By which rules.</param>
/// <param name="Progress">Told bytes read so far, and those of the file.</param>
public sealed record CocoReading(ReadingPolicy Policy = ReadingPolicy.Strict, Progress? Progress = null)
{
    /// <summary>By whose rules it will be measured.</summary>
    public CocoRules Rules { get; init; }
}

/// <summary>COCO's annotation and results files, ready to be compared; of either only that is held.</summary>
public static class CocoFiles
{
    /// <summary>Reads annotations of images.</summary>
    /// <param name="path">A file, or a pipe.</param>
    /// <param name="kind">What will be compared.</param>
    /// <param name="reading">How.</param>
    public static Result<CocoTruthFile, DecodeError> ReadTruths(string path, OverlapKind kind, CocoReading reading)
    {
        var (truths, without) = (ImmutableArray.CreateBuilder<CocoTruth>(), 0);
        return Truths(
                path,
                DataFormat.Coco,
                kind == OverlapKind.Boxes ? SetUse.Boxes : SetUse.Masks,
                reading,
                (set, index, tally) =>
                    track =>
                    {
                        TruthNotes.Of(track, tally, reading.Rules);
                        without += kind == OverlapKind.Masks && track.MaskAt(0) is not { Area: > 0 } ? 1 : 0;
                        truths.Add(
                            new CocoTruth(
                                index.UnitOf(set.Videos[track.Video].Id),
                                track.Category,
                                track.Id,
                                track.Stated ?? default,
                                track.AreaAt(0) ?? TruthNotes.AreaOf(track, tally),
                                track.IsCrowd,
                                kind == OverlapKind.Boxes ? null : CocoResults.MaskOf(track, tally)!.Value.Packed
                            )
                            {
                                IsIgnored = track.IsIgnored,
                            }
                        );
                        return null;
                    }
            )
            .Map(read => new CocoTruthFile(
                read.Index,
                new CocoTruths(read.Index.Units.Length, read.Index.Categories.Length, TruthNotes.Drained(truths, out var all)),
                TruthNotes.Without(read.Sifted, without, all, "annotations")
            )
            {
                Set = read.Set,
            });
    }

    /// <summary>Reads results of images.</summary>
    /// <param name="path">A file, or a pipe.</param>
    /// <param name="truths">The annotations that they are of.</param>
    /// <param name="kind">What will be compared.</param>
    /// <param name="reading">How.</param>
    /// <remarks>
    /// As in pycocotools the first detection decides: where it has a box, areas are those of boxes, and a missing mask is the filled box;
    /// where it has only a mask, areas are those of masks, and a missing box is the mask's.
    /// </remarks>
    public static Result<CocoResultsFile, DecodeError> ReadResults(string path, CocoTruthFile truths, OverlapKind kind, CocoReading reading)
    {
        var tally = new FaultTally(reading.Policy);
        var results = new CocoResults(path, truths, kind, tally);
        return List(path, reading, tally.Rule, results.Read).Map(_ => results.Finish());
    }

    /// <summary>What can be compared, from a look at the head of both files.</summary>
    public static Result<CocoType, DecodeError> TypeOf(string truthPath, string resultsPath)
    {
        CocoType? type = null;
        var stop = new DecodeError.Missing(resultsPath, "nothing");
        var read = JsonElements.ForEach(
            resultsPath,
            part =>
            {
                type =
                    part.Member.Length > 0 ? null
                    : JsonReading.Has(part.Bytes, "segmentations"u8) || JsonReading.Has(part.Bytes, "video_id"u8) ? CocoType.Ytvis
                    : JsonReading.Has(part.Bytes, "segmentation"u8) ? CocoType.Segm
                    : CocoType.Bbox;
                return stop;
            },
            problem => problem.Error
        );
        return type is { } known ? known
            : read is Result<IReadOnlySet<string>, DecodeError>.Error(var error) && error != stop ? error
            : Recognise.FormOf(truthPath).Map(format => format == DataFormat.YoutubeVis ? CocoType.Ytvis : CocoType.Bbox);
    }

    internal sealed record Read(DataSet Set, CocoIndex Index, Sifted Sifted);

    /// <summary>Goes through a file of annotations.</summary>
    internal static Result<Read, DecodeError> Truths(
        string path,
        DataFormat format,
        SetUse use,
        CocoReading reading,
        Func<DataSet, CocoIndex, FaultTally, UseTrack> tracks
    )
    {
        var tally = new FaultTally(reading.Policy);
        return Kept(
            path,
            file =>
                from set in JsonSet.Open(file, format, new SetReading(reading.Policy, tally.Rule, use, Progress: reading.Progress))
                let index = new CocoIndex(
                    set.Videos.Select(video => new CocoUnit(video.Id, video.Size, format == DataFormat.Coco ? 0 : video.Frames)
                    {
                        Says = video.Says,
                    }),
                    set.Categories.Select(category => new CocoCategory(category.Id, category.Name) { Frequency = category.Frequency })
                )
                from _ in set.Tracks(tracks(set, index, tally), tally.Rule, reading.Progress)
                let sifted = tally.Sifted
                select new Read(set, index, sifted with { Notes = [.. set.Notes, .. sifted.Notes] })
        );
    }

    /// <summary>Goes through a list of results.</summary>
    internal static Result<Unit, DecodeError> List(string path, CocoReading reading, Tolerate tolerate, UsePart use) =>
        Kept(
            path,
            file =>
                JsonElements
                    .ForEach(file, part => part.Member.Length == 0 ? use(part) : NoList(path), tolerate, reading.Progress)
                    .Bind(arrays => arrays.Contains("") ? Result.Ok<Unit, DecodeError>(default) : NoList(path))
        );

    private static DecodeError.BadAnnotation NoList(string path) =>
        new(
            path,
            "$",
            "results are one JSON list of detections; this file is an object",
            "An object is how annotations are written: are the two files swapped?"
        );

    /// <summary>What comes through a pipe is kept in a file while it is read: annotations are gone through twice.</summary>
    private static Result<T, DecodeError> Kept<T>(string path, Func<JsonFile, Result<T, DecodeError>> read)
    {
        DirectoryInfo? kept = null;
        try
        {
            InputFile.CheckStream(path);
            if (FileIdentity.Of(path).Kind != FileKind.Pipe)
            {
                return read(path);
            }

            kept = Directory.CreateTempSubdirectory("motion-");
            var copy = Path.Combine(kept.FullName, "pipe.json");
            using (var pipe = File.OpenRead(path))
            {
                WholeFile.Write(copy, pipe.CopyTo, lasting: false);
            }

            return read(new JsonFile(path, copy));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
        finally
        {
            kept?.Delete(recursive: true);
        }
    }
}
