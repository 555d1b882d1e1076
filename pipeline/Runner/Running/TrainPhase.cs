using System.Collections.Immutable;
using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;

namespace Motion.Runner.Running;

/// <summary>What a training is to do.</summary>
/// <param name="Settings">Iterations and batch.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="LearningRate">Rate of an iteration's step, for the curve.</param>
/// <param name="Reached">Told each iteration, before its step is taken.</param>
/// <param name="Clock">For the curve's seconds.</param>
internal sealed record TrainPlan(
    TrainSettings Settings,
    StreamStart Start,
    Func<int, double> LearningRate,
    Action<CurveLine> Reached,
    TimeProvider Clock
);

/// <summary>
/// Frames to the trainer, its predictions through the loop that answers them with gradients, until the iterations are done or the user
/// stops.
/// </summary>
internal static class TrainPhase
{
    private const int MostFailuresInARow = 1000;

    /// <param name="graph">The training's.</param>
    /// <param name="stationOf">Each of its stages.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="stopSoon">Ends the training after the iteration at hand; the trainer then writes a checkpoint.</param>
    /// <param name="cancel">Ends everything at once.</param>
    /// <returns>The iterations taken, over all sittings.</returns>
    /// <exception cref="StageStopped">A stage failed; where it was one that brings the frames, the trainer has written a checkpoint of all
    /// iterations before.</exception>
    public static async Task<int> Run(
        Graph graph,
        Func<StageSettings, Station> stationOf,
        TrainPlan plan,
        CancellationToken stopSoon,
        CancellationToken cancel
    )
    {
        var (upstream, wiring) = (new Wiring(), new Wiring());
        var (trainer, loop) = (graph.Trainer!, graph.Loop());
        var frames = graph
            .Stages.TakeWhile(stage => stage != trainer)
            .Aggregate(Wiring.Nothing(), (stream, stage) => upstream.Stage(stationOf(stage), stream));
        var (toForward, toLoss) = (Arrow.Of(1), Arrow.Of(1)); // a batch waits in the arrow before the trainer's
        var predictions = wiring.Stage(stationOf(trainer), toForward.Reader);
        var gradients = loop.Aggregate(toLoss.Reader, (stream, stage) => wiring.Stage(stationOf(stage), stream));
        var driver = new Driver(graph, plan, frames, toForward.Writer, predictions, toLoss.Writer, gradients);
        var iterations = plan.Start.Iteration;
        using var enough = new CancellationTokenSource();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        StageStopped? failed = null;
        await Together.Run(
            cancel,
            [
                .. wiring.Parts,
                async token =>
                {
                    try
                    {
                        await UntilEnough(both => Together.Run(both, upstream.Parts), enough.Token, token);
                    }
                    catch (StageStopped e)
                    {
                        failed = e; // told when what was learned before is kept
                    }
                    finally
                    {
                        ended.SetResult();
                    }
                },
                async token =>
                {
                    iterations = await driver.Run(stopSoon, token);
                    toForward.Writer.Complete();
                    toLoss.Writer.Complete();
                    await driver.Finish(token);
                    await enough.CancelAsync();
                    await ended.Task;
                },
            ]
        );
        return failed is null ? iterations : throw new StageStopped(failed.Fault);
    }

    private static async Task UntilEnough(Func<CancellationToken, Task> run, CancellationToken enough, CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(enough, cancel);
        try
        {
            await run(both.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // The frames that were under way are not needed any more.
        }
    }

    /// <summary>Carries frames to the trainer, its predictions to the loss, and the gradients back: the trainer's one stream.</summary>
    private sealed class Driver(
        Graph graph,
        TrainPlan plan,
        ChannelReader<Message> frames,
        ChannelWriter<Message> toForward,
        ChannelReader<Message> predictions,
        ChannelWriter<Message> toLoss,
        ChannelReader<Message> gradients
    )
    {
        private readonly long _begun = plan.Clock.GetTimestamp();
        private Fault? _last;

        public async Task<int> Run(CancellationToken stopSoon, CancellationToken cancel)
        {
            var iteration = plan.Start.Iteration;
            var batch = plan.Start.Batch;
            while (iteration < plan.Settings.Iterations && !stopSoon.IsCancellationRequested)
            {
                if (await SendBatch(iteration, stopSoon, cancel) is not { } sequence)
                    break;
                if (await Answer(predictions, cancel) is Prediction prediction)
                {
                    await toLoss.WriteAsync(prediction, cancel);
                    if (await Answer(gradients, cancel) is Gradient gradient)
                    {
                        plan.Reached(Line(iteration, batch, sequence, gradient.Terms));
                        await toForward.WriteAsync(gradient, cancel);
                        iteration++;
                    }
                }

                batch++;
            }

            return iteration;
        }

        /// <summary>Waits for the trainer's last word.</summary>
        public async Task Finish(CancellationToken cancel)
        {
            await foreach (var message in predictions.ReadAllAsync(cancel))
            {
                if (message is Fault fault)
                    throw new StageStopped(fault);
                message.Dispose();
            }
        }

        private CurveLine Line(int iteration, long batch, long sequence, ImmutableArray<LossTerm> terms) =>
            new(
                new(iteration, terms, plan.LearningRate(iteration), plan.Start.Seconds + plan.Clock.GetElapsedTime(_begun).TotalSeconds),
                batch,
                sequence
            );

        /// <summary>Gives the trainer the next frames; null where the user stops before the batch is full.</summary>
        private async Task<long?> SendBatch(int iteration, CancellationToken stopSoon, CancellationToken cancel)
        {
            var sequence = -1L;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopSoon, cancel);
            for (int sent = 0, failed = 0; sent < plan.Settings.Batch; )
            {
                try
                {
                    if (!await frames.WaitToReadAsync(either.Token))
                        throw new StageStopped(Ended(iteration));
                }
                catch (Exception)
                    when (frames.Completion.IsCompleted && !frames.Completion.IsCompletedSuccessfully && !cancel.IsCancellationRequested)
                {
                    return null; // what broke upstream is told by whoever runs it
                }
                catch (OperationCanceledException) when (stopSoon.IsCancellationRequested && !cancel.IsCancellationRequested)
                {
                    return null;
                }

                var message = await frames.ReadAsync(cancel);
                if (message is Fault fault)
                {
                    if (++failed >= MostFailuresInARow)
                        throw new StageStopped(fault with { Text = $"{failed} frames in a row cannot be used; the last: {fault.Text}" });
                    continue;
                }

                (sequence, failed) = (message.Sequence, 0);
                await toForward.WriteAsync(message, cancel);
                sent++;
            }

            return sequence;
        }

        private Fault Ended(int iteration) =>
            new(
                -1,
                graph.Source!.Name,
                $"the source ended at iteration {iteration} of {plan.Settings.Iterations}: too few frames for a batch of {plan.Settings.Batch}. Lower train.batch, or give more frames.",
                IsBug: false
            );

        private async Task<Message> Answer(ChannelReader<Message> from, CancellationToken cancel)
        {
            if (!await from.WaitToReadAsync(cancel))
                throw new StageStopped(_last ?? new Fault(-1, graph.Trainer!.Name, "the trainer ended before its time", IsBug: true));
            var answer = await from.ReadAsync(cancel);
            _last = answer as Fault ?? _last;
            return answer;
        }
    }
}
