using System.IO.Compression;
using System.IO.Hashing;
using System.Numerics;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// Files of torch.save, in the zip form (since PyTorch 1.6) and the older stream of pickles. The pickle's opcodes are interpreted here and
/// nothing is executed; a name outside a short list is refused. What is allocated never exceeds the file's length by more than a constant
/// factor.
/// </summary>
public static partial class TorchFile
{
    // protocol 2, LONG1 of 10 bytes
    private static readonly byte[] StreamMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    private static readonly BigInteger StreamProtocol = 1001;

    /// <summary>Everything in a file; the document owns its tensors.</summary>
    public static Result<TorchDocument, WeightsError> Read(string path) =>
        WeightFiles.Guard(
            path,
            file =>
            {
                var start = new byte[StreamMagic.Length];
                var isStream =
                    file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
                    && start.AsSpan().SequenceEqual(StreamMagic);
                file.Position = 0;
                using var storages = new TorchStorages(file.Length);
                var root = isStream ? ReadStream(file, storages) : ReadZip(file, storages);
                return Result.Ok<TorchDocument, WeightsError>(
                    storages.Complete(root, isStream ? WeightsFormat.TorchStream : WeightsFormat.TorchZip)
                );
            }
        );

    /// <summary>
    /// The state dict of a file: the file's dictionary itself, or the one it holds under a name that training scripts use (state_dict,
    /// model, ...). A <c>module.</c> before every name (DataParallel's) is taken off. Tensors that shared memory still do.
    /// </summary>
    public static Result<Weights, WeightsError> ReadWeights(string path) => Open(path).Map(file => file.Weights);

    /// <summary><see cref="ReadWeights"/> with what else the file says.</summary>
    internal static Result<WeightsFile, WeightsError> Open(string path) =>
        Read(path)
            .Bind(document =>
            {
                using (document)
                {
                    return StateDicts.In(document.Root, path, document.Format);
                }
            });

    internal static bool IsStream(ReadOnlySpan<byte> start) => start.StartsWith(StreamMagic);

    internal static bool Begins(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith(StreamMagic);

    private static TorchObject ReadZip(FileStream file, TorchStorages storages)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            if (!entries.TryAdd(entry.FullName, entry))
            {
                throw new InvalidDataException($"the zip has two entries named {entry.FullName}");
            }
        }

        var pickles = entries.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal)).ToList();
        if (pickles is not [var pickle])
        {
            throw new InvalidDataException($"the zip has {pickles.Count} entries data.pkl, where torch.save writes one");
        }

        var folder = pickle[..^"data.pkl".Length];
        if (entries.TryGetValue(folder + "byteorder", out var order) && !ReadEntry(order, file.Length).AsSpan().SequenceEqual("little"u8))
        {
            throw new InvalidDataException("the file was saved on a big-endian machine");
        }

        var root = PickleMachine.Read(new PickleInput(new MemoryStream(ReadEntry(entries[pickle], file.Length))), new TorchWorld(storages));
        foreach (var (key, storage) in storages.ByKey)
        {
            var entry =
                entries.GetValueOrDefault($"{folder}data/{key}") ?? throw new InvalidDataException($"storage {key} is not in the zip");
            ReadStorage(entry, storage);
        }

        return root;
    }

    private static void ReadStorage(ZipArchiveEntry entry, Tensor storage)
    {
        CheckStored(entry, storage.numel() * TensorData.SizeOf(storage.dtype));
        using (var stream = entry.Open())
        {
            TensorData.Fill(storage, stream);
        }

        CheckChecksum(entry, TensorData.Checksum(storage));
    }

    private static byte[] ReadEntry(ZipArchiveEntry entry, long fileLength)
    {
        if (entry.Length > fileLength)
        {
            throw new InvalidDataException($"{entry.FullName} declares {entry.Length} bytes in a file of {fileLength}");
        }

        CheckStored(entry, entry.Length);
        var bytes = new byte[entry.Length];
        using (var stream = entry.Open())
        {
            stream.ReadExactly(bytes);
        }

        CheckChecksum(entry, Crc32.HashToUInt32(bytes));
        return bytes;
    }

    /// <summary>torch.save stores without compression.</summary>
    private static void CheckStored(ZipArchiveEntry entry, long bytes)
    {
        if (entry.Length != bytes || entry.CompressedLength != entry.Length)
        {
            throw new InvalidDataException(
                $"{entry.FullName} has {entry.Length} bytes ({entry.CompressedLength} compressed), where {bytes} must be stored"
            );
        }
    }

    private static void CheckChecksum(ZipArchiveEntry entry, uint found)
    {
        if (found != entry.Crc32)
        {
            throw new InvalidDataException($"the checksum of {entry.FullName} is wrong");
        }
    }

    /// <summary>Five pickles (magic, protocol, machine, content, storage keys), then for each key a count and the elements.</summary>
    private static TorchObject ReadStream(FileStream file, TorchStorages storages)
    {
        var (input, world) = (new PickleInput(file), new TorchWorld(storages));
        PickleMachine.Read(input, world); // the magic number, compared before
        if (PickleMachine.Read(input, world) is not TorchObject.Integer(var protocol) || protocol != StreamProtocol)
        {
            throw new InvalidDataException("the stream is not of protocol 1001");
        }

        if (
            PickleMachine.Read(input, world) is not TorchObject.Dictionary machine
            || machine.Find("little_endian") is not TorchObject.Boolean(true)
        )
        {
            throw new InvalidDataException("the file was saved on a big-endian machine");
        }

        var root = PickleMachine.Read(input, world);
        if (PickleMachine.Read(input, world) is not TorchObject.List(var keys) || keys.Count != storages.ByKey.Count)
        {
            throw new InvalidDataException("the list of storages is not that of the content");
        }

        var filled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in keys)
        {
            if (item is not TorchObject.Text(var key) || !storages.ByKey.TryGetValue(key, out var storage) || !filled.Add(key))
            {
                throw new InvalidDataException("the list of storages is not that of the content");
            }

            var count = input.Int64();
            if (count != storage.shape[0])
            {
                throw new InvalidDataException($"storage {key} has {count} elements in the data, {storage.shape[0]} in the content");
            }

            TensorData.Fill(storage, file);
        }

        return file.Position == file.Length
            ? root
            : throw new InvalidDataException($"{file.Length - file.Position} bytes follow the last storage");
    }
}
