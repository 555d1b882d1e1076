using System.Text.Json;
using Motion.Contracts;

namespace Motion.Pipeline.Labelling;

/// <summary>
/// The folder that label or predict fills again and again: each replaces what an earlier call of it left there, and nothing else. It is
/// known by progress.json, which names the command.
/// </summary>
internal static class OwnFolder
{
    public const string Label = "label";
    public const string Predict = "predict";

    /// <summary>The member of progress.json that names the command.</summary>
    public const string Mark = "command";

    /// <summary>Why a command may not fill a folder; null where it may.</summary>
    /// <param name="command">Which.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="targets">Files and folders that it writes there.</param>
    /// <param name="inputs">Files and folders that it reads.</param>
    public static string? Refusal(string command, string folder, IEnumerable<string> targets, IEnumerable<string> inputs)
    {
        var there = targets.Where(target => FileIdentity.OfEntry(target).Exists).ToArray();
        if (there.Length == 0)
            return null;
        var read = inputs.Where(input => FileIdentity.Of(input).Exists).SelectMany(WithFoldersAbove).ToArray();
        foreach (var target in there)
        {
            var set = new InputSet([target]);
            if (read.Any(input => set.Holds(FileIdentity.Of(input))))
                return $"{target} is read by this command, and what is read is never overwritten. Give another folder with --out.";
        }

        return IsOwn(command, Path.Combine(folder, "progress.json"))
            ? null
            : $"{there[0]} is there already, and motion {command} did not write it; nothing there is overwritten. Give a new folder with --out.";
    }

    /// <summary>A file or folder, and every folder that it lies in: what is replaced whole takes with it what lies below.</summary>
    private static IEnumerable<string> WithFoldersAbove(string path)
    {
        for (var at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
            yield return at;
    }

    private static bool IsOwn(string command, string progress)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(progress));
            return json.RootElement.ValueKind is JsonValueKind.Object
                && json.RootElement.TryGetProperty(Mark, out var by)
                && by.ValueKind is JsonValueKind.String
                && by.GetString() == command;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }
}
