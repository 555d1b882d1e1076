using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Figures;
using Motion.Pipeline.Tables;
using Motion.Report.Pictures;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>Tables over several runs, and figures of one.</summary>
public sealed class TablesTests : MotionProgram
{
    private const string Tables = """
        title: Two runs
        tables:
          - name: 1
            title: with and without
            of: boxes
            columns: [ap, ap50]
            rows:
              - {method: both, backbone: small, run: both, published: [29.0, 50.2]}
              - {method: "one, alone", backbone: small, run: one, published: [25.9, 46.8]}
          - name: 2
            title: again
            of: masks
            columns: [ap75]
            rows: [{method: both, run: both, published: [31.6]}]
        scales:
          full: {}
          tiny: {with: [tiny.yaml], note: Tiny runs.}
        """;

    private void WritePaper()
    {
        Directory.CreateDirectory(Path.Combine(Here, "paper"));
        void Write(string name, string text) => File.WriteAllText(Path.Combine(Here, "paper", name), text);
        Write("tables.yaml", Tables);
        Write("base.yaml", ExecutableTests.Yaml);
        Write("both.yaml", "extends: base.yaml");
        Write("one.yaml", "extends: base.yaml\nstages: {forward: {fusion: {detection: none, mask: none}}}");
        Write("tiny.yaml", "train: {iterations: 4, checkpointEvery: 2}\nstages: {report: {scoreThreshold: 0}}");
    }

    [Fact]
    public async Task Tables_MadeStoppedAndMadeAgain_DoEachRunOnce()
    {
        WritePaper();
        string[] command = ["tables", "paper", "--scale", "tiny", "--out", "out", "--plain"];
        await Succeeds([.. command, "--only", "both"]);
        var first = File.GetLastWriteTimeUtc(Path.Combine(Here, "out", "both-seed1", "metrics.json"));
        File.Delete(Path.Combine(Here, "out", "both-seed1", "checkpoints", "iteration-000002.safetensors")); // would be needed only to train again
        var said = await Succeeds(command);
        Assert.Contains("[1 of 1] one, seed 1", said, StringComparison.Ordinal);
        Assert.Contains("Tiny runs.", said, StringComparison.Ordinal);
        Assert.Equal(first, File.GetLastWriteTimeUtc(Path.Combine(Here, "out", "both-seed1", "metrics.json")));
        var csv = await File.ReadAllLinesAsync(Path.Combine(Here, "out", "tables.csv"));
        Assert.Equal(1 + 4 + 1, csv.Length);
        Assert.StartsWith("1,boxes,\"one, alone\",small,one,AP,25.9,", csv[3], StringComparison.Ordinal);
        Assert.All(csv[1..], line => Assert.EndsWith(",1", line, StringComparison.Ordinal)); // one seed is in every cell
        Assert.Contains("50.2", await File.ReadAllTextAsync(Path.Combine(Here, "out", "tables.html")), StringComparison.Ordinal);

        var (code, _, error) = await Motion([.. command, "--set", "stages.forward.optimiser.learningRate=0.5"]);
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("made with other settings", error, StringComparison.Ordinal);

        File.AppendAllText(Path.Combine(Here, "paper", "base.yaml"), "\n# ${data}\n");
        File.WriteAllText(
            Path.Combine(Here, "paper", "one.yaml"),
            "extends: base.yaml\nstages: {flow: {network: gma, weights: [gma-sintel-of-nobody]}, decode: {source: frames, path: '${data}'}}"
        );
        Assert.Equal(ExitCode.BadUsage, (await Motion(command)).Code);
        Assert.Contains("tables.html", await Succeeds([.. command, "--print"]), StringComparison.Ordinal); // what was measured wants neither data nor weights
        Assert.Equal(csv, await File.ReadAllLinesAsync(Path.Combine(Here, "out", "tables.csv")));
        await FromAnotherFolder();

        await Succeeds("figures", "out/both-seed1", "--baseline", "out/one-seed1", "--per-clip", "2");
        var figures = Path.Combine(Here, "out", "both-seed1", "figures");
        Assert.Equal(4, Directory.GetFiles(figures, "figure1-*.png").Length);
        Assert.Equal(4, Directory.GetFiles(figures, "figure3-*.png").Length);
        var page = await File.ReadAllTextAsync(Path.Combine(figures, "index.html"));
        Assert.All(
            Directory.GetFiles(figures, "*.png"),
            file => Assert.Contains($"src=\"{Path.GetFileName(file)}\"", page, StringComparison.Ordinal)
        );
    }

    /// <summary>A run is found, and goes on, wherever it is asked for from.</summary>
    private async Task FromAnotherFolder()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(Here, "elsewhere")).FullName;
        var run = Path.Combine(Here, "out", "both-seed1");
        File.Delete(Path.Combine(run, "metrics.json"));
        foreach (
            var arguments in new string[][]
            {
                ["run", Path.Combine(run, "run.yaml"), "--resume", "--plain"],
                ["figures", "../out/both-seed1"],
            }
        )
        {
            using var process = Start(elsewhere, arguments);
            var (said, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == ExitCode.Done, await error + await said);
        }

        Assert.True(File.Exists(Path.Combine(run, "metrics.json")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        Directory.Delete(Path.Combine(run, "figures"), recursive: true);
    }

    [Theory]
    [InlineData("published: [29.0, 50.2]", "published: [29.0]", "has 1 published numbers for 2 columns")]
    [InlineData("run: one", "run: two", "there is no ")]
    [InlineData("columns: [ap75]", "columns: [apX]", "apX")]
    [InlineData("title: again", "titel: again", "titel")]
    public void TableSet_WithAMistake_NamesIt(string right, string wrong, string said)
    {
        WritePaper();
        var file = Path.Combine(Here, "paper", TableSet.FileName);
        File.WriteAllText(file, File.ReadAllText(file).Replace(right, wrong, StringComparison.Ordinal));
        Assert.Contains(
            said,
            TableSet.Read(Path.Combine(Here, "paper")).Match(_ => "", errors => errors.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Cell_OfSeeds_IsTheirMeanAndHalfTheirRange()
    {
        Assert.Equal((2.0, 1.0), (new Cell(0, [1, 3, 2]).Mean!.Value, new Cell(0, [1, 3, 2]).Spread!.Value));
        Assert.Equal((null, null), (new Cell(0, []).Mean, new Cell(0, [7]).Spread));
    }

    [Fact]
    public void ChosenFrames_OfEveryClip_LieInsideItEvenlyAndOnce()
    {
        ImmutableArray<ClipInfo> clips = [.. new[] { 1, 2, 7, 60 }.Select((frames, index) => new ClipInfo($"c{index}", frames, new(8, 8)))];
        foreach (var (every, perClip) in from every in new[] { 1, 2, 5 } from perClip in new[] { 1, 2, 3, 100 } select (every, perClip))
        {
            var first = 0L;
            var chosen = ChooseFrames.Of(clips, every, long.MaxValue, [], perClip);
            foreach (var clip in clips)
            {
                var listed = ((clip.Frames - 1) / every) + 1;
                var own = chosen.Where(frame => frame.Clip == clip.Name).Select(frame => frame.Position - first).ToArray();
                Assert.Equal(Math.Min(perClip, listed), own.Distinct().Count());
                Assert.All(own, at => Assert.InRange(at, 0, listed - 1));
                Assert.Equal(own.Length == 1 ? listed / 2 : own[0], own[0]);
                first += listed;
            }
        }
    }

    [Fact]
    public void Heat_OfARamp_RisesInEveryChannelFromBlackToWhite()
    {
        using var ramp = torch.linspace(-3, 5, 64).reshape(4, 16);
        var heat = FigurePictures.Heat(ramp);
        var sums = Enumerable.Range(0, 64).Select(at => heat.Planes[at] + heat.Planes[64 + at] + heat.Planes[128 + at]).ToArray();
        Assert.Equal((0, 765), (sums[0], sums[^1]));
        Assert.Equal(sums.Order(), sums);
        using var flat = torch.full([4, 16], Held.Of(2f));
        Assert.All(FigurePictures.Heat(flat).Planes, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Grid_OfPictures_HasThemWithWhiteBetween()
    {
        static Pixels Plain(byte value) => new(new(2, 3), [.. Enumerable.Repeat(value, 18)]);
        var grid = FigurePictures.Grid([
            [Plain(1), Plain(2)],
            [Plain(3)],
        ]);
        Assert.Equal(new Size2(10, 12), grid.Size);
        byte At(int y, int x) => grid.Planes[(y * 12) + x];
        Assert.Equal(
            (1, 255, 2, 255, 3, 255),
            ((int)At(0, 0), (int)At(0, 3), (int)At(1, 11), (int)At(5, 0), (int)At(9, 2), (int)At(9, 11))
        );
    }
}
