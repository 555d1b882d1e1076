using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// VGG Image Annotator's CSV: a row a region, its shape and its attributes as JSON within the row. A picture without regions has a row
/// without a shape.
/// </summary>
internal static class ViaCsv
{
    /// <summary>Whether a header row is one of this form.</summary>
    public static bool Is(IReadOnlyList<string> header) => header.Contains("region_shape_attributes") && Column(header, "filename") >= 0;

    public static Result<BoxFile, DecodeError> Read(
        string path,
        IReadOnlyList<string> header,
        IEnumerable<(string Place, IReadOnlyList<string> Fields)> table
    )
    {
        var (file, shape, attributes) = (
            Column(header, "filename"),
            Column(header, "region_shape_attributes"),
            Column(header, "region_attributes")
        );
        var rows = new BoxRows(path);
        var all = table.ToArray();
        var most = Math.Max(file, Math.Max(shape, attributes));
        if (all.FirstOrDefault(row => row.Fields.Count <= most) is { Place: { } narrow })
        {
            return rows.Wrong(narrow, $"a row needs {most + 1} fields, as the header row names them", "Correct the row.");
        }

        var frameOf = rows.Pictures(all.Select(row => row.Fields[file]));
        foreach (var (place, fields) in all)
        {
            rows.Frame(null, frameOf[fields[file]], place);
            try
            {
                using var region = JsonDocument.Parse(fields[shape].Length == 0 ? "{}" : fields[shape]);
                using var says = JsonDocument.Parse(attributes < 0 || fields[attributes].Length == 0 ? "{}" : fields[attributes]);
                if (ViaRegion.Add(rows, frameOf[fields[file]], region.RootElement, says.RootElement, place) is { } error)
                {
                    return error;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                return rows.Wrong(place, ViaRegion.Problem(e), "Export it again.");
            }
        }

        return rows.File(DataFormat.Via, "VIA's CSV");
    }

    private static int Column(IReadOnlyList<string> header, string name) =>
        header.ToList().FindIndex(field => field.TrimStart('#') == name);
}
