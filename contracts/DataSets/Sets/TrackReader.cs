using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What an annotation is checked against: the videos (or images) and categories of its file.</summary>
/// <param name="File">The file.</param>
/// <param name="OfVideos">Lists with an entry a frame (YouTube-VIS), rather than one box and one mask (COCO).</param>
/// <param name="Videos">In the file's order.</param>
/// <param name="VideoOf">Index of a video by its id.</param>
/// <param name="LeftOut">Ids of videos that were put up with as mistaken, and are not in the set.</param>
/// <param name="CategoryOf">Index of a category by its id.</param>
/// <param name="ClipBoxes">Whether boxes may reach over the border.</param>
internal sealed record TrackRules(
    string File, bool OfVideos, IReadOnlyList<SetVideo> Videos, IReadOnlyDictionary<long, int> VideoOf, IReadOnlySet<long> LeftOut,
    IReadOnlyDictionary<long, int> CategoryOf, bool ClipBoxes);

/// <summary>Reads annotations of YouTube-VIS and COCO files into a view, and checks them.</summary>
internal sealed class TrackReader(TrackRules rules)
{
    private readonly HashSet<long> _ids = [];

    /// <summary>Fills <paramref name="view"/> from an annotation, or says what is wrong with it.</summary>
    public DataProblem? Read(JsonPart part, TrackView view)
    {
        view.Clear();
        try
        {
            return Members(part, view) is { } flaw ? flaw.At(rules.File, Place(part), IdOf(part.Bytes)) : null;
        }
        catch (JsonException e)
        {
            return JsonElements.NotJson(rules.File, part.Offset, Place(part), e);
        }
        catch (InvalidOperationException e) when (JsonFiles.IsBadText(e))
        {
            return new DataProblem(DataFault.NotUtf8, new DecodeError.BadAnnotation(
                rules.File, Place(part), "a text in it is not Unicode", "Save the file as UTF-8, or export it again."));
        }
    }

    private static string Place(JsonPart part) => JsonElements.Place(part.Member, part.Index);

    private Flaw? Members(JsonPart part, TrackView view)
    {
        var json = new JsonReading(part.Bytes);
        json.Json.Read();
        if (!json.IsObject)
        {
            return json.Expected("an object");
        }

        var (hasId, hasVideo, hasCategory, hasBoxes, hasMasks) = (false, false, false, false, false);
        var (video, category, own) = (0L, 0L, default(Size2));
        var outlines = default(JsonReading); // masks, to be read once the size of the frame is known
        Flaw? flaw = null;
        while (flaw is null && json.NextName())
        {
            switch (Member(ref json))
            {
                case Name.Id:
                    (hasId, flaw, view.Id) = (true, json.Whole(out var id)?.Within(".id"), id);
                    break;
                case Name.Track when !json.IsNull:
                    flaw = json.Whole(out var track)?.Within(".track_id");
                    view.Track = track;
                    break;
                case Name.Video:
                    (hasVideo, flaw) = (true, json.Whole(out video)?.Within(rules.OfVideos ? ".video_id" : ".image_id"));
                    break;
                case Name.Category:
                    (hasCategory, flaw) = (true, json.Whole(out category)?.Within(".category_id"));
                    break;
                case Name.Crowd when !json.IsNull:
                    flaw = json.Flag(out var crowd)?.Within(".iscrowd");
                    view.IsCrowd = crowd;
                    break;
                case Name.Boxes when !json.IsNull:
                    (hasBoxes, flaw) = (true, Boxes(ref json, view));
                    break;
                case Name.Areas when !json.IsNull:
                    flaw = Areas(ref json, view);
                    break;
                case Name.Masks when !json.IsNull:
                    hasMasks = true;
                    outlines = json;
                    json.Json.Skip();
                    break;
                default:
                    json.Json.Skip();
                    break;
            }
        }

        json.Json.Read(); // what follows the object must be nothing: the reader throws otherwise
        flaw ??= !hasId ? Missing("id") : !hasVideo ? Missing(rules.OfVideos ? "video_id" : "image_id") : !hasCategory ? Missing("category_id") : null;
        flaw ??= Known(view, video, category);
        flaw ??= hasMasks ? Masks(ref outlines, view, rules.Videos[view.Video].Size) : null;
        flaw ??= hasBoxes || hasMasks ? null : new Flaw(
            DataFault.MissingMember, "", $"neither {(rules.OfVideos ? "bboxes nor segmentations are" : "bbox nor segmentation is")} there", "Give at least one of them.");
        flaw ??= Lengths(view);
        flaw ??= Frames(view);
        flaw ??= _ids.Add(view.Id) ? null : new Flaw(
            DataFault.DuplicateId, ".id", $"the annotation id {view.Id} occurs twice", "Give each annotation an id of its own.");
        if (flaw is null)
        {
            Keep(part, view);
        }

        return flaw;
    }

    private enum Name
    {
        Other,
        Id,
        Video,
        Category,
        Track,
        Crowd,
        Boxes,
        Areas,
        Masks,
    }

    /// <summary>Which member the reader stands before; steps on to its value.</summary>
    private Name Member(ref JsonReading json)
    {
        ref var at = ref json.Json;
        var name = at.ValueTextEquals("id"u8) ? Name.Id
            : at.ValueTextEquals(rules.OfVideos ? "video_id"u8 : "image_id"u8) ? Name.Video
            : at.ValueTextEquals("category_id"u8) ? Name.Category
            : at.ValueTextEquals("iscrowd"u8) ? Name.Crowd
            : !rules.OfVideos && at.ValueTextEquals("track_id"u8) ? Name.Track
            : at.ValueTextEquals(rules.OfVideos ? "bboxes"u8 : "bbox"u8) ? Name.Boxes
            : at.ValueTextEquals(rules.OfVideos ? "areas"u8 : "area"u8) ? Name.Areas
            : at.ValueTextEquals(rules.OfVideos ? "segmentations"u8 : "segmentation"u8) ? Name.Masks
            : Name.Other;
        at.Read();
        return name;
    }

    private static Flaw Missing(string member) => new(DataFault.MissingMember, "", $"the member \"{member}\" is missing", "Add it.");

    private Flaw? Known(TrackView view, long video, long category)
    {
        var (kind, member) = rules.OfVideos ? ("video", ".video_id") : ("image", ".image_id");
        if (!rules.VideoOf.TryGetValue(video, out var at))
        {
            return new Flaw(
                DataFault.UnknownVideo, member, rules.LeftOut.Contains(video) ? $"its {kind} {video} was left out" : $"there is no {kind} {video}",
                $"Correct it, or list the {kind}.");
        }

        if (!rules.CategoryOf.TryGetValue(category, out var index))
        {
            return new Flaw(DataFault.UnknownCategory, ".category_id", $"there is no category {category}", "Correct it, or list the category.");
        }

        (view.Video, view.Category) = (at, index);
        return null;
    }

    private Flaw? Boxes(ref JsonReading json, TrackView view)
    {
        if (!rules.OfVideos)
        {
            var flaw = Box(ref json, out var box);
            view.Boxes.Add(box is { Width: 0, Height: >= 0 } or { Width: >= 0, Height: 0 } ? null : box); // COCO has a few, of no size
            return flaw?.Within(".bbox");
        }

        if (!json.IsArray)
        {
            return json.Expected("an array").Within(".bboxes");
        }

        for (var t = 0; json.NextElement(); t++)
        {
            StatedXywh box = default;
            if (!json.IsNull && Box(ref json, out box) is { } flaw)
            {
                return flaw.Within($".bboxes[{t}]");
            }

            view.Boxes.Add(json.IsNull || box.IsNothing ? null : box);
        }

        return null;
    }

    /// <summary>Four finite numbers; ends on the closing bracket, which is no null.</summary>
    private static Flaw? Box(ref JsonReading json, out StatedXywh box)
    {
        box = default;
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

        box = new StatedXywh(four[0], four[1], four[2], four[3]);
        return count == 4 ? null : whole.Expected("four numbers");
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
            var flaw = MaskJson.Check(ref json, frame, out var mask);
            view.Masks.Add(mask);
            return flaw?.Within(".segmentation");
        }

        if (!json.IsArray)
        {
            return json.Expected("an array").Within(".segmentations");
        }

        for (var t = 0; json.NextElement(); t++)
        {
            if (MaskJson.Check(ref json, frame, out var mask) is { } flaw)
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
        return Length(view.Boxes.Count, ".bboxes") ?? Length(view.Areas.Count, ".areas") ?? Length(view.Masks.Count, ".segmentations");

        Flaw? Length(int count, string name) => count == 0 || count == frames ? null : new Flaw(
            DataFault.WrongLength, name, $"{count} entries for a video of {frames} frames", "Give an entry a frame, null where the object is not seen.");
    }

    private Flaw? Frames(TrackView view)
    {
        var size = rules.Videos[view.Video].Size;
        foreach (var t in view.Told)
        {
            if (view.MaskAt(t) is { } mask && mask.Size != size)
            {
                return new Flaw(
                    DataFault.MaskSize, rules.OfVideos ? $".segmentations[{t}]" : ".segmentation",
                    $"the mask is {mask.Size}, its {(rules.OfVideos ? "video" : "image")} {size}", "Masks have the size of the frames: export them again.");
            }

            if (view.BoxAt(t) is { } box && BoxRule.Problem(box.ToBox(), size, rules.ClipBoxes) is { } problem)
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

    /// <summary>The id of a mistaken element, for the message; null where it has none.</summary>
    internal static long? IdOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var json = new JsonReading(bytes);
            json.Json.Read();
            while (json.NextName())
            {
                var isId = json.Json.ValueTextEquals("id"u8);
                json.Json.Read();
                if (isId)
                {
                    return json.Whole(out var id) is null ? id : null;
                }

                json.Json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        return null;
    }
}
