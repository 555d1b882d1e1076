using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
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
    private const BindingFlags Everywhere = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>All laws, by area and name.</summary>
    public static ImmutableArray<Law> All() =>
    [
        .. from type in typeof(Catalogue).Assembly.GetTypes()
           where type.IsPublic && type.Namespace is { } space && space != typeof(Catalogue).Namespace // checks of the checker are no laws
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance)
           where method.GetCustomAttribute<FactAttribute>() is { Skip: null } && IsLaw(method)
           from arguments in Rows(method)
           let law = new Law(Name(method, arguments), Area(type), method, arguments)
           orderby law.Area, law.FullName
           select law,
    ];

    /// <summary>
    /// A fact is a law if it draws cases, that is if it calls <see cref="Laws"/>, itself or through a function of its class: by what it does,
    /// because a label could be forgotten.
    /// </summary>
    public static bool IsLaw(MethodInfo fact) => Reaches(fact, fact.DeclaringType!, []);

    private static bool Reaches(MethodBase method, Type home, HashSet<MethodBase> seen)
    {
        if (method.DeclaringType == typeof(Laws)) return true;
        if (!IsPartOf(method.DeclaringType, home) || !seen.Add(method)) return false;
        var machine = method.GetCustomAttribute<AsyncStateMachineAttribute>()?.StateMachineType.GetMethod("MoveNext", Everywhere);
        return Calls(method).Concat(machine is null ? [] : [machine]).Any(called => Reaches(called, home, seen));
    }

    private static bool IsPartOf(Type? type, Type home) => type is not null && (type == home || IsPartOf(type.DeclaringType, home));

    /// <summary>The methods that a method's code names.</summary>
    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var operation = OneByte.GetValueOrDefault(code[at]);
            if (code[at] == 0xFE) operation = TwoBytes.GetValueOrDefault(code[at + 1]);
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineTok && Resolve(method, BitConverter.ToInt32(code, at)) is { } called) yield return called;
            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token) => method.Module.ResolveMember(
        token, method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : []) as MethodBase;

    private static IEnumerable<OpCode> Operations => typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(one => (OpCode)one.GetValue(null)!);

    private static Dictionary<byte, OpCode> OneByte { get; } = Operations.Where(code => code.Size == 1).ToDictionary(code => (byte)code.Value);

    private static Dictionary<byte, OpCode> TwoBytes { get; } = Operations.Where(code => code.Size == 2).ToDictionary(code => (byte)(code.Value & 0xFF));

    private static IEnumerable<ImmutableArray<object?>> Rows(MethodInfo method) => method.GetCustomAttribute<TheoryAttribute>() is null
        ? [[]]
        : method.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(method)).Select(row => row.Cast<object?>().ToImmutableArray());

    private static string Name(MethodInfo method, ImmutableArray<object?> arguments) =>
        arguments.IsEmpty ? method.Name : $"{method.Name}({string.Join(", ", arguments.Select(Words.Of))})";

    private static string Area(Type type) => type.Namespace!["Motion.Properties".Length..].TrimStart('.') is { Length: > 0 } area ? area : "Properties";
}
