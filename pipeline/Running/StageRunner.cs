using System.Collections.Immutable;
using System.Threading.Channels;
using Motion.Contracts;
using Motion.Pipeline.Recordings;
using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Running;

/// <summary>A stage and how it runs.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Workers">One a copy.</param>
/// <param name="Buffer">Messages the arrow out of it holds.</param>
/// <param name="OnError">What an expected failure does.</param>
/// <param name="Meter">Where its messages are counted.</param>
/// <param name="Tap">Records what it takes and gives; null where that is not wanted.</param>
internal sealed record Station(
    string Stage, ImmutableArray<Worker> Workers, int Buffer, OnError OnError, Meter Meter, Tap? Tap);

/// <summary>An expected failure or a bug that ends the run.</summary>
internal sealed class StageStopped(Fault fault) : Exception(fault.Text)
{
    public Fault Fault { get; } = fault;
}

/// <summary>
/// Runs a stage between two arrows. Knows nothing of what the stage does: it deals the messages to the copies in turn and collects their
/// answers in the same turn, so order out is order in; it stops or goes on after a failure as the settings say; it counts.
/// </summary>
internal static class StageRunner
{
    /// <param name="station">The stage.</param>
    /// <param name="input">Its messages.</param>
    /// <param name="output">Its answers; completed at the end, with the failure if there is one.</param>
    /// <param name="cancel">Stops everything at once.</param>
    public static async Task Run(Station station, ChannelReader<Message> input, ChannelWriter<Message> output, CancellationToken cancel)
    {
        var lanes = station.Workers.Select(worker => (worker, dealt: Arrow.Of(1), answered: Arrow.Of(1))).ToList();
        Exception? failure = null;
        try
        {
            await Together.Run(cancel, [
                token => Deal(station, input, [.. lanes.Select(lane => lane.dealt.Writer)], token),
                .. lanes.Select<(Worker worker, Channel<Message> dealt, Channel<Message> answered), Func<CancellationToken, Task>>(
                    lane => token => Work(lane.worker, lane.dealt.Reader, lane.answered.Writer, token)),
                token => Collect(station, [.. lanes.Select(lane => lane.answered.Reader)], output, token),
            ]);
            if (station.Tap is { } tap) await tap.End();
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            station.Tap?.Dispose();
            output.TryComplete(failure);
        }
    }

    private static async Task Work(Worker worker, ChannelReader<Message> input, ChannelWriter<Message> output, CancellationToken cancel)
    {
        await worker(input, output, cancel);
        output.TryComplete();
    }

    private static async Task Deal(Station station, ChannelReader<Message> input, ImmutableArray<ChannelWriter<Message>> lanes, CancellationToken cancel)
    {
        var turn = 0;
        await foreach (var message in input.ReadAllAsync(cancel))
        {
            if (station.Tap is { } tap) await tap.Taken(message);
            station.Meter.Take();
            await lanes[turn].WriteAsync(message, cancel);
            turn = (turn + 1) % lanes.Length;
        }

        foreach (var lane in lanes) lane.TryComplete();
    }

    private static async Task Collect(Station station, ImmutableArray<ChannelReader<Message>> lanes, ChannelWriter<Message> output, CancellationToken cancel)
    {
        for (var turn = 0; await lanes[turn].WaitToReadAsync(cancel); turn = (turn + 1) % lanes.Length)
        {
            var answer = await lanes[turn].ReadAsync(cancel);
            if (station.Tap is { } tap) await tap.Given(answer);
            if (answer is Fault fault && fault.Stage == station.Stage)
            {
                if (fault.IsBug || station.OnError is OnError.Stop) throw new StageStopped(fault);
                station.Meter.Skip(fault);
            }

            station.Meter.Give();
            await output.WriteAsync(answer, cancel);
        }
    }
}
