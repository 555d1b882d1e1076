using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Processes;
using Motion.Runner.Recordings;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;

namespace Motion.Runner.Running;

/// <summary>A run with all it needs from outside.</summary>
/// <param name="Settings">What to run.</param>
/// <param name="Folder">Where it is kept.</param>
/// <param name="Table">The stages there are.</param>
/// <param name="Status">Where the display looks.</param>
/// <param name="Log">What happened.</param>
/// <param name="Clock">For seconds in curves.</param>
/// <param name="Launch">Starts a stage's process.</param>
internal sealed record Session(
    PipelineSettings Settings,
    RunFolder Folder,
    StageTable Table,
    RunStatus Status,
    RunLog Log,
    TimeProvider Clock,
    Launch Launch
)
{
    /// <summary>The user's wish to stop.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Given the evaluation and what it is of, to be written down.</summary>
    public Action<Evaluation, Catalogue> Evaluated { get; init; } = (_, _) => { };
}

/// <summary>How a run ended.</summary>
/// <param name="Evaluation">Where it evaluated.</param>
/// <param name="Iterations">Steps taken, over all sittings.</param>
/// <param name="SecondsPerIteration">Of the whole training; null without one.</param>
/// <param name="Skipped">Sentences on what was left out.</param>
internal sealed record Outcome(Evaluation? Evaluation, int Iterations, double? SecondsPerIteration, ImmutableArray<string> Skipped);

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
        var evaluation = Graph.Of(settings, Phase.Test) is { Stages.IsEmpty: false } graph
            ? await Test(session, graph, iterations, skips, stopSoon)
            : null;
        if (evaluation is not null)
            session.Evaluated(evaluation, Facts.ReadCatalogue(session.Folder.Catalogue(Phase.Test)));
        return new(evaluation, iterations, SecondsPerIteration(session.Folder), skips.Sentences());
    }

    /// <summary>Trains; where the trainer's process dies, goes on from its last checkpoint.</summary>
    private static async Task<int> TrainAgain(Session session, TrainSettings plan, Skips skips, CancellationToken stopSoon)
    {
        for (var (deaths, before) = (0, -1); ; )
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

    private static async Task<int> Train(Session session, TrainSettings plan, StreamStart start, Skips skips, CancellationToken stopSoon)
    {
        if (start.Iteration >= plan.Iterations)
        {
            session.Log.Note($"the training is done already: {start.Iteration} of {plan.Iterations} iterations");
            return start.Iteration;
        }

        var graph = Graph.Of(session.Settings, Phase.Train);
        var (context, source) = Context(session, graph, start);
        session.Log.Note(
            $"training from iteration {start.Iteration} to {plan.Iterations}; {source.Catalogue.Clips.Length} clips, {source.Catalogue.Categories.Length} categories"
        );
        var stations = Stations(session, graph, context, skips);
        session.Status.Begin(Phase.Train, [.. graph.Stages.Select(stage => stations[stage.Name].Meter)], start.Iteration, plan.Iterations);
        var curve = Curve.Open(session.Folder.Curve);
        var (trainer, options) = ((StageWork.Trainer)graph.WorkOf(graph.Trainer!), graph.Trainer!.Options[Phase.Train]);
        var train = new TrainPlan(plan, start, iteration => trainer.LearningRate(options, iteration), Reached, session.Clock);
        var iterations = await TrainPhase.Run(graph, stage => stations[stage.Name], train, stopSoon, CancellationToken.None);
        session.Log.Note($"trained to iteration {iterations}");
        return iterations;

        void Reached(CurveLine line)
        {
            curve = Curve.Append(session.Folder.Curve, curve, line);
            session.Status.Reached(line.Point);
        }
    }

    private static async Task<Evaluation?> Test(Session session, Graph graph, int iterations, Skips skips, CancellationToken cancel)
    {
        var (context, source) = Context(
            session,
            graph,
            StreamStart.Fresh with
            {
                Iteration = iterations,
                Checkpoint = session.Settings.Train is null ? null : session.Folder.AllCheckpoints().LastOrDefault().Path,
            }
        );
        CheckClasses(session, graph, context);
        void WriteFacts(Fault? cut) =>
            Facts.Write(
                new(
                    RunFacts.Of(session, iterations),
                    [
                        .. cut is null
                            ? Array.Empty<string>()
                            :
                            [
                                $"The test ended before its time, and all that is shown is of the frames before that: {cut.Stage}: {cut.Text}",
                            ],
                        .. session.Table.Notes(session.Settings),
                        .. Notes(graph, source.Catalogue),
                        .. skips.Sentences(),
                    ]
                ),
                session.Folder.Facts
            );
        WriteFacts(null);
        var stations = Stations(session, graph, context, skips);
        session.Status.Begin(Phase.Test, [.. graph.Stages.Select(stage => stations[stage.Name].Meter)], 0, source.Frames);
        var evaluation = await TestPhase.Run(graph, stage => stations[stage.Name], WriteFacts, cancel);
        session.Log.Note($"test done, {stations[graph.Source!.Name].Meter.Given} frames");
        return evaluation;
    }

    private static (RunContext Context, OpenedSource Source) Context(Session session, Graph graph, StreamStart start)
    {
        var context = new RunContext(session.Settings, graph.Phase, session.Folder, new([], []), start) { Warn = session.Log.Warn };
        var source = OrThrow(MakeStage.Open(graph.Source!, context));
        Facts.WriteCatalogue(source.Catalogue, session.Folder.Catalogue(graph.Phase));
        foreach (var note in source.Notes)
            session.Log.Warn($"{graph.Source!.Name}: {note}");
        foreach (var note in Notes(graph, source.Catalogue))
            session.Log.Warn(note);
        return (context with { Catalogue = source.Catalogue }, source);
    }

    /// <summary>What the stages say will be done with these clips.</summary>
    private static IEnumerable<string> Notes(Graph graph, Catalogue catalogue) =>
        graph.Stages.SelectMany(stage => stage.Kind.Notes?.Invoke(stage.Options[graph.Phase], catalogue) ?? []);

    /// <summary>A class is a number; it must mean the same thing in both phases.</summary>
    private static void CheckClasses(Session session, Graph graph, RunContext test)
    {
        if (session.Settings.Train is null)
            return;
        var trained = Facts.ReadCatalogue(session.Folder.Catalogue(Phase.Train)).Categories.Select(category => category.Name).ToList();
        var tested = test.Catalogue.Categories.Select(category => category.Name).ToList();
        if (!trained.SequenceEqual(tested))
        {
            var source = graph.Source!.Name;
            throw new StartFailed(
                new(
                    source,
                    $"training has the categories {string.Join(", ", trained)}; the test has {string.Join(", ", tested)}. Name them in one order with stages.{source}.categories."
                )
            );
        }
    }

    private static Dictionary<string, Station> Stations(Session session, Graph graph, RunContext context, Skips skips) =>
        graph.Stages.ToDictionary(
            stage => stage.Name,
            stage =>
            {
                // a trainer is one, whatever the test has of it
                var copies = graph.WorkOf(stage) is StageWork.Map ? stage.Placement.Copies : 1;
                var workers = OrThrow(PlaceWorkers.Of(stage, context, session, copies));
                return new Station(
                    stage.Name,
                    workers,
                    stage.Placement.Buffer,
                    stage.Placement.OnError,
                    new Meter(stage.Name, fault => skips.Add(context.Phase, fault))
                    {
                        AnswersAtEnd = graph.WorkOf(stage) is StageWork.Fold,
                    },
                    TapOf(stage, context)
                );
            }
        );

    private static Tap? TapOf(StageSettings stage, RunContext context)
    {
        if (!stage.Placement.Record)
            return null;
        var folder = RecordingFolder.Of(context.Folder, context.Phase, context.Start);
        SealedJson.Write(folder.Start, context.Start);
        return new(stage.Name, folder);
    }

    private static T OrThrow<T>(Result<T, StartError> result) => result.Match(value => value, error => throw new StartFailed(error));

    private static double? SecondsPerIteration(RunFolder folder) =>
        Curve.Read(folder.Curve) is { IsEmpty: false } lines ? lines[^1].Point.Seconds / lines.Length : null;
}
