using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using MessagePack;

namespace Motion.Contracts;

/// <summary>The values that messages are made of, as MessagePack (docs/wire-format.md, "Values"). Each Write has its Read.</summary>
internal static class WireFields
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private delegate void WriteItem<T>(ref MessagePackWriter writer, T item);

    private delegate T ReadItem<T>(ref MessagePackReader reader);

    /// <exception cref="InvalidDataException">The next value is an array of another length.</exception>
    public static void Expect(ref MessagePackReader reader, int count, string what)
    {
        var found = reader.ReadArrayHeader();
        if (found != count)
        {
            throw new InvalidDataException($"{what} must be an array of {count}, not of {found}");
        }
    }

    /// <remarks>
    /// MessagePack 2.5.307 itself puts U+FFFD in place of what is no UTF-8, so that another text than was sent would be read.
    /// </remarks>
    /// <exception cref="InvalidDataException">Nil, or bytes that are no UTF-8.</exception>
    public static string Text(ref MessagePackReader reader)
    {
        if (reader.ReadStringSequence() is not { } bytes)
        {
            throw new InvalidDataException("nil stands where a text must");
        }

        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("a text is no UTF-8", e);
        }
    }

    public static void Write(ref MessagePackWriter writer, FrameKey key)
    {
        writer.WriteArrayHeader(3);
        writer.Write(key.Sequence);
        writer.Write(key.Clip);
        writer.Write(key.Frame);
    }

    public static FrameKey ReadKey(ref MessagePackReader reader)
    {
        Expect(ref reader, 3, "a key");
        return new FrameKey(reader.ReadInt64(), Text(ref reader), reader.ReadInt32());
    }

    public static void Write(ref MessagePackWriter writer, Size2 size)
    {
        writer.WriteArrayHeader(2);
        writer.Write(size.Height);
        writer.Write(size.Width);
    }

    public static Size2 ReadSize(ref MessagePackReader reader)
    {
        Expect(ref reader, 2, "a size");
        var size = new Size2(reader.ReadInt32(), reader.ReadInt32());
        return size is { Height: >= 0, Width: >= 0 } ? size : throw new InvalidDataException($"{size} is no size");
    }

    public static void Write(ref MessagePackWriter writer, Annotation? truth)
    {
        if (truth is null)
        {
            writer.WriteNil();
            return;
        }

        WriteAll(
            ref writer,
            truth.Instances,
            (ref w, instance) =>
            {
                w.WriteArrayHeader(6);
                w.Write(instance.Id);
                w.Write(instance.Class);
                Write(ref w, instance.Box);
                Write(ref w, instance.Mask);
                w.Write(instance.IsCrowd);
                Write(ref w, instance.Area);
            }
        );
    }

    public static Annotation? ReadTruth(ref MessagePackReader reader) =>
        reader.TryReadNil()
            ? null
            : new Annotation(
                ReadAll(
                    ref reader,
                    (ref r) =>
                    {
                        Expect(ref r, 6, "an instance");
                        return new Instance(
                            r.ReadInt64(),
                            r.ReadInt32(),
                            ReadBox(ref r),
                            ReadMask(ref r),
                            r.ReadBoolean(),
                            ReadOptionalDouble(ref r)
                        );
                    }
                )
            );

    public static void Write(ref MessagePackWriter writer, ImmutableArray<Detection> detections) =>
        WriteAll(
            ref writer,
            detections,
            (ref w, detection) =>
            {
                w.WriteArrayHeader(4);
                Write(ref w, detection.Box);
                w.Write(detection.Score);
                w.Write(detection.Class);
                Write(ref w, detection.Mask);
            }
        );

    public static ImmutableArray<Detection> ReadDetections(ref MessagePackReader reader) =>
        ReadAll(
            ref reader,
            (ref r) =>
            {
                Expect(ref r, 4, "a detection");
                return new Detection(ReadBox(ref r), r.ReadSingle(), r.ReadInt32(), ReadMask(ref r));
            }
        );

    public static void Write(ref MessagePackWriter writer, ImmutableArray<LossTerm> terms) =>
        WriteAll(
            ref writer,
            terms,
            (ref w, term) =>
            {
                w.WriteArrayHeader(2);
                w.Write(term.Name);
                w.Write(term.Value);
            }
        );

    public static ImmutableArray<LossTerm> ReadTerms(ref MessagePackReader reader) =>
        ReadAll(
            ref reader,
            (ref r) =>
            {
                Expect(ref r, 2, "a loss term");
                return new LossTerm(Text(ref r), r.ReadDouble());
            }
        );

    public static void Write(ref MessagePackWriter writer, ImmutableArray<string> texts) =>
        WriteAll(ref writer, texts, (ref w, text) => w.Write(text));

    public static ImmutableArray<string> ReadTexts(ref MessagePackReader reader) => ReadAll(ref reader, (ref r) => Text(ref r));

    public static void Write(ref MessagePackWriter writer, double? number)
    {
        if (number is { } value)
        {
            writer.Write(value);
        }
        else
        {
            writer.WriteNil();
        }
    }

    public static double? ReadOptionalDouble(ref MessagePackReader reader) => reader.TryReadNil() ? null : reader.ReadDouble();

    public static void Write(ref MessagePackWriter writer, TypeEvaluation? evaluation)
    {
        if (evaluation is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(6);
        writer.Write(evaluation.Type);
        WriteDoubles(ref writer, evaluation.Stats.Values.AsSpan());
        WriteAll(
            ref writer,
            evaluation.Categories,
            (ref w, c) =>
            {
                w.WriteArrayHeader(10);
                w.Write(c.Class);
                foreach (
                    var value in (ReadOnlySpan<double>)[c.Ap, c.Ap50, c.Ap75, c.ApSmall, c.ApMedium, c.ApLarge, c.Ar1, c.Ar10, c.Ar100]
                )
                {
                    w.Write(value);
                }
            }
        );
        WriteDoubles(ref writer, evaluation.Precision.AsSpan());
        WriteDoubles(ref writer, evaluation.Recall.AsSpan());
        WriteDoubles(ref writer, evaluation.Scores.AsSpan());
    }

    public static TypeEvaluation? ReadOptionalEvaluation(ref MessagePackReader reader) =>
        reader.TryReadNil() ? null : ReadEvaluation(ref reader);

    public static TypeEvaluation ReadEvaluation(ref MessagePackReader reader)
    {
        Expect(ref reader, 6, "an evaluation");
        var type = Text(ref reader);
        var stats = ReadDoubles(ref reader);
        if (stats.Length != 12)
        {
            throw new InvalidDataException($"an evaluation has 12 numbers, not {stats.Length}");
        }

        var categories = ReadAll(
            ref reader,
            (ref r) =>
            {
                Expect(ref r, 10, "a category's numbers");
                return new CategoryStats(
                    r.ReadInt32(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble(),
                    r.ReadDouble()
                );
            }
        );
        return new TypeEvaluation(
            type,
            new CocoStats(stats),
            categories,
            ReadDoubles(ref reader),
            ReadDoubles(ref reader),
            ReadDoubles(ref reader)
        );
    }

    public static void Write(ref MessagePackWriter writer, TrackEvaluation? tracks)
    {
        if (tracks is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(2);
        Write(ref writer, tracks.Scores);
        WriteAll(
            ref writer,
            tracks.Clips,
            (ref w, clip) =>
            {
                w.WriteArrayHeader(5);
                w.Write(clip.Clip);
                Write(ref w, clip.Size);
                WriteAll(ref w, clip.Frames, (ref f, frame) => f.Write(frame));
                WriteAll(ref w, clip.Truths, Write);
                WriteAll(ref w, clip.Found, Write);
            }
        );
    }

    public static TrackEvaluation? ReadTracks(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        Expect(ref reader, 2, "an evaluation of tracks");
        return new TrackEvaluation(
            ReadEvaluation(ref reader),
            ReadAll(
                ref reader,
                (ref r) =>
                {
                    Expect(ref r, 5, "a clip's tracks");
                    return new ClipTracks(
                        Text(ref r),
                        ReadSize(ref r),
                        ReadAll(ref r, (ref f) => f.ReadInt32()),
                        ReadAll(ref r, ReadTrack),
                        ReadAll(ref r, ReadTrack)
                    );
                }
            )
        );
    }

    private static void Write(ref MessagePackWriter writer, Track track)
    {
        writer.WriteArrayHeader(6);
        writer.Write(track.Id);
        writer.Write(track.Class);
        writer.Write(track.Score);
        writer.Write(track.IsCrowd);
        WriteAll(ref writer, track.Masks, Write);
        WriteAll(ref writer, track.Areas, Write);
    }

    private static Track ReadTrack(ref MessagePackReader reader)
    {
        Expect(ref reader, 6, "a track");
        return new Track(
            reader.ReadInt64(),
            reader.ReadInt32(),
            reader.ReadDouble(),
            reader.ReadBoolean(),
            ReadAll(ref reader, ReadMask),
            ReadAll(ref reader, ReadOptionalDouble)
        );
    }

    private static void Write(ref MessagePackWriter writer, Box box)
    {
        writer.WriteArrayHeader(4);
        writer.Write(box.X1);
        writer.Write(box.Y1);
        writer.Write(box.X2);
        writer.Write(box.Y2);
    }

    private static Box ReadBox(ref MessagePackReader reader)
    {
        Expect(ref reader, 4, "a box");
        return new Box(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
    }

    private static void Write(ref MessagePackWriter writer, Rle? mask)
    {
        if (mask is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(2);
        Write(ref writer, mask.Size);
        WriteAll(ref writer, mask.Counts, (ref w, count) => w.Write(count));
    }

    private static Rle? ReadMask(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        Expect(ref reader, 2, "a mask");
        var size = ReadSize(ref reader);
        var counts = ReadAll(ref reader, (ref r) => r.ReadUInt32());
        var sum = counts.Sum(count => (long)count);
        return sum == size.Area
            ? new Rle(size, counts)
            : throw new InvalidDataException($"a mask's runs add up to {sum} pixels, its size is {size}");
    }

    /// <summary>Doubles as bin, little-endian: 8 bytes each where MessagePack's floats take 9.</summary>
    private static void WriteDoubles(ref MessagePackWriter writer, ReadOnlySpan<double> values)
    {
        writer.WriteBinHeader(checked(values.Length * sizeof(double)));
        foreach (var value in values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(writer.GetSpan(sizeof(double)), value);
            writer.Advance(sizeof(double));
        }
    }

    private static ImmutableArray<double> ReadDoubles(ref MessagePackReader reader)
    {
        var bytes = reader.ReadBytes() ?? throw new InvalidDataException("nil stands where numbers must");
        if (bytes.Length % sizeof(double) != 0)
        {
            throw new InvalidDataException($"{bytes.Length} bytes are no whole number of doubles");
        }

        var values = new double[bytes.Length / sizeof(double)];
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        if (!BitConverter.IsLittleEndian)
        {
            var bits = MemoryMarshal.Cast<double, long>(values.AsSpan());
            BinaryPrimitives.ReverseEndianness(bits, bits);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private static void WriteAll<T>(ref MessagePackWriter writer, ImmutableArray<T> items, WriteItem<T> write)
    {
        writer.WriteArrayHeader(items.Length);
        foreach (var item in items)
        {
            write(ref writer, item);
        }
    }

    /// <summary>
    /// An array of any length. An item takes a byte at least, so no more can be declared than there are bytes; memory is that of the items,
    /// at most 16 times the bytes that they are read from.
    /// </summary>
    private static ImmutableArray<T> ReadAll<T>(ref MessagePackReader reader, ReadItem<T> read)
    {
        var count = reader.ReadArrayHeader();
        var left = reader.Sequence.Length - reader.Consumed;
        if (count > left)
        {
            throw new InvalidDataException($"an array of {count} items is declared where {left} bytes are left");
        }

        if (count == 0)
        {
            return [];
        }

        var items = new T[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = read(ref reader);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }
}
