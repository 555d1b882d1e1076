using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

public sealed class FlowWeightsLaws : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weights");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Load_OfAFileWithPublishedNames_GivesTheNetworksTensors()
    {
        using var scope = NewDisposeScope();
        using var weights = GmaFill.Of(Gma.Network);
        var path = Write(Published(weights));
        using var loaded = FlowWeights.Load(Gma.Network, new FlowOptions { Weights = path }, CPU).OrThrow();
        Assert.Equal(weights.All.Select(pair => pair.Key), loaded.All.Select(pair => pair.Key));
        Assert.All(weights.All, pair => Assert.True(Tensors.SameBits(pair.Value, loaded[pair.Key]), pair.Key));
    }

    [Fact]
    public void Load_OfThePublishedPthForm_GivesTheNetworksTensors()
    {
        using var scope = NewDisposeScope();
        using var weights = GmaFill.Of(Gma.Network);
        var path = Path.Combine(_folder.FullName, "weights.pth");
        Assert.True(TorchFile.Write(path, Published(weights).Select(pair => KeyValuePair.Create($"module.{pair.Key}", pair.Value))).IsOk);
        using var loaded = FlowWeights.Load(Gma.Network, new FlowOptions { Weights = path }, CPU).OrThrow();
        Assert.Equal(weights.All.Select(pair => pair.Key), loaded.All.Select(pair => pair.Key));
        Assert.All(weights.All, pair => Assert.True(Tensors.SameBits(pair.Value, loaded[pair.Key]), pair.Key));
    }

    [Fact]
    public void Load_OfOneNormUnderTwoNamesWithOtherNumbers_NamesBoth()
    {
        using var scope = NewDisposeScope();
        using var weights = GmaFill.Of(Gma.Network);
        const string one = "cnet.layer2.0.norm3.weight",
            two = "cnet.layer2.0.downsample.1.weight";
        var path = Write(Published(weights).Select(pair => pair.Key == two ? KeyValuePair.Create(two, pair.Value.Plus(1)) : pair));
        var error = FlowWeights.Load(Gma.Network, new FlowOptions { Weights = path }, CPU).Match(_ => "", error => error.Describe());
        Assert.Contains($"{two} and {one} are two names of one tensor", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfWholeNumbers_NamesTheTensor()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1));
        var path = Write(
            weights.All.Select(pair =>
                pair.Key == "fnet.conv1.bias" ? KeyValuePair.Create(pair.Key, pair.Value.to(ScalarType.Int32)) : pair
            )
        );
        var error = FlowWeights.Load(RaftSmall.Network, new FlowOptions { Weights = path }, CPU).Match(_ => "", error => error.Describe());
        Assert.Contains("fnet.conv1.bias is of int32, where floating-point numbers must be", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfHalfPrecision_GivesFloat32()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1));
        var path = Write(weights.All.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.to(ScalarType.Float16))));
        using var loaded = FlowWeights.Load(RaftSmall.Network, new FlowOptions { Weights = path }, CPU).OrThrow();
        Assert.All(loaded.All, pair => Assert.Equal(ScalarType.Float32, pair.Value.dtype));
    }

    [Fact]
    public void Load_OfAFileThatLacksAndExceeds_NamesBoth()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1));
        var path = Write(
            weights.All.Where(pair => pair.Key != "fnet.conv1.bias").Append(KeyValuePair.Create("fnet.extra.weight", ones(1)))
        );
        var error = Assert
            .IsType<Result<Weights, FlowError>.Error>(FlowWeights.Load(RaftSmall.Network, new FlowOptions { Weights = path }, CPU))
            .Reason.Describe();
        Assert.StartsWith(path, error, StringComparison.Ordinal);
        Assert.Contains("fnet.conv1.bias", error, StringComparison.Ordinal);
        Assert.Contains("fnet.extra.weight", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAMissingFile_NamesIt()
    {
        var path = Path.Combine(_folder.FullName, "nothing.pth");
        var error = Assert
            .IsType<Result<Weights, FlowError>.Error>(FlowWeights.Load(Gma.Network, new FlowOptions { Weights = path }, CPU))
            .Reason;
        Assert.Equal(path, Assert.IsType<FlowError.BadWeights>(error).Path);
    }

    [Fact]
    public void Estimate_WithWeightsThatAreNotNumbers_NamesTheFrame()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1));
        var path = Write(
            weights.With([KeyValuePair.Create("update_block.flow_head.conv2.bias", full([2], Held.Of(double.NaN), ScalarType.Float32))]).All
        );
        var stage = FlowStage
            .Create(
                new FlowOptions
                {
                    Network = FlowSource.RaftSmall,
                    Weights = path,
                    Iterations = 1,
                },
                CPU
            )
            .OrThrow();
        var sketch = new Sketch(new Size2(16, 16), 1);
        var pair = new FramePair(
            new FrameKey(0, "walk", 3),
            sketch.Size,
            FlowFields.Picture(sketch),
            FlowFields.Picture(sketch),
            1,
            null,
            null
        );
        var error = Assert.IsType<Result<FlowFrame, FlowError>.Error>(stage(pair)).Reason;
        Assert.Equal(new FlowError.NotFinite(pair.Key, "raft-small"), error);
    }

    [Fact]
    public void Load_OfTorchvisionsNamesBehindAnyPrefix_GivesTheNetworksTensors()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(RaftSmall.Network.Entries, new Seed(1));
        var names = File.ReadAllLines(GoldenFiles.PathOf("Flow", "torchvision_raft_small_names.txt"));
        Assert.Equal(weights.All.Select(pair => pair.Key), names.Select(TorchvisionRaft.Published).Order(StringComparer.Ordinal));
        foreach (var prefix in new[] { "", "module.", "model.", "_orig_mod.module.", "ema.model." })
        {
            var path = Write(
                names
                    .Select(name => KeyValuePair.Create(prefix + name, weights[TorchvisionRaft.Published(name)]))
                    .Concat(prefix.Length == 0 ? [] : [KeyValuePair.Create("steps", ones(1))])
            );
            using var loaded = FlowWeights.Load(RaftSmall.Network, new FlowOptions { Weights = path }, CPU).OrThrow();
            Assert.All(weights.All, pair => Assert.True(Tensors.SameBits(pair.Value, loaded[pair.Key]), prefix + pair.Key));
        }
    }

    [Fact]
    public void Load_OfTorchvisionsLargeNetwork_IsRefusedByItsName()
    {
        using var scope = NewDisposeScope();
        var path = Write([
            new("feature_encoder.convnormrelu.0.weight", ones(64, 3, 7, 7)),
            new("mask_predictor.conv.weight", ones(576, 256, 1, 1)),
        ]);
        Assert.Contains(
            "raft_large",
            FlowWeights.Load(RaftSmall.Network, new FlowOptions { Weights = path }, CPU).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Start_HasTheSpreadThatThePublishedCodeStartsWith()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(Gma.Network.Entries, new Seed(11));
        Close.To(Math.Sqrt(2.0 / (128 * 9)), weights["fnet.layer3.1.conv2.weight"].std().item<float>(), 0, 0.01); // normal, fan out
        Close.To(1 / Math.Sqrt(512 * 5), weights["update_block.gru.convq1.weight"].abs().max().item<float>(), 0, 0.01); // uniform, fan in
        Close.To(1 / Math.Sqrt(3 * 49), weights["cnet.conv1.bias"].abs().max().item<float>(), 0, 0.1); // a bias: uniform, fan in
        Assert.Equal(0f, weights["update_block.aggregator.gamma"].item<float>());
        Assert.True(weights["cnet.norm1.weight"].eq(Held.Of(1)).all().item<bool>());
        Assert.True(weights["cnet.norm1.running_mean"].eq(Held.Of(0)).all().item<bool>());
    }

    /// <summary>As the published training saves them: one norm under two names, unused embeddings, counts of batches.</summary>
    private static IEnumerable<KeyValuePair<string, Tensor>> Published(Weights weights) =>
        weights
            .All.Concat(
                weights
                    .All.Where(pair => pair.Key.Contains(".norm3.", StringComparison.Ordinal))
                    .Select(pair =>
                        KeyValuePair.Create(pair.Key.Replace(".norm3.", ".downsample.1.", StringComparison.Ordinal), pair.Value)
                    )
            )
            .Append(KeyValuePair.Create("att.pos_emb.rel_height.weight", ones(319, 128)))
            .Append(KeyValuePair.Create("att.pos_emb.rel_ind", zeros([160, 160], ScalarType.Int64)))
            .Append(KeyValuePair.Create("cnet.norm1.num_batches_tracked", zeros([], ScalarType.Int64)));

    private string Write(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var path = Path.Combine(_folder.FullName, "weights.safetensors");
        Assert.True(Safetensors.Write(path, Weights.Of(tensors)).IsOk);
        return path;
    }
}
