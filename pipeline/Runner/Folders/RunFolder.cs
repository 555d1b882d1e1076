using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;
using Motion.Runner.Text;
using Motion.Runner.Yaml;

namespace Motion.Runner.Folders;

/// <summary>What a run leaves on disk, and where.</summary>
internal sealed record RunFolder(string Root)
{
    /// <summary>The resolved settings; itself a runnable yaml.</summary>
    public string Yaml => Path.Combine(Root, "run.yaml");

    /// <summary>How the run goes on, to be typed.</summary>
    public string ResumeCommand => $"{Hints.Program} run {Yaml} --resume";

    public string Log => Path.Combine(Root, "log.txt");

    /// <summary>One line of JSON an iteration.</summary>
    public string Curve => Path.Combine(Root, "metrics.jsonl");

    /// <summary>The evaluation.</summary>
    public string Scores => Path.Combine(Root, "metrics.json");

    /// <summary>Detected tracks in YouTube-VIS' results layout.</summary>
    public string Tracks => Path.Combine(Root, "tracks.json");

    /// <summary>What they are measured against, in YouTube-VIS' annotation layout.</summary>
    public string TrackTruths => Path.Combine(Root, "tracks-truth.json");

    /// <summary>What a stage leaves to be looked at.</summary>
    public string Output(string stage) => Path.Combine(Root, stage);

    public string Cache => Path.Combine(Root, "cache");

    public string Facts => Path.Combine(Root, "facts.json");

    public string Checkpoints => Path.Combine(Root, "checkpoints");

    public string Catalogue(Phase phase) => Path.Combine(Root, $"catalogue-{Shape.Camel(phase.ToString())}.json");

    public string Recordings => Path.Combine(Root, "recordings");

    public string Checkpoint(int iteration) =>
        Path.Combine(Checkpoints, string.Create(CultureInfo.InvariantCulture, $"iteration-{iteration:D6}.safetensors"));

    /// <summary>Checkpoints that were written completely, oldest first.</summary>
    public ImmutableArray<(int Iteration, string Path)> AllCheckpoints() =>
        !Directory.Exists(Checkpoints)
            ? []
            :
            [
                .. from file in Directory.EnumerateFiles(Checkpoints, "iteration-*.safetensors")
                let number = Path.GetFileNameWithoutExtension(file)["iteration-".Length..]
                where int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                orderby int.Parse(number, CultureInfo.InvariantCulture)
                select (int.Parse(number, CultureInfo.InvariantCulture), file),
            ];

    /// <summary>Puts a checkpoint that cannot be used out of the way; it stays for whoever wants to look at it.</summary>
    public static void PutAside(string checkpoint) => WholeFile.Rename(checkpoint, checkpoint + ".damaged", lasting: false);

    /// <summary>A file that is there whole or not at all, and on the disk when the call returns.</summary>
    public static void Write(string path, string text) => WholeFile.Write(path, text);

    /// <summary>Removes what processes that were killed left half-written, in every run that is kept beside this one.</summary>
    /// <returns>The bytes that are free again.</returns>
    public long Sweep() =>
        (
            Path.GetDirectoryName(Path.GetFullPath(Root)) is { } beside && Directory.Exists(beside)
                ? Directory.EnumerateDirectories(beside)
                : []
        )
            .Where(folder => File.Exists(new RunFolder(folder).Yaml))
            .Sum(folder => new[] { folder }.Concat(Directory.EnumerateDirectories(folder)).Sum(each => WholeFile.Sweep(each)));
}
