using Motion.Contracts;
using Motion.Runner.Settings;

namespace Motion.Runner.Folders;

/// <summary>
/// Where a run lies and where it was started from. Paths in its yaml are relative to the folder that it was started from, which the yaml
/// tells; so a run is found, and finds its data, from wherever somebody asks for it.
/// </summary>
internal static class RunPlace
{
    private const string Mark = "# started in ";

    /// <summary>The line of run.yaml that tells.</summary>
    public static string Line() => $"{Mark}{Environment.CurrentDirectory}";

    /// <summary>Goes to the folder that the run was started from, if there is one.</summary>
    /// <param name="folder">The run's.</param>
    /// <returns>The run's folder as it is called from anywhere.</returns>
    public static RunFolder Enter(RunFolder folder)
    {
        var full = new RunFolder(Path.GetFullPath(folder.Root));
        if (!File.Exists(full.Yaml) || StartedIn(full) is not { } place || !Directory.Exists(place))
            return folder;
        if (Path.GetFullPath(place) == Path.GetFullPath(Environment.CurrentDirectory))
            return folder;
        Environment.CurrentDirectory = place;
        return full;
    }

    /// <summary>
    /// The same for a yaml that is resumed: where it is a run's own, the run is the one it lies in, wherever that was moved to.
    /// </summary>
    public static (string File, Overrides Overrides) Enter(string file, Overrides overrides)
    {
        var folder = new RunFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (Path.GetFileName(file) != Path.GetFileName(folder.Yaml) || !File.Exists(folder.Yaml) || StartedIn(folder) is null)
            return (file, overrides);
        var (data, with) = (overrides.Data is { } given ? Path.GetFullPath(given) : null, overrides.With.Select(Path.GetFullPath));
        var entered = Enter(folder);
        var beside = Path.GetDirectoryName(folder.Root)!;
        var there =
            Path.GetRelativePath(Environment.CurrentDirectory, beside) is var near && !near.StartsWith("..", StringComparison.Ordinal)
                ? near
                : beside;
        return (
            Path.Combine(there, Path.GetFileName(folder.Root), Path.GetFileName(entered.Yaml)),
            new Overrides(
                [
                    new("run.folder", there, "--resume", IsText: true),
                    new("run.name", Path.GetFileName(folder.Root), "--resume", IsText: true),
                    .. overrides.Values,
                ],
                data,
                [.. with]
            )
        );
    }

    private static string? StartedIn(RunFolder folder) =>
        File.ReadLines(folder.Yaml).Take(2).FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal))?[Mark.Length..];
}
