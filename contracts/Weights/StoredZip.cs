using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// Writes a zip whose entries are stored as they are, the data of each beginning at a multiple of 64 bytes, as PyTorch's reader wants them
/// for mapping into memory. .NET's own writer cannot place them.
/// </summary>
/// <remarks>
/// APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end). The padding is an extra field "FB", as
/// PyTorch's.
/// </remarks>
/// <param name="file">Empty, and able to tell its position.</param>
internal sealed class StoredZip(Stream file)
{
    private const int Alignment = 64;
    private const int LocalBytes = 30;
    private const int ExtraHeaderBytes = 4;
    private const ushort Version = 20;
    private const ushort MidnightOf1980 = 0x21; // the date of an entry; equal weights are equal files

    private readonly List<(byte[] Name, uint Crc, long Bytes, long Offset)> _entries = [];

    public void Add(string name, byte[] content)
    {
        Begin(name, Crc32.HashToUInt32(content), content.Length);
        file.Write(content);
    }

    /// <param name="tensor">Row-major, on the CPU.</param>
    public void Add(string name, Tensor tensor)
    {
        Begin(name, TensorData.Checksum(tensor), tensor.numel() * TensorData.SizeOf(tensor.dtype));
        TensorData.InParts(tensor, part => file.Write(part));
    }

    /// <summary>The central directory.</summary>
    public void End()
    {
        var start = file.Position;
        foreach (var (name, crc, bytes, offset) in _entries)
        {
            var record = new byte[46];
            BinaryPrimitives.WriteUInt32LittleEndian(record, 0x02014b50);
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(4), Version);
            Common(record.AsSpan(6), name, crc, bytes);
            BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(42), Small(offset));
            file.Write(record);
            file.Write(name);
        }

        var end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)_entries.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)_entries.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), Small(file.Position - start));
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), Small(start));
        file.Write(end);
    }

    private void Begin(string name, uint crc, long bytes)
    {
        if (_entries.Count == ushort.MaxValue - 1)
        {
            throw new IOException("more tensors than a .pth holds here; write safetensors");
        }

        var utf8 = Encoding.UTF8.GetBytes(name);
        var (offset, fixedBytes) = (file.Position, LocalBytes + utf8.Length + ExtraHeaderBytes);
        var padding = (int)(-(offset + fixedBytes) & (Alignment - 1));
        var header = new byte[LocalBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        Common(header.AsSpan(4), utf8, crc, bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)(ExtraHeaderBytes + padding));
        file.Write(header);
        file.Write(utf8);
        var extra = new byte[ExtraHeaderBytes + padding];
        "FB"u8.CopyTo(extra);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), (ushort)padding);
        extra.AsSpan(ExtraHeaderBytes).Fill((byte)'Z');
        file.Write(extra);
        _entries.Add((utf8, crc, bytes, offset));
    }

    /// <summary>
    /// What local header and directory share: version needed, flags, method, time, date, checksum, both sizes, length of the name.
    /// </summary>
    private static void Common(Span<byte> fields, ReadOnlySpan<byte> name, uint crc, long bytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(fields, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(fields[8..], MidnightOf1980);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[10..], crc);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[14..], Small(bytes));
        BinaryPrimitives.WriteUInt32LittleEndian(fields[18..], Small(bytes));
        BinaryPrimitives.WriteUInt16LittleEndian(fields[22..], (ushort)name.Length);
    }

    private static uint Small(long bytes) =>
        bytes < uint.MaxValue ? (uint)bytes : throw new IOException("a .pth of 4 GiB or more is not written; write safetensors");
}
