using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Flow;
using Motion.Forward;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Text;

namespace Motion.Pipeline.Figures;

/// <summary>A finished run's network, ready to look at frames.</summary>
/// <param name="Name">The run.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Estimate">Its flow.</param>
/// <param name="Detect">Its detector.</param>
/// <param name="Activate">Its mask features.</param>
internal sealed record FigureNetwork(string Name, PipelineSettings Settings, EstimateFlow Estimate, Detect Detect, Activate Activate)
{
    /// <param name="run">The run's folder.</param>
    /// <param name="table">The stages there are.</param>
    public static Result<FigureNetwork, StartError> Open(string run, StageTable table)
    {
        var folder = new RunFolder(run);
        if (!File.Exists(folder.Yaml))
            return new StartError("figures", $"{run} holds no run: there is no {folder.Yaml}.");
        return ReadSettings
            .File(folder.Yaml, Overrides.None, table)
            .Match(
                settings => Open(folder, settings),
                errors => Result.Error<FigureNetwork, StartError>(new("figures", errors.Describe()))
            );
    }

    private static Result<FigureNetwork, StartError> Open(RunFolder folder, PipelineSettings settings)
    {
        if (settings.Find(ForwardKind.Kind) is not { } forward || settings.Find(FlowKind.Kind) is not { } flow)
            return new StartError("figures", $"{folder.Root} has no detector, so there is nothing to draw.");
        var checkpoint = folder.AllCheckpoints().LastOrDefault().Path;
        if (settings.Train is not null && checkpoint is null)
            return new StartError("figures", $"{folder.Root} has no checkpoint yet. Train it: {folder.ResumeCommand}");
        if (!File.Exists(folder.Catalogue(Phase.Test)))
            return new StartError("figures", $"{folder.Root} has not been tested yet. Go on with it: {folder.ResumeCommand}");
        var context = new RunContext(
            settings,
            Phase.Test,
            folder,
            Facts.ReadCatalogue(folder.Catalogue(Phase.Test)),
            StreamStart.Fresh with
            {
                Checkpoint = checkpoint,
            }
        );
        return from estimate in FlowKind
                .Estimator(flow.Of<FlowOptions>(Phase.Test), context.Of(flow))
                .MapError(error => new StartError(flow.Name, error.Describe()))
            from detect in ForwardKind
                .Detector(forward.Of<ForwardOptions>(Phase.Test), context.Of(forward))
                .MapError(error => new StartError(forward.Name, error.Describe()))
            from activate in ForwardKind
                .Activations(forward.Of<ForwardOptions>(Phase.Test), context.Of(forward))
                .MapError(error => new StartError(forward.Name, error.Describe()))
            select new FigureNetwork(settings.Run.Name, settings, estimate, detect, activate);
    }
}
