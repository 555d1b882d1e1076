using System.Globalization;
using System.Net.Sockets;
using Motion.Contracts;

namespace Motion.Runner.Processes;

/// <summary>
/// A Unix socket in a folder that only this user can enter; gone with the using. A runner that is killed leaves the folder: its name says
/// whose it was, and a lock on a file in it whether that runner lives, so that the next start can take it away.
/// </summary>
internal sealed class ListeningSocket : IDisposable
{
    private const string Prefix = "motion-run-";
    private const string LockName = "lock";
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory(
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-")
    );
    private readonly FileStream _lock;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public ListeningSocket()
    {
        _lock = new FileStream(Path.Combine(_folder.FullName, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Leaving.Made(_folder.FullName);
        _socket.Bind(new UnixDomainSocketEndPoint(Address));
        _socket.Listen(16);
    }

    public string Address => Path.Combine(_folder.FullName, "s");

    public ValueTask<Socket> Accept(CancellationToken cancel) => _socket.AcceptAsync(cancel);

    public void Dispose()
    {
        _socket.Dispose();
        _lock.Dispose();
        Leaving.Removed(_folder.FullName);
        _folder.Delete(recursive: true);
    }

    /// <summary>Takes away the folders of runners that are gone.</summary>
    public static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var number = Path.GetFileName(folder).AsSpan(Prefix.Length);
            if (number.IndexOf('-') is > 0 and var end && Owner.IsDead(number[..end], Directory.GetLastWriteTimeUtc(folder)))
                TryDelete(folder);
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            var path = Path.Combine(folder, LockName);
            if (!File.Exists(path) && TimeProvider.System.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(folder) < Young)
                return; // about to be locked
            using (File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null)
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or in use in another container.
        }
    }
}
