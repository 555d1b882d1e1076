using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>How much a reader will hold for one frame, whatever the frame declares.</summary>
/// <param name="FrameBytes">Largest frame; the largest tensors are a batch's predictions.</param>
/// <param name="HeaderBytes">Largest header; the longest are evaluations and frames with many masks.</param>
public sealed record WireLimits(long FrameBytes = 1L << 30, int HeaderBytes = 1 << 28)
{
    public static WireLimits Default { get; } = new();
}

/// <summary>Every way a stream of messages can break. Source names the stream: a stage, a socket, a file.</summary>
public abstract record WireError : IStageError
{
    private WireError() { }

    /// <summary>Bytes that are no frame, at the given byte of the stream. Nothing after them can be read.</summary>
    public sealed record Bad(string Source, long Message, long Offset, string Problem) : WireError;

    /// <summary>The stream ended within a frame.</summary>
    /// <param name="Source">The stream.</param>
    /// <param name="Message">Whole messages before it.</param>
    /// <param name="Offset">Where the frame begins.</param>
    /// <param name="Have">Bytes of it that are there.</param>
    public sealed record Truncated(string Source, long Message, long Offset, long Have) : WireError;

    /// <summary>The stream ended between two frames, but no EndOfStream came: its writer did not finish.</summary>
    public sealed record NoEnd(string Source, long Messages) : WireError;

    /// <summary>A recording that cannot be opened, read or written; a socket that broke.</summary>
    public sealed record CannotUse(string Source, string Problem) : WireError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                Bad(var source, var message, var offset, var problem) =>
                    $"{source}, message {message} at byte {offset}: {problem}. What follows cannot be read; run what wrote it again.",
                Truncated(var source, var message, var offset, var have) =>
                    $"{source}, message {message} at byte {offset}: the stream ends after {have} bytes of it. Its writer was stopped; run it again.",
                NoEnd(var source, var messages) =>
                    $"{source}: the stream ends after {messages} whole messages without an EndOfStream. Its writer was stopped; run it again.",
                CannotUse(var source, var problem) => $"{source}: {problem}.",
                _ => throw new UnreachableException(),
            }
        );
}

/// <summary>What a reader of frames can answer.</summary>
public abstract record WireRead
{
    private WireRead() { }

    /// <summary>The bytes are the beginning of a frame; come again when there are at least <paramref name="Bytes"/> of them.</summary>
    public sealed record NeedMore(long Bytes) : WireRead;

    /// <summary>A whole frame, whose message is the caller's to dispose.</summary>
    public sealed record Frame(Message Message) : WireRead;

    /// <summary>The bytes are no frame.</summary>
    public sealed record Bad(string Problem) : WireRead;
}
