using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Weights in the safetensors format: a JSON header, then the tensors' little-endian bytes without gaps.</summary>
/// <remarks>https://github.com/huggingface/safetensors, README, "Format". Read: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL.</remarks>
public static class Safetensors
{
    private const int LengthBytes = sizeof(ulong);

    /// <summary>
    /// All tensors of a file, on the CPU, read straight into their memory. Nothing is allocated before the header has been checked against
    /// the file's length.
    /// </summary>
    public static Result<Weights, WeightsError> Read(string path) =>
        WeightFiles.Guard(
            path,
            file => IsBroken(file) ? new WeightsError.Damaged(path) : Result.Ok<Weights, WeightsError>(ReadTensors(file, ReadHeader(file)))
        );

    /// <summary>All tensors with the texts of the header.</summary>
    internal static Result<WeightsFile, WeightsError> Open(string path) =>
        WeightFiles.Guard(
            path,
            file =>
            {
                if (IsBroken(file))
                    return new WeightsError.Damaged(path);
                var header = ReadHeader(file);
                return Result.Ok<WeightsFile, WeightsError>(
                    WeightFiles.Plain(WeightsFormat.Safetensors, ReadTensors(file, header), header.Metadata)
                );
            }
        );

    /// <summary>Files of others carry no checksum; one that is there must fit.</summary>
    private static bool IsBroken(FileStream file) => Seal.Check(file) is SealState.Broken;

    private static Weights ReadTensors(FileStream file, SafetensorsHeader header)
    {
        var data = file.Position;
        var tensors = new List<KeyValuePair<string, Tensor>>();
        try
        {
            foreach (var entry in header.Entries)
            {
                var tensor = TensorData.Allocate(entry.Type, entry.Shape);
                tensors.Add(KeyValuePair.Create(entry.Name, tensor));
                file.Position = data + entry.Begin;
                TensorData.Fill(tensor, file);
                TensorData.CheckBools(tensor, entry.Name);
            }

            return Weights.Of(tensors);
        }
        catch
        {
            tensors.ForEach(pair => pair.Value.Dispose());
            throw;
        }
    }

    /// <summary>Names and shapes of a file's tensors, in ordinal order, without reading the numbers.</summary>
    public static Result<ImmutableSortedDictionary<string, ImmutableArray<long>>, WeightsError> ReadShapes(string path) =>
        WeightFiles.Guard(
            path,
            file =>
                Result.Ok<ImmutableSortedDictionary<string, ImmutableArray<long>>, WeightsError>(
                    ReadHeader(file)
                        .Entries.ToImmutableSortedDictionary(
                            entry => entry.Name,
                            entry => entry.Shape.ToImmutableArray(),
                            StringComparer.Ordinal
                        )
                )
        );

    /// <summary>The free texts of a file's header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="checkSeal">Whether all of the file is read, and compared with its checksum.</param>
    public static Result<ImmutableSortedDictionary<string, string>, WeightsError> ReadMetadata(string path, bool checkSeal = false) =>
        WeightFiles.Guard(
            path,
            file =>
                checkSeal && IsBroken(file)
                    ? new WeightsError.Damaged(path)
                    : Result.Ok<ImmutableSortedDictionary<string, string>, WeightsError>(ReadHeader(file).Metadata)
        );

    /// <summary>Writes weights, which stay the caller's; equal weights and metadata give equal bytes.</summary>
    public static Result<Unit, WeightsError> Write(string path, Weights weights, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return Write(path, weights.All, metadata);
    }

    /// <summary>
    /// Writes named tensors, which stay the caller's, under a temporary name that is then changed. Names must differ, and not be
    /// __metadata__.
    /// </summary>
    public static Result<Unit, WeightsError> Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, string>>? metadata = null
    ) => Write(path, tensors, Unsealed(metadata ?? []), isSealed: false, lasting: true);

    /// <summary>
    /// The same with the file's checksum among the texts (<see cref="Seal"/>): whoever reads it, here, is told where a bit has changed.
    /// </summary>
    /// <param name="lasting">As of <see cref="WholeFile.Write(string, Action{Stream}, bool)"/>.</param>
    public static Result<Unit, WeightsError> WriteSealed(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, string>> metadata,
        bool lasting = true
    ) => Write(path, tensors, Unsealed(metadata).Append(KeyValuePair.Create(Seal.Key, Seal.Blank)), isSealed: true, lasting);

    /// <summary>Texts that were read from another file bring that file's checksum.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Unsealed(IEnumerable<KeyValuePair<string, string>> metadata) =>
        metadata.Where(pair => pair.Key != Seal.Key);

    private static Result<Unit, WeightsError> Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IEnumerable<KeyValuePair<string, string>> metadata,
        bool isSealed,
        bool lasting
    )
    {
        var byName = tensors.ToDictionary(StringComparer.Ordinal);
        if (byName.ContainsKey("__metadata__"))
        {
            throw new ArgumentException("no tensor can be named __metadata__");
        }

        var header = SafetensorsHeader.For(byName.Select(pair => (pair.Key, pair.Value.dtype, pair.Value.shape)), metadata);
        try
        {
            WholeFile.Write(
                path,
                file =>
                {
                    var json = header.Encode();
                    Span<byte> length = stackalloc byte[LengthBytes];
                    BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
                    file.Write(length);
                    file.Write(json);
                    foreach (var entry in header.Entries)
                    {
                        using var whole = TensorData.RowMajor(byName[entry.Name]);
                        TensorData.InParts(whole, part => file.Write(part));
                    }

                    if (isSealed)
                        Seal.Close(file);
                },
                lasting
            );
            return default(Unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new WeightsError.CannotWrite(path, e.Message);
        }
    }

    /// <summary>Whether a file's first bytes are those of a header that fits it.</summary>
    internal static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length > LengthBytes
        && start[LengthBytes] == (byte)'{'
        && BinaryPrimitives.ReadUInt64LittleEndian(start) <= SafetensorsHeader.MostBytes;

    /// <summary>Leaves the file where the data begins.</summary>
    private static SafetensorsHeader ReadHeader(FileStream file)
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        file.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MostBytes || (long)length > file.Length - LengthBytes)
        {
            throw new InvalidDataException(
                $"a header of {length} bytes is declared in a file of {file.Length} (the limit is {SafetensorsHeader.MostBytes})"
            );
        }

        var json = new byte[length];
        file.ReadExactly(json);
        return SafetensorsHeader.Decode(json, file.Length - file.Position);
    }
}
