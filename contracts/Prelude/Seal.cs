using System.IO.Hashing;
using System.Text;

namespace Motion.Contracts;

/// <summary>What a file's own checksum says of it.</summary>
public enum SealState
{
    /// <summary>It has none: of another program, or from before there were any.</summary>
    Absent,

    /// <summary>The bytes are those that were written.</summary>
    Whole,

    /// <summary>The bytes have changed, the checksum's own included.</summary>
    Broken,
}

/// <summary>
/// A checksum inside the file it is of: <c>motion-checksum</c> and <see cref="Blank"/> stand within the first <see cref="Window"/> bytes,
/// where the file's format has room for a text; the digits are XxHash128 of all bytes with these digits as zeros. So one file carries its
/// own proof through copies and renames.
/// </summary>
public static class Seal
{
    /// <summary>The key that the checksum stands behind.</summary>
    public const string Key = "motion-checksum";

    /// <summary>What a writer puts where the checksum will be.</summary>
    public const string Blank = "xxh128:00000000000000000000000000000000";

    /// <summary>Bytes from the start among which the checksum is looked for.</summary>
    public const int Window = 128;

    private const int Digits = 32;

    private static readonly System.Buffers.SearchValues<byte> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> Mark => "xxh128:"u8;

    private static ReadOnlySpan<byte> KeyBytes => "motion-checksum"u8;

    /// <summary>Fills the blank of a file that is whole in memory.</summary>
    /// <exception cref="ArgumentException">There is no blank at its beginning.</exception>
    public static byte[] Close(byte[] file)
    {
        using var stream = new MemoryStream(file);
        Close(stream);
        return file;
    }

    /// <summary>The same of a text.</summary>
    public static byte[] Close(string text) => Close(Encoding.UTF8.GetBytes(text));

    /// <summary>Fills the blank of a file that was written to a stream that can be read and sought.</summary>
    /// <exception cref="ArgumentException">There is no blank at its beginning.</exception>
    public static void Close(Stream file)
    {
        var (at, _) = Find(Start(file));
        if (at is not { } digits)
            throw new ArgumentException("a file without a place for its checksum");
        var checksum = Of(file, digits);
        file.Position = digits;
        file.Write(Encoding.ASCII.GetBytes(checksum));
        file.Position = file.Length;
    }

    /// <summary>Compares a file with its checksum.</summary>
    public static SealState Check(ReadOnlySpan<byte> file) => Check(new MemoryStream(file.ToArray()));

    /// <summary>Compares a file with its checksum; leaves the stream at its beginning.</summary>
    public static SealState Check(Stream file)
    {
        var start = Start(file);
        var (at, isTorn) = Find(start);
        var state = at is { } digits
            ? Of(file, digits) == Encoding.ASCII.GetString(start, digits, Digits)
                ? SealState.Whole
                : SealState.Broken
            : isTorn
                ? SealState.Broken
                : SealState.Absent;
        file.Position = 0;
        return state;
    }

    private static byte[] Start(Stream file)
    {
        file.Position = 0;
        var start = new byte[Window];
        return start[..file.ReadAtLeast(start, Window, throwOnEndOfStream: false)];
    }

    /// <summary>Where the digits begin; or whether there is a part of what should be there.</summary>
    private static (int? At, bool IsTorn) Find(ReadOnlySpan<byte> start)
    {
        var (key, mark) = (start.IndexOf(KeyBytes), start.IndexOf(Mark));
        var digits = mark + Mark.Length;
        return key >= 0 && mark > key && digits + Digits <= start.Length && !start.Slice(digits, Digits).ContainsAnyExcept(HexDigits)
            ? (digits, false)
            : (null, key >= 0 || mark >= 0);
    }

    private static string Of(Stream file, int digits)
    {
        var hash = new XxHash128();
        var buffer = new byte[1 << 20];
        file.Position = 0;
        for (var before = 0L; file.Read(buffer) is > 0 and var count; before += count)
        {
            // The digits may lie across two reads of a slow stream.
            for (var i = Math.Max(0, digits - before); i < Math.Min(count, digits + Digits - before); i++)
                buffer[i] = (byte)'0';
            hash.Append(buffer.AsSpan(0, count));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
