using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Runner.Streams;

/// <summary>
/// A stage as the pipeline sees it: one message in, one out. A <see cref="Fault"/> passes through unchanged, so that order and count are
/// kept.
/// </summary>
internal delegate Message Step(Message message);

/// <summary>Stage functions -> workers on a thread of this process.</summary>
internal static class Steps
{
    /// <summary>A stage function as a step: a refusal becomes a fault, an exception a fault that is a bug.</summary>
    public static Step Of(string stage, Func<Message, Result<Message, IStageError>> function) =>
        message =>
            message is Fault
                ? message
                : Guard(
                    stage,
                    message.Sequence,
                    () =>
                        function(message)
                            .Match(answer => answer, error => new Fault(message.Sequence, stage, error.Describe(), IsBug: false))
                );

    /// <summary>Runs a piece of a stage; an exception other than cancellation becomes a fault.</summary>
    public static Message Guard(string stage, long sequence, Func<Message> body)
    {
        try
        {
            return body();
        }
        catch (Exception e) when (Memory.Spent(e) is not null)
        {
            return new Fault(sequence, stage, Memory.Spent(e)!, IsBug: false);
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
    public static Worker Map(string stage, Action prepare, Step step) =>
        (input, output, cancel) =>
            OwnThread.Run(
                stage,
                () =>
                {
                    prepare();
                    foreach (var message in OwnThread.Messages(input, cancel))
                        OwnThread.Write(output, step(message), cancel);
                }
            );

    /// <summary>A worker that takes nothing and emits a stream.</summary>
    public static Worker Source(string stage, Action prepare, Func<CancellationToken, IAsyncEnumerable<Message>> stream) =>
        (_, output, cancel) =>
            OwnThread.Run(
                stage,
                () =>
                {
                    prepare();
                    var messages = stream(cancel).GetAsyncEnumerator(cancel);
                    try
                    {
                        while (true)
                        {
                            var ended = false;
                            var next = Guard(
                                stage,
                                -1,
                                () =>
                                {
                                    ended = !OwnThread.Block(messages.MoveNextAsync());
                                    return ended ? new EndOfStream(0) : messages.Current;
                                }
                            );
                            if (ended)
                                return;
                            OwnThread.Write(output, next, cancel);
                            if (next is Fault { IsBug: true })
                                return;
                        }
                    }
                    finally
                    {
                        messages.DisposeAsync().AsTask().GetAwaiter().GetResult();
                    }
                }
            );

    /// <summary>A worker that takes a stream, without its faults, and answers once.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="prepare">Called first on the worker's thread.</param>
    /// <param name="answer">The stage.</param>
    public static Worker Fold(string stage, Action prepare, Func<IEnumerable<Message>, Result<Message, IStageError>> answer) =>
        (input, output, cancel) =>
            OwnThread.Run(
                stage,
                () =>
                {
                    prepare();
                    var stream = OwnThread.Messages(input, cancel).Where(message => message is not Fault);
                    OwnThread.Write(
                        output,
                        Guard(
                            stage,
                            -1,
                            () => answer(stream).Match(given => given, error => new Fault(-1, stage, error.Describe(), IsBug: false))
                        ),
                        cancel
                    );
                }
            );
}
