using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Kernels;

namespace Motion.Properties.Evaluate;

/// <summary>A ground-truth file of COCO's layout: indices in messages' sense, and the ids behind them.</summary>
/// <param name="Truths">Annotations of listed images and categories; the others are left out.</param>
/// <param name="ImageIds">Ascending; index = CocoTruth.Image.</param>
/// <param name="CategoryIds">Ascending; index = CocoTruth.Class.</param>
public sealed record CocoTruthFile(CocoTruths Truths, ImmutableArray<long> ImageIds, ImmutableArray<long> CategoryIds)
{
    public ImmutableDictionary<long, Size2> Sizes { get; init; } = ImmutableDictionary<long, Size2>.Empty;
}

/// <summary>A results file: what counts of it, and the id (place in the file, from 1) of each.</summary>
public sealed record CocoDetectionFile(CocoDetections Detections, ImmutableArray<long> Ids);

/// <summary>Reads COCO's JSON as pycocotools does.</summary>
public static class CocoFiles
{
    public static CocoTruthFile ReadTruths(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        var sizes = root.GetProperty("images").EnumerateArray().ToImmutableDictionary(
            image => image.GetProperty("id").GetInt64(), image => new Size2(image.GetProperty("height").GetInt32(), image.GetProperty("width").GetInt32()));
        ImmutableArray<long> images = [.. sizes.Keys.Order()];
        ImmutableArray<long> categories = [.. root.GetProperty("categories").EnumerateArray().Select(category => category.GetProperty("id").GetInt64()).Order()];
        var items =
            from item in root.GetProperty("annotations").EnumerateArray()
            let image = images.BinarySearch(item.GetProperty("image_id").GetInt64())
            let category = categories.BinarySearch(item.GetProperty("category_id").GetInt64())
            where image >= 0 && category >= 0
            select new CocoTruth(
                image, category, item.GetProperty("id").GetInt64(), ReadBox(item.GetProperty("bbox")), item.GetProperty("area").GetDouble(),
                item.GetProperty("iscrowd").GetInt32() != 0,
                item.TryGetProperty("segmentation", out var mask) ? ReadMask(mask, sizes[images[image]]) : null);
        return new CocoTruthFile(new CocoTruths(images.Length, categories.Length, [.. items]), images, categories) { Sizes = sizes };
    }

    /// <summary>A detection's area is that of its box if the file has boxes, else that of its mask.</summary>
    public static CocoDetectionFile ReadDetections(string path, CocoTruthFile truths)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var known =
            from entry in document.RootElement.EnumerateArray().Select((item, i) => (Item: item, Id: i + 1L))
            let image = truths.ImageIds.BinarySearch(entry.Item.GetProperty("image_id").GetInt64())
            let category = truths.CategoryIds.BinarySearch(entry.Item.GetProperty("category_id").GetInt64())
            where image >= 0 && category >= 0
            select (entry.Id, Detection: ReadDetection(entry.Item, image, category, truths.Sizes[truths.ImageIds[image]]));
        var items = known.ToList();
        return new CocoDetectionFile(new CocoDetections([.. items.Select(item => item.Detection)]), [.. items.Select(item => item.Id)]);
    }

    private static CocoDetection ReadDetection(JsonElement item, int image, int category, Size2 size)
    {
        var score = item.GetProperty("score").GetDouble();
        var mask = item.TryGetProperty("segmentation", out var written) ? ReadMask(written, size) : null;
        return item.TryGetProperty("bbox", out var box) ? CocoDetection.OfBox(image, category, score, ReadBox(box)) with { Mask = mask }
            : CocoDetection.OfMask(image, category, score, mask!);
    }

    private static CocoBox ReadBox(JsonElement box) => new(box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());

    /// <summary>Polygons, uncompressed or compressed run lengths.</summary>
    public static Rle ReadMask(JsonElement mask, Size2 image)
    {
        if (mask.ValueKind == JsonValueKind.Array)
        {
            return Rles.FromPolygons([.. mask.EnumerateArray().Select(part => part.EnumerateArray().Select(number => number.GetDouble()).ToArray())], image).OrThrow();
        }

        var (size, counts) = (mask.GetProperty("size"), mask.GetProperty("counts"));
        var read = new Size2(size[0].GetInt32(), size[1].GetInt32());
        return counts.ValueKind == JsonValueKind.String
            ? Rles.FromText(counts.GetString()!, read).OrThrow()
            : Rles.FromCounts([.. counts.EnumerateArray().Select(count => count.GetUInt32())], read).OrThrow();
    }
}
