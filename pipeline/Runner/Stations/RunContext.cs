using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Settings;

namespace Motion.Runner.Stations;

/// <summary>Why a stage could not be made: a file that is not there, weights that do not fit.</summary>
internal sealed record StartError(string Stage, string Text) : IStageError
{
    public string Describe() => $"{Stage}: {Text}";
}

/// <summary>What the stages of a phase are made from.</summary>
/// <param name="Settings">The whole configuration.</param>
/// <param name="Phase">The stream.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Catalogue">What the source of the phase holds.</param>
/// <param name="Start">Where the stream and a training start.</param>
internal sealed record RunContext(PipelineSettings Settings, Phase Phase, RunFolder Folder, Catalogue Catalogue, StreamStart Start)
{
    /// <summary>Told what the user should know and what stops nothing.</summary>
    public Action<string> Warn { get; init; } = Console.Error.WriteLine;

    /// <summary>What one of them is told.</summary>
    public StageContext Of(StageSettings stage) =>
        new(Phase, Settings.Seed.Derive(stage.Name), Settings.Run.Device, Settings.Run.Threads, Catalogue, Start)
        {
            Cache = Folder.Cache,
            Output = Path.Combine(Folder.Root, stage.Name),
            Extras = stage.Extras,
            Silence = TimeSpan.FromSeconds(Settings.Run.Silence),
            SkipsFailures = stage.Placement.OnError is OnError.Skip,
            Fed = [.. Graph.Possible(Settings, Phase).Where(edge => edge.To == stage.Name).Select(edge => edge.Port.Message)],
            Story = Story,
            Warn = Warn,
        };

    private RunStory Story()
    {
        var facts = Facts.Read(Folder.Facts);
        return new(
            Settings.Run.Name,
            RunYaml.Shown(Folder),
            facts.Values,
            facts.Notes,
            [.. Curve.Read(Folder.Curve).Select(line => line.Point)]
        );
    }
}
