using Motion.Contracts;
using Motion.Runner.Streams;

namespace Motion.Runner.Processes;

/// <summary>What a stage's process was sent and would have to be sent again if it died.</summary>
internal abstract class Ledger : IDisposable
{
    /// <summary>Waits until one more message may be on its way.</summary>
    public abstract Task Room(CancellationToken cancel);

    /// <summary>Takes a message that is about to be sent; it is the ledger's from now on.</summary>
    public abstract ValueTask Keep(Message message);

    /// <summary>Notes an answer, in order.</summary>
    public abstract void Answered();

    /// <summary>Whether <see cref="Again"/> is all that is needed.</summary>
    public virtual bool CanRepeat => true;

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
        lock (_pending)
            _pending.Enqueue(message);
        return ValueTask.CompletedTask;
    }

    public override void Answered()
    {
        lock (_pending)
            _pending.Dequeue().Dispose();
        _room.Release();
    }

    public override async IAsyncEnumerable<Message> Again([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        Message[] all;
        lock (_pending)
            all = [.. _pending];
        foreach (var message in all)
            yield return message;
        await Task.CompletedTask;
    }

    public override void Dispose()
    {
        _room.Dispose();
        foreach (var message in _pending)
            message.Dispose();
    }
}

/// <summary>
/// For a stage that answers at the end: all of its stream, on disk. What that will take is said when the first message is known; more than
/// is allowed is not kept, and the stage's process then cannot be started again.
/// </summary>
/// <param name="stage">The stage.</param>
/// <param name="path">The file; another name is made of it that no other run has.</param>
/// <param name="frames">Most frames that will come.</param>
/// <param name="most">Bytes that may be used.</param>
/// <param name="warn">Told what it will take, where that is much.</param>
internal sealed class SpoolLedger(string stage, string path, long frames, long most, Action<string> warn) : Ledger
{
    private const long Much = 256L << 20;
    private readonly string _path = WholeFile.Temporary(path);
    private RecordingWriter? _spool;
    private Message? _last;
    private long _messages;
    private bool _isGivenUp;

    public override bool CanRepeat => !_isGivenUp;

    public override Task Room(CancellationToken cancel) => Task.CompletedTask;

    public override async ValueTask Keep(Message message)
    {
        _last?.Dispose();
        _last = message;
        if (_messages++ == 0)
            Begin(message);
        if (_isGivenUp)
            return;
        (await _spool!.Append(message)).Match(
            unit => unit,
            error =>
                throw new StageStopped(
                    new(
                        -1,
                        stage,
                        $"{error.Describe()} Its stream is kept there while it runs in a process of its own: free some space, or let it run in the runner's.",
                        IsBug: false
                    )
                )
        );
        if (_messages % 16 == 0 && new FileInfo(_path + ".part").Length > most)
            GiveUp($"more than {most >> 20} MB");
    }

    private void Begin(Message first)
    {
        var bytes = first.Tensors.Sum(tensor => tensor.numel() * tensor.element_size()) * frames;
        if (bytes > most)
        {
            GiveUp($"some {bytes >> 20} MB, where run.spool allows {most >> 20}");
            return;
        }

        if (bytes > Much)
            warn(
                $"{stage} runs in a process of its own: its stream, some {bytes >> 20} MB, is kept in {Path.GetDirectoryName(path)} until it ends"
            );
        _spool = RecordingWriter
            .Create(_path)
            .Match(spool => spool, error => throw new StageStopped(new(-1, stage, error.Describe(), IsBug: false)));
    }

    private void GiveUp(string why)
    {
        _isGivenUp = true;
        Remove();
        warn(
            $"{stage} runs in a process of its own, and its stream takes {why}: it is not kept, and that process cannot be started again if it dies"
        );
    }

    public override void Answered() { }

    public override async IAsyncEnumerable<Message> Again([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (_spool is null)
            yield break;
        // The spool grows on, and so ends without an EndOfStream: that is the one error expected here.
        await foreach (var message in Recording.Read(_path + ".part", cancel: cancel))
        {
            if (message is Result<Message, WireError>.Ok(var again))
                yield return again;
        }
    }

    public override void Dispose()
    {
        _last?.Dispose();
        Remove();
    }

    private void Remove()
    {
        _spool?.Dispose();
        _spool = null;
        if (File.Exists(_path + ".part"))
            File.Delete(_path + ".part"); // Delete alone throws where its folder is not there
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
