using System.Buffers.Binary;
using Motion.Contracts;

namespace Motion.Pipeline.Taking;

/// <summary>
/// Pictures with a time each, for ffmpeg to read from a pipe: Matroska with one uncompressed picture a cluster, since forms of pictures
/// alone carry no times.
/// </summary>
/// <remarks>The Matroska and EBML specifications (RFC 9559, RFC 8794); lengths of the segment are left unknown, as in a stream.</remarks>
internal sealed class TimedPictures
{
    /// <summary>Nanoseconds of a unit of time.</summary>
    private const long Unit = 1000;

    private readonly Stream _to;
    private readonly byte[] _interleaved;
    private readonly Size2 _size;

    public TimedPictures(Stream to, Size2 size)
    {
        (_to, _size, _interleaved) = (to, size, new byte[3 * size.Area]);
        _to.Write(
            Element(
                0x1A45DFA3,
                [
                    .. Whole(0x4286, 1),
                    .. Whole(0x42F7, 1),
                    .. Whole(0x42F2, 4),
                    .. Whole(0x42F3, 8),
                    .. Element(0x4282, "matroska"u8),
                    .. Whole(0x4287, 4),
                    .. Whole(0x4285, 2),
                ]
            )
        );
        _to.Write([0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]); // a segment of unknown length
        _to.Write(Element(0x1549A966, [.. Whole(0x2AD7B1, Unit), .. Element(0x4D80, "motion"u8), .. Element(0x5741, "motion"u8)]));
        byte[] video =
        [
            .. Whole(0xB0, size.Width),
            .. Whole(0xBA, size.Height),
            .. Element(0x2EB524, [(byte)'R', (byte)'G', (byte)'B', 24]),
        ];
        _to.Write(
            Element(
                0x1654AE6B,
                Element(
                    0xAE,
                    [
                        .. Whole(0xD7, 1),
                        .. Whole(0x73C5, 1),
                        .. Whole(0x83, 1),
                        .. Whole(0x9C, 0),
                        .. Element(0x86, "V_UNCOMPRESSED"u8),
                        .. Element(0xE0, video),
                    ]
                )
            )
        );
    }

    /// <summary>Writes a picture.</summary>
    /// <param name="planes">[3, H, W] R, G, B.</param>
    /// <param name="seconds">When it is shown, from 0 on.</param>
    public void Write(ReadOnlySpan<byte> planes, double seconds)
    {
        var area = (int)_size.Area;
        for (var i = 0; i < area; i++)
        {
            (_interleaved[3 * i], _interleaved[(3 * i) + 1], _interleaved[(3 * i) + 2]) = (
                planes[i],
                planes[area + i],
                planes[(2 * area) + i]
            );
        }

        var time = Whole(0xE7, (long)Math.Round(seconds * 1e9 / Unit));
        // of track 1, at the cluster's time, a key frame
        byte[] block = [.. Head(0xA3), .. Length(_interleaved.Length + 4), 0x81, 0, 0, 0x80];
        _to.Write([.. Head(0x1F43B675), .. Length(time.Length + block.Length + _interleaved.Length), .. time, .. block]);
        _to.Write(_interleaved);
    }

    private static byte[] Element(uint id, ReadOnlySpan<byte> data) => [.. Head(id), .. Length(data.Length), .. data];

    private static byte[] Whole(uint id, long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return Element(id, bytes);
    }

    private static byte[] Head(uint id)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        return bytes[
            (
                id > 0xFFFFFF ? 0
                : id > 0xFFFF ? 1
                : id > 0xFF ? 2
                : 3
            )..
        ];
    }

    /// <summary>A length in eight bytes.</summary>
    private static byte[] Length(long length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, length);
        bytes[0] = 0x01;
        return bytes;
    }
}
