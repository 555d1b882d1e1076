using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A region of VIA: its shape and its attributes, both JSON, in the CSV and in the JSON alike.</summary>
internal static class ViaRegion
{
    private static readonly string[] ClassNames = ["class", "label", "category", "name", "type", "object"];
    private static readonly string[] TrackNames = ["track_id", "track", "object_id", "id"];

    /// <summary>Adds the box of a region; an empty shape is none.</summary>
    /// <exception cref="Exception">JsonException, InvalidOperationException, FormatException: it is no region.</exception>
    public static DecodeError? Add(BoxRows rows, int frame, JsonElement shape, JsonElement says, string place)
    {
        if (!shape.TryGetProperty("name", out var kind))
        {
            return null; // a picture without a region
        }

        if (Corners(kind.GetString(), shape) is not { } corners)
        {
            rows.PassOver("points, lines and other regions");
            return null;
        }

        return rows.Box(null, frame, TrackOf(says) ?? rows.Alone(), ClassOf(says), corners, place);
    }

    /// <summary>What is wrong with a region, by what reading it threw.</summary>
    public static string Problem(Exception e) => $"its region is no JSON as VIA writes it: {JsonFiles.Sentence(e.Message)}";

    private static StatedCorners? Corners(string? kind, JsonElement region)
    {
        double Number(string name) =>
            region.GetProperty(name) is { ValueKind: JsonValueKind.Number } number
                ? number.GetDouble()
                : throw new FormatException($"{name} is no number");
        double[] Numbers(string name) => [.. region.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
        try
        {
            return kind switch
            {
                "rect" => new TurnedBox(Number("x"), Number("y"), Number("width"), Number("height"), 0).AboutCentre(),
                "circle" => new TurnedBox(
                    Number("cx") - Number("r"),
                    Number("cy") - Number("r"),
                    2 * Number("r"),
                    2 * Number("r"),
                    0
                ).AboutCentre(),
                "ellipse" => new TurnedBox(
                    Number("cx") - Number("rx"),
                    Number("cy") - Number("ry"),
                    2 * Number("rx"),
                    2 * Number("ry"),
                    0
                ).AboutCentre(),
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
        var named = ClassNames
            .Select(name => others.FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)).Value)
            .FirstOrDefault(value => value.ValueKind != JsonValueKind.Undefined);
        var value =
            named.ValueKind != JsonValueKind.Undefined ? named
            : others is [var only] ? only.Value
            : default;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Trim(),
            JsonValueKind.Object
                when value.EnumerateObject().Where(choice => choice.Value.ValueKind == JsonValueKind.True).ToArray() is [var chosen] =>
                chosen.Name, // of check boxes
            _ => "",
        };
    }

    private static long? TrackOf(JsonElement says) =>
        says.ValueKind != JsonValueKind.Object
            ? null
            : TrackNames
                .Select(name => says.TryGetProperty(name, out var value) ? value : default)
                .Select(value =>
                    value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number
                    : value.ValueKind is JsonValueKind.String && long.TryParse(value.GetString(), out var text) ? text
                    : (long?)null
                )
                .FirstOrDefault(number => number is not null);
}
