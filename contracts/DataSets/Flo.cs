using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Motion.Contracts;

namespace Motion.DataSets;

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

    /// <summary>A file of another form of flow that is damaged, or has no flow in it.</summary>
    public sealed record Unusable(string Path, string Problem, string Remedy) : FloError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                Unreachable(var path, var problem) => $"{path}: {problem}",
                NotFlo(var path) =>
                    $"{path}: not a .flo file: it must begin with the float32 202021.25 (bytes PIEH). Give a Middlebury .flo file, a 16-bit PNG as KITTI's, or a .pfm.",
                Unusable(var path, var problem, var remedy) => $"{path}: {problem}. {remedy}",
                WrongLength(var path, var width, var height, var expected, var actual) =>
                    $"{path}: a flow of {height}x{width} (height x width) takes {expected} bytes, the file has {actual}. It is cut or its header is damaged: copy it again.",
                _ => throw new UnreachableException(),
            }
        );
}

/// <summary>A flow as a file has it.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Pairs">[H, W, 2] (u, v), pixels; components beyond 1e9 mean unknown.</param>
public sealed record FloFile(Size2 Size, float[] Pairs);

/// <summary>Middlebury's .flo files: "PIEH", int32 width, int32 height, then (u, v) float32 pairs by rows, little-endian.</summary>
public static class Flo
{
    private const int HeaderBytes = 12;
    private const float Magic = 202021.25f;
    internal const int LongestSide = 99_999; // as Middlebury's own reader

    /// <summary>Writes a flow, under a temporary name first; the folder is made if need be.</summary>
    public static Result<Unit, FloError> Write(string path, FloFile flow)
    {
        try
        {
            WholeFile.Write(path, Format(flow), lasting: false);
            return new Unit();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new FloError.Unreachable(path, problem.Message);
        }
    }

    /// <summary>The flow in a .flo file's bytes; <paramref name="name"/> is what errors call it.</summary>
    public static Result<FloFile, FloError> Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadSingleLittleEndian(bytes) != Magic)
        {
            return new FloError.NotFlo(name);
        }

        long width = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        long height = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var expected = HeaderBytes + (width * height * 8);
        return width is < 1 or > LongestSide || height is < 1 or > LongestSide || expected != bytes.Length
            ? new FloError.WrongLength(name, width, height, expected, bytes.Length)
            : new FloFile(new Size2((int)height, (int)width), MemoryMarshal.Cast<byte, float>(bytes[HeaderBytes..]).ToArray());
    }

    /// <summary>The bytes of a .flo file.</summary>
    public static byte[] Format(FloFile flow)
    {
        var bytes = new byte[HeaderBytes + (flow.Pairs.Length * sizeof(float))];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), flow.Size.Width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), flow.Size.Height);
        MemoryMarshal.AsBytes(flow.Pairs.AsSpan()).CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }
}
