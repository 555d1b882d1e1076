using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>A stage as the pipeline sees it: one message in, one out. A <see cref="Fault"/> passes through unchanged, so that order and count are kept.</summary>
internal delegate Message Step(Message message);

/// <summary>Stage functions -> workers on a thread of this process.</summary>
internal static class Steps
{
    /// <summary>A typed stage function as a step: a refusal becomes a fault, an exception a fault that is a bug.</summary>
    public static Step Of<TIn, TOut, TError>(string stage, Func<TIn, Result<TOut, TError>> function)
        where TIn : Message
        where TOut : Message
        where TError : IStageError => message => message switch
        {
            Fault fault => fault,
            TIn wanted => Guard(stage, message.Sequence, () => function(wanted).Match<Message>(answer => answer, error => new Fault(message.Sequence, stage, error.Describe(), IsBug: false))),
            _ => new Fault(message.Sequence, stage, $"{stage} takes {typeof(TIn).Name}, got {message.GetType().Name}", IsBug: true),
        };

    /// <summary>Runs a piece of a stage; an exception other than cancellation becomes a fault.</summary>
    public static Message Guard(string stage, long sequence, Func<Message> body)
    {
        try
        {
            return body();
        }
        catch (Exception e) when (Cli.NeedsRoom.Spent(e) is not null)
        {
            return new Fault(sequence, stage, Cli.NeedsRoom.Spent(e)!, IsBug: false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new Fault(sequence, stage, $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}", IsBug: true);
        }
    }

    /// <summary>A worker that answers each message with the step.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="prepare">Called first on the worker's thread.</param>
    /// <param name="step">The stage.</param>
    public static Worker Map(string stage, Action prepare, Step step) => (input, output, cancel) => OwnThread.Run(stage, () =>
    {
        prepare();
        foreach (var message in OwnThread.Messages(input, cancel)) OwnThread.Write(output, step(message), cancel);
    });

    /// <summary>A worker that takes nothing and emits a stream.</summary>
    public static Worker Source(string stage, Action prepare, Func<CancellationToken, IAsyncEnumerable<Message>> stream) => (_, output, cancel) => OwnThread.Run(stage, () =>
    {
        prepare();
        var messages = stream(cancel).GetAsyncEnumerator(cancel);
        try
        {
            while (true)
            {
                var ended = false;
                var next = Guard(stage, -1, () =>
                {
                    ended = !OwnThread.Block(messages.MoveNextAsync());
                    return ended ? new EndOfStream(0) : messages.Current;
                });
                if (ended) return;
                OwnThread.Write(output, next, cancel);
                if (next is Fault { IsBug: true }) return;
            }
        }
        finally
        {
            messages.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    });

    /// <summary>A worker that takes a stream and answers once.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="prepare">Called first on the worker's thread.</param>
    /// <param name="create">Makes the stage's fold.</param>
    /// <param name="items">What the stage is told, from the stream without its faults.</param>
    /// <param name="answer">From the stage's answer to a message.</param>
    public static Worker Fold<TIn, TState, TOut, TError>(
        string stage, Action prepare, Func<Fold<TIn, TState, TOut, TError>> create, Func<IEnumerable<Message>, IEnumerable<TIn>> items, Func<TOut, Message> answer)
        where TError : IStageError => (input, output, cancel) => OwnThread.Run(stage, () =>
    {
        prepare();
        var stream = OwnThread.Messages(input, cancel).Where(message => message is not Fault);
        OwnThread.Write(output, Guard(stage, -1, () => Run(create(), items(stream)).Match(answer, error => new Fault(-1, stage, error.Describe(), IsBug: false))), cancel);
    });

    private static Result<TOut, TError> Run<TIn, TState, TOut, TError>(Fold<TIn, TState, TOut, TError> fold, IEnumerable<TIn> items)
    {
        var state = fold.Start();
        foreach (var item in items)
        {
            switch (fold.Step(state, item))
            {
                case Result<TState, TError>.Ok(var next):
                    state = next;
                    break;
                case Result<TState, TError>.Error(var error):
                    return error;
            }
        }

        return fold.Finish(state);
    }
}
