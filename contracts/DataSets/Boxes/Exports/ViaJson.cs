using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// VGG Image Annotator's JSON of version 2 (and 1): the annotations, a member a picture, by themselves or within a project.
/// </summary>
internal static class ViaJson
{
    private const string Metadata = "_via_img_metadata";
    private const string Order = "_via_image_id_list";

    /// <summary>Whether a member of a document's root tells that it is of this form, by what it holds.</summary>
    public static bool IsTold(string member, ReadOnlySpan<byte> bytes) =>
        member == Metadata || IsPicture(bytes) || (member == "project" && JsonReading.Has(bytes, "vid_list"u8));

    public static bool Is(JsonAt root) =>
        root.Element.ValueKind == JsonValueKind.Object
        && root.Element.EnumerateObject()
            .Any(member =>
                member.Value.ValueKind == JsonValueKind.Object
                && IsTold(member.Name, System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(member.Value))
            );

    public static Result<BoxFile, DecodeError> Read(JsonAt root)
    {
        var all = root.Find(Metadata) ?? root;
        if (all.Element.ValueKind != JsonValueKind.Object)
        {
            return all.Expected("an object, with a member a picture");
        }

        if (root.Find("project") is not null)
        {
            return root.Wrong(
                "it is a project of VIA 3, and those of VIA 2 are read",
                "Export it as COCO, or annotate pictures with VIA 2."
            );
        }

        var rows = new BoxRows(root.File);
        var pictures = all
            .Element.EnumerateObject()
            .Select(member => new JsonAt(root.File, $"{all.Path}[{BoxRows.Show(member.Name)}]", member.Value))
            .ToArray();
        return pictures
            .Select(at => at.Get("filename").Bind(name => name.Text()))
            .Sequence()
            .Bind(names =>
            {
                var frameOf = rows.Pictures(names);
                foreach (var (at, name) in pictures.Zip(names))
                {
                    rows.Frame(null, frameOf[name], at.Path);
                    if (Picture(rows, at, frameOf[name]) is { } error)
                    {
                        return error;
                    }
                }

                return Result.Ok<BoxFile, DecodeError>(
                    rows.File(DataFormat.Via, root.Find(Metadata) is null ? "VIA's JSON" : "a project of VIA")
                );
            });
    }

    private static bool IsPicture(ReadOnlySpan<byte> bytes) => JsonReading.Has(bytes, "filename"u8) && JsonReading.Has(bytes, "regions"u8);

    /// <summary>Regions are a list; in version 1 a map of numbers.</summary>
    private static DecodeError? Picture(BoxRows rows, JsonAt at, int frame)
    {
        if (at.Find("regions") is not { } regions)
        {
            return null;
        }

        var list = regions.Element.ValueKind switch
        {
            JsonValueKind.Array => regions.Element.EnumerateArray().Select((region, i) => ($"{regions.Path}[{i}]", region)),
            JsonValueKind.Object => regions
                .Element.EnumerateObject()
                .Select(member => ($"{regions.Path}[{BoxRows.Show(member.Name)}]", member.Value)),
            _ => null,
        };
        if (list is null)
        {
            return regions.Expected("a list of regions");
        }

        foreach (var (place, region) in list)
        {
            try
            {
                var says = region.TryGetProperty("region_attributes", out var attributes) ? attributes : default;
                if (ViaRegion.Add(rows, frame, region.GetProperty("shape_attributes"), says, place) is { } error)
                {
                    return error;
                }
            }
            catch (KeyNotFoundException)
            {
                return rows.Wrong(place, "the member \"shape_attributes\" is missing", "Export it again.");
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                return rows.Wrong(place, ViaRegion.Problem(e), "Export it again.");
            }
        }

        return null;
    }
}
