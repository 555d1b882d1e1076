using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Settings;
using Motion.Runner.Streams;

namespace Motion.Runner.Stations;

/// <summary>Whose turn it is among the copies of a stage: each in order, those left out that have ended.</summary>
internal sealed class Turns(int lanes) : IDisposable
{
    private readonly SemaphoreSlim[] _mine = [.. Enumerable.Range(0, lanes).Select(lane => new SemaphoreSlim(lane == 0 ? 1 : 0))];
    private readonly bool[] _left = new bool[lanes];
    private int _turn;

    /// <summary>Waits for a lane's turn, and takes it.</summary>
    public Task Take(int lane, CancellationToken cancel) => _mine[lane].WaitAsync(cancel);

    /// <summary>Gives the turn to the next. Only for a lane that has taken it.</summary>
    public void Pass(int lane)
    {
        lock (_left)
            Next(lane);
    }

    /// <summary>A lane takes no more turns. One that it has not passed on, or that would come to it, goes to the next.</summary>
    public void Leave(int lane)
    {
        lock (_left)
        {
            _left[lane] = true;
            if (_turn == lane)
                Next(lane);
        }
    }

    private void Next(int lane)
    {
        for (var step = 1; step <= lanes; step++)
        {
            var next = (lane + step) % lanes;
            if (_left[next])
                continue;
            _turn = next;
            _mine[next].Release();
            return;
        }
    }

    public void Dispose()
    {
        foreach (var turn in _mine)
            turn.Dispose();
    }
}

/// <summary>What one copy of a stage reads: every n-th message, from the arrow itself, so that none waits anywhere else.</summary>
internal sealed class Dealt(Station station, ChannelReader<Message> input, Turns turns, int lane) : ChannelReader<Message>
{
    private bool _isMine;

    public override Task Completion => input.Completion;

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (!_isMine)
            await turns.Take(lane, cancellationToken);
        _isMine = true;
        return await input.WaitToReadAsync(cancellationToken);
    }

    public override bool TryRead(out Message item)
    {
        item = null!;
        if (!_isMine || !input.TryRead(out var message))
            return false;
        station.Tap?.Taken(message);
        station.Meter.Take();
        _isMine = false;
        turns.Pass(lane);
        item = message;
        return true;
    }
}

/// <summary>
/// What one copy of a stage writes: its answers, each in its turn, straight into the arrow; what the settings say of failures is done on
/// the way.
/// </summary>
internal sealed class Collected(Station station, ChannelWriter<Message> output, Turns turns, int lane) : ChannelWriter<Message>
{
    /// <summary>Never: an answer may have to wait for its turn.</summary>
    public override bool TryWrite(Message item) => false;

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    /// <exception cref="StageStopped">The answer is a failure, and the run does not go on after it.</exception>
    public override async ValueTask WriteAsync(Message item, CancellationToken cancellationToken = default)
    {
        await turns.Take(lane, cancellationToken);
        station.Tap?.Given(item);
        if (item is Fault fault && fault.Stage == station.Stage)
        {
            if (fault.IsBug || station.OnError is OnError.Stop)
                throw new StageStopped(fault);
            station.Meter.Skip(fault);
        }

        station.Meter.Give();
        await output.WriteAsync(item, cancellationToken);
        turns.Pass(lane);
    }
}
