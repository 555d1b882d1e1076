using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Motion.Contracts;

/// <summary>
/// An arrow on disk: <see cref="Recording.Magic"/>, then the frames of docs/wire-format.md. While it grows the file is called PATH.part;
/// every message is handed to the system as it is appended, so a killed run leaves a readable beginning under that name.
/// </summary>
public sealed class RecordingWriter : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly PipeWriter _output;

    private RecordingWriter(string path, FileStream file)
    {
        (_path, _file) = (path, file);
        _output = PipeWriter.Create(file, new StreamPipeWriterOptions(minimumBufferSize: 1 << 16, leaveOpen: true));
    }

    /// <summary>Begins a recording, replacing an unfinished one of that name.</summary>
    public static Result<RecordingWriter, WireError> Create(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var file = WholeFile.Begin(path + Recording.PartSuffix, FileShare.Read, bufferSize: 0);
            file.Write(Recording.Magic);
            return new RecordingWriter(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WireError.CannotUse(path, $"cannot be written: {e.Message}");
        }
    }

    /// <summary>
    /// Appends a message, which stays the caller's. After an error the recording's last frame is incomplete: append no other.
    /// </summary>
    public async ValueTask<Result<Unit, WireError>> Append(Message message, CancellationToken cancel = default)
    {
        try
        {
            await MessagePipe.WriteMessage(_output, message, cancel);
            return default(Unit);
        }
        catch (IOException e)
        {
            return new WireError.CannotUse(_path, $"cannot be written: {e.Message}");
        }
    }

    /// <summary>
    /// Gives the recording its name. Whether it ends in an EndOfStream is the caller's matter; a reader reports one that does not.
    /// </summary>
    public Result<Unit, WireError> Finish()
    {
        try
        {
            _file.Flush(flushToDisk: true);
            Dispose();
            WholeFile.Rename(_path + Recording.PartSuffix, _path, lasting: true);
            return default(Unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WireError.CannotUse(_path, $"cannot be written: {e.Message}");
        }
    }

    public void Dispose()
    {
        _output.Complete(new OperationCanceledException()); // every append was flushed: only gives the buffers back
        _file.Dispose();
    }
}

/// <summary>Reads what <see cref="RecordingWriter"/> wrote.</summary>
public static class Recording
{
    internal const string PartSuffix = ".part";

    /// <summary>The first eight bytes of a recording; the last digit is the wire format's version.</summary>
    public static ReadOnlySpan<byte> Magic => "MOTIONR1"u8;

    /// <summary>
    /// The messages of a recording in order, each the receiver's to dispose. One that was cut off gives what is whole, then
    /// <see cref="WireError.Truncated"/> or <see cref="WireError.NoEnd"/>.
    /// </summary>
    public static async IAsyncEnumerable<Result<Message, WireError>> Read(
        string path,
        WireLimits? limits = null,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        var opened = Open(path);
        if (opened is not Result<FileStream, WireError>.Ok(var file))
        {
            yield return opened.Match<Result<Message, WireError>>(_ => throw new System.Diagnostics.UnreachableException(), error => error);
            yield break;
        }

        var reader = PipeReader.Create(file, new StreamPipeReaderOptions(bufferSize: 1 << 20));
        try
        {
            var (messages, end) = (0L, default(Result<Message, WireError>));
            await foreach (var message in MessagePipe.ReadMessages(reader, path, limits, cancel))
            {
                if (message is Result<Message, WireError>.Ok(EndOfStream))
                {
                    (messages, end) = (messages + 1, message); // only if nothing follows
                    continue;
                }

                end = null;
                messages++;
                yield return message;
            }

            if (end is not null)
            {
                yield return file.Position == file.Length
                    ? end
                    : new WireError.Bad(path, messages, file.Position, "bytes follow the EndOfStream");
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static Result<FileStream, WireError> Open(string path)
    {
        FileStream? file = null;
        try
        {
            InputFile.Check(path);
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> magic = stackalloc byte[Magic.Length];
            if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(Magic))
            {
                var opened = file;
                file = null;
                return opened;
            }

            return new WireError.CannotUse(path, "is not a recording of this program (or of another version of it)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WireError.CannotUse(path, $"cannot be read: {e.Message}");
        }
        finally
        {
            file?.Dispose();
        }
    }
}
