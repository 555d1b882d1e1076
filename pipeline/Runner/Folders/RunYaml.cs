using Motion.Contracts;
using Motion.Runner.Settings;

namespace Motion.Runner.Folders;

/// <summary>A run's own yaml: its settings with every default, under a line that holds their checksum.</summary>
internal static class RunYaml
{
    private const string FirstLine = $"# {Seal.Key} ";

    public static void Write(RunFolder folder, PipelineSettings settings) =>
        WholeFile.Write(
            folder.Yaml,
            Seal.Close(
                $"{FirstLine}{Seal.Blank} of all that follows; take this line out to run the rest changed\n{RunPlace.Line()}\n{ResolvedYaml.Text(settings)}"
            )
        );

    /// <summary>The settings as they are shown: without the checksum.</summary>
    public static string Shown(RunFolder folder) =>
        string.Join('\n', File.ReadAllText(folder.Yaml).Split('\n').SkipWhile(line => line.StartsWith("# ", StringComparison.Ordinal)));

    /// <summary>Why the settings cannot be trusted; null where they can.</summary>
    public static string? Problem(RunFolder folder) =>
        new FileInfo(folder.Yaml).Length == 0
            ? $"{folder.Yaml} is empty: the settings that the run was made of are lost. Put a copy of them in its place, or start anew under another --name."
        : Seal.Check(File.ReadAllBytes(folder.Yaml)) is SealState.Broken ? ReadSettings.ChangedSince(folder.Yaml)
        : null;
}
