using System.Text.Json;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Pipeline.Cli;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Pipeline;

/// <summary>motion weights, as a user types it.</summary>
public sealed class WeightsCommandTests : MotionProgram
{
    private const int RaftTensors = 106;
    private const int RaftNumbers = 990_162;

    [Fact]
    public async Task Inspect_AFlowNetworksPth_SaysWhatItIsAndWhereItFits()
    {
        WriteRaft("raft.pth", "module.");
        var said = await Succeeds("weights", "inspect", "raft.pth");
        Assert.All(
            [
                "raft.pth: torch.save, a zip, 106 tensors, 990,162 numbers",
                "RAFT-small",
                "flow.weights with network: raft-small",
                "module. stood before",
                "sha256",
                "git blob",
                "fnet.conv1.weight",
            ],
            part => Assert.Contains(part, said, StringComparison.Ordinal)
        );

        using var json = JsonDocument.Parse(await Succeeds("weights", "inspect", "raft.pth", "--json"));
        var root = json.RootElement;
        Assert.Equal((RaftNumbers, RaftTensors), (root.GetProperty("parameters").GetInt64(), root.GetProperty("tensors").GetArrayLength()));
        Assert.Equal(("flow.weights", true), (root.GetProperty("fits").GetString(), root.GetProperty("hadModule").GetBoolean()));
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(In("raft.pth")))),
            root.GetProperty("sha256").GetString()
        );
    }

    [Fact]
    public async Task Inspect_ANetworkWithoutSomeOfItsTensors_SaysHowManyLack()
    {
        using (var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1)))
        {
            Safetensors
                .Write(
                    In("part.safetensors"),
                    weights.All.Where(pair => !pair.Key.StartsWith("update_block.gru", StringComparison.Ordinal))
                )
                .OrThrow();
        }

        var said = await Succeeds("weights", "inspect", "part.safetensors");
        Assert.Contains("lacks     6: update_block.gru.convq.bias", said, StringComparison.Ordinal);
        Assert.DoesNotContain("fits", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_ThereAndBack_IsTheSameFile()
    {
        WriteRaft("raft.safetensors", "");
        await Succeeds("weights", "convert", "raft.safetensors", "raft.pth");
        await Succeeds("weights", "convert", "raft.pth", "back.safetensors");
        Assert.Equal(await File.ReadAllBytesAsync(In("raft.safetensors")), await File.ReadAllBytesAsync(In("back.safetensors")));

        var (code, _, error) = await Motion("weights", "convert", "raft.pth", "back.safetensors");
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        await Succeeds("weights", "convert", "raft.pth", "half.pth", "--type", "float16");
        using var half = WeightFiles.Read(In("half.pth")).OrThrow();
        Assert.All(half.All, pair => Assert.Equal(ScalarType.Float16, pair.Value.dtype));
    }

    [Fact]
    public async Task Convert_Caffe2sPickle_ToTorchvisionsNames()
    {
        File.Copy(GoldenFiles.PathOf("Pth", "caffe2_stem.pkl"), In("stem.pkl"));
        Assert.Contains(
            "stem",
            await Succeeds("weights", "convert", "stem.pkl", "stem.pth", "--to", "torchvision"),
            StringComparison.Ordinal
        );
        using var weights = WeightFiles.Read(In("stem.pth")).OrThrow();
        Assert.Equal(
            [
                "bn1.bias",
                "bn1.running_mean",
                "bn1.running_var",
                "bn1.weight",
                "conv1.weight",
                "layer1.0.conv1.weight",
                "layer1.0.downsample.0.weight",
            ],
            weights.All.Select(pair => pair.Key)
        );
    }

    [Theory]
    [InlineData("nothing.pth", "nothing.pth: cannot be read")]
    [InlineData("cut.pth", "cut.pth: ")]
    [InlineData("text.pth", "this file begins with")]
    [InlineData("page.pth", "a web page")]
    [InlineData("evil.pth", "os.system")]
    [InlineData("escape.pth", "os.?[31m")] // a name that would colour the terminal
    [InlineData(".", "it is a folder")]
    public async Task Inspect_WhatCannotBeRead_IsOneSentenceAndBadInput(string name, string part)
    {
        WriteRaft("whole.pth", "");
        await File.WriteAllBytesAsync(In("cut.pth"), (await File.ReadAllBytesAsync(In("whole.pth")))[..100_000]);
        await File.WriteAllTextAsync(In("text.pth"), "hello, this is a text");
        await File.WriteAllTextAsync(In("page.pth"), "<!DOCTYPE html><html></html>");
        await File.WriteAllBytesAsync(In("evil.pth"), [0x80, 2, .. "cos\nsystem\n(U\u0004truetR."u8]);
        await File.WriteAllBytesAsync(In("escape.pth"), [0x80, 2, .. "cos\n\u001b[31m\n."u8]);
        var (code, said, error) = await Motion("weights", "inspect", name);
        Assert.Equal((ExitCode.BadInput, ""), (code, said));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private void WriteRaft(string name, string prefix)
    {
        using var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1));
        var entries = weights.All.Select(pair => KeyValuePair.Create(prefix + pair.Key, pair.Value));
        (
            name.EndsWith(".pth", StringComparison.Ordinal) ? TorchFile.Write(In(name), entries) : Safetensors.Write(In(name), entries)
        ).OrThrow();
    }

    private string In(string name) => Path.Combine(Here, name);
}
