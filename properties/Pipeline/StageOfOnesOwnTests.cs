using System.Diagnostics;
using Motion.Contracts;
using Motion.Examples;
using Motion.Kernels;
using Motion.Pipeline.Stages;
using Motion.Properties.Verify;
using Motion.Runner.Settings;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>docs/stage-of-your-own.md does what it says.</summary>
public sealed class StageOfOnesOwnTests : MotionProgram
{
    private static string Docs => Path.Combine(SourceFactAttribute.Root!, "docs");

    private static string Example(string file) => Path.Combine(Docs, "examples", "still", file);

    [SourceTheory]
    [InlineData("Still.csproj")]
    [InlineData("Program.cs")]
    [InlineData("Still.cs")]
    [InlineData("still.yaml")]
    public void Page_ShowsTheFilesAsTheyAre(string file) =>
        Assert.Contains(
            string.Join('\n', File.ReadAllLines(Example(file)).Select(line => line.Length == 0 ? "" : $"    {line}")),
            File.ReadAllText(Path.Combine(Docs, "stage-of-your-own.md")),
            StringComparison.Ordinal
        );

    /// <summary>
    /// In the runner's process and in one of its own, the stage does its work: what is slower than the bound stands still.
    /// </summary>
    [SourceTheory]
    [InlineData("runner")]
    [InlineData("own")]
    public async Task Program_WithAStageOfItsOwn_RunsIt(string process)
    {
        string[] small =
        [
            "stages.decode.synthetic={clips: 1, frames: 3, height: 32, width: 48, objectsMax: 2}",
            "stages.forward.backbone={network: small, smallChannels: [8, 8, 8, 8], freeze: none, weights: null}",
            "stages.forward.pyramid.channels=16",
            "stages.forward.head={towerConvs: 1}",
            "stages.forward.mask={branchConvs: 1, branchChannels: 8, channels: 8}",
            "stages.forward.view={shortestSides: [32], testShortestSide: 32}",
            "train={iterations: 2, batch: 2}",
            "stages.still.record=true",
            $"stages.still.process={process}",
        ];
        var (code, said) = await Program(["run", Example("still.yaml"), "--plain", "--set", .. small]);
        Assert.True(code == 0, said);
        Assert.Contains($"flow -> still{(process == "own" ? " (own process)" : "")} -> forward <-> loss", said, StringComparison.Ordinal);
        var frames = await Recording
            .Read(Path.Combine(Folder("still").Recordings, "test", "still.out.rec"))
            .Select(next => next.OrThrow())
            .OfType<FlowFrame>()
            .ToListAsync();
        Assert.NotEmpty(frames);
        foreach (var frame in frames)
        {
            using var speed = frame.Flow.select(0, 0).hypot(frame.Flow.select(0, 1));
            Assert.All(speed.Elements<float>(), value => Assert.True(value is 0 or >= 1.5f, $"{value}"));
            frame.Dispose();
        }
    }

    [SourceFact]
    public async Task Program_WithAStageOfItsOwn_SaysWhatIsWrongWithItsSettings()
    {
        var (code, said) = await Program(["run", Example("still.yaml"), "--check", "--set", "stages.still.below=-1"]);
        Assert.Equal(2, code);
        Assert.Contains("stages.still.below: got \"-1\". Expected a number in 0 .. 100.", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Stages_OfOneName_AreRefused() =>
        Assert.Throws<ArgumentException>(() => RealStages.With([new StageKind("flow", typeof(TinyFlow), "")]));

    [SourceFact]
    public void Schema_IsThatOfTheSettings() =>
        Assert.True(
            YamlSchema.Text(RealStages.Table) == File.ReadAllText(Path.Combine(SourceFactAttribute.Root!, "pipelines", "schema.json")),
            "pipelines/schema.json is of other settings: ./motion schema > pipelines/schema.json"
        );

    [SourceFact]
    public void Yamls_NameTheSchemaInTheirFirstLine()
    {
        var root = SourceFactAttribute.Root!;
        var files = Directory
            .EnumerateFiles(Path.Combine(root, "pipelines"), "*.yaml", SearchOption.AllDirectories)
            .Append(Path.Combine(root, "pipeline.yaml"))
            .Where(file => Path.GetFileName(file) != "tables.yaml")
            .ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Equal(
                $"# yaml-language-server: $schema={Path.GetRelativePath(Path.GetDirectoryName(file)!, Path.Combine(root, "pipelines", "schema.json")).Replace('\\', '/')}",
                File.ReadLines(file).First()
            );
        }
    }

    private async Task<(int Code, string Said)> Program(string[] arguments)
    {
        var program = typeof(Still).Assembly.Location;
        var info = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Here,
        };
        foreach (var argument in arguments.Prepend(program))
            info.ArgumentList.Add(argument);
        info.Environment["OMP_NUM_THREADS"] = "1";
        using var started = Process.Start(info)!;
        var (output, error) = (started.StandardOutput.ReadToEndAsync(), started.StandardError.ReadToEndAsync());
        await started.WaitForExitAsync();
        return (started.ExitCode, await output + await error);
    }
}
