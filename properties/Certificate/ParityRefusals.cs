using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Parity;
using Motion.Pipeline.Cli;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Certificate;

/// <summary>What is damaged, lacking or unknown is told by name, and the rest is checked all the same.</summary>
public sealed class ParityRefusals
{
    private const string Good = "Flow/convex_upsample.safetensors";

    [Fact]
    public void Parity_UnknownFilesAndTensors_AreListedAsNotCovered()
    {
        using var folder = ParityFolder.Of(Good);
        folder.Change("convex_upsample.safetensors", "flow", flow => flow);
        using var surplus = ones(2);
        using (var weights = Safetensors.Read(folder.PathOf("convex_upsample.safetensors")).OrThrow())
        {
            Safetensors
                .Write(folder.PathOf("convex_upsample.safetensors"), weights.All.Append(KeyValuePair.Create("surplus", surplus)))
                .OrThrow();
        }

        Safetensors.Write(folder.PathOf("strange.safetensors"), [KeyValuePair.Create("strange", surplus)]).OrThrow();
        File.WriteAllText(folder.PathOf("strange.json"), "{\"strange\": 1}");
        File.WriteAllText(folder.PathOf("strange.bin"), "strange");
        File.WriteAllText(folder.PathOf("README.md"), "for people");
        var outcome = folder.Check();
        Assert.Equal(0, outcome.Failed);
        Assert.Equal(
            ["convex_upsample.safetensors: surplus", "strange.bin", "strange.json", "strange.safetensors"],
            outcome.NotCovered.Select(line => line.Split(": of no form")[0]).Order(StringComparer.Ordinal)
        );
        Assert.Equal("README.md", Assert.Single(outcome.Documents));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(60)]
    [InlineData(5000)]
    public void Parity_ATruncatedFile_IsRefusedAndTheOthersAreChecked(int bytes)
    {
        using var folder = ParityFolder.Of(Good, "Flow/padder.json");
        var path = folder.PathOf("convex_upsample.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..bytes]);
        var outcome = folder.Check();
        var failed = Assert.Single(outcome.Findings, finding => !finding.Passes);
        Assert.Contains("convex_upsample", failed.Case + failed.File, StringComparison.Ordinal);
        Assert.NotEqual("", failed.Note);
        Assert.Contains(outcome.Findings, finding => finding is { Passes: true, File: "padder.json" });
    }

    [Fact]
    public void Parity_JsonThatIsNone_IsRefused()
    {
        using var folder = ParityFolder.Of(Good);
        File.WriteAllText(folder.PathOf("facts.json"), "{\"a\": ");
        Assert.Contains("is not JSON", Assert.Single(folder.Check().Findings, finding => !finding.Passes).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Parity_AMissingCompanion_IsNamed()
    {
        using var folder = ParityFolder.Of(Good, "Forward/case_a_heads.safetensors", "Flow/gma_gradient_frozen.json");
        var failed = folder
            .Check()
            .Findings.Where(finding => !finding.Passes)
            .Select(finding => finding.Note)
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.Equal(2, failed.Length);
        Assert.Contains("case_a_input.safetensors", failed[0], StringComparison.Ordinal);
        Assert.Contains("flow_gt", failed[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flow_up")]
    [InlineData("mask")]
    public void Parity_ATensorOfAnotherShape_FailsWithoutACrash(string name)
    {
        using var folder = ParityFolder.Of(Good);
        folder.Change("convex_upsample.safetensors", name, tensor => tensor.narrow(1, 0, tensor.shape[1] - 1).contiguous());
        Assert.Equal(1, folder.Check().Failed);
    }

    [Fact]
    public void Parity_FoldersBelow_AreFoldersOfTheirOwn()
    {
        using var folder = ParityFolder.Of();
        var below = Directory.CreateDirectory(folder.PathOf("below")).FullName;
        File.Copy(GoldenFiles.PathOf("Flow", "convex_upsample.safetensors"), Path.Combine(below, "anything.safetensors"));
        Assert.Equal("below/anything", Assert.Single(folder.Check().Findings).Case);
    }

    [Fact]
    public void Plan_OnlySomeCases_AreThoseOfThePattern()
    {
        using var folder = ParityFolder.Of(Good, "Flow/padder.json", "Flow/padder.safetensors");
        ImmutableArray<OracleFolder> folders = [.. OracleFolder.Read(folder.Root)];
        Assert.Equal(["padder", "padder (pictures)"], RunParity.Plan(folders, "padder").Cases.Select(planned => planned.Name));
        Assert.Equal(["padder"], RunParity.Plan(folders, "pad*r").Cases.Select(planned => planned.Name));
        Assert.Empty(RunParity.Plan(folders, "nothing").Cases);
        Assert.Empty(ParityFolder.Run(RunParity.Plan(folders, "pad*r")).NotCovered);
    }

    [Fact]
    public void Command_TellsByItsExitCode()
    {
        using var folder = ParityFolder.Of(Good);
        int Run(string path, string? only = null, string? json = null) =>
            ParityCommand.Run(new(path, json, only, IsList: false, Threads: 1), CancellationToken.None);
        Assert.Equal(ExitCode.Done, Run(folder.Root, json: folder.PathOf("out/told.json")));
        Assert.Contains("\"verdict\": \"pass\"", File.ReadAllText(folder.PathOf("out/told.json")), StringComparison.Ordinal);
        Directory.Delete(folder.PathOf("out"), recursive: true);
        Assert.Equal(ExitCode.BadInput, Run(folder.Root, only: "nothing"));
        Assert.Equal(ExitCode.BadUsage, Run(folder.PathOf("convex_upsample.safetensors")));
        Assert.Equal(ExitCode.BadInput, Run(folder.PathOf("nowhere")));
        folder.Change("convex_upsample.safetensors", "flow_up", tensor => tensor.Plus(1));
        Assert.Equal(ExitCode.CheckFailed, Run(folder.Root));
        File.Delete(folder.PathOf("convex_upsample.safetensors"));
        Assert.Equal(ExitCode.BadInput, Run(folder.Root));
    }
}
