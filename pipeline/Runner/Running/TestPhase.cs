using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;

namespace Motion.Runner.Running;

/// <summary>Every frame of the test stream once, in order, through whatever graph the settings make.</summary>
internal static class TestPhase
{
    /// <summary>
    /// Runs to the end of the stream. Where a stage fails on a frame and the run does not go on after it, the stages behind it end with
    /// what came before, so that what is finished is kept; then the failure is told.
    /// </summary>
    /// <param name="graph">The test's.</param>
    /// <param name="stationOf">Each of its stages.</param>
    /// <param name="ending">Called when all frames are through, before a stage that answers at the end does; with the failure that cut the
    /// stream short.</param>
    /// <param name="cancel">Stops everything at once.</param>
    /// <returns>The evaluation, where a stage gave one.</returns>
    /// <exception cref="StageStopped">A stage failed.</exception>
    public static async Task<Evaluation?> Run(
        Graph graph,
        Func<StageSettings, Station> stationOf,
        Action<Fault?> ending,
        CancellationToken cancel
    )
    {
        var (wiring, cut) = (new Wiring(), new Cut(graph));
        var arrows = new Dictionary<Edge, ChannelReader<Message>>(ReferenceEqualityComparer.Instance);
        Evaluation? evaluation = null;
        foreach (var stage in graph.Stages)
        {
            var (station, outgoing, isEnd) = (stationOf(stage), graph.OutOf(stage.Name).ToList(), graph.WorkOf(stage) is StageWork.Fold);
            var answers = wiring.Stage(
                station,
                Input(graph, stage, arrows, cut, () => ending(cut.Failure?.Fault)),
                arms: outgoing.Count + (isEnd || outgoing.Count == 0 ? 1 : 0),
                isEnd ? null : cut.Around(stage)
            );
            foreach (var (edge, arrow) in outgoing.Zip(answers))
                arrows[edge] = arrow;
            foreach (var unread in answers.Skip(outgoing.Count))
            {
                wiring.End(
                    unread,
                    message =>
                    {
                        evaluation = message as Evaluation ?? evaluation;
                        message.Dispose();
                    }
                );
            }
        }

        await Together.Run(cancel, wiring.Parts);
        return cut.Failure is { } failure ? throw new StageStopped(failure.Fault) : evaluation;
    }

    private static ChannelReader<Message> Input(
        Graph graph,
        StageSettings stage,
        Dictionary<Edge, ChannelReader<Message>> arrows,
        Cut cut,
        Action ending
    )
    {
        var into = graph.Into(stage.Name).ToList();
        if (graph.WorkOf(stage) is not StageWork.Fold)
            return into.Count == 0 ? Wiring.Nothing() : arrows[into[0]];
        bool ComesOnce(Edge edge) => graph.Stages.Any(giver => giver.Name == edge.From && graph.WorkOf(giver) is StageWork.Fold);
        return new Pulled(
            Arrows.Join(
                [.. into.Where(edge => !ComesOnce(edge)).Select(edge => arrows[edge])],
                [.. into.Where(ComesOnce).Select(edge => arrows[edge])],
                ending,
                () => cut.Failure is not null
            )
        );
    }

    /// <summary>A stream that a failure cut short: the stages before it are stopped, those behind it end as if the source had.</summary>
    private sealed class Cut(Graph graph)
    {
        private readonly Dictionary<string, CancellationTokenSource> _stops = graph.Stages.ToDictionary(
            stage => stage.Name,
            _ => new CancellationTokenSource()
        );
        private StageStopped? _failure;

        public StageStopped? Failure => Volatile.Read(ref _failure);

        /// <summary>Runs a stage so that its failure is kept, and the end of those before it is none.</summary>
        public Func<Func<CancellationToken, Task>, CancellationToken, Task> Around(StageSettings stage) =>
            async (run, cancel) =>
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stops[stage.Name].Token);
                try
                {
                    await run(both.Token);
                }
                catch (StageStopped stopped) when (!stopped.Fault.IsBug)
                {
                    Interlocked.CompareExchange(ref _failure, stopped, null);
                    foreach (var before in graph.Behind(stage.Name))
                        await _stops[before].CancelAsync();
                }
                catch (OperationCanceledException) when (_stops[stage.Name].IsCancellationRequested && !cancel.IsCancellationRequested)
                {
                    // What it was at is not wanted any more.
                }
            };
    }
}
