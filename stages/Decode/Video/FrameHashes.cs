using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>
/// What the kept frames of <see cref="VideoStore"/> were when they were written: a hash a frame. In the file they follow the frames, in the
/// frames' order, and after them the hash of the file's name and of all of them: so a frame that is damaged, in another's place, or of
/// another file is noticed.
/// </summary>
internal sealed record FrameHashes(ImmutableDictionary<FrameAt, ulong> Of)
{
    private const int SealBytes = 16;

    public static FrameHashes None { get; } = new(ImmutableDictionary<FrameAt, ulong>.Empty);

    public FrameHashes With(FrameAt at, byte[] planes) => new(Of.SetItem(at, XxHash3.HashToUInt64(planes)));

    public bool Fits(FrameAt at, byte[] planes) => Of.TryGetValue(at, out var hash) && hash == XxHash3.HashToUInt64(planes);

    /// <summary>Reads every frame once.</summary>
    public bool FitAll(SafeFileHandle file, ImmutableSortedDictionary<FrameAt, long> offsets, Func<int, Size2> size)
    {
        foreach (var (at, offset) in offsets)
        {
            var planes = new byte[3 * size(at.Clip).Area];
            if (!Fill(file, planes, offset) || !Fits(at, planes))
            {
                return false;
            }
        }

        return true;
    }

    public void Write(SafeFileHandle file, string name, ImmutableSortedDictionary<FrameAt, long> offsets, long from) =>
        RandomAccess.Write(file, Table(name, offsets.Keys.Select(at => Of[at])), from);

    /// <summary>The table behind the frames; null where the file has another length, or the table is not what was written.</summary>
    public static FrameHashes? Read(SafeFileHandle file, string name, ImmutableSortedDictionary<FrameAt, long> offsets, long from)
    {
        var table = new byte[(sizeof(ulong) * offsets.Count) + SealBytes];
        if (RandomAccess.GetLength(file) != from + table.Length || !Fill(file, table, from))
        {
            return null;
        }

        var hashes = Enumerable
            .Range(0, offsets.Count)
            .Select(i => BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(sizeof(ulong) * i)))
            .ToArray();
        return Table(name, hashes).AsSpan().SequenceEqual(table)
            ? new(offsets.Keys.Zip(hashes, KeyValuePair.Create).ToImmutableDictionary())
            : null;
    }

    private static byte[] Table(string name, IEnumerable<ulong> hashes)
    {
        var numbers = hashes
            .SelectMany(hash => BitConverter.GetBytes(BitConverter.IsLittleEndian ? hash : BinaryPrimitives.ReverseEndianness(hash)))
            .ToArray();
        var all = new XxHash128();
        all.Append(Encoding.UTF8.GetBytes(name));
        all.Append(numbers);
        return [.. numbers, .. all.GetCurrentHash()];
    }

    private static bool Fill(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        for (var done = 0; done < bytes.Length; )
        {
            var count = RandomAccess.Read(file, bytes[done..], offset + done);
            if (count == 0)
            {
                return false;
            }

            done += count;
        }

        return true;
    }
}
