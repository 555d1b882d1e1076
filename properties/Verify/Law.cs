using System.Collections.Immutable;
using System.Reflection;
using Motion.Properties.Generators;
using Xunit;
using Xunit.Sdk;

namespace Motion.Properties.Verify;

/// <summary>A statement about drawn values that the test suite checks too.</summary>
/// <param name="Name">States it: Subject_Change_Consequence, and the case in brackets where a law is stated for several.</param>
/// <param name="Area">The folder below properties/.</param>
/// <param name="Method">A fact.</param>
/// <param name="Arguments">Of the fact.</param>
internal sealed record Law(string Name, string Area, MethodInfo Method, ImmutableArray<object?> Arguments)
{
    /// <summary>What a NAME on the command line is looked for in.</summary>
    public string FullName => $"{Area}.{Method.DeclaringType!.Name}.{Name}";

    /// <summary>Classes that change what holds for the whole process are checked alone.</summary>
    public bool MustBeAlone => Method.DeclaringType!.GetCustomAttribute<CollectionAttribute>() is not null;
}

/// <summary>Finds the laws among the facts.</summary>
internal static class Catalogue
{
    /// <summary>All laws, by area and name.</summary>
    public static ImmutableArray<Law> All() =>
        [
            .. from type in typeof(Catalogue).Assembly.GetTypes()
            where type.IsPublic && type.Namespace is { } space && space != typeof(Catalogue).Namespace // checks of the checker are no laws
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance)
            where method.GetCustomAttribute<FactAttribute>() is { Skip: null } && method.GetCustomAttribute<LawAttribute>() is not null
            from arguments in Rows(method)
            let law = new Law(Name(method, arguments), Area(type), method, arguments)
            orderby law.Area, law.FullName
            select law,
        ];

    private static IEnumerable<ImmutableArray<object?>> Rows(MethodInfo method) =>
        method.GetCustomAttribute<TheoryAttribute>() is null
            ?
            [
                [],
            ]
            : method
                .GetCustomAttributes<DataAttribute>()
                .SelectMany(data => data.GetData(method))
                .Select(row => row.Cast<object?>().ToImmutableArray());

    private static string Name(MethodInfo method, ImmutableArray<object?> arguments) =>
        arguments.IsEmpty ? method.Name : $"{method.Name}({string.Join(", ", arguments.Select(Words.Of))})";

    private static string Area(Type type) =>
        type.Namespace!["Motion.Properties".Length..].TrimStart('.') is { Length: > 0 } area ? area : "Properties";
}
