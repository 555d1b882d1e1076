using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit.Sdk;

namespace Motion.Properties.Generators;

/// <summary>
/// Says that a fact is a law: it draws its cases, so that <c>motion verify</c> can check it with others. The label cannot be forgotten or
/// stand in the wrong place: a fact that draws cases without it fails, and so does one that has it and draws none.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LawAttribute : BeforeAfterTestAttribute
{
    private static readonly AsyncLocal<StrongBox<bool>?> HasDrawn = new();

    public override void Before(MethodInfo methodUnderTest) => HasDrawn.Value = new(false);

    public override void After(MethodInfo methodUnderTest)
    {
        if (HasDrawn.Value is not { Value: true })
            throw new InvalidOperationException($"{methodUnderTest?.Name} is labelled as a law and draws no cases.");
    }

    /// <summary>Told by <see cref="Laws"/> that the fact at hand draws cases.</summary>
    internal static void Draws() =>
        (
            HasDrawn.Value
            ?? throw new InvalidOperationException("A fact that draws cases is a law, for motion verify too: label it [Fact, Law].")
        ).Value = true;
}
