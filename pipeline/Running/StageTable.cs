using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Running;

/// <summary>Why a stage could not be made: a file that is not there, weights that do not fit.</summary>
internal sealed record StartError(string Stage, string Text) : IStageError
{
    public string Describe() => $"{Stage}: {Text}";
}

/// <summary>What a stage is made from.</summary>
/// <param name="Settings">The whole configuration.</param>
/// <param name="Phase">The stream it serves.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Catalogue">What the source of the phase holds.</param>
/// <param name="Start">Where a training starts.</param>
internal sealed record StageContext(PipelineSettings Settings, Phase Phase, RunFolder Folder, Catalogue Catalogue, TrainStart Start)
{
    /// <summary>Told what the user should know and what stops nothing: an entry of a cache that is damaged, and made again.</summary>
    public Action<string> Warn { get; init; } = Console.Error.WriteLine;
}

/// <summary>An opened source.</summary>
/// <param name="Catalogue">What it holds.</param>
/// <param name="Frames">Messages it will send; 0 where it does not end or does not know.</param>
internal sealed record Source(Catalogue Catalogue, long Frames)
{
    /// <summary>Sentences on what was left out of the source's files, and on what will be done with its frames.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>The stages there are, and how each is made. Tests run the pipeline with a table of their own.</summary>
/// <param name="Kinds">Names, options, messages.</param>
/// <param name="Open">Looks at a source without reading its frames.</param>
/// <param name="Make">The stage, to run in this process.</param>
/// <param name="LearningRate">Of an iteration of a training.</param>
/// <param name="CheckpointProblem">What is wrong with a checkpoint that should be of this iteration of this run; null where nothing is.</param>
internal sealed record StageTable(
    ImmutableArray<StageKind> Kinds,
    Func<PipelineSettings, Phase, Result<Source, StartError>> Open,
    Func<StageSettings, StageContext, Result<Worker, StartError>> Make,
    Func<PipelineSettings, int, double> LearningRate,
    Func<PipelineSettings, int, string, string?> CheckpointProblem);
