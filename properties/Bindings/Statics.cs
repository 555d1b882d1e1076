using System.Reflection;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Every function of <c>torch</c> that is also a method of <c>Tensor</c> is that method.</summary>
public class Statics
{
    public static TheoryData<string> Functions
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var (function, _) in Pairs())
                data.Add(Describe(function));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Function_GivenATensor_AnswersAsItsMethod(string description)
    {
        using var scope = NewDisposeScope();
        var (function, method) = Pairs().First(p => Describe(p.Function) == description);
        var (byFunction, byMethod) = (Answer(() => Call(function, null)), Answer(() => Call(method, Subject(method))));
        Assert.DoesNotContain("Exception", byMethod);
        Assert.Equal(byMethod, byFunction);
    }

    [Fact]
    public void Functions_AreFoundAtAll() => Assert.True(Pairs().Count() > 120);

    private static IEnumerable<(MethodInfo Function, MethodInfo Method)> Pairs() =>
        from function in typeof(torch).GetMethods(BindingFlags.Public | BindingFlags.Static)
        let parameters = function.GetParameters()
        where parameters.Length > 0 && parameters[0] is { Name: "input" or "tensor" or "left" } && parameters[0].ParameterType == typeof(Tensor)
        where !function.ContainsGenericParameters && parameters.All(p => !p.ParameterType.IsByRefLike) && !IsRandom(function.Name)
        let types = parameters.Skip(1).Select(p => p.ParameterType).ToArray()
        let method = typeof(Tensor).GetMethod(function.Name, types)
        where method is not null
        select (function, method);

    private static string Describe(MethodInfo f) => $"{f.Name}({string.Join(", ", f.GetParameters().Select(p => $"{p.ParameterType.Name} {p.Name}"))})";

    private static bool IsRandom(string name) => name is "rand_like" or "randn_like" or "bernoulli" or "multinomial" or "empty_like";

    private static object? Call(MethodInfo f, Tensor? self)
    {
        var arguments = f.GetParameters().Select((p, k) => self is null && k == 0 ? Subject(f) : Argument(f, p)).ToArray();
        return f.Invoke(self, arguments);
    }

    /// <summary>A square of numbers in (0, 1), or of what the function wants instead.</summary>
    private static Tensor Subject(MethodInfo f) => f.Name switch
    {
        "bincount" => tensor([1L, 0, 2]),
        "bmm" or "baddbmm" => Square().reshape(1, 3, 3),
        "dot" or "outer" or "searchsorted" => Square()[0],
        "addmm" or "mm" or "mv" or "matmul" => Square(),
        _ when f.Name.StartsWith("bitwise", StringComparison.Ordinal) => (Square() * 8).@long(),
        _ => Square(),
    };

    private static object? Argument(MethodInfo f, ParameterInfo p)
    {
        if (p.ParameterType == typeof(Tensor))
        {
            return p.Name switch
            {
                "index" or "indices" => f.Name is "index_select" or "index_add" ? tensor([2L, 0]) : (Square() * 3).@long(),
                "mask" or "condition" => Square() > 0.5,
                "source" => Square()[TensorIndex.Colon, ..2],
                "repeats" => tensor([1L, 0, 2, 1, 1, 0, 3, 1, 2]),
                "q" => tensor([0.25, 0.5]),
                "boundaries" => tensor([0.2, 0.6]),
                "weights" or "prepend" or "append" or "out" or "sorter" => null,
                "min" => tensor(0.2),
                "max" => tensor(0.6),
                _ when f.Name == "mv" => Square()[0],
                _ => Subject(f).flip(0),
            };
        }
        if (p.ParameterType == typeof(Scalar))
            return (Scalar)(p.Name == "max" ? 0.75 : 0.5);
        if (p.ParameterType == typeof(long[]))
        {
            return f.Name switch
            {
                "reshape" or "broadcast_to" => new[] { 1L, 3, 3 },
                "split" => [1L, 2],
                "permute" => [1L, 0],
                _ => [1L],
            };
        }
        if (p.ParameterType == typeof(long) || p.ParameterType == typeof(int))
            return p.HasDefaultValue && p.DefaultValue is { } given ? given : Convert.ChangeType(p.Name == "dim1" ? 0 : 1, p.ParameterType);
        return p.HasDefaultValue ? p.DefaultValue : p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null;
    }

    private static Tensor Square() => tensor([0.3, 0.9, 0.1, 0.55, 0.7, 0.25, 0.85, 0.4, 0.65], [3, 3]);

    /// <summary>An answer as text: shapes, types and values of its tensors, or why there is none.</summary>
    private static string Answer(Func<object?> call)
    {
        try
        {
            return Text(call());
        }
        catch (TargetInvocationException e)
        {
            return $"{e.InnerException!.GetType().Name}: {e.InnerException.Message}";
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        Tensor t => $"{t}: {string.Join(' ', Expect.Doubles(t))}",
        IEnumerable<Tensor> many => string.Join(" | ", many.Select(Text)),
        System.Runtime.CompilerServices.ITuple tuple => string.Join(" & ", Enumerable.Range(0, tuple.Length).Select(k => Text(tuple[k]))),
        _ => value.ToString()!,
    };
}
