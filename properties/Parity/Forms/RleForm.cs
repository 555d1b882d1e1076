using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;

namespace Motion.Parity.Forms;

/// <summary>COCO's mask codec: encoding, strings, polygons, boxes, merging, overlaps.</summary>
internal static class RleForm
{
    public static ParityForm Form { get; } =
        new(
            "rle",
            "masks: encode, decode, strings, polygons, merge, overlap",
            folder =>
                from file in folder.Jsons
                where file.Has("masks", "strings") || file.Has("polygons", "iouMasks")
                select new ParityCase(file.Stem, [file], checks => Check(checks, checks.Open(file)))
        );

    private static void Check(Checks checks, StoredNode stored)
    {
        foreach (
            var (name, check) in new (string, Action<NumberGroup, StoredNode>)[]
            {
                ("masks", Picture),
                ("strings", Text),
                ("polygons", Polygons),
                ("boxes", Box),
                ("uncompressed", Counts),
                ("merge", Merge),
                ("iouMasks", IouMasks),
                ("iouBoxes", IouBoxes),
            }
        )
        {
            if (stored.Find(name) is not { } entries)
                continue;
            checks.Part(
                name,
                () =>
                {
                    var group = checks.Group(name, stored.File);
                    foreach (var entry in entries.Items)
                        check(group, entry);
                    group.Done();
                }
            );
        }

        if (stored.Find("mergeOfDifferentSizes") is { } different)
        {
            var group = checks.Group("mergeOfDifferentSizes", stored.File);
            Record(group, different["union"], Rles.Merge([.. different["masks"].Items.Select(Mask)]));
            group.Done();
        }
    }

    private static void Picture(NumberGroup group, StoredNode entry)
    {
        entry.Find("name")?.Text();
        var rows = entry["rows"].Items.Select(row => row.Text()).ToArray();
        var size = new Size2(entry["h"].Count(), entry["w"].Count());
        byte[] pixels = [.. rows.SelectMany(row => row.Select(letter => (byte)(letter - '0')))];
        Record(group, entry, Rles.Encode(pixels, size));
        group.Same("decoded", Convert.ToHexString(Rles.Decode(Mask(entry, size))), Convert.ToHexString(pixels));
    }

    private static void Text(NumberGroup group, StoredNode entry) => Record(group, entry, Mask(entry));

    private static void Polygons(NumberGroup group, StoredNode entry)
    {
        entry.Find("name")?.Text();
        var size = new Size2(entry["h"].Count(), entry["w"].Count());
        double[][] polygons = [.. entry["polygons"].Items.Select(polygon => polygon.Numbers())];
        foreach (var (part, polygon) in entry["parts"].Items.Zip(polygons))
            Record(group, part, Rles.FromPolygons([polygon], size).OrThrow());
        Record(group, entry["merged"], Rles.FromPolygons(polygons, size).OrThrow());
    }

    private static void Box(NumberGroup group, StoredNode entry)
    {
        var b = entry["box"].Numbers();
        Record(group, entry, Rles.FromBox(b[0], b[1], b[0] + b[2], b[1] + b[3], new Size2(entry["h"].Count(), entry["w"].Count())));
    }

    private static void Counts(NumberGroup group, StoredNode entry)
    {
        entry.Find("name")?.Text();
        var size = SizeOf(entry);
        var mask = Rles.FromCounts([.. entry["counts"].Numbers().Select(count => (uint)count)], size).OrThrow();
        Record(group, entry, mask);
        var pixels = Rles.Decode(mask);
        foreach (var (row, y) in (entry.Find("rows")?.Items ?? []).Select((row, y) => (row.Text(), y)))
        {
            group.Same("rows", string.Concat(pixels.Skip(y * size.Width).Take(size.Width)), row);
        }
    }

    private static void Merge(NumberGroup group, StoredNode entry)
    {
        Rle[] masks = [.. entry["masks"].Items.Select(Mask)];
        Record(group, entry["union"], Rles.Merge(masks));
        Record(group, entry["intersection"], Rles.Merge(masks, intersect: true));
    }

    private static void IouMasks(NumberGroup group, StoredNode entry)
    {
        entry.Find("note")?.Aside();
        Rle[] found = [.. entry["dt"].Items.Select(Mask)],
            truths = [.. entry["gt"].Items.Select(Mask)];
        Overlaps(group, entry, (d, g, crowd) => Rles.Iou(found[d], truths[g], crowd));
    }

    private static void IouBoxes(NumberGroup group, StoredNode entry)
    {
        static CocoBox[] Boxes(StoredNode boxes) =>
            [.. boxes.Items.Select(box => box.Numbers()).Select(b => new CocoBox(b[0], b[1], b[2], b[3]))];
        var (found, truths) = (Boxes(entry["dt"]), Boxes(entry["gt"]));
        Overlaps(group, entry, (d, g, crowd) => CocoBox.Iou(found[d], truths[g], crowd));
    }

    private static void Overlaps(NumberGroup group, StoredNode entry, Func<int, int, bool, double> iou)
    {
        var crowd = entry["iscrowd"].Numbers();
        foreach (var (row, d) in entry["iou"].Items.Select((row, d) => (row.Numbers(), d)))
        {
            for (var g = 0; g < row.Length; g++)
                group.Number($"iou[{d}][{g}]", iou(d, g, crowd[g] != 0), row[g], Tolerance.Exact);
        }
    }

    /// <summary>What is stored of a mask: size, string, runs, area, tight box.</summary>
    private static void Record(NumberGroup group, StoredNode stored, Rle mask)
    {
        if (stored.Find("size") is { } size)
            group.Same("size", $"{mask.Size.Height} {mask.Size.Width}", string.Join(' ', size.Numbers()));
        if (stored.Find("string") is { } text)
            group.Same("string", Rles.ToText(mask), text.Text());
        if (stored.Find("counts") is { } counts)
            group.Same("counts", string.Join(' ', mask.Counts), string.Join(' ', counts.Numbers()));
        if (stored.Find("area") is { } area)
            group.Number("area", Rles.Area(mask), area, Tolerance.Exact);
        if (stored.Find("bbox") is not { } box || box.IsNull())
            return;
        var bounds = Rles.Bounds(mask);
        group.Same("bbox", $"{bounds.X} {bounds.Y} {bounds.Width} {bounds.Height}", string.Join(' ', box.Numbers()));
    }

    private static Size2 SizeOf(StoredNode entry) =>
        entry["size"].Numbers() is [var height, var width]
            ? new Size2((int)height, (int)width)
            : throw new LackingException($"{entry.Path}/size is no size");

    private static Rle Mask(StoredNode entry) => Mask(entry, SizeOf(entry));

    private static Rle Mask(StoredNode entry, Size2 size) => Rles.FromText(entry["string"].Text(), size).OrThrow();
}
