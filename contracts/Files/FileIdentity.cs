using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Motion.Contracts;

/// <summary>What a name stands for.</summary>
public enum FileKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A file of bytes on a disk.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link; only where links are not followed.</summary>
    Link,

    /// <summary>A pipe (FIFO): opening it waits for another program.</summary>
    Pipe,

    /// <summary>A device or a socket.</summary>
    Device,
}

/// <summary>Which file a name stands for: two names of one file have one key.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Device and inode; where the system does not tell them, the path with every link followed. Empty where there is
/// nothing.</param>
public readonly partial record struct FileIdentity(FileKind Kind, string Key)
{
    private const int Here = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint KindAndInode = 0x101; // STATX_TYPE | STATX_INO
    private const int MostLinks = 40; // as the system itself

    public bool Exists => Kind != FileKind.Missing;

    /// <summary>The file behind a name, through links; a link that leads nowhere is missing.</summary>
    public static FileIdentity Of(string path) => Find(path, follow: true);

    /// <summary>The entry of that name: of a link, the link.</summary>
    public static FileIdentity OfEntry(string path) => Find(path, follow: false);

    /// <summary>Whether two names stand for one file that is there.</summary>
    public static bool Same(string first, string second) =>
        Of(first) is { Exists: true } a && Of(second) is { Exists: true } b && a.Key == b.Key;

    /// <summary>The path with every link in it followed, as far as it exists.</summary>
    /// <exception cref="IOException">Links that lead in a circle.</exception>
    public static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        for (var links = 0; ; links++)
        {
            if (links > MostLinks)
            {
                throw new IOException($"{path}: links lead in a circle");
            }

            if (FirstLink(full) is not var (link, target))
            {
                return full;
            }

            full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link)!, target) + full[link.Length..]);
        }
    }

    private static (string Link, string Target)? FirstLink(string full)
    {
        for (var end = full.IndexOf(Path.DirectorySeparatorChar, 1); ; end = full.IndexOf(Path.DirectorySeparatorChar, end + 1))
        {
            var part = end < 0 ? full : full[..end];
            if (new FileInfo(part).LinkTarget is { } target)
            {
                return (part, target);
            }

            if (end < 0)
            {
                return null;
            }
        }
    }

    private static FileIdentity Find(string path, bool follow)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return new FileIdentity(FileKind.Missing, "");
        }

        try
        {
            return OperatingSystem.IsLinux() ? Ask(path, follow) : Guess(path, follow);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return Guess(path, follow);
        }
    }

    private static FileIdentity Ask(string path, bool follow)
    {
        var answer = new byte[256];
        if (Statx(Here, path, follow ? 0 : NoFollow, KindAndInode, answer) != 0)
        {
            return new FileIdentity(FileKind.Missing, "");
        }

        var kind = (BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(28)) & 0xF000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            0x1000 => FileKind.Pipe,
            _ => FileKind.Device,
        };
        return new FileIdentity(kind, $"{Hex(136)}:{Hex(140)}:{BinaryPrimitives.ReadUInt64LittleEndian(answer.AsSpan(32)):x}");

        string Hex(int at) => BinaryPrimitives.ReadUInt32LittleEndian(answer.AsSpan(at)).ToString("x");
    }

    private static FileIdentity Guess(string path, bool follow)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            return follow
                ? file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target
                    ? Guess(target.FullName, follow)
                    : new FileIdentity(FileKind.Missing, "")
                : new FileIdentity(FileKind.Link, Path.GetFullPath(path));
        }

        var kind =
            Directory.Exists(path) ? FileKind.Folder
            : !file.Exists ? FileKind.Missing
            : file.Attributes.HasFlag(FileAttributes.Device) ? FileKind.Device
            : FileKind.Regular;
        return new FileIdentity(kind, kind == FileKind.Missing ? "" : Real(path));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] answer);
}
