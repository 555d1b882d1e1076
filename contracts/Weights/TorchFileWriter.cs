using System.Text;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>The other direction: files that torch.load reads, <c>weights_only=True</c> included.</summary>
public static partial class TorchFile
{
    private static readonly byte[] FormatVersion = "3\n"u8.ToArray();

    /// <summary>
    /// Writes a state dict as torch.save does since PyTorch 1.6: a pickled OrderedDict of tensors and one record of memory for each, every
    /// record at a multiple of 64 bytes. The tensors stay the caller's; each is written row-major with memory of its own. Equal weights
    /// give equal bytes.
    /// </summary>
    /// <param name="path">Written under a temporary name that is then changed.</param>
    /// <param name="tensors">In the order that the dictionary will have.</param>
    public static Result<Unit, WeightsError> Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var entries = tensors.ToList();
        var name = Path.GetFileNameWithoutExtension(path);
        var folder =
            name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') ? name : "archive";
        try
        {
            WholeFile.Write(
                path,
                file =>
                {
                    var zip = new StoredZip(file);
                    zip.Add($"{folder}/data.pkl", Pickle(entries));
                    zip.Add($"{folder}/byteorder", "little"u8.ToArray());
                    for (var key = 0; key < entries.Count; key++)
                    {
                        using var whole = TensorData.RowMajor(entries[key].Value);
                        zip.Add($"{folder}/data/{key}", whole);
                    }

                    zip.Add($"{folder}/version", FormatVersion);
                    zip.End();
                }
            );
            return default(Unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WeightsError.CannotWrite(path, e.Message);
        }
    }

    /// <summary>Protocol 2, as torch.save's; only opcodes and names that weights_only allows.</summary>
    private static byte[] Pickle(List<KeyValuePair<string, Tensor>> entries)
    {
        using var bytes = new MemoryStream();
        using var output = new BinaryWriter(bytes, Encoding.Latin1);
        Raw(output, "\u0080\u0002ccollections\nOrderedDict\n)R(");
        for (var key = 0; key < entries.Count; key++)
        {
            var (name, tensor) = entries[key];
            Text(output, name);
            Raw(output, "ctorch._utils\n_rebuild_tensor_v2\n((");
            Text(output, "storage");
            Raw(output, $"ctorch\n{StorageOf(tensor.dtype)}\n");
            Text(output, $"{key}");
            Text(output, "cpu");
            Integer(output, tensor.numel());
            Raw(output, "tQK\0(");
            foreach (var side in tensor.shape)
            {
                Integer(output, side);
            }

            Raw(output, "t(");
            foreach (var stride in RowMajorStrides(tensor.shape))
            {
                Integer(output, stride);
            }

            Raw(output, "t\u0089ccollections\nOrderedDict\n)RtR");
        }

        Raw(output, "u.");
        output.Flush();
        return bytes.ToArray();
    }

    private static string StorageOf(ScalarType type) => TorchWorld.StorageTypes.First(pair => pair.Value == type).Key["torch.".Length..];

    /// <summary>As torch has them: a side of 0 counts as 1.</summary>
    private static long[] RowMajorStrides(long[] shape)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(1, shape[axis]);
        }

        return strides;
    }

    private static void Raw(BinaryWriter output, string letters) => output.Write(Encoding.Latin1.GetBytes(letters));

    private static void Text(BinaryWriter output, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        output.Write((byte)'X');
        output.Write(utf8.Length);
        output.Write(utf8);
    }

    private static void Integer(BinaryWriter output, long value)
    {
        switch (value)
        {
            case >= 0 and <= byte.MaxValue:
                output.Write((byte)'K');
                output.Write((byte)value);
                break;
            case >= int.MinValue and <= int.MaxValue:
                output.Write((byte)'J');
                output.Write((int)value);
                break;
            default:
                output.Write((byte)0x8a); // LONG1 of 8 bytes, two's complement
                output.Write((byte)sizeof(long));
                output.Write(value);
                break;
        }
    }
}
