using System.Buffers.Binary;
using System.Text.Json;
using Motion.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Generators;

/// <summary>Numbers of the published code, kept beside the laws (properties/Golden/AREA, each with a README of how they were made).</summary>
public static class GoldenFiles
{
    public static string PathOf(string area, string name) => Path.Combine(AppContext.BaseDirectory, "Golden", area, name);

    /// <summary>Tensors of a safetensors file; the caller disposes them.</summary>
    public static Weights Read(string area, string name)
    {
        var bytes = File.ReadAllBytes(PathOf(area, name));
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        return Weights.Of(header.RootElement.EnumerateObject().Select(entry =>
        {
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()).ToArray();
            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32()).ToArray();
            var data = bytes.AsSpan(8 + length + offsets[0], offsets[1] - offsets[0]);
            var t = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(data).ToArray(), shape),
                "F64" => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(data).ToArray(), shape),
                "I64" => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(data).ToArray(), shape),
                "I32" => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(data).ToArray(), shape),
                "U8" => tensor(data.ToArray(), shape),
                var other => throw new InvalidDataException(other),
            };
            return KeyValuePair.Create(entry.Name, t);
        }));
    }
}
