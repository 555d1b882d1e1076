using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Motion.Contracts;

/// <summary>Messages through System.IO.Pipelines: sockets, files, in-process pipes.</summary>
public static class MessagePipe
{
    private const int PartBytes = 1 << 20;

    /// <summary>Writes one message and flushes; waits while the reader is behind. The message stays the caller's.</summary>
    /// <returns>False when the reader has gone: nothing written from now on arrives.</returns>
    /// <exception cref="ArgumentException">A tensor is not what the message's contract says.</exception>
    /// <exception cref="IOException">What is behind the pipe broke (a full disk, a dead peer); the frame is incomplete, write no
    /// other.</exception>
    public static async ValueTask<bool> WriteMessage(PipeWriter writer, Message message, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using var frame = new FrameWriter(message);
        for (var more = true; more; )
        {
            more = frame.WritePart(writer, PartBytes);
            var flushed = await writer.FlushAsync(cancel);
            if (flushed.IsCanceled)
            {
                throw new OperationCanceledException("the pipe's flush was cancelled");
            }

            if (flushed.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Every message up to and including the EndOfStream, each the receiver's to dispose; or the messages before the first error, and the
    /// error. Does not complete the reader.
    /// </summary>
    /// <param name="reader">Where the frames come from.</param>
    /// <param name="source">What to call the stream in an error: a stage, a socket, a file.</param>
    /// <param name="limits">What a frame may declare.</param>
    /// <param name="cancel">Stops the reading.</param>
    public static async IAsyncEnumerable<Result<Message, WireError>> ReadMessages(
        PipeReader reader,
        string source = "the stream",
        WireLimits? limits = null,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (messages, offset) = (0L, 0L);
        while (true)
        {
            var (read, broken) = await Read(reader, cancel);
            if (broken is not null)
            {
                yield return new WireError.CannotUse(source, $"cannot be read after {messages} messages: {broken}");
                yield break;
            }

            var rest = read.Buffer;
            var examined = rest.Start;
            try
            {
                if (read.IsCanceled)
                {
                    throw new OperationCanceledException("the pipe's read was cancelled");
                }

                while (true)
                {
                    var before = rest.Length;
                    var answer = WireCodec.TryRead(ref rest, limits);
                    if (answer is WireRead.Bad(var problem))
                    {
                        yield return new WireError.Bad(source, messages, offset, problem);
                        yield break;
                    }

                    if (answer is not WireRead.Frame(var message))
                    {
                        examined = rest.End;
                        break;
                    }

                    examined = rest.Start;
                    (messages, offset) = (messages + 1, offset + before - rest.Length);
                    yield return message;
                    if (message is EndOfStream)
                    {
                        if (!rest.IsEmpty)
                        {
                            yield return new WireError.Bad(source, messages, offset, "bytes follow the EndOfStream");
                        }

                        yield break;
                    }
                }

                if (read.IsCompleted)
                {
                    yield return rest.IsEmpty
                        ? new WireError.NoEnd(source, messages)
                        : new WireError.Truncated(source, messages, offset, rest.Length);
                    yield break;
                }
            }
            finally
            {
                reader.AdvanceTo(rest.Start, examined);
            }
        }
    }

    private static async ValueTask<(ReadResult Read, string? Broken)> Read(PipeReader reader, CancellationToken cancel)
    {
        try
        {
            return (await reader.ReadAsync(cancel), null);
        }
        catch (IOException e)
        {
            return (default, e.Message);
        }
    }
}
