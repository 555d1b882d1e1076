using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>Every way the evaluate stage can refuse.</summary>
public abstract record EvaluateError : IStageError
{
    private EvaluateError() { }

    /// <summary>Nothing to measure against.</summary>
    public sealed record NoTruth(string Problem) : EvaluateError;

    /// <summary>A detection or truth that cannot be compared.</summary>
    public sealed record BadItem(FrameKey Key, string Problem) : EvaluateError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                NoTruth(var problem) => $"{problem} Give the source annotations, or leave out the evaluate stage.",
                BadItem(var key, var problem) => $"{key}: {problem}",
                _ => throw new UnreachableException(),
            }
        );
}
