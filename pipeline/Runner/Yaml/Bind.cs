using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Motion.Contracts;

namespace Motion.Runner.Yaml;

/// <summary>
/// Yaml -> settings record. Keys are the record's property names in camelCase; what is left out keeps the record's default.
/// Every problem is noted with its place; the value is then the default, so that reading goes on and finds the next one.
/// </summary>
internal static class Bind
{
    private const int MostStrangers = 20; // of one map that are named one by one

    /// <summary>A record from a map; keys it does not know are the caller's matter (<see cref="CheckKeys"/>).</summary>
    public static T Record<T>(Node.Map map, string path, Problems problems)
        where T : notnull => (T)Record(typeof(T), map, path, Defaults(typeof(T)), problems)!;

    /// <param name="defaults">What keys that are left out keep; the record's own defaults where not given.</param>
    public static object Record(Type type, Node.Map map, string path, Problems problems, object? defaults = null) =>
        Record(type, map, path, defaults ?? Defaults(type), problems)!;

    /// <summary>Yaml keys of a settings record.</summary>
    public static IEnumerable<string> KeysOf(Type type) => Shape.Of(type).Keys.Select(key => key.Name);

    /// <summary>Notes each key that is not known, with the nearest known one.</summary>
    public static void CheckKeys(Node.Map map, string path, IEnumerable<string> known, Problems problems)
    {
        var names = known.ToList();
        var strangers = map.Entries.Where(entry => !names.Contains(entry.Key.Text)).ToList();
        foreach (var entry in strangers.Take(MostStrangers))
        {
            problems.Add(
                entry.Key.Place,
                path,
                $"the key {Node.Short(entry.Key.Text)} is not known here",
                Suggest.Among(entry.Key.Text, names)
            );
        }

        if (strangers.Count > MostStrangers)
        {
            problems.Add(
                strangers[MostStrangers].Key.Place,
                path,
                $"{strangers.Count - MostStrangers} more keys, from here on, are not known here",
                $"Known: {string.Join(", ", names)}."
            );
        }
    }

    /// <summary>An instance with every default, where the record needs nothing from outside.</summary>
    public static object? Defaults(Type type)
    {
        var constructor = Shape.Of(type).Constructor;
        return constructor.GetParameters().All(parameter => parameter.HasDefaultValue)
                ? constructor.Invoke([.. constructor.GetParameters().Select(DefaultOf)])
            : type.IsValueType ? Activator.CreateInstance(type)
            : null;
    }

    private static object? Record(Type type, Node.Map map, string path, object? defaults, Problems problems)
    {
        var shape = Shape.Of(type);
        var known = shape.Keys.ToDictionary(key => key.Name, key => (object?)null);
        foreach (var key in shape.Keys)
        {
            var fallback =
                defaults is not null ? key.Property.GetValue(defaults)
                : key.Parameter is { HasDefaultValue: true } p ? DefaultOf(p)
                : null;
            if (map.Find(key.Name) is { } node)
            {
                known[key.Name] = Checked(key, node, Join(path, key.Name), fallback, problems);
                continue;
            }

            known[key.Name] = fallback;
            if (defaults is null && key.Parameter is { HasDefaultValue: false })
            {
                problems.Add(map.Place, Join(path, key.Name), "this key is required", $"Give {Expected(key.Type, key.Rules)}.");
                known[key.Name] = Placeholder(key.Type);
            }
        }

        var record = shape.Constructor.Invoke([.. shape.Keys.Where(key => key.Parameter is not null).Select(key => known[key.Name])]);
        foreach (var key in shape.Keys.Where(key => key.Parameter is null))
            key.Property.SetValue(record, known[key.Name]);
        return record;
    }

    private static object? Checked(Shape.Key key, Node node, string path, object? fallback, Problems problems)
    {
        var value = Value(key.Type, node, path, fallback, key.Optional, key.Rules, problems, out var fine);
        if (!fine || value is null || key.Rules.All(rule => rule.IsValid(value)))
            return value;
        problems.Add(node.Place, path, $"got {node.Show()}", $"Expected {Expected(key.Type, key.Rules)}.");
        return fallback;
    }

    private static object? Value(
        Type type,
        Node node,
        string path,
        object? fallback,
        bool optional,
        ImmutableArray<ValidationAttribute> rules,
        Problems problems,
        out bool fine
    )
    {
        fine = true;
        if (node is Node.Scalar { IsNull: true } && optional)
            return null;
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        if (Shape.IsRecord(inner) && AsMap(node) is { } map)
        {
            CheckKeys(map, path, KeysOf(inner), problems);
            return Record(inner, map, path, fallback ?? Defaults(inner), problems);
        }

        if (Shape.ElementOf(inner) is { } element && AsList(node, element) is { } list)
            return List(inner, element, list, path, problems);
        if (Shape.IsMap(inner, out var valueType) && AsMap(node) is { } entries)
            return Entries(valueType, entries, path, problems);
        if (node is Node.Scalar scalar && Scalars.Read(inner, scalar) is { } value)
            return value;
        fine = false;
        problems.Add(node.Place, path, $"got {node.Show()}", $"Expected {Expected(type, rules)}.{Hint(inner, node)}");
        return fallback ?? Placeholder(type);
    }

    private static Node.Map? AsMap(Node node) =>
        node as Node.Map ?? (node is Node.Scalar { IsNull: true } ? Node.Map.Empty(node.Place) : null);

    /// <summary>A single value where a list of such is expected is a list of one.</summary>
    private static Node.List? AsList(Node node, Type element) =>
        node switch
        {
            Node.List list => list,
            Node.Scalar { IsNull: true } => new(node.Place, []),
            Node.Scalar scalar when Scalars.Read(element, scalar) is not null => new(node.Place, [scalar]),
            _ => null,
        };

    private static object List(Type type, Type element, Node.List list, string path, Problems problems)
    {
        var values = Array.CreateInstance(element, list.Items.Length);
        for (var i = 0; i < list.Items.Length; i++)
        {
            values.SetValue(Value(element, list.Items[i], $"{path}[{i}]", null, false, [], problems, out _), i);
        }

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
                ? Call(typeof(ImmutableArray), nameof(ImmutableArray.Create), element, values)
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableList<>)
                ? Call(typeof(ImmutableList), nameof(ImmutableList.Create), element, values)
            : values;
    }

    private static object Entries(Type valueType, Node.Map map, string path, Problems problems) =>
        typeof(Bind)
            .GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(valueType)
            .Invoke(
                null,
                [
                    map.Entries.Select(e =>
                        KeyValuePair.Create(e.Key.Text, Value(valueType, e.Value, Join(path, e.Key.Text), null, false, [], problems, out _))
                    ),
                ]
            )!;

    private static ImmutableSortedDictionary<string, T> Typed<T>(IEnumerable<KeyValuePair<string, object?>> entries) =>
        entries.ToImmutableSortedDictionary(entry => entry.Key, entry => (T)entry.Value!, StringComparer.Ordinal);

    private static object Call(Type module, string function, Type element, Array values) =>
        module
            .GetMethods()
            .First(m => m.Name == function && m.IsGenericMethod && m.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(element)
            .Invoke(null, [values])!;

    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue is { } value && Nullable.GetUnderlyingType(parameter.ParameterType) is { IsEnum: true } e
            ? Enum.ToObject(e, value)
            : parameter.DefaultValue
                ?? (
                    parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
                        ? Activator.CreateInstance(parameter.ParameterType)
                        : null
                );

    /// <summary>Something of the type, so that reading can go on after an error; never used in a run.</summary>
    private static object? Placeholder(Type type) =>
        type == typeof(string) ? ""
        : type.IsValueType ? Activator.CreateInstance(type)
        : Shape.ElementOf(type) is { } element ? Array.CreateInstance(element, 0)
        : Shape.IsRecord(type) ? Defaults(type)
        : null;

    private static string Expected(Type type, ImmutableArray<ValidationAttribute> rules)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        var rule = string.Concat(rules.Select(OptionRules.Text));
        var noun =
            Scalars.Noun(inner)
            ?? (
                Shape.ElementOf(inner) is { } element ? $"a list, each {Scalars.Noun(element) ?? "a map"}"
                : Shape.IsRecord(inner) ? $"a map of {string.Join(", ", KeysOf(inner))}"
                : "a map of names to values"
            );
        return noun + rule;
    }

    private static string Hint(Type type, Node node) =>
        type.IsEnum && node is Node.Scalar scalar && Suggest.Nearest(scalar.Text, Scalars.NamesOf(type)) is { } near
            ? $" Did you mean {near}?"
            : "";

    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
