using System.Threading.Channels;
using Motion.Contracts;

namespace Motion.Pipeline.Running;

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
    public ChannelReader<Message> Stage(Station station, ChannelReader<Message> input)
    {
        var output = Arrow.Of(station.Buffer);
        station.Meter.Waiting = () => output.Reader.Count;
        _parts.Add(token => StageRunner.Run(station, input, output.Writer, token));
        return output.Reader;
    }

    /// <summary>Parts an arrow: each arm gets every message. One arm is the arrow itself.</summary>
    public IReadOnlyList<ChannelReader<Message>> Split(ChannelReader<Message> input, int arms, int buffer)
    {
        if (arms == 1) return [input];
        var outputs = Enumerable.Range(0, arms).Select(_ => Arrow.Of(buffer)).ToList();
        _parts.Add(token => Arrows.FanOut(input, [.. outputs.Select(output => output.Writer)], token));
        return [.. outputs.Select(output => output.Reader)];
    }

    /// <summary>Lays something that writes an arrow and is no stage.</summary>
    public ChannelReader<Message> Join(int buffer, Func<ChannelWriter<Message>, CancellationToken, Task> join)
    {
        var output = Arrow.Of(buffer);
        _parts.Add(async token =>
        {
            await join(output.Writer, token);
            output.Writer.Complete();
        });
        return output.Reader;
    }

    /// <summary>Reads an arrow to its end.</summary>
    public void End(ChannelReader<Message> input, Action<Message> each) => _parts.Add(async token =>
    {
        await foreach (var message in input.ReadAllAsync(token)) each(message);
    });
}
