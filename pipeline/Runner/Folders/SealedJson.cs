using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;

namespace Motion.Runner.Folders;

/// <summary>A file of a run that is not what was written; says which, and what to do.</summary>
internal sealed class DamagedFile(string path, string remedy)
    : IOException($"{path} has changed since it was written: the checksum in it is another. {remedy}");

/// <summary>The run's own files of JSON, each with its checksum as the first member.</summary>
internal static class SealedJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes an object, on the disk when the call returns.</summary>
    public static void Write(string path, object value)
    {
        var members = JsonSerializer.SerializeToNode(value, Indented)!.AsObject();
        var all = new JsonObject { [Seal.Key] = Seal.Blank };
        foreach (var (name, member) in members)
            all[name] = member?.DeepClone();
        WholeFile.Write(path, Seal.Close(all.ToJsonString(Indented)));
    }

    /// <exception cref="DamagedFile">It is not what was written.</exception>
    public static T Read<T>(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (Seal.Check(bytes) is SealState.Broken)
            throw Damaged(path);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes) ?? throw Damaged(path);
        }
        catch (JsonException)
        {
            throw Damaged(path);
        }
    }

    /// <summary>Whether a file is there, and as it was written.</summary>
    public static bool IsWhole(string path)
    {
        try
        {
            using var _ = JsonDocument.Parse(File.ReadAllBytes(path));
            return Seal.Check(File.ReadAllBytes(path)) is not SealState.Broken;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static DamagedFile Damaged(string path) => new(path, "Take a copy of it, or run again with --resume, which writes it anew.");
}
