using System.Buffers;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

public sealed class WireLaws
{
    [Fact]
    public void SampleMessages_AllKinds_AreAllTypesOfMessages()
    {
        var types = typeof(Message).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Message))).Select(type => type.Name).Order();
        Assert.Equal(types, Enumerable.Range(0, SampleMessages.Kinds).Select(kind => SampleMessages.Make(kind, 1).GetType().Name).Order());
    }

    [Fact, Law]
    public void TryRead_AnyMessageInAnyPieces_IsWhatWasWritten() =>
        Prop.ForAll(
                SampleMessages.Any,
                Gen.Choose(1, 2000).ArrayOf(3).ToArbitrary(),
                (sample, sizes) =>
                {
                    using var sent = SampleMessages.Make(sample.Kind, sample.Seed);
                    var input = Chunks.Split(Encode(sent), sizes);
                    using var read = Assert.IsType<WireRead.Frame>(WireCodec.TryRead(ref input)).Message;
                    return (SampleMessages.Describe(read) == SampleMessages.Describe(sent) && input.IsEmpty)
                        .Label($"{SampleMessages.Describe(sent)} was read as {SampleMessages.Describe(read)}")
                        .Classify(read.Tensors.Any(), "with tensors");
                }
            )
            .Check(Laws.Cases(300));

    [Fact, Law]
    public void TryRead_EveryTruncation_AsksForMoreAndTakesNothing() =>
        Prop.ForAll(
                SampleMessages.Any,
                sample =>
                {
                    var bytes = Encode(sample);
                    for (var length = 0; length < bytes.Length; length++)
                    {
                        var input = new ReadOnlySequence<byte>(bytes, 0, length);
                        var needed = Assert.IsType<WireRead.NeedMore>(WireCodec.TryRead(ref input)).Bytes;
                        Assert.InRange(needed, length + 1, bytes.Length);
                        Assert.Equal(length, input.Length);
                    }
                }
            )
            .Check(Laws.Cases(40));

    [Fact, Law]
    public void TryRead_AnyOneBitFlipped_IsNeverAFrame() =>
        Prop.ForAll(
                SampleMessages.Any,
                Gen.Choose(0, 7).ToArbitrary(),
                (sample, bit) =>
                {
                    var bytes = Encode(sample);
                    for (var i = 0; i < bytes.Length; i++)
                    {
                        bytes[i] ^= (byte)(1 << bit);
                        var input = new ReadOnlySequence<byte>(bytes);
                        Assert.False(WireCodec.TryRead(ref input) is WireRead.Frame, $"bit {bit} of byte {i} was flipped and not noticed");
                        Assert.Equal(bytes.Length, input.Length);
                        bytes[i] ^= (byte)(1 << bit);
                    }
                }
            )
            .Check(Laws.Cases(20));

    [Fact]
    public void TryRead_ForgedHeaderWithARightChecksum_IsRefusedOrAMessageThatEncodesAgain()
    {
        var draws = new Seed(11).Draws();
        var (frames, refused) = (0, 0);
        for (var round = 0; round < 4000; round++)
        {
            var bytes = Encode((draws.Next(SampleMessages.Kinds), draws.Next(1000)));
            var header = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
            for (var change = draws.Next(3); change >= 0; change--)
            {
                bytes[WireCodecPrefix + draws.Next(header)] = draws.Next(2) == 0 ? (byte)draws.Next(256) : (byte)(0xc0 + draws.Next(64));
            }

            var input = new ReadOnlySequence<byte>(Seal(bytes));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var tensors = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            var answer = WireCodec.TryRead(ref input);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000 + (100L * bytes.Length));
            if (answer is WireRead.Frame(var message))
            {
                frames++;
                using (message)
                {
                    Assert.NotEmpty(Encode(message));
                }
            }
            else
            {
                Assert.NotEmpty(Assert.IsType<WireRead.Bad>(answer).Problem);
                Assert.Equal(tensors, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                refused++;
            }
        }

        Assert.True(frames > 200 && refused > 200, $"{frames} read, {refused} refused: the changes are not a mixture");
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData((1UL << 30) + 1)]
    [InlineData(7)]
    [InlineData(0)]
    public void TryRead_LengthOutsideTheLimits_IsBadAtOnce(ulong length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Contains($"{length}", Assert.IsType<WireRead.Bad>(WireCodec.TryRead(ref input)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_HeaderLongerThanItsFrame_IsBadAtOnce()
    {
        var bytes = Encode(new EndOfStream(3));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), bytes.Length - WireCodecPrefix - 3);
        var input = new ReadOnlySequence<byte>(bytes, 0, WireCodecPrefix);
        Assert.IsType<WireRead.Bad>(WireCodec.TryRead(ref input));
    }

    [Theory]
    [InlineData("93 ff ff 01", "the shape's product")]
    [InlineData("93 03 04 05", "another product")]
    public void TryRead_ShapeThatIsNotItsBytes_IsBad(string shape, string what)
    {
        using var pair = new FramePair(
            new FrameKey(0, "c", 0),
            new Size2(2, 2),
            zeros(3, 2, 2, dtype: uint8),
            zeros(3, 2, 2, dtype: uint8),
            1,
            null,
            null
        );
        var hex = Convert.ToHexString(Encode(pair));
        var forged = hex.Replace("93030202", shape.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant(), StringComparison.Ordinal);
        Assert.NotEqual(hex, forged);
        var input = new ReadOnlySequence<byte>(Seal(Convert.FromHexString(forged)));
        Assert.True(WireCodec.TryRead(ref input) is WireRead.Bad, what);
    }

    [Fact]
    public void TryRead_AnotherProtocol_IsBadAndNamesBoth()
    {
        var bytes = Encode(new EndOfStream(3));
        bytes[WireCodecPrefix + 1] = 99;
        var input = new ReadOnlySequence<byte>(Seal(bytes));
        var problem = Assert.IsType<WireRead.Bad>(WireCodec.TryRead(ref input)).Problem;
        Assert.Contains("99", problem, StringComparison.Ordinal);
        Assert.Contains($"{WireCodec.Protocol}", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_MaskWhoseRunsAreNotItsSize_IsBad()
    {
        var mask = new Rle(new Size2(4, 4), [3, 5]);
        var input = new ReadOnlySequence<byte>(
            Encode(new Detections(new FrameKey(0, "c", 0), new Size2(4, 4), [new Detection(default, 1, 0, mask)], null))
        );
        Assert.Contains("8 pixels", Assert.IsType<WireRead.Bad>(WireCodec.TryRead(ref input)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_StridedTensors_ArriveRowMajor()
    {
        using var scope = NewDisposeScope();
        var image = Held.Range(24, dtype: uint8).reshape(2, 4, 3).permute(2, 0, 1); // [3, 2, 4], strided
        var flow = full(new long[] { 2, 1, 1 }, Held.Of(0.5), dtype: float32).expand(2, 2, 4).requires_grad_(true); // [2, 2, 4], stride 0
        var input = new ReadOnlySequence<byte>(
            Encode(new FlowFrame(new FrameKey(0, "c", 0), new Size2(2, 4), image, flow, 1, "zero", null))
        );
        using var read = (FlowFrame)((WireRead.Frame)WireCodec.TryRead(ref input)).Message;
        Assert.Equal(SampleMessages.Describe(image), SampleMessages.Describe(read.Image));
        Assert.Equal(SampleMessages.Describe(flow.detach()), SampleMessages.Describe(read.Flow));
        Assert.False(read.Flow.requires_grad);
    }

    [Fact]
    public void Write_TensorAgainstTheContract_IsTheSendersBug()
    {
        using var frame = new FlowFrame(
            new FrameKey(0, "c", 0),
            new Size2(2, 2),
            zeros(3, 2, 2, dtype: uint8),
            zeros(2, 2, 2, dtype: float64),
            1,
            "zero",
            null
        );
        Assert.Contains("Flow must be float32", Assert.Throws<ArgumentException>(() => Encode(frame)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_InsideADisposeScope_GivesTensorsThatOutliveIt()
    {
        using var sent = SampleMessages.Make(1, 3);
        Message read;
        using (NewDisposeScope())
        {
            var input = new ReadOnlySequence<byte>(Encode(sent));
            read = ((WireRead.Frame)WireCodec.TryRead(ref input)).Message;
        }

        Assert.Equal(SampleMessages.Describe(sent), SampleMessages.Describe(read));
        read.Dispose();
    }

    [Fact]
    public void Write_AnyMessage_KeepsNoTensorOfIt() =>
        Leaks.Check(() =>
        {
            for (var kind = 0; kind < SampleMessages.Kinds; kind++)
            {
                Encode((kind, 9));
            }
        });

    [Fact]
    public void Match_EveryMessage_CallsItsOwnCase()
    {
        for (var kind = 0; kind < SampleMessages.Kinds; kind++)
        {
            using var message = SampleMessages.Make(kind, 5);
            var name = message.Match(
                m => m.GetType() == typeof(FramePair),
                m => m.GetType() == typeof(FlowFrame),
                m => m.GetType() == typeof(Prediction),
                m => m.GetType() == typeof(Gradient),
                m => m.GetType() == typeof(Detections),
                m => m.GetType() == typeof(Evaluation),
                m => m.GetType() == typeof(Handshake),
                m => m.GetType() == typeof(Fault),
                m => m.GetType() == typeof(EndOfStream)
            );
            Assert.True(name, $"{message.GetType().Name} went to another case");
        }
    }

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("313233343536373839", 0xE3069283u)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    public void Crc32C_ExamplesOfRfc3720_AreAsPublished(string hex, uint expected)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(expected, Crc32C.Of(bytes));
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(expected, default(Crc32C).Append(bytes.AsSpan(0, cut)).Append(bytes.AsSpan(cut)).Value);
        }
    }

    private const int WireCodecPrefix = 12;

    internal static byte[] Encode((int Kind, int Seed) sample)
    {
        using var message = SampleMessages.Make(sample.Kind, sample.Seed);
        return Encode(message);
    }

    internal static byte[] Encode(Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        WireCodec.Write(output, message);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The frame with the checksum of what it now says.</summary>
    private static byte[] Seal(byte[] frame)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(frame.Length - 4), Crc32C.Of(frame.AsSpan(0, frame.Length - 4)));
        return frame;
    }
}
