using System.Text.Json;
using Motion.Parity;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>
/// Reference cases: the copies in Golden/Coco, and, where the environment variable MOTION_ORACLES names a folder, all that lie anywhere in
/// it and have their form (a folder with gt.json and an expected.json that has "evals").
/// </summary>
public static class CocoReferences
{
    public static string File(string name) => GoldenFiles.PathOf("Coco", name);

    /// <summary>Folders of one kind: image cases or video cases.</summary>
    public static TheoryData<string> Cases(bool video)
    {
        var cases = new TheoryData<string>();
        foreach (var expected in Files("expected.json"))
        {
            var folder = Path.GetDirectoryName(expected)!;
            if (
                System.IO.File.Exists(Path.Combine(folder, "gt.json"))
                && References.Json(expected) is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("evals", out _)
                && root.TryGetProperty("video", out _) == video
            )
            {
                cases.Add(folder);
            }
        }

        return cases;
    }

    /// <summary>All files of a name, the golden ones first.</summary>
    public static IEnumerable<string> Files(string name)
    {
        var outside = Environment.GetEnvironmentVariable(Oracles.Numbers);
        return string.IsNullOrEmpty(outside) ? FilesIn(File("")) : FilesIn(File("")).Concat(FilesIn(outside));

        IEnumerable<string> FilesIn(string folder) =>
            Directory.EnumerateFiles(folder, name, SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }
}
