using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>The flow stage: a pair of frames in, the first frame and its motion out. Consumes the pair.</summary>
public delegate Result<FlowFrame, FlowError> EstimateFlow(FramePair pair);

/// <summary>Every way the flow stage can refuse.</summary>
public abstract record FlowError : IStageError
{
    private FlowError() { }

    /// <summary>The two frames of a pair differ in size.</summary>
    public sealed record SizeMismatch(FrameKey Key, Size2 First, Size2 Second) : FlowError;

    /// <summary>The network is precomputed, but the source knows no flow for this frame.</summary>
    public sealed record NoKnownFlow(FrameKey Key) : FlowError;

    /// <summary>The weights file cannot be used.</summary>
    public sealed record BadWeights(string Path, string Problem) : FlowError;

    /// <summary>A setting that the stage cannot follow.</summary>
    public sealed record BadSetting(string Setting, string Problem, string Remedy) : FlowError;

    /// <summary>The network's answer holds NaN or infinity.</summary>
    public sealed record NotFinite(FrameKey Key, string Network) : FlowError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                SizeMismatch(var key, var a, var b) => $"{key}: both frames of a pair must have one size; got {a} and {b}. Resize one.",
                NoKnownFlow(var key) =>
                    $"{key}: network precomputed needs a source that knows the flow. Use another network, or give the source its flows.",
                BadWeights(var path, var problem) => $"{path}: {problem}",
                BadSetting(var setting, var problem, var remedy) => $"{setting}: {problem}. {remedy}",
                NotFinite(var key, var network) =>
                    $"{key}: network {network} answered with numbers that are not finite. Check its weights.",
                _ => throw new UnreachableException(),
            }
        );
}
