using System.Buffers;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MessagePack;

namespace Motion.Properties.Bindings;

/// <summary>Any MessagePack value, written and read with the public reader and writer; compared by <see cref="Text"/>.</summary>
public abstract record MessagePackValue
{
    public sealed record Nothing : MessagePackValue;

    public sealed record Bool(bool Value) : MessagePackValue;

    public sealed record Signed(long Value) : MessagePackValue;

    public sealed record Unsigned(ulong Value) : MessagePackValue;

    public sealed record Single(float Value) : MessagePackValue;

    public sealed record Double(double Value) : MessagePackValue;

    public sealed record Str(string Value) : MessagePackValue;

    public sealed record Bin(byte[] Value) : MessagePackValue;

    public sealed record Ext(sbyte Type, byte[] Value) : MessagePackValue;

    public sealed record Time(DateTime Value) : MessagePackValue;

    public sealed record Arr(MessagePackValue[] Items) : MessagePackValue;

    public sealed record Map(MessagePackValue[] KeysAndValues) : MessagePackValue;

    /// <summary>All that the value is, bits of floats included, and no more: an integer is an integer whatever wrote it.</summary>
    public string Text => this switch
    {
        Nothing => "nil",
        Bool b => b.Value ? "true" : "false",
        Signed i => i.Value.ToString(CultureInfo.InvariantCulture),
        Unsigned u => u.Value.ToString(CultureInfo.InvariantCulture),
        Single f => $"f{BitConverter.SingleToUInt32Bits(f.Value):x8}",
        Double d => $"d{BitConverter.DoubleToUInt64Bits(d.Value):x16}",
        Str s => $"\"{s.Value}\"",
        Bin b => $"bin {Convert.ToHexString(b.Value)}",
        Ext e => $"ext {e.Type} {Convert.ToHexString(e.Value)}",
        Time t => $"time {t.Value.Ticks}",
        Arr a => $"[{string.Join(',', a.Items.Select(item => item.Text))}]",
        Map m => $"{{{string.Join(',', m.KeysAndValues.Select(item => item.Text))}}}",
        _ => throw new InvalidOperationException(),
    };

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        WriteTo(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public void WriteTo(ref MessagePackWriter writer)
    {
        switch (this)
        {
            case Nothing:
                writer.WriteNil();
                break;
            case Bool b:
                writer.Write(b.Value);
                break;
            case Signed i:
                writer.Write(i.Value);
                break;
            case Unsigned u:
                writer.Write(u.Value);
                break;
            case Single f:
                writer.Write(f.Value);
                break;
            case Double d:
                writer.Write(d.Value);
                break;
            case Str s:
                writer.Write(s.Value);
                break;
            case Bin b:
                writer.Write(b.Value);
                break;
            case Ext e:
                writer.WriteExtensionFormat(new ExtensionResult(e.Type, e.Value));
                break;
            case Time t:
                writer.Write(t.Value);
                break;
            case Arr a:
                writer.WriteArrayHeader(a.Items.Length);
                WriteAll(ref writer, a.Items);
                break;
            case Map m:
                writer.WriteMapHeader(m.KeysAndValues.Length / 2);
                WriteAll(ref writer, m.KeysAndValues);
                break;
            default:
                throw new InvalidOperationException();
        }
    }

    public static MessagePackValue Read(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return new Nothing();
            case MessagePackType.Boolean:
                return new Bool(reader.ReadBoolean());
            case MessagePackType.Integer:
                return reader.NextCode == MessagePackCode.UInt64 ? new Unsigned(reader.ReadUInt64()) : new Signed(reader.ReadInt64());
            case MessagePackType.Float:
                return reader.NextCode == MessagePackCode.Float32 ? new Single(reader.ReadSingle()) : new Double(reader.ReadDouble());
            case MessagePackType.String:
                return new Str(reader.ReadString()!);
            case MessagePackType.Binary:
                return new Bin(reader.ReadBytes()!.Value.ToArray());
            case MessagePackType.Extension:
                var peek = reader.CreatePeekReader();
                if (peek.ReadExtensionFormatHeader().TypeCode == ReservedMessagePackExtensionTypeCode.DateTime)
                {
                    return new Time(reader.ReadDateTime());
                }

                var ext = reader.ReadExtensionFormat();
                return new Ext(ext.TypeCode, ext.Data.ToArray());
            case MessagePackType.Array:
                return new Arr(ReadAll(ref reader, reader.ReadArrayHeader()));
            case MessagePackType.Map:
                return new Map(ReadAll(ref reader, 2 * reader.ReadMapHeader()));
            default:
                reader.Skip();
                throw new InvalidOperationException("a code without a type was skipped");
        }
    }

    private static void WriteAll(ref MessagePackWriter writer, MessagePackValue[] items)
    {
        foreach (var item in items)
        {
            item.WriteTo(ref writer);
        }
    }

    private static MessagePackValue[] ReadAll(ref MessagePackReader reader, int count)
    {
        MessagePackSecurity.UntrustedData.DepthStep(ref reader);
        var items = new MessagePackValue[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = Read(ref reader);
        }

        reader.Depth--;
        return items;
    }

    /// <summary>Every type, every width of its length field but the widest, every integer boundary.</summary>
    public static Arbitrary<MessagePackValue> Any { get; } = Arb.From(Nested(3), Smaller);

    private static Gen<MessagePackValue> Nested(int depth)
    {
        var bits = Gen.Choose(0, 64).SelectMany(
            count => ArbMap.Default.GeneratorFor<ulong>(), (count, noise) => count == 64 ? noise : (noise % (1UL << count)) | ((1UL << count) >> 1));
        var boundary = Gen.Elements(0L, 1, 127, 128, 255, 256, 65535, 65536, int.MaxValue, uint.MaxValue, 1L << 32, long.MaxValue, -1, -32, -33, -128, -129, -32768, -32769, int.MinValue, int.MinValue - 1L, long.MinValue);
        var length = Gen.Frequency((6, Gen.Choose(0, 20)), (2, Gen.Choose(30, 34)), (2, Gen.Choose(254, 257)), (1, Gen.Choose(65534, 65537)));
        var bytes = length.SelectMany(n => Gen.Choose(0, 255), (n, noise) => Enumerable.Range(0, n).Select(i => (byte)(i * noise)).ToArray());
        var letters = Gen.Elements("a", "é", "計", "🎬", "\0", " ");
        var leaf = Gen.OneOf(
            Gen.Constant<MessagePackValue>(new Nothing()),
            Gen.Elements(true, false).Select(b => (MessagePackValue)new Bool(b)),
            boundary.Select(i => (MessagePackValue)new Signed(i)),
            bits.Select(b => (MessagePackValue)new Signed((long)b)),
            bits.Select(b => (MessagePackValue)new Unsigned(b)),
            bits.Select(b => (MessagePackValue)new Single(BitConverter.UInt32BitsToSingle((uint)b))),
            bits.Select(b => (MessagePackValue)new Double(BitConverter.UInt64BitsToDouble(b))),
            length.SelectMany(n => letters, (n, letter) => (MessagePackValue)new Str(string.Concat(Enumerable.Repeat(letter, n)))),
            bytes.Select(b => (MessagePackValue)new Bin(b)),
            Gen.Choose(0, 127).SelectMany(type => bytes, (type, b) => (MessagePackValue)new Ext((sbyte)type, b)),
            bits.Select(b => (MessagePackValue)new Time(new DateTime((long)(b % (ulong)DateTime.MaxValue.Ticks), DateTimeKind.Utc))),
            boundary.Select(s => (MessagePackValue)new Time(DateTime.UnixEpoch.AddSeconds(Math.Clamp(s, -62_000_000_000, 250_000_000_000)))));
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Nested(depth - 1);
        var many = Gen.Frequency((8, Gen.Choose(0, 4)), (1, Gen.Choose(15, 17))).SelectMany(n => inner.ArrayOf(n));
        return Gen.Frequency(
            (4, leaf),
            (2, many.Select(items => (MessagePackValue)new Arr(items))),
            (2, many.Select(items => (MessagePackValue)new Map([.. items, .. items]))));
    }

    private static IEnumerable<MessagePackValue> Smaller(MessagePackValue value) => value switch
    {
        Arr a => [.. a.Items, .. a.Items.Length > 0 ? new[] { new Arr(a.Items[1..]) } : []],
        Map m => [.. m.KeysAndValues, .. m.KeysAndValues.Length > 1 ? new[] { new Map(m.KeysAndValues[2..]) } : []],
        Str s when s.Value.Length > 0 => [new Str("")],
        Bin b when b.Value.Length > 0 => [new Bin([])],
        Ext e when e.Value.Length > 0 => [new Ext(e.Type, [])],
        _ => [],
    };
}
