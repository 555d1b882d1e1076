using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>What a file says of a tensor's memory.</summary>
public static class TensorBytes
{
    /// <summary>float32, int64, ...: the names that the wire uses.</summary>
    public static string NameOf(ScalarType type) => TensorData.NameOf(type);

    /// <summary>Bytes of the row-major tensor.</summary>
    public static long Count(Tensor tensor) => tensor.numel() * TensorData.SizeOf(tensor.dtype);

    /// <summary>CRC-32 of the row-major, little-endian bytes, whatever the tensor's strides.</summary>
    public static uint Checksum(Tensor tensor)
    {
        using var whole = TensorData.RowMajor(tensor);
        return TensorData.Checksum(whole);
    }
}
