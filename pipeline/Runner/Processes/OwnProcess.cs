using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;

namespace Motion.Runner.Processes;

/// <summary>A stage's process has gone and is not started again where it was.</summary>
internal sealed class ProcessLost(string stage, string how) : Exception($"the process of {stage} {how}")
{
    public string Stage { get; } = stage;
}

/// <summary>How a stage's process is started again after it died.</summary>
internal enum Recovery
{
    /// <summary>Sent again what it had not answered.</summary>
    Unanswered,

    /// <summary>Sent the whole stream again; it answers at the end.</summary>
    WholeStream,

    /// <summary>Told where its stream had come to.</summary>
    Position,

    /// <summary>Not here: the training as a whole goes on from its last checkpoint.</summary>
    None,
}

/// <summary>The runner's end of a stage in a process of its own, as a worker.</summary>
internal static class OwnProcess
{
    /// <summary>Deaths without an answer in between after which it is given up.</summary>
    public const int MostDeaths = 3;

    /// <summary>What a process may take to end after its stream has.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A process may take this many times the silence to make its stage: it reads weights.</summary>
    private const int StartSilences = 10;

    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    /// <param name="stage">The stage.</param>
    /// <param name="context">What it is made from, over there.</param>
    /// <param name="launch">Starts its process.</param>
    /// <param name="warn">Told when a process died and is started again.</param>
    /// <param name="stopping">The user's wish to stop: from then on nothing is started again, and silence is borne for <see cref="Grace"/>
    /// only.</param>
    public static Worker Of(
        StageSettings stage,
        RunContext context,
        Launch launch,
        Action<string> warn,
        CancellationToken stopping = default
    ) =>
        async (input, output, cancel) =>
        {
            var recovery = RecoveryOf(stage, context.Phase);
            using Ledger ledger = recovery switch
            {
                Recovery.Unanswered => new PendingLedger(Math.Max(1, stage.Placement.Buffer)),
                Recovery.WholeStream => new SpoolLedger(
                    stage.Name,
                    Path.Combine(context.Folder.Cache, $"spool-{stage.Name}"),
                    context.Catalogue.Clips.Sum(clip => (long)clip.Frames),
                    (long)context.Settings.Run.Spool << 20,
                    warn
                ),
                _ => new NoLedger(),
            };
            var conversation = new Conversation(stage, context, ledger, input, output);
            for (var deaths = 0; ; )
            {
                using var socket = new ListeningSocket(); // one a process: what a dead one left in its queue is not taken for the next
                var plan = new ChildPlan(context.Folder.Root, context.Phase, stage.Name, socket.Address, conversation.Start);
                var (ended, how, answers) = await WithWatch(
                    launch(plan),
                    TimeSpan.FromSeconds(context.Settings.Run.Silence),
                    child => conversation.With(child, socket, cancel),
                    stopping
                );
                if (ended)
                    return;
                stopping.ThrowIfCancellationRequested();
                deaths = answers > 0 ? 1 : deaths + 1;
                if (!ledger.CanRepeat)
                    throw new StageStopped(
                        new(
                            -1,
                            stage.Name,
                            $"its process {how}, and its stream was not kept (run.spool), so that it cannot be started again; the test is done again with --resume",
                            IsBug: false
                        )
                    );
                if (recovery is Recovery.None)
                    throw new ProcessLost(stage.Name, how);
                if (deaths >= MostDeaths)
                    throw new StageStopped(
                        new(-1, stage.Name, $"its process died {deaths} times without an answer in between; it {how}", IsBug: true)
                    );
                warn($"the process of {stage.Name} {how}; starting it again");
            }
        };

    public static Recovery RecoveryOf(StageSettings stage, Phase phase) =>
        stage.Kind.In(phase)!.Work switch
        {
            StageWork.Source => Recovery.Position,
            StageWork.Map => Recovery.Unanswered,
            StageWork.Fold => Recovery.WholeStream,
            StageWork.Trainer => Recovery.None,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>
    /// Ends a process that gives no sign of life. Counted is the time that this process is awake itself: after both were stopped and go on,
    /// nobody is late.
    /// </summary>
    private static async Task<(bool Ended, string How, long Answers)> WithWatch(
        Child child,
        TimeSpan silence,
        Func<Child, Task<(bool, string, long)>> serve,
        CancellationToken stopping
    )
    {
        using var served = new CancellationTokenSource();
        var watch = Watch(child, silence, stopping, served.Token);
        try
        {
            var (ended, how, answers) = await serve(child);
            await served.CancelAsync();
            return (ended, await watch ?? how, answers);
        }
        finally
        {
            await served.CancelAsync();
            await watch;
        }
    }

    /// <returns>What is to be said of a process that was ended for its silence; null where it was not.</returns>
    private static async Task<string?> Watch(Child child, TimeSpan silence, CancellationToken stopping, CancellationToken served)
    {
        var (seen, silent) = (child.Signs(), TimeSpan.Zero);
        while (!served.IsCancellationRequested && !child.Exited.IsCompleted)
        {
            await Task.WhenAny(Task.Delay(ChildProcess.PulseEvery, served), child.Exited);
            silent = child.Signs() == seen ? silent + ChildProcess.PulseEvery : TimeSpan.Zero;
            seen = child.Signs();
            var most = seen == 0 ? silence * StartSilences : silence; // the runtime and its libraries are loaded before the first sign
            if (silent < most && !(stopping.IsCancellationRequested && silent >= Grace))
                continue;
            child.Kill();
            return string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"gave no sign of life for {silent.TotalSeconds:0.#} s and was ended"
            );
        }

        return null;
    }

    /// <summary>The stage's stream, over however many processes it takes.</summary>
    private sealed class Conversation(
        StageSettings stage,
        RunContext context,
        Ledger ledger,
        ChannelReader<Message> input,
        ChannelWriter<Message> output
    )
    {
        private long _sent;
        private long _position = context.Start.Sequence;

        private bool IsSource => stage.Kind.In(context.Phase)!.Work is StageWork.Source;

        /// <summary>Where the next process begins.</summary>
        public StreamStart Start => IsSource ? context.Start with { Sequence = _position } : context.Start;

        /// <returns>Whether the stream came to its end; if not, how the process went, and how many answers it had given.</returns>
        public async Task<(bool Ended, string How, long Answers)> With(Child child, ListeningSocket socket, CancellationToken cancel)
        {
            try
            {
                if (await Connected(child, socket, cancel) is not { } link)
                    return (false, await child.Exited, 0);
                await using var _ = link;
                if (await Greet(child, link, TimeSpan.FromSeconds(context.Settings.Run.Silence * StartSilences), cancel) is { } silence)
                    return (false, silence, 0);
                var answers = await Serve(link, cancel);
                return answers is { } given ? (false, await Gone(child), given) : (true, await Ended(child), 0);
            }
            catch
            {
                child.Kill();
                throw;
            }
        }

        private static async Task<string> Gone(Child child)
        {
            await Task.WhenAny(child.Exited, Task.Delay(LastWords)); // what ends it may end the connection first
            child.Kill(); // a process whose connection broke is of no use, even if it lives
            return await child.Exited;
        }

        private static async Task<string> Ended(Child child)
        {
            await Task.WhenAny(child.Exited, Task.Delay(Grace));
            child.Kill();
            return await child.Exited;
        }

        private static async Task<Link?> Connected(Child child, ListeningSocket socket, CancellationToken cancel)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var accept = socket.Accept(stop.Token).AsTask();
            // A process that refuses its stage is gone so soon that its last words may still be on their way.
            if (await Task.WhenAny(accept, child.Exited) == accept || await Task.WhenAny(accept, Task.Delay(LastWords, cancel)) == accept)
                return new Link(await accept, "the stage's process");
            await stop.CancelAsync();
            return null;
        }

        /// <returns>How the process went that went before it introduced itself; null where it did.</returns>
        private async Task<string?> Greet(Child child, Link link, TimeSpan most, CancellationToken cancel)
        {
            var mine = Handshakes.Of(stage, context.Settings);
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            late.CancelAfter(most);
            Result<Message, WireError> first;
            try
            {
                first = await link.Receive(late.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                child.Kill();
                return $"did not introduce itself within {most.TotalSeconds:0} s and was ended";
            }

            switch (first)
            {
                case Result<Message, WireError>.Ok(Handshake other) when Handshakes.Disagreement(mine, other) is { } problem:
                    throw new StartFailed(new(stage.Name, $"the runner and the stage's process do not fit: {problem}"));
                case Result<Message, WireError>.Ok(Handshake):
                    await link.Send(mine, cancel);
                    return null;
                case Result<Message, WireError>.Ok(Fault fault):
                    throw new StartFailed(new(stage.Name, fault.Text));
                case Result<Message, WireError>.Error:
                    return $"{await Gone(child)}, before it had introduced itself";
                default:
                    throw new StartFailed(new(stage.Name, "its process began with something other than a handshake"));
            }
        }

        /// <returns>Null at the end of the stream, else the answers until the connection broke.</returns>
        private async Task<long?> Serve(Link link, CancellationToken cancel)
        {
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var sending = Send(link, broken);
            var answers = 0L;
            try
            {
                while (await link.Receive(broken.Token) is Result<Message, WireError>.Ok(var message))
                {
                    if (message is EndOfStream)
                        return null;
                    answers++;
                    await Answer(message, cancel);
                }

                return answers;
            }
            finally
            {
                await broken.CancelAsync();
                await Settle(sending, broken.Token);
            }
        }

        private async Task Answer(Message message, CancellationToken cancel)
        {
            ledger.Answered();
            _position = message.Sequence;
            await output.WriteAsync(message, cancel);
        }

        private async Task Send(Link link, CancellationTokenSource broken)
        {
            try
            {
                await Send(link, broken.Token);
            }
            catch
            {
                await broken.CancelAsync();
                throw;
            }
        }

        private async Task Send(Link link, CancellationToken cancel)
        {
            await foreach (var message in ledger.Again(cancel))
            {
                if (!await link.Send(message, cancel))
                    return;
            }

            while (await input.WaitToReadAsync(cancel))
            {
                await ledger.Room(cancel);
                if (!input.TryRead(out var message))
                    throw new InvalidOperationException("an arrow has one reader");
                await ledger.Keep(message);
                _sent++;
                if (!await link.Send(message, cancel))
                    return;
            }

            await link.Send(new EndOfStream(_sent), cancel);
        }

        private static async Task Settle(Task task, CancellationToken cancelled)
        {
            try
            {
                await task;
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
                // The connection broke, or the run stops.
            }
        }
    }
}
