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
/// Runs a stage between two arrows. Knows nothing of what the stage does: each copy reads every n-th message from the one arrow and writes its answers in
/// the same turn into the other, so order out is order in; it stops or goes on after a failure as the settings say; it counts. Nothing waits between the
/// two arrows but what the copies hold.
/// </summary>
internal static class StageRunner
{
    /// <param name="station">The stage.</param>
    /// <param name="input">Its messages.</param>
    /// <param name="output">Its answers; completed at the end, with the failure if there is one.</param>
    /// <param name="cancel">Stops everything at once.</param>
    public static async Task Run(Station station, ChannelReader<Message> input, ChannelWriter<Message> output, CancellationToken cancel)
    {
        using var dealing = new Turns(station.Workers.Length);
        using var collecting = new Turns(station.Workers.Length);
        Exception? failure = null;
        async Task Work(int lane, CancellationToken token)
        {
            await station.Workers[lane](new Dealt(station, input, dealing, lane), new Collected(station, output, collecting, lane), token);
            dealing.Leave(lane);
            collecting.Leave(lane);
        }

        try
        {
            await Together.Run(cancel, [.. Enumerable.Range(0, station.Workers.Length).Select<int, Func<CancellationToken, Task>>(lane => token => Work(lane, token))]);
            station.Tap?.End();
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
}
