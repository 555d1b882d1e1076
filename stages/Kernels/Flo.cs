using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Every way a .flo file can be refused.</summary>
public abstract record FloError : IStageError
{
    private FloError() { }

    /// <summary>The file cannot be opened, read or written.</summary>
    public sealed record Unreachable(string Path, string Problem) : FloError;

    /// <summary>The first four bytes are not those of a .flo file.</summary>
    public sealed record NotFlo(string Path) : FloError;

    /// <summary>The header's sizes and the file's length do not fit together.</summary>
    public sealed record WrongLength(string Path, long Width, long Height, long Expected, long Actual) : FloError;

    public string Describe() => Legible.Line(this switch
    {
        Unreachable(var path, var problem) => $"{path}: {problem}",
        NotFlo(var path) => $"{path}: not a .flo file: it must begin with the float32 202021.25 (bytes PIEH). Give a Middlebury .flo file.",
        WrongLength(var path, var width, var height, var expected, var actual) =>
            $"{path}: a flow of {height}x{width} (height x width) takes {expected} bytes, the file has {actual}. It is cut or its header is damaged: copy it again.",
        _ => throw new UnreachableException(),
    });
}

/// <summary>Middlebury's .flo files: "PIEH", int32 width, int32 height, then (u, v) float32 pairs by rows, little-endian.</summary>
public static class Flo
{
    private const int HeaderBytes = 12;
    private const float Magic = 202021.25f;
    private const int LongestSide = 99_999;   // as Middlebury's own reader

    /// <summary>Reads a flow.</summary>
    /// <returns>float32 [2, H, W], pixels; components beyond 1e9 mean unknown.</returns>
    public static Result<Tensor, FloError> Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = InputFile.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new FloError.Unreachable(path, problem is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : problem.Message);
        }

        return Parse(bytes, path);
    }

    /// <summary>Writes a flow, under a temporary name first.</summary>
    /// <param name="path">The file; its folder is made if need be.</param>
    /// <param name="flow">float32 [2, H, W], pixels.</param>
    public static Result<Unit, FloError> Write(string path, Tensor flow)
    {
        var bytes = Format(flow);
        try
        {
            WholeFile.Write(path, bytes, lasting: false);
            return new Unit();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new FloError.Unreachable(path, problem.Message);
        }
    }

    /// <summary>The flow in a .flo file's bytes; <paramref name="name"/> is what errors call it.</summary>
    public static Result<Tensor, FloError> Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadSingleLittleEndian(bytes) != Magic)
        {
            return new FloError.NotFlo(name);
        }

        long width = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        long height = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var expected = HeaderBytes + (width * height * 8);
        if (width is < 1 or > LongestSide || height is < 1 or > LongestSide || expected != bytes.Length)
        {
            return new FloError.WrongLength(name, width, height, expected, bytes.Length);
        }

        var pairs = MemoryMarshal.Cast<byte, float>(bytes[HeaderBytes..]).ToArray();
        using var scope = NewDisposeScope();
        return tensor(pairs).view(height, width, 2).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope(); // [2, H, W]
    }

    /// <summary>The bytes of a .flo file of a flow float32 [2, H, W].</summary>
    public static byte[] Format(Tensor flow)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (flow.shape[1], flow.shape[2]);
        var pairs = flow.detach().cpu().permute(1, 2, 0).Elements<float>(); // [H, W, 2]
        var bytes = new byte[HeaderBytes + (pairs.Length * sizeof(float))];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), checked((int)width));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), checked((int)height));
        MemoryMarshal.AsBytes(pairs.AsSpan()).CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }
}
