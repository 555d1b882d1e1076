using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Motion.Properties.Contracts;

/// <summary>Pickles and torch.save files, byte by byte, right or wrong as a law needs them.</summary>
internal static class PickleBuilder
{
    public const string Mark = "(";
    public const string EmptyTuple = ")";
    public const string EmptyList = "]";
    public const string EmptyDict = "}";
    public const string Reduce = "R";
    public const string TupleEnd = "t";
    public const string SetItems = "u";
    public const string None = "N";
    public const string False = "\u0089";

    /// <summary>PROTO 2, the parts (each letter a byte), STOP.</summary>
    public static byte[] Pickle(params string[] parts) => [0x80, 2, .. Encoding.Latin1.GetBytes(string.Concat(parts)), (byte)'.'];

    public static string Global(string module, string name) => $"c{module}\n{name}\n";

    public static string Text(string text) => $"X{Latin1(BitConverter.GetBytes(text.Length))}{text}";

    public static string Int(long value)
    {
        var bytes = new byte[9];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return $"\u008a\u0009{Latin1(bytes)}";
    }

    /// <summary>(1, 2, 3)</summary>
    public static string Sizes(params long[] sizes) => $"{Mark}{string.Concat(sizes.Select(Int))}{TupleEnd}";

    public static string Storage(string key, long count, string type = "FloatStorage") =>
        $"{Mark}{Text("storage")}{Global("torch", type)}{Text(key)}{Text("cpu")}{Int(count)}{TupleEnd}Q";

    public static string Tensor(string storage, long offset, string size, string stride) =>
        $"{Global("torch._utils", "_rebuild_tensor_v2")}{Mark}{storage}{Int(offset)}{size}{stride}{False}{EmptyDict}{TupleEnd}{Reduce}";

    public static string Dict(params (string Key, string Value)[] items) =>
        $"{EmptyDict}{Mark}{string.Concat(items.Select(item => Text(item.Key) + item.Value))}{SetItems}";

    /// <summary>A zip as torch.save's; entries as given, stored.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] entries) =>
        RawZip(
            CompressionLevel.NoCompression,
            [("archive/data.pkl", pickle), .. entries.Select(entry => ($"archive/{entry.Name}", entry.Bytes))]
        );

    public static byte[] RawZip(CompressionLevel level, (string Name, byte[] Bytes)[] entries)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return memory.ToArray();
    }

    private static string Latin1(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
