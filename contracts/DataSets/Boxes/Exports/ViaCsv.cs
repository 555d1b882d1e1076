using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// VGG Image Annotator's CSV: a row a region, its shape and its attributes as JSON within the row. A picture without regions has a row without a shape.
/// </summary>
internal static class ViaCsv
{
    private static readonly string[] ClassNames = ["class", "label", "category", "name", "type", "object"];
    private static readonly string[] TrackNames = ["track_id", "track", "object_id", "id"];

    /// <summary>Whether a header row is one of this form.</summary>
    public static bool Is(IReadOnlyList<string> header) => header.Contains("region_shape_attributes") && Column(header, "filename") >= 0;

    public static Result<BoxFile, DecodeError> Read(string path, IReadOnlyList<string> header, IEnumerable<(string Place, IReadOnlyList<string> Fields)> table)
    {
        var (file, shape, attributes) = (Column(header, "filename"), Column(header, "region_shape_attributes"), Column(header, "region_attributes"));
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
                if (!region.RootElement.TryGetProperty("name", out var kind))
                {
                    continue; // a picture without a region
                }

                if (Corners(kind.GetString(), region.RootElement) is not { } corners)
                {
                    rows.PassOver("points, lines and other regions");
                    continue;
                }

                if (rows.Box(null, frameOf[fields[file]], TrackOf(says.RootElement) ?? rows.Alone(), ClassOf(says.RootElement), corners, place) is { } error)
                {
                    return error;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                return rows.Wrong(place, $"its region is no JSON as VIA writes it: {JsonFiles.Sentence(e.Message)}", "Export it again.");
            }
        }

        return rows.File("VIA's CSV");
    }

    private static int Column(IReadOnlyList<string> header, string name) => header.ToList().FindIndex(field => field.TrimStart('#') == name);

    private static StatedCorners? Corners(string? kind, JsonElement region)
    {
        double Number(string name) => region.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : throw new FormatException($"{name} is no number");
        double[] Numbers(string name) => [.. region.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
        try
        {
            return kind switch
            {
                "rect" => new TurnedBox(Number("x"), Number("y"), Number("width"), Number("height"), 0).AboutCentre(),
                "circle" => new TurnedBox(Number("cx") - Number("r"), Number("cy") - Number("r"), 2 * Number("r"), 2 * Number("r"), 0).AboutCentre(),
                "ellipse" => new TurnedBox(Number("cx") - Number("rx"), Number("cy") - Number("ry"), 2 * Number("rx"), 2 * Number("ry"), 0).AboutCentre(),
                "polygon" => TurnedBox.Round([.. Numbers("all_points_x").Zip(Numbers("all_points_y"))]),
                _ => null,
            };
        }
        catch (KeyNotFoundException e)
        {
            throw new FormatException($"a {kind} lacks one of its numbers", e);
        }
    }

    /// <summary>The class: by the attribute of a usual name, or by the only one.</summary>
    private static string ClassOf(JsonElement says)
    {
        var all = says.ValueKind == JsonValueKind.Object ? says.EnumerateObject().ToArray() : [];
        var others = all.Where(member => !TrackNames.Contains(member.Name, StringComparer.OrdinalIgnoreCase)).ToArray();
        var named = ClassNames.Select(name => others.FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)).Value)
            .FirstOrDefault(value => value.ValueKind != JsonValueKind.Undefined);
        var value = named.ValueKind != JsonValueKind.Undefined ? named : others is [var only] ? only.Value : default;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Trim(),
            JsonValueKind.Object when value.EnumerateObject().Where(choice => choice.Value.ValueKind == JsonValueKind.True).ToArray() is [var chosen] => chosen.Name, // of check boxes
            _ => "",
        };
    }

    private static long? TrackOf(JsonElement says) => says.ValueKind != JsonValueKind.Object ? null : TrackNames
        .Select(name => says.TryGetProperty(name, out var value) ? value : default)
        .Select(value => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number
            : value.ValueKind is JsonValueKind.String && long.TryParse(value.GetString(), out var text) ? text : (long?)null)
        .FirstOrDefault(number => number is not null);
}
