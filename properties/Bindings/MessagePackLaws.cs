using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using MessagePack;
using Motion.Contracts;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Bindings;

public sealed class MessagePackLaws
{
    [Fact]
    public void Read_AnyValueInAnyPieces_IsWhatWasWritten() =>
        Prop.ForAll(MessagePackValue.Any, Gen.Choose(1, 40).ArrayOf(5).ToArbitrary(), (value, sizes) =>
        {
            var reader = new MessagePackReader(Chunks.Split(value.Encode(), sizes));
            var read = MessagePackValue.Read(ref reader);
            return (read.Text == value.Text && reader.End && reader.Depth == 0)
                .Label($"{value.Text} in pieces of {string.Join(',', sizes)} was read as {read.Text}")
                .Classify(value is MessagePackValue.Arr or MessagePackValue.Map, "nested");
        }).Check(Laws.Cases(300));

    [Fact]
    public void Read_EveryTruncation_IsEndOfStream() =>
        Prop.ForAll(MessagePackValue.Any, value =>
        {
            var bytes = value.Encode();
            var step = Math.Max(1, bytes.Length / 200);
            for (var length = 0; length < bytes.Length; length += length < 64 ? 1 : step)
            {
                Assert.Throws<EndOfStreamException>(() => ReadValue(bytes.AsMemory(0, length)));
                Assert.Throws<EndOfStreamException>(() => Skip(bytes.AsMemory(0, length)));
            }
        }).Check(Laws.Config);

    [Fact]
    public void Skip_AnyValueInAnyPieces_ConsumesExactlyIt() =>
        Prop.ForAll(MessagePackValue.Any, Gen.Choose(1, 40).ArrayOf(3).ToArbitrary(), (value, sizes) =>
        {
            var bytes = value.Encode();
            var reader = new MessagePackReader(Chunks.Split((byte[])[.. bytes, MessagePackCode.True], sizes));
            var raw = reader.ReadRaw();
            return raw.ToArray().AsSpan().SequenceEqual(bytes) && reader.Consumed == bytes.Length && reader.ReadBoolean() && reader.End;
        }).Check(Laws.Config);

    [Fact]
    public void Write_ToBuffersOfAnySize_IsTheSameBytes() =>
        Prop.ForAll(MessagePackValue.Any, value =>
        {
            var output = new Stingy();
            var writer = new MessagePackWriter(output);
            value.WriteTo(ref writer);
            writer.Flush();
            return output.Written.ToArray().AsSpan().SequenceEqual(value.Encode());
        }).Check(Laws.Config);

    [Fact]
    public void Read_AnyBytes_AnswersOrThrowsOneOfThree()
    {
        var draws = new Seed(7).Draws();
        var (read, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Enumerable.Range(0, 1 + draws.Next(12)).Select(_ => (byte)draws.Next(256)).ToArray();
            var reader = new MessagePackReader(Chunks.Split(bytes, 1 + draws.Next(4)));
            try
            {
                MessagePackValue.Read(ref reader);
                read++;
            }
            catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException or OverflowException)
            {
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused: the bytes are not a mixture");
    }

    [Theory]
    [InlineData("dd7fffffff")]
    [InlineData("df3fffffff")]
    [InlineData("df7fffffff00")]
    [InlineData("dcffff00")]
    [InlineData("c6ffffffff00")]
    [InlineData("dbffffffff00")]
    [InlineData("c9ffffffff0100")]
    public void Read_DeclaredSizeBeyondTheBytes_IsRefusedBeforeItIsAllocated(string hex)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<EndOfStreamException>(() => ReadValue(Convert.FromHexString(hex)));
        Assert.Throws<EndOfStreamException>(() => Skip(Convert.FromHexString(hex)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Theory]
    [InlineData("92c0", false)]
    [InlineData("82c0c0c0", true)]
    [InlineData("c702ff00", false)]
    public void ReadHeader_OfMoreThanTheBytesLeft_IsEndOfStreamAndConsumesNothing(string hex, bool map)
    {
        var reader = new MessagePackReader(Convert.FromHexString(hex));
        var ended = false;
        try
        {
            _ = map ? reader.ReadMapHeader() : reader.NextMessagePackType == MessagePackType.Array ? reader.ReadArrayHeader() : (int)reader.ReadExtensionFormatHeader().Length;
        }
        catch (EndOfStreamException)
        {
            ended = true;
        }

        Assert.True(ended && reader.Consumed == 0);
    }

    [Fact]
    public void Skip_DeepNesting_CostsNoStack()
    {
        var bytes = new byte[500_000];
        bytes.AsSpan(0, bytes.Length - 1).Fill(0x91);
        bytes[^1] = MessagePackCode.Nil;
        Skip(bytes);
        Assert.Throws<EndOfStreamException>(() => Skip(bytes.AsMemory(0, bytes.Length - 1)));
    }

    [Fact]
    public void DepthStep_DeeperThanAllowed_IsRefused()
    {
        var bytes = Enumerable.Repeat((byte)0x91, 501).Append(MessagePackCode.Nil).ToArray();
        Assert.Throws<InsufficientExecutionStackException>(() => ReadValue(bytes));
        Assert.StartsWith("[[[", ReadValue(bytes.AsMemory(1)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnotherTypeThanIsThere_ConsumesNothingAndNamesTheCode()
    {
        var reader = new MessagePackReader(new byte[] { MessagePackCode.Float64, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0 });
        var message = "";
        try
        {
            reader.ReadArrayHeader();
        }
        catch (MessagePackSerializationException e)
        {
            message = e.Message;
        }

        Assert.Contains("float 64", message, StringComparison.Ordinal);
        Assert.Equal(0, reader.Consumed);
        Assert.Equal(1.0, reader.ReadDouble());
    }

    [Fact]
    public void Read_NeverUsedCode_IsRefused()
    {
        Assert.Throws<MessagePackSerializationException>(() => Skip(new byte[] { MessagePackCode.NeverUsed }));
        Assert.Equal(MessagePackType.Unknown, MessagePackCode.ToMessagePackType(MessagePackCode.NeverUsed));
    }

    [Fact]
    public void ReadInteger_AnyFormatAsAnyType_IsTheNumberOrAnOverflow() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<long>().Select(i => (Int128)i).Or(ArbMap.Default.GeneratorFor<ulong>().Select(u => (Int128)u)).ToArbitrary(), number =>
        {
            foreach (var bytes in EveryFormatOf(number))
            {
                AssertReads(number, byte.MinValue, byte.MaxValue, (ref MessagePackReader r) => r.ReadByte(), bytes);
                AssertReads(number, sbyte.MinValue, sbyte.MaxValue, (ref MessagePackReader r) => r.ReadSByte(), bytes);
                AssertReads(number, ushort.MinValue, ushort.MaxValue, (ref MessagePackReader r) => r.ReadUInt16(), bytes);
                AssertReads(number, short.MinValue, short.MaxValue, (ref MessagePackReader r) => r.ReadInt16(), bytes);
                AssertReads(number, uint.MinValue, uint.MaxValue, (ref MessagePackReader r) => r.ReadUInt32(), bytes);
                AssertReads(number, int.MinValue, int.MaxValue, (ref MessagePackReader r) => r.ReadInt32(), bytes);
                AssertReads(number, ulong.MinValue, ulong.MaxValue, (ref MessagePackReader r) => r.ReadUInt64(), bytes);
                AssertReads(number, long.MinValue, long.MaxValue, (ref MessagePackReader r) => r.ReadInt64(), bytes);
                var reader = new MessagePackReader(bytes);
                Assert.Equal((double)number, reader.ReadDouble());
            }
        }).Check(Laws.Config);

    private delegate Int128 ReadNumber(ref MessagePackReader reader);

    private static void AssertReads(Int128 number, Int128 min, Int128 max, ReadNumber read, byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        if (number >= min && number <= max)
        {
            Assert.Equal(number, read(ref reader));
            Assert.True(reader.End);
            return;
        }

        var overflowed = false;
        try
        {
            read(ref reader);
        }
        catch (OverflowException)
        {
            overflowed = true;
        }

        Assert.True(overflowed && reader.Consumed == 0, $"{number} was read as a number of {min} to {max}");
    }

    /// <summary>The number in every format wide enough for it.</summary>
    private static IEnumerable<byte[]> EveryFormatOf(Int128 number)
    {
        var big = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt128BigEndian(big, number);
        if (number >= -32 && number <= 127)
        {
            yield return [big[15]];
        }

        foreach (var (code, width, signed) in new[]
        {
            (MessagePackCode.UInt8, 1, false), (MessagePackCode.UInt16, 2, false), (MessagePackCode.UInt32, 4, false), (MessagePackCode.UInt64, 8, false),
            (MessagePackCode.Int8, 1, true), (MessagePackCode.Int16, 2, true), (MessagePackCode.Int32, 4, true), (MessagePackCode.Int64, 8, true),
        })
        {
            var span = Int128.One << (8 * width);
            if (signed ? number >= -(span / 2) && number < span / 2 : number >= 0 && number < span)
            {
                yield return [code, .. big.AsSpan(16 - width)];
            }
        }
    }

    private static MessagePackValue ReadValue(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        return MessagePackValue.Read(ref reader);
    }

    private static void Skip(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        reader.Skip();
    }

    /// <summary>Gives exactly the room that is asked for, one byte where any will do.</summary>
    private sealed class Stingy : IBufferWriter<byte>
    {
        private byte[] _room = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_room[..count]);

        public Memory<byte> GetMemory(int sizeHint = 0) => _room = new byte[Math.Max(1, sizeHint)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
