using Motion.Contracts;

namespace Motion.Pipeline.Processes;

/// <summary>What a stage's process was sent and would have to be sent again if it died.</summary>
internal abstract class Ledger : IDisposable
{
    /// <summary>Waits until one more message may be on its way.</summary>
    public abstract Task Room(CancellationToken cancel);

    /// <summary>Takes a message that is about to be sent; it is the ledger's from now on.</summary>
    public abstract ValueTask Keep(Message message);

    /// <summary>Notes an answer, in order.</summary>
    public abstract void Answered();

    /// <summary>Everything unanswered, oldest first.</summary>
    public abstract IAsyncEnumerable<Message> Again(CancellationToken cancel);

    public abstract void Dispose();
}

/// <summary>For a stage that answers each message: at most so many are under way, and those are kept.</summary>
internal sealed class PendingLedger(int most) : Ledger
{
    private readonly SemaphoreSlim _room = new(most);
    private readonly Queue<Message> _pending = [];

    public override Task Room(CancellationToken cancel) => _room.WaitAsync(cancel);

    public override ValueTask Keep(Message message)
    {
        lock (_pending) _pending.Enqueue(message);
        return ValueTask.CompletedTask;
    }

    public override void Answered()
    {
        lock (_pending) _pending.Dequeue().Dispose();
        _room.Release();
    }

    public override async IAsyncEnumerable<Message> Again([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        Message[] all;
        lock (_pending) all = [.. _pending];
        foreach (var message in all) yield return message;
        await Task.CompletedTask;
    }

    public override void Dispose()
    {
        _room.Dispose();
        foreach (var message in _pending) message.Dispose();
    }
}

/// <summary>For a stage that answers at the end: all of the stream, on disk.</summary>
internal sealed class SpoolLedger(string path) : Ledger
{
    private readonly RecordingWriter _spool = RecordingWriter.Create(path).OrThrow();
    private Message? _last;

    public override Task Room(CancellationToken cancel) => Task.CompletedTask;

    public override async ValueTask Keep(Message message)
    {
        _last?.Dispose();
        _last = message;
        (await _spool.Append(message)).OrThrow();
    }

    public override void Answered() { }

    public override async IAsyncEnumerable<Message> Again([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        // The spool grows on, and so ends without an EndOfStream: that is the one error expected here.
        await foreach (var message in Recording.Read(path + ".part", cancel: cancel))
        {
            if (message is Result<Message, WireError>.Ok(var again)) yield return again;
        }
    }

    public override void Dispose()
    {
        _last?.Dispose();
        _spool.Dispose();
        File.Delete(path + ".part");
    }
}

/// <summary>For a stage whose process is not started again where it was (the trainer), or that is sent nothing (a source).</summary>
internal sealed class NoLedger : Ledger
{
    private Message? _last;

    public override Task Room(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>A message must outlive its sending, not more.</summary>
    public override ValueTask Keep(Message message)
    {
        _last?.Dispose();
        _last = message;
        return ValueTask.CompletedTask;
    }

    public override void Answered() { }

    public override async IAsyncEnumerable<Message> Again([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        yield break;
    }

    public override void Dispose() => _last?.Dispose();
}
