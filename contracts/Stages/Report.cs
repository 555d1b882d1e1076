using System.Collections.Immutable;
using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>One point of the training curves.</summary>
/// <param name="Iteration">From 0.</param>
/// <param name="Terms">Loss terms of that iteration.</param>
/// <param name="LearningRate">Rate of that step.</param>
/// <param name="Seconds">Since the training started (all its sittings).</param>
public sealed record TrainingPoint(int Iteration, ImmutableArray<LossTerm> Terms, double LearningRate, double Seconds);

/// <summary>What the report is told, in this order: run and curves, then pictures, then the evaluation if there is one.</summary>
public abstract record ReportItem
{
    private ReportItem() { }

    /// <summary>What the run is: its name, its resolved yaml, facts to print (name, value), notes to the reader.</summary>
    public sealed record Run(
        string Name,
        string Yaml,
        Catalogue Catalogue,
        ImmutableArray<KeyValuePair<string, string>> Facts,
        ImmutableArray<string> Notes
    ) : ReportItem;

    /// <summary>The training curve so far.</summary>
    public sealed record Curve(ImmutableArray<TrainingPoint> Points) : ReportItem;

    /// <summary>One frame with what was found in it; null where the run has no detector. Owns the frame.</summary>
    public sealed record Picture(FlowFrame Frame, Detections? Found) : ReportItem;

    /// <summary>The scores.</summary>
    public sealed record Score(Evaluation Evaluation) : ReportItem;
}

/// <summary>What the report wrote; paths are relative to its folder.</summary>
/// <param name="Folder">As it was given.</param>
/// <param name="Html">The page.</param>
/// <param name="Pictures">Overlays of the chosen frames.</param>
/// <param name="ResultsJson">COCO results of every frame; null where the run has no detector.</param>
public sealed record ReportFiles(string Folder, string Html, ImmutableArray<string> Pictures, string? ResultsJson);

/// <summary>Every way the report can fail.</summary>
public abstract record ReportError : IStageError
{
    private ReportError() { }

    /// <summary>A file that could not be written.</summary>
    public sealed record CannotWrite(string Path, string Problem) : ReportError;

    /// <summary>The library that writes pictures is not there.</summary>
    public sealed record NoPictures(string Problem, string Remedy) : ReportError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                NoPictures(var problem, var remedy) => $"The report's pictures cannot be written: {problem}. {remedy}",
                CannotWrite(var path, var problem) => $"{path}: {problem}. Free some space or choose another folder with run.folder.",
                _ => throw new UnreachableException(),
            }
        );
}
