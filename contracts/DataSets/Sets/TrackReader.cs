using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What an annotation (or result) is checked against: the videos (or images) and categories of its file.</summary>
/// <param name="File">The file.</param>
/// <param name="OfVideos">Lists with an entry a frame (YouTube-VIS), rather than one box and one mask (COCO).</param>
/// <param name="Reading">By which rules, and for what.</param>
/// <param name="Videos">In the file's order.</param>
/// <param name="VideoOf">Index of a video by its id.</param>
/// <param name="LeftOut">Ids of videos that were put up with as mistaken, and are not in the set.</param>
/// <param name="CategoryOf">Index of a category by its id.</param>
/// <param name="VideoTexts">Numbers of the ids of videos that are texts.</param>
/// <param name="CategoryTexts">The same of categories.</param>
/// <param name="OfResults">Whether the items are results: no ids, but scores.</param>
internal sealed record TrackRules(
    JsonFile File,
    bool OfVideos,
    SetReading Reading,
    IReadOnlyList<SetVideo> Videos,
    IReadOnlyDictionary<long, int> VideoOf,
    IReadOnlySet<long> LeftOut,
    IReadOnlyDictionary<long, int> CategoryOf,
    TextIds VideoTexts,
    TextIds CategoryTexts,
    bool OfResults = false
)
{
    /// <summary>Numbers of the tracks whose ids are texts; whoever comes first gets the first number.</summary>
    public TextIds TrackTexts { get; } = new(first: 1L << 40);

    public string Unit => OfVideos ? "video" : "image";

    public string Items => OfResults ? "detections" : "annotations";
}

/// <summary>Reads annotations and results of YouTube-VIS and COCO files into a view, and checks them.</summary>
internal sealed class TrackReader(TrackRules rules)
{
    private const long FirstOfTexts = 1L << 40; // numbers of annotations whose ids are texts: beyond what anybody counts
    private readonly HashSet<long> _ids = [];
    private readonly HashSet<string> _textIds = new(StringComparer.Ordinal);
    private readonly bool _asPycocotools = rules.Reading.AsPycocotools;
    private readonly MaskReader _masks = new(
        rules.OfResults || rules.Reading.AsPycocotools,
        pack: rules.Reading.Use is SetUse.Masks || rules.OfResults,
        keep: rules.Reading.Use is SetUse.Masks || rules.OfResults
    );
    private TrackView _view = new();
    private long _index; // of the part at hand
    private ReadPart? _read;

    /// <summary>Whether boxes are read: all that a file states is checked, but for what pycocotools does not look at.</summary>
    public bool ReadsBoxes { get; set; } =
        rules.Reading is not { Policy: ReadingPolicy.AsPycocotools, Use: SetUse.Masks } || rules.OfResults;

    /// <summary>Whether masks are read.</summary>
    public bool ReadsMasks { get; set; } =
        rules.Reading is not { Policy: ReadingPolicy.AsPycocotools, Use: SetUse.Boxes } || rules.OfResults;

    /// <summary>Fills <paramref name="view"/> from an annotation, or says what is wrong with it.</summary>
    public DataProblem? Read(JsonPart part, TrackView view)
    {
        (_view, _index, _read) = (view, part.Index, _read ?? Members); // one delegate for all
        view.Clear();
        var problem = JsonReading.Read(rules.File.Name, part, rules.OfResults, _read);
        if (problem is null)
        {
            Keep(part, view);
        }

        return problem;
    }

    private Flaw? Members(ref JsonReading json)
    {
        var view = _view;
        if (!json.IsObject)
        {
            return json.Expected("an object");
        }

        var (id, video, category, hasBoxes, hasMasks, hasAreas) = ((long?)null, (long?)null, (long?)null, false, false, false);
        var (idText, videoText, categoryText) = ((string?)null, (string?)null, (string?)null);
        var outlines = default(JsonReading); // masks, to be read once the size of the frame is known
        Flaw? flaw = null;
        while (flaw is null && json.NextName())
        {
            switch (Member(ref json))
            {
                case Name.Id:
                    flaw = json.Id(out var own, out idText)?.Within(".id");
                    id = idText is null ? own : FirstOfTexts + _index;
                    break;
                case Name.Instance when !json.IsNull && view.Track is null:
                    (flaw, view.Track) = (rules.TrackTexts.Take(ref json, out var instance)?.Within(".instance_id"), instance);
                    break;
                case Name.Attributes when json.IsObject:
                    flaw = Attributes(ref json, view)?.Within(".attributes");
                    break;
                case Name.Track when !json.IsNull:
                    (flaw, view.Track) = (rules.TrackTexts.Take(ref json, out var track)?.Within(".track_id"), track);
                    break;
                case Name.Video:
                    (flaw, video) = (rules.VideoTexts.Find(ref json, out var of, out videoText)?.Within($".{rules.Unit}_id"), of);
                    break;
                case Name.Category:
                    (flaw, category) = (rules.CategoryTexts.Find(ref json, out var kind, out categoryText)?.Within(".category_id"), kind);
                    break;
                case Name.Score when !json.IsNull:
                    (flaw, view.Score) = (json.Number(out var score)?.Within(".score"), score);
                    break;
                case Name.Crowd when !json.IsNull:
                    flaw = json.Flag(out var crowd, anyNumber: _asPycocotools)?.Within(".iscrowd");
                    view.IsCrowd |= crowd;
                    break;
                case Name.Ignore when !json.IsNull:
                    flaw = json.Flag(out var ignored, anyNumber: _asPycocotools)?.Within(".ignore");
                    view.IsIgnored = ignored;
                    view.IsCrowd |= ignored && rules.Reading.Use is SetUse.Frames; // no example of its class, and none of the background
                    break;
                case Name.Boxes when !json.IsNull && ReadsBoxes:
                    (hasBoxes, flaw) = (true, Boxes(ref json, view));
                    break;
                case Name.Areas when !json.IsNull:
                    (hasAreas, flaw) = (true, Areas(ref json, view));
                    break;
                case Name.Masks when !json.IsNull && ReadsMasks:
                    hasMasks = true;
                    outlines = json;
                    json.Json.Skip();
                    break;
                default:
                    json.Json.Skip();
                    break;
            }
        }

        if (flaw is null)
        {
            json.Json.Read(); // what follows the object must be nothing: the reader throws otherwise
        }

        view.Id = id ?? 0;
        return flaw
            ?? (
                id is null && !rules.OfResults ? Flaw.Missing("id")
                : video is null ? Flaw.Missing($"{rules.Unit}_id")
                : category is null ? Flaw.Missing("category_id")
                : rules.OfResults && view.Score is null ? Flaw.Missing("score")
                : default(Flaw?)
            )
            ?? Known(view, (video!.Value, videoText), (category!.Value, categoryText))
            ?? (hasMasks ? Masks(ref outlines, view, rules.Videos[view.Video].Size) : null)
            ?? Needed(hasBoxes, hasMasks, hasAreas)
            ?? Lengths(view)
            ?? Frames(view)
            ?? (
                rules.OfResults || (idText is null ? _ids.Add(view.Id) : _textIds.Add(idText))
                    ? null
                    : new Flaw(
                        DataFault.DuplicateId,
                        ".id",
                        $"the annotation id {idText ?? $"{view.Id}"} occurs twice",
                        "Give each annotation an id of its own."
                    )
            );
    }

    private enum Name
    {
        Other,
        Id,
        Video,
        Category,
        Track,
        Instance,
        Attributes,
        Score,
        Crowd,
        Ignore,
        Boxes,
        Areas,
        Masks,
    }

    /// <summary>Which member the reader stands before; steps on to its value.</summary>
    private Name Member(ref JsonReading json)
    {
        ref var at = ref json.Json;
        var name =
            at.ValueTextEquals("id"u8) ? Name.Id
            : at.ValueTextEquals(rules.OfVideos ? "video_id"u8 : "image_id"u8) ? Name.Video
            : at.ValueTextEquals("category_id"u8) ? Name.Category
            : rules.OfResults && at.ValueTextEquals("score"u8) ? Name.Score
            : at.ValueTextEquals("iscrowd"u8) ? Name.Crowd
            : !rules.OfResults && at.ValueTextEquals("ignore"u8) ? Name.Ignore
            : !rules.OfVideos && at.ValueTextEquals("track_id"u8) ? Name.Track
            : !rules.OfVideos && at.ValueTextEquals("instance_id"u8) ? Name.Instance
            : !rules.OfVideos && at.ValueTextEquals("attributes"u8) ? Name.Attributes
            : at.ValueTextEquals(rules.OfVideos ? "bboxes"u8 : "bbox"u8) ? Name.Boxes
            : at.ValueTextEquals(rules.OfVideos ? "areas"u8 : "area"u8) ? Name.Areas
            : at.ValueTextEquals(rules.OfVideos ? "segmentations"u8 : "segmentation"u8) ? Name.Masks
            : Name.Other;
        at.Read();
        return name;
    }

    /// <summary>CVAT keeps the track of an annotation among its attributes.</summary>
    private Flaw? Attributes(ref JsonReading json, TrackView view)
    {
        Flaw? flaw = null;
        while (json.NextName())
        {
            var isTrack = json.Json.ValueTextEquals("track_id"u8);
            json.Json.Read();
            if (isTrack && !json.IsNull && view.Track is null && flaw is null)
            {
                (flaw, view.Track) = (rules.TrackTexts.Take(ref json, out var track)?.Within(".track_id"), track);
            }

            json.Json.Skip();
        }

        return flaw;
    }

    private Flaw? Known(TrackView view, (long Id, string? Text) video, (long Id, string? Text) category)
    {
        if (!rules.VideoOf.TryGetValue(video.Id, out var at))
        {
            return new Flaw(
                DataFault.UnknownVideo,
                $".{rules.Unit}_id",
                rules.LeftOut.Contains(video.Id)
                    ? $"its {rules.Unit} {video.Text ?? $"{video.Id}"} was left out"
                    : $"there is no {rules.Unit} {video.Text ?? $"{video.Id}"}",
                rules.OfResults ? "Evaluate results with the annotations that they are of." : $"Correct it, or list the {rules.Unit}."
            )
            {
                PassedOver = _asPycocotools && !rules.OfResults ? $"annotations of {rules.Unit}s that are not listed" : null,
            };
        }

        if (!rules.CategoryOf.TryGetValue(category.Id, out var index))
        {
            return new Flaw(
                DataFault.UnknownCategory,
                ".category_id",
                $"there is no category {category.Text ?? $"{category.Id}"}",
                "Correct it, or list the category."
            )
            {
                PassedOver = _asPycocotools || rules.OfResults ? $"{rules.Items} of categories that are not listed" : null,
            };
        }

        (view.Video, view.Category) = (at, index);
        return null;
    }

    /// <summary>What must be there depends on what the set is read for.</summary>
    private Flaw? Needed(bool hasBoxes, bool hasMasks, bool hasAreas) =>
        rules switch
        {
            { OfResults: true } => rules.OfVideos && !hasMasks ? Flaw.Missing("segmentations") : null,
            { Reading.Use: SetUse.Frames } => hasBoxes || hasMasks
                ? null
                : new Flaw(
                    DataFault.MissingMember,
                    "",
                    $"neither {(rules.OfVideos ? "bboxes nor segmentations are" : "bbox nor segmentation is")} there",
                    "Give at least one of them."
                ),
            _ => !hasAreas && _asPycocotools ? Flaw.Missing(rules.OfVideos ? "areas" : "area") // the reference fails; else it is that of the mask or the box
            : rules.Reading.Use is SetUse.Boxes && !hasBoxes ? Flaw.Missing("bbox")
            : rules.Reading.Use is SetUse.Masks && !hasMasks ? Flaw.Missing(rules.OfVideos ? "segmentations" : "segmentation")
            : null,
        };

    private Flaw? Boxes(ref JsonReading json, TrackView view)
    {
        if (!rules.OfVideos)
        {
            var flaw = Box(ref json, out view.Stated);
            // COCO has a few, of no size
            view.Boxes.Add(view.Stated is { Width: 0, Height: >= 0 } or { Width: >= 0, Height: 0 } ? null : view.Stated);
            return flaw?.Within(".bbox");
        }

        if (!json.IsArray)
        {
            return json.Expected("an array").Within(".bboxes");
        }

        for (var t = 0; json.NextElement(); t++)
        {
            CocoBox? box = null;
            if (!json.IsNull && Box(ref json, out box) is { } flaw)
            {
                return flaw.Within($".bboxes[{t}]");
            }

            view.Boxes.Add(box is { IsNothing: true } ? null : box);
        }

        return null;
    }

    /// <summary>Four finite numbers; ends on the closing bracket, which is no null.</summary>
    private Flaw? Box(ref JsonReading json, out CocoBox? box)
    {
        box = null;
        if (!json.IsArray)
        {
            return json.Expected("an array of four numbers");
        }

        Span<double> four = stackalloc double[4];
        var whole = json;
        var count = 0;
        for (; json.NextElement(); count++)
        {
            if (count == 4)
            {
                return whole.Expected("four numbers");
            }

            if (json.Number(out four[count]) is { } flaw)
            {
                return flaw.Within($"[{count}]");
            }
        }

        if (count == 0 && (_asPycocotools || rules.OfResults))
        {
            return null; // no box
        }

        box = new CocoBox(four[0], four[1], four[2], four[3]);
        return count != 4 ? whole.Expected("four numbers")
            : double.IsFinite(box.Value.Area) ? null
            : new Flaw(DataFault.BadBox, "", $"a box of {four[2]} by {four[3]} pixels has no finite area", "Correct it.");
    }

    private Flaw? Areas(ref JsonReading json, TrackView view)
    {
        if (!rules.OfVideos)
        {
            var flaw = json.Number(out var area);
            view.Areas.Add(area);
            return flaw?.Within(".area");
        }

        if (!json.IsArray)
        {
            return json.Expected("an array").Within(".areas");
        }

        for (var t = 0; json.NextElement(); t++)
        {
            var area = 0.0;
            if (!json.IsNull && json.Number(out area) is { } flaw)
            {
                return flaw.Within($".areas[{t}]");
            }

            view.Areas.Add(json.IsNull ? null : area);
        }

        return null;
    }

    private Flaw? Masks(ref JsonReading json, TrackView view, Size2 frame)
    {
        if (!rules.OfVideos)
        {
            var flaw = _masks.Check(ref json, frame, out var mask);
            view.Masks.Add(mask);
            return flaw?.Within(".segmentation");
        }

        if (!json.IsArray)
        {
            return json.Expected("an array").Within(".segmentations");
        }

        for (var t = 0; json.NextElement(); t++)
        {
            if (_masks.Check(ref json, frame, out var mask) is { } flaw)
            {
                return flaw.Within($".segmentations[{t}]");
            }

            view.Masks.Add(mask);
        }

        return null;
    }

    private Flaw? Lengths(TrackView view)
    {
        var frames = rules.Videos[view.Video].Frames;
        return _asPycocotools || rules.OfResults || frames == 0
            ? null
            : Length(view.Boxes.Count, ".bboxes") ?? Length(view.Areas.Count, ".areas") ?? Length(view.Masks.Count, ".segmentations");

        Flaw? Length(int count, string name) =>
            count == 0 || count == frames
                ? null
                : new Flaw(
                    DataFault.WrongLength,
                    name,
                    $"{count} entries for a video of {frames} frames",
                    "Give an entry a frame, null where the object is not seen."
                );
    }

    private Flaw? Frames(TrackView view)
    {
        var size = rules.Videos[view.Video].Size;
        foreach (var t in view.Told)
        {
            if (view.MaskAt(t) is { } mask && mask.Size != size && size != default)
            {
                return new Flaw(
                    DataFault.MaskSize,
                    rules.OfVideos ? $".segmentations[{t}]" : ".segmentation",
                    $"the mask is {mask.Size}, its {rules.Unit} {size}",
                    "Masks have the size of the frames: export them again."
                );
            }

            if (
                !_asPycocotools
                && !rules.OfResults
                && view.BoxAt(t) is { } box
                && BoxRule.Problem(box.ToBox(), size, rules.Reading.ClipBoxes) is { } problem
            )
            {
                return new Flaw(DataFault.BadBox, rules.OfVideos ? $".bboxes[{t}]" : ".bbox", problem.Text, problem.Remedy);
            }
        }

        return null;
    }

    private static void Keep(JsonPart part, TrackView view)
    {
        if (view.Json.Length < part.Bytes.Length)
        {
            view.Json = new byte[Math.Max(part.Bytes.Length, 2 * view.Json.Length)];
        }

        part.Bytes.CopyTo(view.Json);
        (view.JsonLength, view.Offset, view.Index) = (part.Bytes.Length, part.Offset, part.Index);
    }
}
