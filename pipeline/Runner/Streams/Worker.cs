using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Runner.Streams;

/// <summary>
/// Whatever turns a stream of messages into another: a stage on a thread of this process, or a process of its own.
/// Returns when the input has ended and everything is answered; does not complete <paramref name="output"/> itself.
/// </summary>
internal delegate Task Worker(ChannelReader<Message> input, ChannelWriter<Message> output, CancellationToken cancel);

/// <summary>
/// A thread that belongs to one stage. Dispose scopes and libtorch's thread count are per thread, so tensor code stays on one.
/// </summary>
internal static class OwnThread
{
    /// <summary>Runs the body on a new thread; the task ends with it.</summary>
    public static Task Run(string name, Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                body();
                done.SetResult();
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>All messages of a channel, blocking this thread while there is none.</summary>
    public static IEnumerable<Message> Messages(ChannelReader<Message> input, CancellationToken cancel)
    {
        while (Block(input.WaitToReadAsync(cancel)))
        {
            while (input.TryRead(out var message))
                yield return message;
        }
    }

    /// <summary>Writes, blocking this thread while the channel is full.</summary>
    public static void Write(ChannelWriter<Message> output, Message message, CancellationToken cancel)
    {
        if (!output.TryWrite(message))
            output.WriteAsync(message, cancel).AsTask().GetAwaiter().GetResult();
    }

    public static T Block<T>(ValueTask<T> task) =>
        task.IsCompleted ? task.GetAwaiter().GetResult() : task.AsTask().GetAwaiter().GetResult();
}

internal static class Arrow
{
    /// <summary>An arrow of the graph: bounded, and a full one makes its writer wait.</summary>
    public static Channel<Message> Of(int capacity) =>
        Channel.CreateBounded<Message>(
            new BoundedChannelOptions(capacity)
            {
                FullMode = BoundedChannelFullMode.Wait,
                SingleReader = true,
                SingleWriter = true,
            }
        );
}

internal static class Together
{
    /// <summary>Runs all parts at once. When one fails the others are cancelled; the first failure is thrown when all have ended.</summary>
    public static async Task Run(CancellationToken cancel, params IReadOnlyList<Func<CancellationToken, Task>> parts)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Exception? first = null;
        async Task Guarded(Func<CancellationToken, Task> part)
        {
            try
            {
                await part(stop.Token);
            }
            catch (Exception e)
            {
                if (e is not OperationCanceledException || !stop.IsCancellationRequested)
                    Interlocked.CompareExchange(ref first, e, null);
                await stop.CancelAsync();
            }
        }

        await Task.WhenAll(parts.Select(Guarded));
        if (first is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        cancel.ThrowIfCancellationRequested();
    }
}
