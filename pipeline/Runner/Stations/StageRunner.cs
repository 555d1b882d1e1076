using System.Collections.Immutable;
using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Recordings;
using Motion.Runner.Settings;
using Motion.Runner.Streams;

namespace Motion.Runner.Stations;

/// <summary>A stage and how it runs.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Workers">One a copy.</param>
/// <param name="Buffer">Messages the arrow out of it holds.</param>
/// <param name="OnError">What an expected failure does.</param>
/// <param name="Meter">Where its messages are counted.</param>
/// <param name="Tap">Records what it takes and gives; null where that is not wanted.</param>
internal sealed record Station(string Stage, ImmutableArray<Worker> Workers, int Buffer, OnError OnError, Meter Meter, Tap? Tap);

/// <summary>
/// Runs a stage between two arrows. Knows nothing of what the stage does: each copy reads every n-th message from the one arrow and writes
/// its answers in the same turn into the other, so order out is order in; it stops or goes on after a failure as the settings say; it
/// counts. Nothing waits between the two arrows but what the copies hold.
/// </summary>
internal static class StageRunner
{
    /// <param name="station">The stage.</param>
    /// <param name="input">Its messages.</param>
    /// <param name="output">Its answers; completed at the end, with the failure if there is one.</param>
    /// <param name="cancel">Stops everything at once.</param>
    /// <param name="around">What is done with failures before the output ends; what comes through ends it.</param>
    public static async Task Run(
        Station station,
        ChannelReader<Message> input,
        ChannelWriter<Message> output,
        CancellationToken cancel,
        Func<Func<CancellationToken, Task>, CancellationToken, Task>? around = null
    )
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

        async Task Whole(CancellationToken token)
        {
            await Together.Run(
                token,
                [
                    .. Enumerable
                        .Range(0, station.Workers.Length)
                        .Select<int, Func<CancellationToken, Task>>(lane => each => Work(lane, each)),
                ]
            );
            station.Tap?.End();
        }

        try
        {
            await (around ?? ((run, token) => run(token)))(Whole, cancel);
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
