using System.Collections.Immutable;
using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>
/// The decode stage: frames of a source, in an order that only settings and seed decide. Each item is a pair of frames or the reason one is
/// missing.
/// </summary>
/// <param name="from">Position of the first item given (0: all of them); the same items with the same sequence numbers follow as in the
/// whole stream.</param>
/// <param name="cancel">Stops the reading.</param>
public delegate IAsyncEnumerable<Result<FramePair, DecodeError>> DecodeFrames(long from, CancellationToken cancel);

/// <summary>An opened source: what it holds, and its frames.</summary>
/// <param name="Catalogue">What it holds.</param>
/// <param name="Frames">Its frames.</param>
public sealed record DecodeStage(Catalogue Catalogue, DecodeFrames Frames)
{
    /// <summary>Sentences on what was left out of the source's files, being mistaken; empty where nothing was.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>Every way a source can refuse.</summary>
public abstract record DecodeError : IStageError
{
    private DecodeError() { }

    /// <summary>A file or folder that the source needs is not there.</summary>
    public sealed record Missing(string Path, string What) : DecodeError;

    /// <summary>A picture, video or document that cannot be read.</summary>
    public sealed record Corrupt(string Path, string Problem, string Remedy) : DecodeError;

    /// <summary>An annotation that breaks a rule; Place is a JSON path, row or frame.</summary>
    public sealed record BadAnnotation(string Path, string Place, string Problem, string Remedy) : DecodeError;

    /// <summary>A setting that the source cannot follow (an unknown clip, a program that is not installed).</summary>
    public sealed record BadSetting(string Setting, string Problem, string Remedy) : DecodeError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                Missing(var path, var what) => $"{path}: {what} is not there. Check the path.",
                Corrupt(var path, var problem, var remedy) => $"{path}: {problem}. {remedy}",
                BadAnnotation(var path, var place, var problem, var remedy) => $"{path}, {place}: {problem}. {remedy}",
                BadSetting(var setting, var problem, var remedy) => $"{setting}: {problem}. {remedy}",
                _ => throw new UnreachableException(),
            }
        );
}
