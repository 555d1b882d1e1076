using System.Buffers;
using System.Buffers.Binary;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>One frame on its way out, in parts, so that a pipe's reader can take the first megabyte while the second is copied.</summary>
internal sealed class FrameWriter : IDisposable
{
    private readonly ReadOnlyMemory<byte> _header;
    private readonly Tensor[] _payloads;
    private Crc32C _checksum;
    private int _next; // 0: prefix and header; 1 .. n: payloads; n + 1: checksum
    private int _offset; // within the payload

    /// <exception cref="ArgumentException">A tensor is not what the message's contract says.</exception>
    public FrameWriter(Message message)
    {
        _header = WireHeader.Write(message);
        _payloads = [.. message.Tensors.Select(TensorData.RowMajor)];
    }

    /// <summary>Writes up to about <paramref name="most"/> bytes; false when the frame is complete.</summary>
    public bool WritePart(IBufferWriter<byte> output, long most)
    {
        if (_next == 0)
        {
            WritePrefixAndHeader(output);
            _next++;
        }

        while (_next <= _payloads.Length)
        {
            if (most <= 0)
            {
                return true;
            }

            var rest = _payloads[_next - 1].bytes[_offset..];
            var part = rest[..(int)Math.Min(rest.Length, most)];
            Append(output, part);
            most -= part.Length;
            _offset += part.Length;
            if (part.Length == rest.Length)
            {
                (_next, _offset) = (_next + 1, 0);
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(WireCodec.ChecksumBytes), _checksum.Value);
        output.Advance(WireCodec.ChecksumBytes);
        return false;
    }

    public void Dispose()
    {
        foreach (var payload in _payloads)
        {
            payload.Dispose();
        }
    }

    private void WritePrefixAndHeader(IBufferWriter<byte> output)
    {
        var payload = _payloads.Sum(tensor => (long)tensor.bytes.Length);
        Span<byte> prefix = stackalloc byte[WireCodec.PrefixBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)(sizeof(uint) + _header.Length + payload + WireCodec.ChecksumBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[sizeof(ulong)..], (uint)_header.Length);
        Append(output, prefix);
        Append(output, _header.Span);
    }

    private void Append(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        const int piece = 1 << 16; // one buffer of a pipe; the checksum reads what the copy has just brought near
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(piece, bytes.Length)..])
        {
            var part = bytes[..Math.Min(piece, bytes.Length)];
            part.CopyTo(output.GetSpan(part.Length));
            output.Advance(part.Length);
            _checksum = _checksum.Append(part);
        }
    }
}
