using System.Text;

namespace Motion.Contracts;

/// <summary>
/// Files that a user, or a file of a user's, names. What is no file of bytes (a folder, a pipe, a device) is refused before it is opened,
/// since opening a pipe waits for ever and a device never ends.
/// </summary>
public static class InputFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">It is no regular file, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path, FileOptions options = FileOptions.None, int bufferSize = 0)
    {
        Check(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize, options);
    }

    /// <summary>A handle for reading at any place.</summary>
    /// <exception cref="IOException">It is no regular file, or cannot be opened.</exception>
    public static Microsoft.Win32.SafeHandles.SafeFileHandle OpenHandle(string path)
    {
        Check(path);
        return File.OpenHandle(path);
    }

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="IOException">It is no regular file, cannot be read, or holds more than <paramref name="most"/> bytes.</exception>
    public static byte[] ReadAllBytes(string path, long most = int.MaxValue / 2)
    {
        using var file = Open(path);
        if (file.Length > most)
        {
            throw new IOException($"it holds {file.Length} bytes, and at most {most} are read");
        }

        var bytes = new byte[file.Length];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == bytes.Length ? bytes : bytes[..count];
    }

    /// <summary>The text of a file in UTF-8; bytes that are none become U+FFFD.</summary>
    /// <exception cref="IOException">It is no regular file, cannot be read, or holds more than <paramref name="most"/> bytes.</exception>
    public static string ReadAllText(string path, long most = int.MaxValue / 2)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, most)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The text of a file in UTF-8, or as a mark at its beginning says.</summary>
    /// <exception cref="DecoderFallbackException">It is no UTF-8.</exception>
    /// <exception cref="IOException">It is no regular file, or cannot be read.</exception>
    public static string ReadStrictText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path)), new UTF8Encoding(false, throwOnInvalidBytes: true));
        return reader.ReadToEnd();
    }

    /// <summary>Refuses what is there and is no regular file; what is not there is for the opening to say.</summary>
    /// <exception cref="IOException">It is no regular file.</exception>
    public static void Check(string path)
    {
        if (Unreadable(path) is { } problem)
        {
            throw new IOException(problem);
        }
    }

    /// <summary>The same where a pipe is as good as a file, if it is one that the shell opened already (/dev/stdin, /dev/fd/N).</summary>
    /// <exception cref="IOException">It is neither.</exception>
    public static void CheckStream(string path)
    {
        if (FileIdentity.Of(path).Kind != FileKind.Pipe || !IsOpened(path))
        {
            Check(path);
        }
    }

    private static bool IsOpened(string path) =>
        Path.GetFullPath(path) is var full
        && (
            full == "/dev/stdin"
            || full.StartsWith("/dev/fd/", StringComparison.Ordinal)
            || full.StartsWith("/proc/self/fd/", StringComparison.Ordinal)
        );

    /// <summary>Why a name cannot be read as a file; null where it can, or where nothing is there.</summary>
    public static string? Unreadable(string path) =>
        path.Contains('\0', StringComparison.Ordinal)
            ? "no file has a name with a zero in it"
            : FileIdentity.Of(path).Kind switch
            {
                FileKind.Folder => "this is a folder, and a file is needed",
                FileKind.Pipe => "this is a pipe, and a file is needed",
                FileKind.Device => "this is a device, and a file is needed",
                _ => null,
            };
}
