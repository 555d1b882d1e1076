using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Streams;

namespace Motion.Runner.Stations;

/// <summary>Lays stages and arrows of a phase; nothing runs until all are laid. Local to the phase that builds it.</summary>
internal sealed class Wiring
{
    private readonly List<Func<CancellationToken, Task>> _parts = [];

    /// <summary>What runs: hand it to <see cref="Together"/>.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Parts => _parts;

    /// <summary>The input of a source.</summary>
    public static ChannelReader<Message> Nothing()
    {
        var arrow = Arrow.Of(1);
        arrow.Writer.Complete();
        return arrow.Reader;
    }

    /// <summary>Lays a stage behind an arrow; its answers come out of the arrow returned.</summary>
    public ChannelReader<Message> Stage(Station station, ChannelReader<Message> input) => Stage(station, input, arms: 1)[0];

    /// <summary>
    /// Lays a stage behind an arrow. Its answers come out of each of the arms, which each hold as many as the settings say.
    /// </summary>
    /// <param name="around">What is done with its failures before its arms end; a failure that comes through ends them with it.</param>
    public IReadOnlyList<ChannelReader<Message>> Stage(
        Station station,
        ChannelReader<Message> input,
        int arms,
        Func<Func<CancellationToken, Task>, CancellationToken, Task>? around = null
    )
    {
        var outputs = Enumerable.Range(0, arms).Select(_ => Arrow.Of(station.Buffer)).ToList();
        var writer = arms == 1 ? outputs[0].Writer : new Parted([.. outputs.Select(output => output.Writer)]);
        station.Meter.Waiting = () => outputs.Max(output => output.Reader.Count);
        _parts.Add(token => StageRunner.Run(station, input, writer, token, around));
        return [.. outputs.Select(output => output.Reader)];
    }

    /// <summary>Reads an arrow to its end.</summary>
    public void End(ChannelReader<Message> input, Action<Message> each) =>
        _parts.Add(async token =>
        {
            await foreach (var message in input.ReadAllAsync(token))
                each(message);
        });
}
