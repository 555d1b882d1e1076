namespace Motion.Contracts;

/// <summary>Files that exist complete or not at all.</summary>
public static class WholeFile
{
    /// <summary>
    /// Lets <paramref name="write"/> fill a file beside <paramref name="path"/>, hands it to the disk and gives it its name. Makes the folder.
    /// If anything fails the name keeps what it had. The file beside is always a new one: nothing that is there is opened for writing, and no link
    /// is followed.
    /// </summary>
    /// <exception cref="IOException">The disk is full, the folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        using var file = Beside(full, out var temporary);
        try
        {
            write(file);
            file.Flush(flushToDisk: true);
            file.Dispose();
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            file.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The same for bytes that are at hand.</summary>
    /// <exception cref="IOException">The disk is full, the folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, byte[] bytes) => Write(path, file => file.Write(bytes));

    /// <summary>A symbolic link of that name, which takes the place of what has the name.</summary>
    /// <exception cref="IOException">The folder cannot be made, or holds no links.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Link(string path, string target)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = Free(full);
        File.CreateSymbolicLink(temporary, target);
        try
        {
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Begins a file that grows under its name: a new one, in place of an unfinished one; a link is taken away and not followed.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static FileStream Begin(string path, FileShare share, int bufferSize)
    {
        if (FileIdentity.OfEntry(path).Kind is not FileKind.Missing)
        {
            File.Delete(path);
        }

        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, share, bufferSize);
    }

    /// <summary>A name beside this one that is free.</summary>
    public static string Free(string path)
    {
        for (var n = 0; ; n++)
        {
            var name = $"{path}.{Environment.ProcessId}{(n == 0 ? "" : $"-{n}")}.tmp";
            if (!FileIdentity.OfEntry(name).Exists)
            {
                return name;
            }
        }
    }

    private static FileStream Beside(string full, out string name)
    {
        while (true)
        {
            name = Free(full);
            try
            {
                return new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
            }
            catch (IOException) when (FileIdentity.OfEntry(name).Exists)
            {
                // another thread of this program was quicker
            }
        }
    }
}
