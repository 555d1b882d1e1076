using System.Diagnostics;
using System.Text.Json;
using Motion.Contracts;
using Motion.Flow;
using Motion.Forward;
using Motion.Kernels;
using Motion.Pipeline.Cli;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>A fact about Python's PyTorch; skipped where there is none.</summary>
public sealed class PythonTorchFactAttribute : FactAttribute
{
    public PythonTorchFactAttribute()
    {
        if (PythonTorchLaws.Python is null)
            Skip = "needs a python3 with torch (Debian: python3-torch; another interpreter in PYTHON)";
    }
}

/// <summary>Files that cross between here and Python's PyTorch, both ways.</summary>
public sealed class PythonTorchLaws : IDisposable
{
    /// <summary>
    /// Two releases of libtorch (2.10 here, what Python has there) add up a few hundred float32 terms in other orders, through a dozen
    /// layers: 3.8e-6 was seen.
    /// </summary>
    private const double Tolerance = 1e-5;

    private static readonly Lazy<string?> Found = new(() =>
        ((string?[])[Environment.GetEnvironmentVariable("PYTHON"), "/usr/bin/python3", "python3"]).FirstOrDefault(python =>
            python is not null
            && Answer(python, "-c", "import importlib.util; print(importlib.util.find_spec('torch') is not None)")?.Trim() == "True"
        )
    );

    private readonly TemporaryFolder _folder = new();

    /// <summary>A python3 with torch, or null.</summary>
    internal static string? Python => Found.Value;

    public void Dispose() => _folder.Dispose();

    [PythonTorchFact]
    public void ACheckpointWrittenHere_LoadedByPyTorch_GivesTheSameOutputs()
    {
        var options = FlowFrames.Tiny;
        using var state = Checkpoint(options);
        using var raft = Initialise.Draw(RaftSmall.Network.Entries, new Seed(3));
        TorchFile.Write(In("raft.pth"), raft.All).OrThrow();
        using var inputs = Weights.Of([
            new("picture", Normal(1, 3, 64, 96)),
            new("level", Normal(1, 8, 6, 9)),
            new("frames", Normal(2, 3, 64, 96)),
        ]);
        TorchFile.Write(In("inputs.pth"), inputs.All).OrThrow();
        Run("outputs", In("checkpoint.pth"), In("raft.pth"), In("inputs.pth"), In("outputs.pth"));

        using var theirs = WeightFiles.Read(In("outputs.pth")).OrThrow();
        using var scope = NewDisposeScope();
        var res5 = SmallNet.Forward(state.Weights.At(Backbones.Scope), inputs["picture"]).Res5;
        var level = FcosHead.Forward(options.Head, state.Weights.At(FcosHead.Scope), [inputs["level"]])[0];
        var features = new Motion.Flow.Encoder(EncoderBlock.Bottleneck, [32, 64, 96], 128).Features(
            raft.At("fnet"),
            inputs["frames"],
            Motion.Flow.Layers.InstanceNorm
        );
        foreach (
            var (name, ours) in ((string, Tensor)[])
                [("res5", res5), ("logits", level.ClassLogits), ("boxes", level.BoxRegression), ("features", features)]
        )
        {
            Assert.True(ours.abs().max().Number() > 0.01, $"{name} says nothing");
            Assert.True(
                Tensors.Close(ours, theirs[name], Tolerance, Tolerance),
                $"{name} differs by {ours.sub(theirs[name]).abs().max().Number()}"
            );
        }
    }

    [PythonTorchFact]
    public void ACheckpointWrittenHere_LoadedByPyTorch_IsTheSameToTheBit_AndLoadsBack()
    {
        using var state = Checkpoint(FlowFrames.Tiny);
        using var sums = JsonDocument.Parse(Run("sums", In("checkpoint.pth")));
        AssertSums(sums.RootElement, state.Weights);
        using var back = ForwardStage.ReadWeights(In("checkpoint.pth"), FlowFrames.Tiny, FlowFrames.Classes).OrThrow();
        Assert.All(state.Weights.All, pair => Assert.True(Tensors.SameBits(pair.Value, back[pair.Key]), pair.Key));
    }

    [PythonTorchFact]
    public void FilesOfTorchSave_ReadHere_AreTheSameToTheBit()
    {
        using var expected = JsonDocument.Parse(Run("save", _folder.Path));
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            using var weights = WeightFiles.Read(In(file.Name)).OrThrow();
            AssertSums(file.Value, weights);
        }
    }

    private static void AssertSums(JsonElement expected, Weights found)
    {
        Assert.Equal(
            expected.EnumerateObject().Select(entry => entry.Name).Order(StringComparer.Ordinal),
            found.All.Select(pair => pair.Key)
        );
        Assert.All(
            expected.EnumerateObject(),
            entry =>
            {
                var tensor = found[entry.Name];
                Assert.Equal(
                    (entry.Value[0].GetString(), string.Join(' ', entry.Value[1].EnumerateArray()), entry.Value[2].GetString()),
                    (TensorBytes.NameOf(tensor.dtype), string.Join(' ', tensor.shape), $"{TensorBytes.Checksum(tensor):x8}")
                );
            }
        );
    }

    /// <summary>A training's first state as checkpoint.safetensors, and converted by the command to checkpoint.pth.</summary>
    private TrainState Checkpoint(ForwardOptions options)
    {
        var trainer = TrainerLaws.Trainer(options);
        var state = trainer.Start().OrThrow();
        Assert.True(trainer.Save(state, In("checkpoint.safetensors")).IsOk);
        Assert.Equal(
            ExitCode.Done,
            WeightsCommand.Create().Parse(["convert", In("checkpoint.safetensors"), In("checkpoint.pth")]).Invoke()
        );
        return state;
    }

    private static Tensor Normal(params long[] shape)
    {
        var draws = new Seed(17).Derive(string.Join('x', shape)).Draws();
        var numbers = Enumerable
            .Range(0, (int)shape.Aggregate(1L, (product, side) => product * side))
            .Select(_ => (float)draws.NextNormal())
            .ToArray();
        return tensor(numbers, shape);
    }

    private string In(string name) => Path.Combine(_folder.Path, name);

    private static string Run(params string[] arguments) =>
        Answer(Python!, [GoldenFiles.PathOf("Pth", "with_torch.py"), .. arguments]) ?? throw new InvalidOperationException("python failed");

    /// <summary>What a program writes; null where it fails or is not there. Its complaints go to the test's own.</summary>
    private static string? Answer(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
            start.Environment["OMP_NUM_THREADS"] = "1";
            start.Environment.Remove("LD_PRELOAD"); // the bridge of ./motion is for this program
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
