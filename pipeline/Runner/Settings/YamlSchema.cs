using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>
/// The JSON schema (draft-07) of a pipeline yaml, for editors that complete and check: read off the settings records, their ranges and
/// their comments, as reading a yaml is.
/// </summary>
internal static class YamlSchema
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    public static string Text(StageTable table) => Whole(table).ToJsonString(Written) + "\n";

    private static JsonObject Whole(StageTable table) =>
        new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A run of Motion.Pipeline",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                ["extends"] = new JsonObject
                {
                    ["type"] = "string",
                    ["description"] = "A yaml that this one is laid over; relative to this file.",
                },
                ["run"] = Map(typeof(RunSettings)),
                ["stages"] = Object(table.Kinds.Select(kind => KeyValuePair.Create(kind.Name, Stage(kind)))),
                ["train"] = Map(typeof(TrainSettings)),
            },
        };

    private static JsonObject Stage(StageKind kind)
    {
        var own = Properties(kind.Options).ToList();
        var phases = kind.HasPhases
            ? new[] { "train", "test" }.Select(phase => KeyValuePair.Create(phase, Nullable(Object(Properties(kind.Options)))))
            : [];
        IEnumerable<KeyValuePair<string, JsonObject>> All() =>
            Properties(kind.Options).Concat(Properties(typeof(Placement))).Concat(kind.Extras is null ? [] : Properties(kind.Extras));
        var without =
            own.Any(key => key.Key == "weights")
            || own.Any(key => key.Value.ToJsonString().Contains("\"weights\"", StringComparison.Ordinal))
                ? [KeyValuePair.Create("withoutWeights", Described(Object(All()), "What is different where the weights cannot be had."))]
                : Array.Empty<KeyValuePair<string, JsonObject>>();
        return Described(Nullable(Object(All().Concat(phases).Concat(without))), $"{char.ToUpperInvariant(kind.Does[0])}{kind.Does[1..]}.");
    }

    private static JsonObject Map(Type record) => Nullable(Object(Properties(record)));

    private static IEnumerable<KeyValuePair<string, JsonObject>> Properties(Type record) =>
        Shape.Of(record).Keys.Select(key => KeyValuePair.Create(key.Name, Described(Key(key), Comments.Of(key))));

    private static JsonObject Key(Shape.Key key)
    {
        var value = Ruled(Value(key.Type), key.Rules);
        var forms = new List<JsonObject> { value };
        if (key.MayBeShare)
            forms.Add(new JsonObject { ["type"] = "string", ["pattern"] = @"^[0-9.]+%$" });
        if (key.Name == "weights")
            forms.Add(
                new JsonObject
                {
                    ["type"] = "array",
                    ["items"] = new JsonObject { ["type"] = "string" },
                }
            );
        if (key.Optional)
            forms.Add(new JsonObject { ["type"] = "null" });
        return forms.Count == 1 ? value : new JsonObject { ["anyOf"] = new JsonArray([.. forms]) };
    }

    private static JsonObject Value(Type type)
    {
        var inner = System.Nullable.GetUnderlyingType(type) ?? type;
        if (inner == typeof(string))
            return new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") }; // a plain 5 or true is a text where a text is wanted
        if (inner == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (inner.IsEnum)
            return new JsonObject { ["enum"] = new JsonArray([.. Scalars.NamesOf(inner).Select(name => (JsonNode)name)]) };
        if (inner == typeof(float) || inner == typeof(double))
            return new JsonObject { ["type"] = "number" };
        if (Scalars.Noun(inner) is not null)
            return new JsonObject { ["type"] = "integer" };
        if (Shape.ElementOf(inner) is { } element)
        {
            var list = new JsonObject { ["type"] = "array", ["items"] = Value(element) };
            return Scalars.Noun(element) is null ? list : new JsonObject { ["anyOf"] = new JsonArray(list, Value(element)) }; // a single value is a list of one
        }

        return Shape.IsMap(inner, out var of) ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(of) } : Map(inner);
    }

    private static JsonObject Ruled(JsonObject value, ImmutableArray<ValidationAttribute> rules)
    {
        foreach (var rule in rules)
        {
            switch (rule)
            {
                case RangeAttribute range:
                    value[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = JsonValue.Create(
                        Convert.ToDouble(range.Minimum, null)
                    );
                    value[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = JsonValue.Create(
                        Convert.ToDouble(range.Maximum, null)
                    );
                    break;
                case RegularExpressionAttribute pattern:
                    value["pattern"] = $"^({pattern.Pattern})$";
                    break;
                case AllowedValuesAttribute allowed:
                    value["enum"] = new JsonArray([.. allowed.Values.Select(each => JsonValue.Create($"{each}"))]);
                    break;
            }
        }

        return value;
    }

    private static JsonObject Object(IEnumerable<KeyValuePair<string, JsonObject>> properties) =>
        new()
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(properties.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value))),
        };

    /// <summary>A map with nothing behind its key is an empty one, and null takes it out.</summary>
    private static JsonObject Nullable(JsonObject map)
    {
        map["type"] = new JsonArray("object", "null");
        return map;
    }

    private static JsonObject Described(JsonObject schema, string? text)
    {
        if (text is not null)
            schema["description"] = text;
        return schema;
    }
}
