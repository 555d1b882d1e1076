using System.Buffers;
using System.Buffers.Binary;
using MessagePack;
using Motion.Contracts;
using Xunit;

namespace Motion.Properties.Contracts;

/// <summary>Frames whose checksum is right and whose header breaks one rule of docs/wire-format.md.</summary>
public sealed class WireRefusals
{
    private delegate void Writes(ref MessagePackWriter writer);

    [Fact]
    public void TryRead_AHeaderByTheRules_IsAFrame() =>
        AssertRead(null, (ref w) => Header(ref w, 1, "EndOfStream", tensors: 0, fields: 1, (ref f) => f.Write(7)));

    [Fact]
    public void TryRead_AHeaderThatBreaksARule_IsBadAndSaysWhich()
    {
        AssertRead("EndOfStreams is no message type", (ref w) => Header(ref w, 1, "EndOfStreams", 0, 1, (ref f) => f.Write(7)));
        AssertRead("protocol 2", (ref w) => Header(ref w, 2, "EndOfStream", 0, 1, (ref f) => f.Write(7)));
        AssertRead("tensors must be an array of 0", (ref w) => Header(ref w, 1, "EndOfStream", 1, 1, (ref f) => f.Write(7)));
        AssertRead(
            "fields must be an array of 1",
            (ref w) =>
                Header(
                    ref w,
                    1,
                    "EndOfStream",
                    0,
                    2,
                    (ref f) =>
                    {
                        f.Write(7);
                        f.Write(7);
                    }
                )
        );
        AssertRead(
            "1 bytes follow the header",
            (ref w) =>
                Header(
                    ref w,
                    1,
                    "EndOfStream",
                    0,
                    1,
                    (ref f) =>
                    {
                        f.Write(7);
                        f.WriteNil();
                    }
                )
        );
        AssertRead("not of its field's type", (ref w) => Header(ref w, 1, "EndOfStream", 0, 1, (ref f) => f.Write("seven")));
        AssertRead("longer than the bytes", (ref w) => Header(ref w, 1, "EndOfStream", 0, 1, (ref _) => { }));
        AssertRead("the header must be an array of 4", (ref w) => w.WriteArrayHeader(0));
        AssertRead("longer than the bytes", (ref _) => { });
    }

    [Fact]
    public void TryRead_ATensorThatBreaksItsRule_IsBadAndNamesIt()
    {
        AssertRead("Image must be uint8 of 3 dimensions", FlowFrame("float32", 3, 1, 2));
        AssertRead("Image must have 3 dimensions, not 2", FlowFrame("uint8", 3, 2));
        AssertRead("Image has the unknown element type uint9", FlowFrame("uint9", 3, 1, 2));
        AssertRead("Image has a size that no tensor has", FlowFrame("uint8", 1L << 40, 1L << 40, 2));
        AssertRead("Image has a size that no tensor has", FlowFrame("uint8", 0, long.MaxValue, 2));
        AssertRead("Image has 68719476736 bytes", FlowFrame("uint8", 1L << 20, 1L << 16, 1));
        AssertRead("the tensors declare 14 bytes, the frame holds 0", FlowFrame("uint8", 3, 1, 2));
        AssertRead(
            "192 (nil)",
            (ref w) =>
            {
                Start(ref w, "FlowFrame", tensors: 2);
                w.WriteNil();
                w.WriteNil();
            }
        );
    }

    [Fact]
    public void TryRead_AFieldThatBreaksItsRule_IsBadAndSaysWhich()
    {
        AssertRead(
            "-1x5",
            Detections(
                (ref w) =>
                {
                    Key(ref w);
                    Size(ref w, -1, 5);
                    w.WriteArrayHeader(0);
                    w.WriteNil();
                }
            )
        );
        AssertRead(
            "does not fit",
            Detections(
                (ref w) =>
                {
                    Key(ref w);
                    Size(ref w, 1L << 40, 5);
                    w.WriteArrayHeader(0);
                    w.WriteNil();
                }
            )
        );
        AssertRead(
            "a size must be an array of 2",
            Detections(
                (ref w) =>
                {
                    Key(ref w);
                    Key(ref w);
                    w.WriteArrayHeader(0);
                    w.WriteNil();
                }
            )
        );
        AssertRead(
            "a key must be an array of 3",
            Detections(
                (ref w) =>
                {
                    Size(ref w, 1, 1);
                    Size(ref w, 1, 1);
                    w.WriteArrayHeader(0);
                    w.WriteNil();
                }
            )
        );
        AssertRead(
            "a detection must be an array of 4",
            Detections(
                (ref w) =>
                {
                    Key(ref w);
                    Size(ref w, 1, 1);
                    w.WriteArrayHeader(1);
                    w.WriteArrayHeader(0);
                    w.WriteNil();
                }
            )
        );
        AssertRead(
            "nil stands where a text must",
            (ref w) =>
                Header(
                    ref w,
                    1,
                    "Fault",
                    0,
                    4,
                    (ref f) =>
                    {
                        f.Write(1);
                        f.WriteNil();
                        f.Write("");
                        f.Write(true);
                    }
                )
        );
        AssertRead(
            "a text is no UTF-8",
            (ref w) =>
                Header(
                    ref w,
                    1,
                    "Fault",
                    0,
                    4,
                    (ref f) =>
                    {
                        f.Write(1);
                        f.WriteString([0xC3, 0x28]);
                        f.Write("");
                        f.Write(true);
                    }
                )
        );
        AssertRead("7 bytes are no whole number of doubles", Evaluation(7));
        AssertRead("12 numbers, not 11", Evaluation(88));
    }

    [Fact]
    public void TryRead_BeyondTheReadersOwnLimits_IsBad()
    {
        var frame = Frame((ref w) => Header(ref w, 1, "EndOfStream", 0, 1, (ref f) => f.Write(7)));
        var header = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(8));
        Assert.IsType<WireRead.Frame>(Read(frame, new WireLimits(frame.Length - 8, header)));
        Assert.IsType<WireRead.Bad>(Read(frame, new WireLimits(frame.Length - 9, header)));
        Assert.IsType<WireRead.Bad>(Read(frame, new WireLimits(frame.Length - 8, header - 1)));
    }

    private static void AssertRead(string? problem, Writes header)
    {
        var answer = Read(Frame(header), WireLimits.Default);
        if (problem is null)
        {
            Assert.IsType<WireRead.Frame>(answer);
        }
        else
        {
            Assert.Contains(problem, Assert.IsType<WireRead.Bad>(answer).Problem, StringComparison.Ordinal);
        }
    }

    private static WireRead Read(byte[] frame, WireLimits limits)
    {
        var input = new ReadOnlySequence<byte>(frame);
        return WireCodec.TryRead(ref input, limits);
    }

    private static byte[] Frame(Writes header)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        header(ref writer);
        writer.Flush();
        byte[] body = [.. BitConverter.GetBytes(output.WrittenCount), .. output.WrittenSpan];
        byte[] frame = [.. BitConverter.GetBytes(body.Length + 4L), .. body];
        return [.. frame, .. BitConverter.GetBytes(Crc32C.Of(frame))];
    }

    private static void Start(ref MessagePackWriter writer, string type, int tensors, int protocol = 1)
    {
        writer.WriteArrayHeader(4);
        writer.Write(protocol);
        writer.Write(type);
        writer.WriteArrayHeader(tensors);
    }

    private static void Header(ref MessagePackWriter writer, int protocol, string type, int tensors, int fields, Writes write)
    {
        Start(ref writer, type, tensors, protocol);
        writer.WriteArrayHeader(fields);
        write(ref writer);
    }

    private static Writes Detections(Writes fields) => (ref w) => Header(ref w, 1, "Detections", 0, 4, fields);

    private static Writes Evaluation(int statsBytes) =>
        (ref w) =>
            Header(
                ref w,
                1,
                "Evaluation",
                0,
                9,
                (ref f) =>
                {
                    f.WriteArrayHeader(6);
                    f.Write("bbox");
                    f.Write(new byte[statsBytes]);
                    f.WriteRaw(new byte[100]);
                }
            );

    private static Writes FlowFrame(string type, params long[] shape) =>
        (ref w) =>
        {
            Start(ref w, "FlowFrame", tensors: 2);
            Tensor(ref w, type, shape);
            Tensor(ref w, "float32", [2, 1, 1]);
            w.WriteArrayHeader(5);
            Key(ref w);
            Size(ref w, 2, 3);
            w.Write(1);
            w.Write("gma");
            w.WriteNil();
        };

    private static void Tensor(ref MessagePackWriter writer, string type, long[] shape)
    {
        writer.WriteArrayHeader(2);
        writer.Write(type);
        writer.WriteArrayHeader(shape.Length);
        foreach (var size in shape)
        {
            writer.Write(size);
        }
    }

    private static void Key(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(3);
        writer.Write(7);
        writer.Write("bear");
        writer.Write(3);
    }

    private static void Size(ref MessagePackWriter writer, long height, long width)
    {
        writer.WriteArrayHeader(2);
        writer.Write(height);
        writer.Write(width);
    }
}
