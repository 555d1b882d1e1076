using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Processes;
using Motion.Pipeline.Recordings;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Show;

namespace Motion.Pipeline.Running;

/// <summary>A run with all it needs from outside.</summary>
/// <param name="Settings">What to run.</param>
/// <param name="Folder">Where it is kept.</param>
/// <param name="Table">The stages.</param>
/// <param name="Status">Where the display looks.</param>
/// <param name="Log">What happened.</param>
/// <param name="Clock">For seconds in curves.</param>
/// <param name="Launch">Starts a stage's process.</param>
internal sealed record Session(PipelineSettings Settings, RunFolder Folder, StageTable Table, RunStatus Status, RunLog Log, TimeProvider Clock, Launch Launch)
{
    /// <summary>The user's wish to stop.</summary>
    public CancellationToken Stopping { get; init; }
}

/// <summary>How a run ended.</summary>
/// <param name="Evaluation">Where it evaluated.</param>
/// <param name="Iterations">Steps taken, over all sittings.</param>
/// <param name="SecondsPerIteration">Of the whole training; null without one.</param>
/// <param name="Skipped">Sentences on what was left out.</param>
internal sealed record Outcome(Evaluation? Evaluation, int Iterations, double? SecondsPerIteration, ImmutableArray<string> Skipped);

/// <summary>A stage that could not be made; carried out of the tasks that make it.</summary>
internal sealed class StartFailed(StartError error) : Exception(error.Describe())
{
    public StartError Error { get; } = error;
}

/// <summary>Runs the phases of a configuration: the training if there is one, then every frame of the test stream.</summary>
internal static class RunPipeline
{
    /// <param name="session">The run.</param>
    /// <param name="stopSoon">The user's wish to stop: a training ends after the iteration at hand and saves; a test ends at once.</param>
    /// <exception cref="StartFailed">A stage cannot be made.</exception>
    /// <exception cref="StageStopped">A stage failed, and the run does not go on after it.</exception>
    /// <exception cref="OperationCanceledException">The user stopped.</exception>
    public static async Task<Outcome> Run(Session session, CancellationToken stopSoon)
    {
        session = session with { Stopping = stopSoon };
        var settings = session.Settings;
        var skips = new Skips(session.Log);
        var iterations = settings.Train is { } plan ? await TrainAgain(session, plan, skips, stopSoon) : 0;
        stopSoon.ThrowIfCancellationRequested();
        var evaluation = settings.Has("evaluate") || settings.Has("report") ? await Test(session, iterations, skips, stopSoon) : null;
        if (evaluation is not null) Facts.WriteScores(evaluation, session.Folder.Scores);
        if (evaluation?.Tracks is { } tracks) TrackFiles.Write(tracks, Facts.ReadCatalogue(session.Folder.Catalogue(Phase.Test)), session.Folder);
        return new(evaluation, iterations, SecondsPerIteration(session.Folder), skips.Sentences());
    }

    /// <summary>Trains; where the trainer's process dies, goes on from its last checkpoint.</summary>
    private static async Task<int> TrainAgain(Session session, TrainSettings plan, Skips skips, CancellationToken stopSoon)
    {
        for (var (deaths, before) = (0, -1); ;)
        {
            var start = Resume.From(session);
            deaths = start.Iteration > before ? 0 : deaths;
            before = start.Iteration;
            try
            {
                return await Train(session, plan, start, skips, stopSoon);
            }
            catch (ProcessLost) when (stopSoon.IsCancellationRequested)
            {
                throw new OperationCanceledException(stopSoon);
            }
            catch (ProcessLost lost) when (++deaths < OwnProcess.MostDeaths)
            {
                session.Log.Warn($"{lost.Message}; the training goes on from its last checkpoint");
            }
            catch (ProcessLost lost)
            {
                throw new StageStopped(new(-1, lost.Stage, $"{lost.Message}, {deaths} times since the last checkpoint", IsBug: true));
            }
        }
    }

    private static async Task<int> Train(Session session, TrainSettings plan, TrainStart start, Skips skips, CancellationToken stopSoon)
    {
        if (start.Iteration >= plan.Iterations)
        {
            session.Log.Note($"the training is done already: {start.Iteration} of {plan.Iterations} iterations");
            return start.Iteration;
        }

        var (context, source) = Context(session, Phase.Train, start);
        session.Log.Note($"training from iteration {start.Iteration} to {plan.Iterations}; {source.Catalogue.Clips.Length} clips, {source.Catalogue.Categories.Length} categories");
        var stations = new TrainStations(
            Make(session, context, "decode", skips), Make(session, context, "flow", skips), Make(session, context, "forward", skips), Make(session, context, "loss", skips));
        session.Status.Begin(Phase.Train, [.. stations.All.Select(station => station.Meter)], start.Iteration, plan.Iterations);
        var curve = Curve.Open(session.Folder.Curve);
        var train = new TrainPlan(plan, start, iteration => session.Table.LearningRate(session.Settings, iteration), Reached, session.Clock);
        var iterations = await TrainPhase.Run(stations, train, stopSoon, CancellationToken.None);
        session.Log.Note($"trained to iteration {iterations}");
        return iterations;

        void Reached(CurveLine line)
        {
            curve = Curve.Append(session.Folder.Curve, curve, line);
            session.Status.Reached(line.Point);
        }
    }

    private static async Task<Evaluation?> Test(Session session, int iterations, Skips skips, CancellationToken cancel)
    {
        var (context, source) = Context(session, Phase.Test, TrainStart.Fresh with { Iteration = iterations, Checkpoint = session.Settings.Train is null ? null : session.Folder.AllCheckpoints().LastOrDefault().Path });
        CheckClasses(session, context);
        void WriteFacts() => Facts.Write(new(RunFacts.Of(session, iterations), [.. Stages.FlowNote.All(session.Settings, source.Catalogue), .. skips.Sentences()]), session.Folder.Facts);
        WriteFacts();
        Station? Maybe(string stage) => session.Settings.Has(stage) ? Make(session, context, stage, skips) : null;
        var stations = new TestStations(
            Make(session, context, "decode", skips), Make(session, context, "flow", skips), Maybe("forward"), Maybe("evaluate"), Maybe("report"),
            session.Settings.Find("evaluate")?.Wants(typeof(FlowFrame)) ?? false);
        session.Status.Begin(Phase.Test, [.. stations.All.Select(station => station.Meter)], 0, source.Frames);
        var evaluation = await TestPhase.Run(stations, WriteFacts, cancel);
        session.Log.Note($"test done, {stations.Flow.Meter.Given} frames");
        return evaluation;
    }

    private static (StageContext Context, Source Source) Context(Session session, Phase phase, TrainStart start)
    {
        var source = OrThrow(session.Table.Open(session.Settings, phase));
        Facts.WriteCatalogue(source.Catalogue, session.Folder.Catalogue(phase));
        foreach (var note in source.Notes) session.Log.Warn(note);
        return (new(session.Settings, phase, session.Folder, source.Catalogue, start) { Warn = session.Log.Warn }, source);
    }

    /// <summary>A class is a number; it must mean the same thing in both phases.</summary>
    private static void CheckClasses(Session session, StageContext test)
    {
        if (session.Settings.Train is null) return;
        var trained = Facts.ReadCatalogue(session.Folder.Catalogue(Phase.Train)).Categories.Select(category => category.Name).ToList();
        var tested = test.Catalogue.Categories.Select(category => category.Name).ToList();
        if (!trained.SequenceEqual(tested))
        {
            throw new StartFailed(new("decode", $"training has the categories {string.Join(", ", trained)}; the test has {string.Join(", ", tested)}. Name them in one order with stages.decode.categories."));
        }
    }

    private static Station Make(Session session, StageContext context, string name, Skips skips)
    {
        var stage = session.Settings.Find(name)!;
        var copies = name == "forward" && context.Phase is Phase.Train ? 1 : stage.Placement.Copies;
        var workers = OrThrow(PlaceWorkers.Of(stage, context, session, copies));
        return new(name, workers, stage.Placement.Buffer, stage.Placement.OnError, new Meter(name, fault => skips.Add(context.Phase, fault)), TapOf(stage, context));
    }

    private static Tap? TapOf(StageSettings stage, StageContext context)
    {
        if (!stage.Placement.Record) return null;
        var folder = RecordingFolder.Of(context.Folder, context.Phase, context.Start);
        SealedJson.Write(folder.Start, context.Start);
        return new(stage.Name, folder);
    }

    private static T OrThrow<T>(Result<T, StartError> result) => result.Match(value => value, error => throw new StartFailed(error));

    private static double? SecondsPerIteration(RunFolder folder) =>
        Curve.Read(folder.Curve) is { IsEmpty: false } lines ? lines[^1].Point.Seconds / lines.Length : null;
}
