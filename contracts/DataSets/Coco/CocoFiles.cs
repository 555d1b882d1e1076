using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What became of the items of a file.</summary>
/// <param name="LeftOut">Items that break a rule, by kind; only where the reading is lenient.</param>
/// <param name="PassedOver">What has no effect, in the reference either, by kind.</param>
public sealed record Sifted(ImmutableArray<LeftOut> LeftOut, ImmutableArray<KeyValuePair<string, int>> PassedOver);

/// <summary>Annotations of images, ready to be compared.</summary>
/// <param name="Index">What the indices of images and classes mean.</param>
/// <param name="Truths">In the file's order; those of unlisted images or categories are left out, as in the reference.</param>
/// <param name="Sifted">What was left out.</param>
public sealed record CocoTruthFile(CocoIndex Index, CocoTruths Truths, Sifted Sifted);

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

/// <summary>COCO's annotation and results files, as pycocotools takes them; in one pass, holding nothing but what is compared.</summary>
public static class CocoFiles
{
    /// <summary>Reads annotations of images.</summary>
    /// <param name="path">A file, or a pipe.</param>
    /// <param name="kind">What will be compared: only that is read of an annotation.</param>
    /// <param name="reading">How.</param>
    public static Result<CocoTruthFile, DecodeError> ReadTruths(string path, OverlapKind kind, CocoReading reading)
    {
        var sieve = new Sieve(path, reading.Lenient);
        var index = new CocoIndexReading(sieve);
        var annotations = new CocoAnnotations(kind, index, sieve);
        return
            from units in Annotations(path, reading, sieve, "images", index, (ref tokens, _, i) => annotations.Read(ref tokens, i))
            from truths in annotations.Finish(units)
            select truths;
    }

    /// <summary>Reads results of images.</summary>
    /// <param name="path">A file, or a pipe.</param>
    /// <param name="truths">The annotations that they are of.</param>
    /// <param name="kind">What will be compared.</param>
    /// <param name="reading">How.</param>
    /// <remarks>
    /// As in pycocotools the first detection decides: where it has a box, areas are those of boxes, and a missing mask is the filled box; where it has
    /// only a mask, areas are those of masks, and a missing box is the mask's.
    /// </remarks>
    public static Result<CocoResultsFile, DecodeError> ReadResults(string path, CocoTruthFile truths, OverlapKind kind, CocoReading reading)
    {
        var sieve = new Sieve(path, reading.Lenient);
        var results = new CocoResults(truths.Index, kind, sieve);
        return CocoDocument.List(path, reading, sieve, (ref tokens, _, i) => results.Read(ref tokens, i)).Map(_ => results.Finish());
    }

    /// <summary>What can be compared, from a look at the head of both files.</summary>
    public static Result<CocoType, DecodeError> TypeOf(string truthPath, string resultsPath) =>
        from members in CocoDocument.FirstMembers(resultsPath)
        from type in members is null ? OfTruths(truthPath) : Result.Ok<CocoType, DecodeError>(
            members.Contains("segmentations") || members.Contains("video_id") ? CocoType.Ytvis
            : members.Contains("segmentation") ? CocoType.Segm
            : CocoType.Bbox)
        select type;

    private static Result<CocoType, DecodeError> OfTruths(string path) =>
        CocoDocument.Members(path).Map(members => members is not null && members.Contains("videos") ? CocoType.Ytvis : CocoType.Bbox);

    /// <summary>Reads a file of annotations, of images or of videos.</summary>
    /// <param name="units">images or videos: the list of what the annotations are of.</param>
    /// <param name="index">Takes the units and the categories.</param>
    /// <param name="use">Takes the annotations.</param>
    /// <returns>The index; an error where one of the three lists is missing.</returns>
    internal static Result<CocoIndex, DecodeError> Annotations(string path, CocoReading reading, Sieve sieve, string units, CocoIndexReading index, UseElement use)
    {
        HashSet<string> lists = [units, "categories", "annotations"];
        return
            from found in CocoDocument.Arrays(path, reading, sieve, lists, (ref tokens, array, i) =>
            {
                if (array == units) index.ReadUnit(ref tokens, array, i);
                else if (array == "categories") index.ReadCategory(ref tokens, array, i);
                else use(ref tokens, array, i);
            })
            from _ in Complete(path, found, units)
            select index.ToIndex();
    }

    private static Result<Unit, DecodeError> Complete(string path, IReadOnlySet<string> found, string units)
    {
        var lacking = new[] { units, "categories", "annotations" }.Where(name => !found.Contains(name)).ToArray();
        return lacking.Length == 0 ? Result.Ok<Unit, DecodeError>(default) : new DecodeError.BadAnnotation(
            path, "$", $"the {(lacking.Length == 1 ? "list" : "lists")} {string.Join(", ", lacking)} {(lacking.Length == 1 ? "is" : "are")} missing",
            lacking.Contains("annotations") ? "There is nothing to compare with: test sets are published without annotations."
            : units == "images" ? "Annotations of images have images, annotations and categories; for videos say --type ytvis."
            : "Annotations of videos have videos, annotations and categories; for images say --type bbox or segm.");
    }
}
