using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Runner.Streams;

/// <summary>
/// An arrow that parts: each message goes to every arm, to all but the first as a share of its tensors' storage. Nothing waits before the
/// arms: who writes waits for the fullest.
/// </summary>
internal sealed class Parted(IReadOnlyList<ChannelWriter<Message>> arms) : ChannelWriter<Message>
{
    /// <summary>Never: one of the arms may be full.</summary>
    public override bool TryWrite(Message item) => false;

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    public override async ValueTask WriteAsync(Message item, CancellationToken cancellationToken = default)
    {
        Message[] shares = [item, .. arms.Skip(1).Select(_ => item.Share())]; // before the first reader can dispose of it
        foreach (var (i, arm) in arms.Index())
            await arm.WriteAsync(shares[i], cancellationToken);
    }

    public override bool TryComplete(Exception? error = null) => arms.Aggregate(true, (all, arm) => arm.TryComplete(error) && all);
}

/// <summary>
/// A stream of messages to be read like an arrow: the next is made when the reader asks, so that nothing waits in it. A reader that gives
/// up waiting loses nothing: what it waited for is there for the next.
/// </summary>
internal sealed class Pulled(IAsyncEnumerable<Message> stream) : ChannelReader<Message>
{
    private readonly IAsyncEnumerator<Message> _stream = stream.GetAsyncEnumerator();
    private Task<bool>? _next;
    private bool _isThere;

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        _isThere = await (_next ??= _stream.MoveNextAsync().AsTask()).WaitAsync(cancellationToken);

    public override bool TryRead(out Message item)
    {
        item = null!;
        if (!_isThere)
            return false;
        (item, _next, _isThere) = (_stream.Current, null, false);
        return true;
    }
}

/// <summary>What joins arrows between stages.</summary>
internal static class Arrows
{
    /// <summary>
    /// Streams of equal length as one, a message of each in turn; where any is a fault, none of that turn. Stages answer one for one, so
    /// equal places belong together. Behind them what comes once, at the end.
    /// </summary>
    /// <param name="streams">One message a frame each.</param>
    /// <param name="atEnd">One message each, when the streams are through.</param>
    /// <param name="ending">Called when all have come.</param>
    /// <param name="isCut">Whether a failure ended the streams early, one perhaps before another: what has no counterpart then is
    /// dropped.</param>
    /// <exception cref="InvalidOperationException">They are not of equal length, and were not cut.</exception>
    public static async IAsyncEnumerable<Message> Join(
        IReadOnlyList<ChannelReader<Message>> streams,
        IReadOnlyList<ChannelReader<Message>> atEnd,
        Action ending,
        Func<bool> isCut,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        while (await Turn(streams, cancel) is { Length: > 0 } turn)
        {
            var isWhole = turn.Length == streams.Count && !turn.Any(message => message is Fault);
            foreach (var message in turn)
            {
                if (isWhole)
                    yield return message;
                else
                    message.Dispose();
            }

            if (turn.Length < streams.Count && !isCut())
                throw new InvalidOperationException("streams that belong together are not of equal length");
        }

        foreach (var once in atEnd)
        {
            await foreach (var message in once.ReadAllAsync(cancel))
            {
                if (message is not Fault)
                    yield return message;
            }
        }

        ending();
    }

    /// <summary>The next message of each stream that has one.</summary>
    private static async Task<Message[]> Turn(IReadOnlyList<ChannelReader<Message>> streams, CancellationToken cancel)
    {
        var turn = new List<Message>(streams.Count);
        foreach (var stream in streams)
        {
            if (await stream.WaitToReadAsync(cancel) && stream.TryRead(out var message))
                turn.Add(message);
        }

        return [.. turn];
    }
}
