using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Runner.Yaml;

/// <summary>How a settings record looks in yaml: its keys, in order, with the rules on their values.</summary>
/// <param name="Type">The record.</param>
/// <param name="Constructor">Its primary constructor.</param>
/// <param name="Keys">Constructor parameters first, then init-only properties.</param>
internal sealed record Shape(Type Type, ConstructorInfo Constructor, ImmutableArray<Shape.Key> Keys)
{
    /// <param name="Name">In yaml: the property's name in camelCase.</param>
    /// <param name="Property">Where the value is read from.</param>
    /// <param name="Parameter">Where it is written to; null for an init-only property.</param>
    /// <param name="Optional">Null is a value.</param>
    /// <param name="Rules">Attributes that restrict the value.</param>
    internal sealed record Key(
        string Name,
        PropertyInfo Property,
        ParameterInfo? Parameter,
        bool Optional,
        ImmutableArray<ValidationAttribute> Rules
    )
    {
        public Type Type => Property.PropertyType;

        /// <summary>Whether a share of the training may stand for the number.</summary>
        public bool MayBeShare { get; } = Property.IsDefined(typeof(ShareOfTrainingAttribute), inherit: false);
    }

    public static Shape Of(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var nullness = new NullabilityInfoContext();
        var parameters = constructor.GetParameters();
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        var fromParameters = parameters.Select(parameter =>
        {
            var property = properties.First(p => string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
            return MakeKey(property, parameter, nullness);
        });
        var fromInits = properties
            .Where(p =>
                p.SetMethod is { IsPublic: true }
                && !parameters.Any(parameter => string.Equals(parameter.Name, p.Name, StringComparison.OrdinalIgnoreCase))
            )
            .OrderBy(p => p.MetadataToken)
            .Select(property => MakeKey(property, null, nullness));
        return new(type, constructor, [.. fromParameters, .. fromInits]);
    }

    /// <summary>A record or record struct of settings, rather than a single value.</summary>
    public static bool IsRecord(Type type) =>
        !type.IsPrimitive
        && !type.IsEnum
        && type != typeof(string)
        && !type.IsAbstract
        && ElementOf(type) is null
        && !IsMap(type, out _)
        && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is not null;

    /// <summary>Element type of a list-like type; null for any other.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType
        && type.GetGenericTypeDefinition() is var generic
        && (
            generic == typeof(ImmutableArray<>)
            || generic == typeof(IReadOnlyList<>)
            || generic == typeof(ImmutableList<>)
            || generic == typeof(IReadOnlyCollection<>)
        )
            ? type.GetGenericArguments()[0]
        : null;

    /// <summary>A map from text to something.</summary>
    public static bool IsMap(Type type, [NotNullWhen(true)] out Type? value)
    {
        value =
            type.IsGenericType
            && type.GetGenericTypeDefinition() is var generic
            && (
                generic == typeof(ImmutableDictionary<,>)
                || generic == typeof(ImmutableSortedDictionary<,>)
                || generic == typeof(IReadOnlyDictionary<,>)
            )
            && type.GetGenericArguments()[0] == typeof(string)
                ? type.GetGenericArguments()[1]
                : null;
        return value is not null;
    }

    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    public static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private static Key MakeKey(PropertyInfo property, ParameterInfo? parameter, NullabilityInfoContext nullness)
    {
        var optional =
            Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType && nullness.Create(property).ReadState is NullabilityState.Nullable);
        var rules = property.GetCustomAttributes<ValidationAttribute>().Concat(parameter?.GetCustomAttributes<ValidationAttribute>() ?? []);
        return new(Camel(property.Name), property, parameter, optional, [.. rules]);
    }
}
