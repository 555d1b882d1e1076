using System.IO.Compression;
using System.Text;

namespace Motion.Contracts;

/// <summary>
/// The files of a .tgz as npm makes them. What is unpacked never exceeds the archive's length by more than a constant factor, whatever
/// sizes it declares; .NET's own tar reader allocates what an extended header declares.
/// </summary>
/// <remarks>POSIX.1-1988, ustar: blocks of 512 bytes; name at 0, size in octal at 124, type at 156, prefix of the name at 345.</remarks>
internal static class NpmPackage
{
    private const int Block = 512;
    private const long MostFactor = 16;
    private const long MostFloor = 1 << 20;

    public static bool Begins(ReadOnlySpan<byte> start) => start is [0x1f, 0x8b, ..];

    /// <summary>Leaves the file where it was: at its beginning.</summary>
    public static bool Begins(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        var found = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return Begins(start[..found]);
    }

    /// <summary>The contents of the wanted files by name.</summary>
    /// <exception cref="InvalidDataException">No tar in a gzip, one that is cut off, or one that unpacks to very much more than its
    /// length.</exception>
    public static Dictionary<string, byte[]> Files(FileStream archive, Func<string, bool> wanted)
    {
        using var stream = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        var left = MostFloor + (MostFactor * archive.Length);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var header = new byte[Block];
        while (stream.ReadAtLeast(header, Block, throwOnEndOfStream: false) == Block && header.AsSpan().ContainsAnyExcept((byte)0))
        {
            var (name, size, isFile) = Header(header);
            left -= size + Block;
            if (left < 0)
            {
                throw new InvalidDataException($"the package unpacks to more than {MostFactor} times its length");
            }

            var isWanted = isFile && wanted(name);
            using var content = new MemoryStream();
            Copy(stream, isWanted ? content : Stream.Null, size);
            Copy(stream, Stream.Null, -size & (Block - 1));
            if (isWanted && !files.TryAdd(name, content.ToArray()))
            {
                throw new InvalidDataException($"the package has two files {name}");
            }
        }

        return files;
    }

    private static (string Name, long Size, bool IsFile) Header(ReadOnlySpan<byte> header)
    {
        var sum = header[..148].Sum() + (8 * ' ') + header[156..].Sum();
        if (Octal(header[148..156]) != sum)
        {
            throw new InvalidDataException("the package is no tar archive");
        }

        var (name, prefix) = (Text(header[..100]), header[257..262].SequenceEqual("ustar"u8) ? Text(header[345..500]) : "");
        return (prefix.Length > 0 ? $"{prefix}/{name}" : name, Octal(header[124..136]), header[156] is (byte)'0' or 0);
    }

    private static int Sum(this ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        foreach (var one in bytes)
        {
            sum += one;
        }

        return sum;
    }

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.Latin1.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    private static long Octal(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        foreach (var digit in field.TrimStart((byte)' ').TrimEnd(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7'
                ? (value * 8) + digit - '0'
                : throw new InvalidDataException("the package has a size that is no octal number");
        }

        return value;
    }

    private static void Copy(Stream from, Stream to, long bytes)
    {
        var buffer = new byte[(int)Math.Min(bytes, 1 << 16)];
        for (var left = bytes; left > 0; )
        {
            var count = from.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
            {
                throw new EndOfStreamException();
            }

            to.Write(buffer, 0, count);
            left -= count;
        }
    }
}
