using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using SkiaSharp;

namespace Motion.Decode;

/// <summary>
/// JPEG by Skia, whose pixels are those of libjpeg-turbo and Pillow: exact DCT, smooth upsampling of colour. Colours are as stored,
/// whatever profile is embedded; greys become RGB; an orientation (Exif) is applied.
/// </summary>
internal static unsafe class Jpeg
{
    private const long MostPixelsPerByte = 8 * 64 * 4; // one bit for a block, and no component with more than a quarter of the blocks

    /// <summary>Decodes a whole file's bytes; <paramref name="name"/> is what an error calls it.</summary>
    public static Result<Picture, DecodeError> Read(ReadOnlySpan<byte> bytes, string name)
    {
        switch (JpegHeader.Of(bytes, name))
        {
            case Result<JpegHeader, DecodeError>.Ok(var header):
                return Skia.Lacking is { } lack ? new DecodeError.BadSetting(name, lack.Problem, lack.Remedy)
                    : header.IsHuffman && header.Stored.Area > MostPixelsPerByte * bytes.Length
                        ? JpegHeader.Corrupt(
                            name,
                            $"its {bytes.Length} bytes cannot hold the {header.Stored.Width}x{header.Stored.Height} pixels that it declares"
                        )
                    : JpegMarkers.DataProblem(bytes, header.Data) is { } problem ? JpegHeader.Corrupt(name, problem)
                    : Pixels(bytes, header).MapError(reason => (DecodeError)JpegHeader.Corrupt(name, reason));
            case Result<JpegHeader, DecodeError>.Error(var reason):
                return reason;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static Result<Picture, string> Pixels(ReadOnlySpan<byte> bytes, JpegHeader header)
    {
        fixed (byte* memory = bytes)
        {
            using var data = SKData.Create((nint)memory, bytes.Length);
            using var stream = new SKMemoryStream(data);
            using var codec = SKCodec.Create(stream, out var opened);
            if (codec is null || (codec.Info.Height, codec.Info.Width) != (header.Stored.Height, header.Stored.Width))
            {
                return $"its header cannot be understood: {opened}";
            }

            var result = SkiaPixels.Decode(codec, out var planes);
            return result == SKCodecResult.Success ? Upright(planes, header)
                : result == SKCodecResult.IncompleteInput ? "its data end too early"
                : $"its data cannot be understood: {result}";
        }
    }

    private static Picture Upright(byte[] planes, JpegHeader header)
    {
        if (header.Orientation == Orientation.AsStored)
        {
            return new Picture(header.Stored, planes);
        }

        var area = (int)header.Stored.Area;
        return new Picture(
            header.Orientation.Upright(header.Stored),
            [
                .. Enumerable
                    .Range(0, 3)
                    .SelectMany(c => header.Orientation.Upright(planes[(c * area)..((c + 1) * area)], header.Stored, channels: 1)),
            ]
        );
    }
}
