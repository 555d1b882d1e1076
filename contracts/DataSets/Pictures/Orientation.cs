using System.Buffers.Binary;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>How the stored rows of a picture lie to what is seen: Exif's tag 274, by its numbers.</summary>
public enum Orientation
{
    /// <summary>Also where a file says nothing.</summary>
    AsStored = 1,

    /// <summary>Left and right are exchanged.</summary>
    Mirrored = 2,

    HalfTurned = 3,

    /// <summary>Top and bottom are exchanged.</summary>
    UpsideDown = 4,

    /// <summary>Rows are columns.</summary>
    Transposed = 5,

    /// <summary>A quarter turn clockwise makes it upright.</summary>
    TurnedLeft = 6,

    /// <summary>Mirrored in the other diagonal.</summary>
    Transversed = 7,

    /// <summary>A quarter turn anticlockwise makes it upright.</summary>
    TurnedRight = 8,
}

/// <summary>Finds the orientation of a picture and turns pictures upright.</summary>
public static class Orientations
{
    private const int EntryBytes = 12;
    private const int Tag = 0x0112;
    private const int Short = 3;

    /// <summary>The orientation that Exif data state: a TIFF header and its first directory, with or without "Exif" in front.</summary>
    /// <returns>
    /// <see cref="Orientation.AsStored"/> where they state none from 1 to 8, or are damaged: no reason to refuse a picture.
    /// </returns>
    public static Orientation Find(ReadOnlySpan<byte> exif)
    {
        var tiff = exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif;
        var little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || !(little || tiff.StartsWith("MM\0*"u8)))
        {
            return Orientation.AsStored;
        }

        var start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return Orientation.AsStored;
        }

        var entries = tiff[(int)start..];
        var count = Number(entries, little);
        for (entries = entries[2..]; count > 0 && entries.Length >= EntryBytes; count--, entries = entries[EntryBytes..])
        {
            if (Number(entries, little) == Tag && Number(entries[2..], little) == Short)
            {
                return Number(entries[8..], little) is >= 1 and <= 8 and var found ? (Orientation)found : Orientation.AsStored;
            }
        }

        return Orientation.AsStored;
    }

    /// <summary>Height and width as seen, of a picture stored in <paramref name="stored"/>.</summary>
    public static Size2 Upright(this Orientation orientation, Size2 stored) =>
        orientation >= Orientation.Transposed ? new Size2(stored.Width, stored.Height) : stored;

    /// <summary>The samples as seen.</summary>
    /// <param name="orientation">Of the stored picture.</param>
    /// <param name="samples">[H, W, channels] as stored, or none.</param>
    /// <param name="stored">H and W as stored.</param>
    /// <param name="channels">Samples of a pixel.</param>
    /// <returns>[H, W, channels] of the upright size; the same array where nothing is turned.</returns>
    public static T[] Upright<T>(this Orientation orientation, T[] samples, Size2 stored, int channels)
    {
        if (orientation == Orientation.AsStored || samples.Length == 0)
        {
            return samples;
        }

        var (start, down, right) = Path(orientation, stored);
        var size = orientation.Upright(stored);
        var upright = new T[samples.Length];
        var at = 0;
        for (var y = 0; y < size.Height; y++)
        {
            for (var (x, from) = (0, (start + (y * down)) * channels); x < size.Width; x++, from += right * channels)
            {
                for (var c = 0; c < channels; c++)
                {
                    upright[at++] = samples[from + c];
                }
            }
        }

        return upright;
    }

    /// <summary>
    /// The stored pixel that is seen at the upper left, and how far the one below and the one to the right are from it in storage.
    /// </summary>
    private static (int Start, int Down, int Right) Path(Orientation orientation, Size2 stored)
    {
        var (width, last) = (stored.Width, (int)stored.Area - 1);
        return orientation switch
        {
            Orientation.Mirrored => (width - 1, width, -1),
            Orientation.HalfTurned => (last, -width, -1),
            Orientation.UpsideDown => (last - width + 1, -width, 1),
            Orientation.Transposed => (0, 1, width),
            Orientation.TurnedLeft => (last - width + 1, 1, -width),
            Orientation.Transversed => (last, -1, -width),
            Orientation.TurnedRight => (width - 1, -1, width),
            _ => (0, width, 1),
        };
    }

    private static int Number(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
}
