using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Parity;

/// <summary>A file of a folder of reference numbers, as far as it has been looked into.</summary>
/// <param name="Name">Within the folder.</param>
/// <param name="Path">In full.</param>
internal abstract record OracleFile(string Name, string Path)
{
    /// <summary>The name without its ending.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Name);

    /// <summary>safetensors.</summary>
    public sealed record Tensors(
        string Name,
        string Path,
        ImmutableSortedDictionary<string, ImmutableArray<long>> Shapes,
        ImmutableSortedDictionary<string, string> Metadata
    ) : OracleFile(Name, Path)
    {
        public bool Has(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (!Shapes.ContainsKey(name))
                    return false;
            }

            return true;
        }
    }

    /// <summary>JSON.</summary>
    public sealed record Json(string Name, string Path, JsonElement Root) : OracleFile(Name, Path)
    {
        public bool Has(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (Root.ValueKind != JsonValueKind.Object || !Root.TryGetProperty(name, out _))
                    return false;
            }

            return true;
        }
    }

    /// <summary>A text for people: a README, a licence.</summary>
    public sealed record Document(string Name, string Path) : OracleFile(Name, Path);

    /// <summary>Anything else: torch.save, pictures, .flo.</summary>
    public sealed record Other(string Name, string Path) : OracleFile(Name, Path);

    /// <summary>A safetensors or JSON file that cannot be read.</summary>
    public sealed record Damaged(string Name, string Path, string Problem) : OracleFile(Name, Path);
}

/// <summary>A folder of reference numbers. Its subfolders are folders of their own.</summary>
/// <param name="Root">Its path.</param>
/// <param name="Label">How messages begin that speak of its files: empty, or the path from the folder that was asked for.</param>
/// <param name="Files">By name.</param>
internal sealed record OracleFolder(string Root, string Label, ImmutableArray<OracleFile> Files)
{
    public IEnumerable<OracleFile.Tensors> Tensors => Files.OfType<OracleFile.Tensors>();

    public IEnumerable<OracleFile.Json> Jsons => Files.OfType<OracleFile.Json>();

    public OracleFile? Find(string name) => Files.FirstOrDefault(file => file.Name == name);

    /// <summary>A folder and all below it that hold files; hidden ones are left out.</summary>
    public static IEnumerable<OracleFolder> Read(string root) => Read(root, "");

    private static IEnumerable<OracleFolder> Read(string path, string label)
    {
        var files = Directory.EnumerateFiles(path).Where(IsShown).Order(StringComparer.Ordinal).Select(Look).ToImmutableArray();
        var below = Directory
            .EnumerateDirectories(path)
            .Where(IsShown)
            .Order(StringComparer.Ordinal)
            .SelectMany(folder => Read(folder, $"{label}{System.IO.Path.GetFileName(folder)}/"));
        return files.IsEmpty ? below : below.Prepend(new OracleFolder(path, label, files));
    }

    private static bool IsShown(string path) => !System.IO.Path.GetFileName(path).StartsWith('.');

    private static OracleFile Look(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return System.IO.Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".safetensors" => Header(name, path),
            ".json" => Parse(name, path),
            ".md" or ".txt" => new OracleFile.Document(name, path),
            ""
                when name.StartsWith("LICEN", StringComparison.OrdinalIgnoreCase)
                    || name.StartsWith("README", StringComparison.OrdinalIgnoreCase) => new OracleFile.Document(name, path),
            _ => new OracleFile.Other(name, path),
        };
    }

    private static OracleFile Header(string name, string path) =>
        (
            from shapes in Safetensors.ReadShapes(path)
            from metadata in Safetensors.ReadMetadata(path)
            select (shapes, metadata)
        ).Match<OracleFile>(
            read => new OracleFile.Tensors(name, path, read.shapes, read.metadata),
            error => new OracleFile.Damaged(name, path, error.Problem)
        );

    private static OracleFile Parse(string name, string path)
    {
        try
        {
            return new OracleFile.Json(name, path, References.Json(path));
        }
        catch (JsonException e)
        {
            return new OracleFile.Damaged(name, path, $"is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new OracleFile.Damaged(name, path, $"cannot be read: {e.Message}");
        }
    }
}
