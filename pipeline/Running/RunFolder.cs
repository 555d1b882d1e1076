using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Yaml;

namespace Motion.Pipeline.Running;

/// <summary>What a run leaves on disk, and where.</summary>
internal sealed record RunFolder(string Root)
{
    /// <summary>The resolved settings; itself a runnable yaml.</summary>
    public string Yaml => Path.Combine(Root, "run.yaml");

    public string Log => Path.Combine(Root, "log.txt");

    /// <summary>One line of JSON an iteration.</summary>
    public string Curve => Path.Combine(Root, "metrics.jsonl");

    /// <summary>The evaluation.</summary>
    public string Scores => Path.Combine(Root, "metrics.json");

    /// <summary>Detected tracks in YouTube-VIS' results layout.</summary>
    public string Tracks => Path.Combine(Root, "tracks.json");

    /// <summary>What they are measured against, in YouTube-VIS' annotation layout.</summary>
    public string TrackTruths => Path.Combine(Root, "tracks-truth.json");

    public string Report => Path.Combine(Root, "report");

    public string Cache => Path.Combine(Root, "cache");

    public string Facts => Path.Combine(Root, "facts.json");

    public string Checkpoints => Path.Combine(Root, "checkpoints");

    public string Catalogue(Phase phase) => Path.Combine(Root, $"catalogue-{Shape.Camel(phase.ToString())}.json");

    public string Recordings => Path.Combine(Root, "recordings");

    public string Checkpoint(int iteration) => Path.Combine(Checkpoints, string.Create(CultureInfo.InvariantCulture, $"iteration-{iteration:D6}.safetensors"));

    /// <summary>Checkpoints that were written completely, oldest first.</summary>
    public ImmutableArray<(int Iteration, string Path)> AllCheckpoints() => !Directory.Exists(Checkpoints) ? [] :
    [
        .. from file in Directory.EnumerateFiles(Checkpoints, "iteration-*.safetensors")
           let number = Path.GetFileNameWithoutExtension(file)["iteration-".Length..]
           where int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
           orderby int.Parse(number, CultureInfo.InvariantCulture)
           select (int.Parse(number, CultureInfo.InvariantCulture), file),
    ];

    /// <summary>A file that is there whole or not at all.</summary>
    public static void Write(string path, string text) => WholeFile.Write(path, new UTF8Encoding(false).GetBytes(text));
}
