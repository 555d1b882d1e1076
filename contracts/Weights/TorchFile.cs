using System.IO.Compression;
using System.IO.Hashing;
using System.Numerics;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// Files of torch.save, in the zip form (since PyTorch 1.6) and the older stream of pickles. The pickle's opcodes are interpreted here and
/// nothing is executed; a name outside a short list is refused. What is allocated never exceeds the file's length by more than a constant factor.
/// </summary>
public static class TorchFile
{
    private static readonly byte[] StreamMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]; // protocol 2, LONG1 of 10 bytes
    private static readonly BigInteger StreamProtocol = 1001;
    private static readonly string[] Holders = ["state_dict", "model_state_dict", "model", "net", "params"];

    /// <summary>Everything in a file; the document owns its tensors.</summary>
    public static Result<TorchDocument, WeightsError> Read(string path) => WeightFiles.Guard(path, file =>
    {
        var start = new byte[StreamMagic.Length];
        var isStream = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual(StreamMagic);
        file.Position = 0;
        using var storages = new TorchStorages(file.Length);
        var root = isStream ? ReadStream(file, storages) : ReadZip(file, storages);
        return Result.Ok<TorchDocument, WeightsError>(storages.Complete(root));
    });

    /// <summary>
    /// The state dict of a file: the file's dictionary itself, or the one it holds under state_dict, model_state_dict, model, net or params.
    /// A <c>module.</c> before every name (DataParallel's) is taken off. Tensors that shared memory still do.
    /// </summary>
    public static Result<Weights, WeightsError> ReadWeights(string path) => Read(path).Bind(document =>
    {
        using (document)
        {
            return StateDict(document.Root, path).Bind(dictionary => ToWeights(dictionary, path));
        }
    });

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
            var entry = entries.GetValueOrDefault($"{folder}data/{key}") ?? throw new InvalidDataException($"storage {key} is not in the zip");
            ReadEntry(entry, storage.bytes);
        }

        return root;
    }

    private static byte[] ReadEntry(ZipArchiveEntry entry, long fileLength)
    {
        if (entry.Length > fileLength)
        {
            throw new InvalidDataException($"{entry.FullName} declares {entry.Length} bytes in a file of {fileLength}");
        }

        var bytes = new byte[entry.Length];
        ReadEntry(entry, bytes);
        return bytes;
    }

    /// <summary>Exactly as many bytes as the span has; torch.save stores without compression.</summary>
    private static void ReadEntry(ZipArchiveEntry entry, Span<byte> bytes)
    {
        if (entry.Length != bytes.Length || entry.CompressedLength != entry.Length)
        {
            throw new InvalidDataException($"{entry.FullName} has {entry.Length} bytes ({entry.CompressedLength} compressed), where {bytes.Length} must be stored");
        }

        using (var stream = entry.Open())
        {
            stream.ReadExactly(bytes);
        }

        if (Crc32.HashToUInt32(bytes) != entry.Crc32)
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

        if (PickleMachine.Read(input, world) is not TorchObject.Dictionary machine || machine.Find("little_endian") is not TorchObject.Boolean(true))
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

            file.ReadExactly(storage.bytes);
        }

        return file.Position == file.Length ? root : throw new InvalidDataException($"{file.Length - file.Position} bytes follow the last storage");
    }

    private static Result<TorchObject.Dictionary, WeightsError> StateDict(TorchObject root, string path)
    {
        if (root is not TorchObject.Dictionary dictionary)
        {
            return new WeightsError.NoWeights(path, $"its content is a {root.GetType().Name}");
        }

        if (dictionary.Items.Any(item => item.Value is TorchObject.Array))
        {
            return dictionary;
        }

        var held = Holders.Select(dictionary.Find).OfType<TorchObject.Dictionary>().FirstOrDefault(inner => inner.Items.Any(item => item.Value is TorchObject.Array));
        return held is not null ? held
            : new WeightsError.NoWeights(path, $"its keys are {string.Join(", ", dictionary.Items.Take(8).Select(item => item.Key is TorchObject.Text(var key) ? key : "no text"))}");
    }

    private static Result<Weights, WeightsError> ToWeights(TorchObject.Dictionary dictionary, string path)
    {
        var byName = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Items)
        {
            if (key is not TorchObject.Text(var name) || value is not TorchObject.Array(var tensor))
            {
                return new WeightsError.NoWeights(path, $"its entry {(key is TorchObject.Text(var text) ? text : "without a name")} is a {value.GetType().Name}, not a tensor");
            }

            byName[name] = tensor;
        }

        const string prefix = "module.";
        var parallel = byName.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal));
        return Weights.Of(byName.Select(pair => KeyValuePair.Create(parallel ? pair.Key[prefix.Length..] : pair.Key, pair.Value.alias().DetachFromDisposeScope())));
    }
}
