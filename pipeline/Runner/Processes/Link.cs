using System.IO.Pipelines;
using System.Net.Sockets;
using Motion.Contracts;
using Motion.Runner.Settings;

namespace Motion.Runner.Processes;

/// <summary>One end of a connection between the runner and a stage's process.</summary>
internal sealed class Link : IAsyncDisposable
{
    private const int ReadBytes = 1 << 18;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly IAsyncEnumerator<Result<Message, WireError>> _messages;

    /// <param name="socket">Connected; the link's from now on.</param>
    /// <param name="source">What to call the other end in an error.</param>
    public Link(Socket socket, string source)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(
            _stream,
            new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: ReadBytes / 4, leaveOpen: true)
        );
        _writer = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: ReadBytes, leaveOpen: true));
        _messages = MessagePipe.ReadMessages(_reader, source).GetAsyncEnumerator();
    }

    /// <summary>Sends a message, which stays the caller's.</summary>
    /// <returns>False where the other end has gone.</returns>
    public async ValueTask<bool> Send(Message message, CancellationToken cancel)
    {
        try
        {
            return await MessagePipe.WriteMessage(_writer, message, cancel);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The next message, or why there is none.</summary>
    public async ValueTask<Result<Message, WireError>> Receive(CancellationToken cancel)
    {
        await using var _ = cancel.Register(_reader.CancelPendingRead);
        return await _messages.MoveNextAsync() ? _messages.Current : new WireError.NoEnd("the connection", 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _messages.DisposeAsync();
        await _reader.CompleteAsync();
        await _writer.CompleteAsync(new OperationCanceledException());
        await _stream.DisposeAsync();
    }
}

/// <summary>What both ends say first.</summary>
internal static class Handshakes
{
    public static Handshake Of(StageSettings stage, PipelineSettings settings) =>
        new(
            WireCodec.Protocol,
            stage.Name,
            [.. stage.Kind.Parts.SelectMany(part => part.Takes).Select(port => port.Message.Name).Distinct()],
            [.. stage.Kind.Parts.Select(part => part.Gives?.Name).OfType<string>().Distinct()],
            ResolvedYaml.HashOf(stage, settings)
        );

    /// <summary>Where the two ends disagree; null where they do not.</summary>
    public static string? Disagreement(Handshake mine, Handshake other) =>
        mine.Protocol != other.Protocol
            ? $"one speaks version {mine.Protocol} of the wire format, the other {other.Protocol}; rebuild, so that both are one program"
        : mine.Stage != other.Stage ? $"one is {mine.Stage}, the other {other.Stage}"
        : !mine.Accepts.SequenceEqual(other.Accepts) || !mine.Emits.SequenceEqual(other.Emits)
            ? $"they take and emit different messages: {Types(mine)}, and {Types(other)}"
        : mine.SettingsHash != other.SettingsHash ? "their settings differ: run.yaml was changed while the run was going"
        : null;

    private static string Types(Handshake handshake) => $"{string.Join("+", handshake.Accepts)} -> {string.Join("+", handshake.Emits)}";
}
