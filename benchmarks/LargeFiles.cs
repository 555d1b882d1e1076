using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Parity.Fills;

namespace Motion.Benchmarks;

/// <summary>
/// motion evaluate on the large case as files: time and memory of the whole process, beside what the case's README states of the Python
/// packages.
/// </summary>
public static class LargeFiles
{
    private const int Runs = 3;

    private static readonly (string Name, string Boxes, string Masks)[] Published =
    [
        ("pycocotools 2.0.11", "CPU 2.2 s reading + 30.4 s evaluating, 1.8 GiB", "CPU 4.0 s reading + 34.2 s evaluating, 2.1 GiB"),
        ("faster-coco-eval", "CPU 2.3 s reading + 4.6 s evaluating, 1.1 GiB", "CPU 4.0 s reading + 7.5 s evaluating, 1.7 GiB"),
    ];

    /// <summary>Writes the files unless they are there, runs the tool on them, and prints.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="folder">Where the files are kept; null for a temporary folder that is removed.</param>
    public static void Print(TextWriter output, string? folder)
    {
        var temporary = folder is null ? Directory.CreateTempSubdirectory("motion-large-") : null;
        var path = temporary?.FullName ?? Directory.CreateDirectory(folder!).FullName;
        try
        {
            Write(path);
            foreach (var file in Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal))
            {
                output.WriteLine($"{Path.GetFileName(file)}: {new FileInfo(file).Length / 1e6:F0} MB");
            }

            foreach (
                var (type, published) in new[]
                {
                    ("bbox", Published.Select(p => (p.Name, p.Boxes))),
                    ("segm", Published.Select(p => (p.Name, p.Masks))),
                }
            )
            {
                foreach (var threads in new[] { 1, 2 })
                {
                    for (var run = 1; run <= Runs; run++)
                    {
                        output.WriteLine(
                            $"{type}, {threads} {(threads == 1 ? "thread" : "threads")}, run {run}: {Evaluate(path, type, threads)}"
                        );
                    }
                }

                foreach (var (name, figures) in published)
                {
                    output.WriteLine($"{type}, {name}, as stated with the case: {figures}");
                }
            }
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private static string Evaluate(string folder, string type, int threads)
    {
        var json = Path.Combine(folder, $"scores-{type}.out");
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Motion.Pipeline.dll"),
                "evaluate",
                "--gt",
                Path.Combine(folder, "gt.json"),
                "--dt",
                Path.Combine(folder, $"dt-{type}.json"),
                "--type",
                type,
                "--threads",
                $"{threads}",
                "--json",
                json,
                "--times",
            ]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        var wall = Stopwatch.GetElapsedTime(begun).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
        return $"{wall} s from start to exit; {lines.First(line => line.StartsWith("times: ", StringComparison.Ordinal))["times: ".Length..]}; {Verdict(json, type)}";
    }

    private static string Verdict(string json, string type)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "large.json")));
        using var actual = JsonDocument.Parse(File.ReadAllBytes(json));
        var worst = expected
            .RootElement.GetProperty("cases")
            .GetProperty("full")
            .GetProperty(type)
            .GetProperty("stats")
            .EnumerateArray()
            .Zip(actual.RootElement.GetProperty("stats").EnumerateArray(), (a, b) => Math.Abs(a.GetDouble() - b.GetDouble()))
            .Max();
        return string.Create(CultureInfo.InvariantCulture, $"the 12 numbers differ from pycocotools' by {worst:0.0e0} at most");
    }

    private static void Write(string folder)
    {
        if (new[] { "gt.json", "dt-bbox.json", "dt-segm.json" }.All(name => File.Exists(Path.Combine(folder, name))))
        {
            return;
        }

        var p = EvaluateLarge.Parameters;
        using var truths = new StreamWriter(Path.Combine(folder, "gt.json"));
        using var boxes = new StreamWriter(Path.Combine(folder, "dt-bbox.json"));
        using var masks = new StreamWriter(Path.Combine(folder, "dt-segm.json"));
        truths.Write(
            $"{{\"images\": [{string.Join(", ", Enumerable.Range(1, p.Images).Select(id => $"{{\"id\": {id}, \"width\": {p.Size.Width}, \"height\": {p.Size.Height}, \"file_name\": \"{id:D12}.jpg\"}}"))}], \"annotations\": ["
        );
        boxes.Write('[');
        masks.Write('[');
        var (id, first) = (0, true);
        foreach (var image in LargeCase.Images(p))
        {
            foreach (var item in image.Truths)
            {
                truths.Write(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(id == 0 ? "" : ", ")}{{\"id\": {++id}, \"image_id\": {image.Index + 1}, \"category_id\": {item.Class + 1}, \"bbox\": {Box(item)}, \"area\": {item.Area}, \"iscrowd\": {(item.IsCrowd ? 1 : 0)}, \"segmentation\": {Mask(item)}}}"
                    )
                );
            }

            foreach (var item in image.Found)
            {
                var head = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(first ? "" : ", ")}{{\"image_id\": {image.Index + 1}, \"category_id\": {item.Class + 1}, "
                );
                var score = string.Create(CultureInfo.InvariantCulture, $", \"score\": {item.Score / 1024.0:R}}}");
                boxes.Write($"{head}\"bbox\": {Box(item)}{score}");
                masks.Write($"{head}\"segmentation\": {Mask(item)}{score}");
                first = false;
            }
        }

        truths.Write(
            $"], \"categories\": [{string.Join(", ", Enumerable.Range(1, p.Classes).Select(k => $"{{\"id\": {k}, \"name\": \"class {k}\"}}"))}]}}"
        );
        boxes.Write(']');
        masks.Write(']');
    }

    private static string Box(LargeItem item) =>
        string.Create(CultureInfo.InvariantCulture, $"[{item.Box.X:F1}, {item.Box.Y:F1}, {item.Box.Width:F1}, {item.Box.Height:F1}]");

    private static string Mask(LargeItem item) =>
        $"{{\"size\": [{item.Mask.Size.Height}, {item.Mask.Size.Width}], \"counts\": \"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Rles.ToText(item.Mask))}\"}}";
}
