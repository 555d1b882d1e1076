using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Streams;
using Motion.Runner.Yaml;

namespace Motion.Runner.Recordings;

/// <summary>
/// Where a stage's recordings are. A training that was resumed has a folder for each sitting, named by its first iteration.
/// </summary>
internal sealed record RecordingFolder(string Path)
{
    public static RecordingFolder Of(RunFolder folder, Phase phase, StreamStart start) =>
        new(
            System.IO.Path.Combine(
                folder.Recordings,
                phase is Phase.Train && start.Iteration > 0
                    ? string.Create(null, $"train-from-{start.Iteration}")
                    : Shape.Camel(phase.ToString())
            )
        );

    /// <summary>What the stage was fed.</summary>
    public string In(string stage) => System.IO.Path.Combine(Path, $"{stage}.in.rec");

    /// <summary>What it answered.</summary>
    public string Out(string stage) => System.IO.Path.Combine(Path, $"{stage}.out.rec");

    /// <summary>Where the stream and the training began.</summary>
    public string Start => System.IO.Path.Combine(Path, "start.json");

    /// <summary>The trainer's state before its first message.</summary>
    public string TrainerState => System.IO.Path.Combine(Path, "forward.start.safetensors");
}

/// <summary>Writes what a stage takes and gives to disk, in the wire format.</summary>
internal sealed class Tap : IDisposable
{
    private readonly string _stage;
    private readonly RecordingWriter _in;
    private readonly RecordingWriter _out;
    private long _taken;
    private long _given;

    /// <exception cref="StageStopped">The files cannot be made.</exception>
    public Tap(string stage, RecordingFolder folder)
    {
        _stage = stage;
        _in = Must(RecordingWriter.Create(folder.In(stage)));
        _out = Must(RecordingWriter.Create(folder.Out(stage)));
    }

    /// <summary>Called with each message before the stage has it.</summary>
    public void Taken(Message message)
    {
        Append(_in, message);
        _taken++;
    }

    /// <summary>Called with each answer before it is passed on.</summary>
    public void Given(Message message)
    {
        Append(_out, message);
        _given++;
    }

    /// <summary>The stream has ended well; a recording of one that has not keeps the name PATH.part.</summary>
    public void End()
    {
        Append(_in, new EndOfStream(_taken));
        Append(_out, new EndOfStream(_given));
        Must(_in.Finish());
        Must(_out.Finish());
    }

    public void Dispose()
    {
        _in.Dispose();
        _out.Dispose();
    }

    private void Append(RecordingWriter recording, Message message) => Must(OwnThread.Block(recording.Append(message)));

    private T Must<T>(Result<T, WireError> result) =>
        result.Match(value => value, error => throw new StageStopped(new(-1, _stage, error.Describe(), IsBug: false)));
}
