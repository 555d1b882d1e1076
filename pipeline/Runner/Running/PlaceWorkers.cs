using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Processes;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;

namespace Motion.Runner.Running;

/// <summary>Where a stage's copies run.</summary>
internal static class PlaceWorkers
{
    /// <summary>One worker a copy. Copies in this process share what they were made from: stages are functions.</summary>
    public static Result<ImmutableArray<Worker>, StartError> Of(StageSettings stage, RunContext context, Session session, int copies) =>
        stage.Placement.Process is Home.Own
            ? Enumerable
                .Repeat(OwnProcess.Of(stage, context, session.Launch, session.Log.Warn, session.Stopping), copies)
                .ToImmutableArray()
            : MakeStage.Of(stage, context).Map(worker => Enumerable.Repeat(worker, copies).ToImmutableArray());
}
