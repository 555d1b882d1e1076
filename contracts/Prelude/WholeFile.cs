using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace Motion.Contracts;

/// <summary>
/// Files that exist complete or not at all: written under a temporary name beside their own, then renamed. Whoever is killed in between
/// leaves NAME.PID-N.tmp, which the next start finds and takes away (<see cref="Sweep"/>).
/// </summary>
public static partial class WholeFile
{
    private static int _number;

    /// <summary>
    /// Lets <paramref name="write"/> fill a file beside <paramref name="path"/> and gives it its name. Makes the folder. If anything fails
    /// the name keeps what it had. The file beside is always a new one: nothing that is there is opened for writing, and no link is
    /// followed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Fills it; may read and seek.</param>
    /// <param name="lasting">
    /// Whether it is on the disk, name and all, when the call returns, so that a power cut does not take it. Without, for what is checked
    /// when it is read and can be made again.
    /// </param>
    /// <exception cref="IOException">The disk is full, the folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write, bool lasting = true)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        using var file = Fresh(full, out var temporary);
        try
        {
            write(file);
            file.Flush(flushToDisk: lasting);
            Rename(temporary, full, lasting);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

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

    /// <summary>
    /// Begins a file that grows under its name: a new one, in place of an unfinished one; a link is taken away and not followed.
    /// </summary>
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
        while (true)
        {
            var name = Temporary(path);
            if (!FileIdentity.OfEntry(name).Exists)
            {
                return name;
            }
        }
    }

    private static FileStream Fresh(string full, out string name)
    {
        while (true)
        {
            name = Free(full);
            try
            {
                return new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 1 << 16);
            }
            catch (IOException) when (FileIdentity.OfEntry(name).Exists)
            {
                // somebody else was quicker
            }
        }
    }

    /// <summary>A file of these bytes.</summary>
    public static void Write(string path, byte[] bytes, bool lasting = true) => Write(path, file => file.Write(bytes), lasting);

    /// <summary>A file of this text, in UTF-8.</summary>
    public static void Write(string path, string text, bool lasting = true) => Write(path, Encoding.UTF8.GetBytes(text), lasting);

    /// <summary>
    /// A name beside a file's that no other writer has, for a file that is filled over some time. Keep it open, so that no sweep takes it.
    /// </summary>
    public static string Temporary(string path) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFullPath(path)}.{Environment.ProcessId}-{Interlocked.Increment(ref _number)}.tmp"
        );

    /// <summary>Gives a filled file its name, in place of what had it.</summary>
    /// <param name="temporary">The file, which may still be open.</param>
    /// <param name="path">Its name, in the same folder.</param>
    /// <param name="lasting">Whether the name is on the disk when the call returns.</param>
    public static void Rename(string temporary, string path, bool lasting)
    {
        File.Move(temporary, path, overwrite: true);
        if (lasting)
            FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Removes what writers that have died left in a folder: temporary files that no process holds open and whose writer is gone.
    /// </summary>
    /// <param name="folder">Where to look.</param>
    /// <param name="prefix">How their names begin, in a folder that others use too.</param>
    /// <returns>The bytes that are free again.</returns>
    public static long Sweep(string folder, string prefix = "")
    {
        if (!Directory.Exists(folder))
            return 0;
        var freed = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, $"{prefix}*.tmp*"))
        {
            if (
                Name().Match(Path.GetFileName(path)) is { Success: true } name
                && Owner.IsDead(name.Groups[1].ValueSpan, File.GetLastWriteTimeUtc(path))
            )
                freed += TryDelete(path);
        }

        return freed;
    }

    private static long TryDelete(string path)
    {
        try
        {
            // A writer of another machine or container on the same disk keeps its file open, and so locked.
            using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            var length = held.Length;
            File.Delete(path);
            return length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>A rename is in the folder's own data, which Unix writes to the disk only when asked.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            using var handle = Posix.OpenFolder(folder);
            if (!handle.IsInvalid)
                RandomAccess.FlushToDisk(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file system that cannot do that for folders does it by itself, or not at all.
        }
    }

    [GeneratedRegex(@"\.([0-9]{1,10})-[0-9]+\.tmp(\.part)?$")]
    private static partial Regex Name();
}

/// <summary>The process that a name speaks of.</summary>
public static class Owner
{
    /// <param name="number">The process's number.</param>
    /// <param name="lastSeen">When it last gave a sign of life (UTC): a process that began later is another one under the same
    /// number.</param>
    public static bool IsDead(ReadOnlySpan<char> number, DateTime lastSeen)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited || process.StartTime.ToUniversalTime() > lastSeen + Doubt;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return true;
        }
        catch (Win32Exception)
        {
            return false; // somebody else's
        }
    }

    /// <summary>Starts of processes are known to the tick of the kernel's clock only.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(2);
}

/// <summary>.NET opens no folders; the system does.</summary>
internal static partial class Posix
{
    public static SafeFileHandle OpenFolder(string path) => Open(path, 0); // O_RDONLY is 0 everywhere

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);
}
