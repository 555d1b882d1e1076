using System.Buffers;
using MessagePack;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Bindings;

/// <summary>Bytes as the MessagePack specification lays them down, written out by hand from its format tables.</summary>
public sealed class MessagePackGolden
{
    private delegate void Writes(ref MessagePackWriter writer);

    [Fact]
    public void Write_EveryFormat_IsTheSpecificationsBytes()
    {
        AssertBytes("c0", (ref w) => w.WriteNil());
        AssertBytes("c2 c3", (ref w) => { w.Write(false); w.Write(true); });
        AssertBytes("ca 3f800000", (ref w) => w.Write(1f));
        AssertBytes("cb bff8000000000000", (ref w) => w.Write(-1.5));
        AssertBytes("a0 a2 c3a9", (ref w) => { w.Write(""); w.Write("é"); });
        AssertBytes("c0 c0", (ref w) => { w.Write((string?)null); w.Write((byte[]?)null); });
        AssertBytes("c4 02 0102", (ref w) => w.Write(new byte[] { 1, 2 }));
        AssertBytes("82 a1 61 01 a1 62 90", (ref w) => { w.WriteMapHeader(2); w.Write("a"); w.Write(1); w.Write("b"); w.WriteArrayHeader(0); });
        AssertBytes("41 cc e9 cd 8a08", (ref w) => { w.Write('A'); w.Write('é'); w.Write('計'); });
        AssertBytes("cc 01 cd 0001 ce 00000001 cf 0000000000000001", (ref w) => { w.WriteUInt8(1); w.WriteUInt16(1); w.WriteUInt32(1); w.WriteUInt64(1); });
        AssertBytes("d0 ff d1 ffff d2 ffffffff d3 ffffffffffffffff", (ref w) => { w.WriteInt8(-1); w.WriteInt16(-1); w.WriteInt32(-1); w.WriteInt64(-1); });
    }

    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7f")]
    [InlineData(128, "cc80")]
    [InlineData(255, "ccff")]
    [InlineData(256, "cd0100")]
    [InlineData(65535, "cdffff")]
    [InlineData(65536, "ce00010000")]
    [InlineData(4294967295, "ceffffffff")]
    [InlineData(4294967296, "cf0000000100000000")]
    [InlineData(long.MaxValue, "cf7fffffffffffffff")]
    [InlineData(-1, "ff")]
    [InlineData(-32, "e0")]
    [InlineData(-33, "d0df")]
    [InlineData(-128, "d080")]
    [InlineData(-129, "d1ff7f")]
    [InlineData(-32768, "d18000")]
    [InlineData(-32769, "d2ffff7fff")]
    [InlineData(int.MinValue, "d280000000")]
    [InlineData(int.MinValue - 1L, "d3ffffffff7fffffff")]
    [InlineData(long.MinValue, "d38000000000000000")]
    public void Write_IntegerAtABoundary_IsTheShortestFormat(long number, string hex)
    {
        AssertBytes(hex, (ref w) => w.Write(number));
        if (number is >= int.MinValue and <= int.MaxValue)
        {
            AssertBytes(hex, (ref w) => w.Write((int)number));
        }

        if (number is >= short.MinValue and <= short.MaxValue)
        {
            AssertBytes(hex, (ref w) => w.Write((short)number));
        }

        if (number >= 0)
        {
            AssertBytes(hex, (ref w) => w.Write((ulong)number));
        }
    }

    [Theory]
    [InlineData(0, "90", "80", "a0", "c400", "c70005")]
    [InlineData(1, "91", "81", "a1", "c401", "d405")]
    [InlineData(2, "92", "82", "a2", "c402", "d505")]
    [InlineData(3, "93", "83", "a3", "c403", "c70305")]
    [InlineData(4, "94", "84", "a4", "c404", "d605")]
    [InlineData(8, "98", "88", "a8", "c408", "d705")]
    [InlineData(15, "9f", "8f", "af", "c40f", "c70f05")]
    [InlineData(16, "dc0010", "de0010", "b0", "c410", "d805")]
    [InlineData(31, "dc001f", "de001f", "bf", "c41f", "c71f05")]
    [InlineData(32, "dc0020", "de0020", "d920", "c420", "c72005")]
    [InlineData(255, "dc00ff", "de00ff", "d9ff", "c4ff", "c7ff05")]
    [InlineData(256, "dc0100", "de0100", "da0100", "c50100", "c8010005")]
    [InlineData(65535, "dcffff", "deffff", "daffff", "c5ffff", "c8ffff05")]
    [InlineData(65536, "dd00010000", "df00010000", "db00010000", "c600010000", "c90001000005")]
    [InlineData(int.MaxValue, "dd7fffffff", "df7fffffff", "db7fffffff", "c67fffffff", "c97fffffff05")]
    public void WriteHeader_LengthAtABoundary_IsTheShortestFormat(int length, string array, string map, string str, string bin, string ext)
    {
        AssertBytes(array, (ref w) => w.WriteArrayHeader(length));
        AssertBytes(map, (ref w) => w.WriteMapHeader(length));
        AssertBytes(str, (ref w) => w.WriteStringHeader(length));
        AssertBytes(bin, (ref w) => w.WriteBinHeader(length));
        AssertBytes(ext, (ref w) => w.WriteExtensionFormatHeader(new ExtensionHeader(5, length)));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00.0000000Z", "d6ff00000000")]
    [InlineData("2022-10-16T00:00:00.0000000Z", "d6ff634b4980")]
    [InlineData("2106-02-07T06:28:15.0000000Z", "d6ffffffffff")]
    [InlineData("2106-02-07T06:28:16.0000000Z", "d7ff0000000100000000")]
    [InlineData("1970-01-01T00:00:00.0000001Z", "d7ff0000019000000000")]
    [InlineData("2514-05-30T01:53:03.9999999Z", "d7ffee6b2673ffffffff")]
    [InlineData("2514-05-30T01:53:04.0000000Z", "c70cff000000000000000400000000")]
    [InlineData("1969-12-31T23:59:59.5000000Z", "c70cff1dcd6500ffffffffffffffff")]
    [InlineData("0001-01-01T00:00:00.0000000Z", "c70cff00000000fffffff1886e0900")]
    public void Write_Timestamp_IsTheShortestOfThreeFormats(string time, string hex)
    {
        var value = DateTime.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.RoundtripKind);
        AssertBytes(hex, (ref w) => w.Write(value));
        var reader = new MessagePackReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.ReadDateTime());
        Assert.True(reader.End);
    }

    [Theory]
    [InlineData("c70cff00000000000000ffffffffff")]
    [InlineData("c70cff3b9aca000000000000000000")]
    [InlineData("d7ffee6b280000000000")]
    [InlineData("d5ff0000")]
    [InlineData("d60100000000")]
    public void ReadDateTime_OutsideTheCalendarOrNoTimestamp_IsRefused(string hex)
    {
        Assert.Throws<MessagePackSerializationException>(() =>
        {
            var reader = new MessagePackReader(Convert.FromHexString(hex));
            reader.ReadDateTime();
        });
    }

    [Fact]
    public void ReadString_InOnePieceOrSeveral_GivesTheSpanOrTheSequence()
    {
        var bytes = Convert.FromHexString("a3616263");
        var whole = new MessagePackReader(bytes);
        Assert.True(whole.TryReadStringSpan(out var span) && span.SequenceEqual("abc"u8) && whole.End);

        var split = new MessagePackReader(Chunks.Split(bytes, 2));
        Assert.False(split.TryReadStringSpan(out _));
        Assert.Equal("abc"u8.ToArray(), split.ReadStringSequence()!.Value.ToArray());

        var nil = new MessagePackReader(new byte[] { MessagePackCode.Nil, MessagePackCode.Nil, MessagePackCode.Nil });
        Assert.False(nil.TryReadStringSpan(out _));
        Assert.Null(nil.ReadString());
        Assert.Null(nil.ReadStringSequence());
        Assert.Null(nil.ReadBytes());
    }

    [Fact]
    public void ToFormatName_EveryCode_HasOneAndATypeThatFitsIt()
    {
        for (var code = 0; code < 256; code++)
        {
            var (name, type) = (MessagePackCode.ToFormatName((byte)code), MessagePackCode.ToMessagePackType((byte)code));
            var expected = name switch
            {
                "nil" => MessagePackType.Nil,
                "true" or "false" => MessagePackType.Boolean,
                "(never used)" => MessagePackType.Unknown,
                _ when name.Contains("int", StringComparison.Ordinal) => MessagePackType.Integer,
                _ when name.Contains("float", StringComparison.Ordinal) => MessagePackType.Float,
                _ when name.Contains("str", StringComparison.Ordinal) => MessagePackType.String,
                _ when name.Contains("bin", StringComparison.Ordinal) => MessagePackType.Binary,
                _ when name.Contains("arr", StringComparison.Ordinal) => MessagePackType.Array,
                _ when name.Contains("map", StringComparison.Ordinal) => MessagePackType.Map,
                _ => MessagePackType.Extension,
            };
            Assert.True(type == expected, $"0x{code:x2} is named {name} and typed {type}");
        }
    }

    private static void AssertBytes(string hex, Writes writes)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writes(ref writer);
        writer.Flush();
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(output.WrittenSpan));
    }
}
