using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

/// <summary>
/// An arrow that parts: each message goes to every arm, to all but the first as a share of its tensors' storage. Nothing waits before the arms: who writes
/// waits for the fullest.
/// </summary>
internal sealed class Parted(IReadOnlyList<ChannelWriter<Message>> arms) : ChannelWriter<Message>
{
    /// <summary>Never: one of the arms may be full.</summary>
    public override bool TryWrite(Message item) => false;

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    public override async ValueTask WriteAsync(Message item, CancellationToken cancellationToken = default)
    {
        Message[] shares = [item, .. arms.Skip(1).Select(_ => item.Share())]; // before the first reader can dispose of it
        foreach (var (i, arm) in arms.Index()) await arm.WriteAsync(shares[i], cancellationToken);
    }

    public override bool TryComplete(Exception? error = null) => arms.Aggregate(true, (all, arm) => arm.TryComplete(error) && all);
}

/// <summary>
/// A stream of messages to be read like an arrow: the next is made when the reader asks, so that nothing waits in it. A reader that gives up waiting loses
/// nothing: what it waited for is there for the next.
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
        if (!_isThere) return false;
        (item, _next, _isThere) = (_stream.Current, null, false);
        return true;
    }
}

/// <summary>What joins arrows between stages.</summary>
internal static class Arrows
{
    /// <summary>
    /// Two streams of equal length as one, first and second in turn; where either is a fault, neither. Stages answer one for one, so equal
    /// places belong together.
    /// </summary>
    public static async IAsyncEnumerable<Message> Zip(ChannelReader<Message> first, ChannelReader<Message> second, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var a in first.ReadAllAsync(cancel))
        {
            var b = await second.ReadAsync(cancel);
            if (a is Fault || b is Fault)
            {
                a.Dispose();
                b.Dispose();
                continue;
            }

            yield return a;
            yield return b;
        }
    }
}
