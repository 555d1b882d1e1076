using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Pretrained backbones under the names they are published in.</summary>
public sealed class BackboneFileLaws
{
    private static readonly BackboneOptions Small = FlowFrames.Tiny.Backbone;

    [Theory]
    [InlineData("conv1.weight", "stem.conv1.weight")]
    [InlineData("bn1.running_var", "stem.conv1.norm.running_var")]
    [InlineData("layer1.0.downsample.0.weight", "res2.0.shortcut.weight")]
    [InlineData("layer1.0.downsample.1.bias", "res2.0.shortcut.norm.bias")]
    [InlineData("layer3.22.conv2.weight", "res4.22.conv2.weight")]
    [InlineData("layer4.2.bn3.running_mean", "res5.2.conv3.norm.running_mean")]
    [InlineData("backbone.bottom_up.res3.1.conv1.norm.weight", "res3.1.conv1.norm.weight")]
    [InlineData("bottom_up.stem.conv1.weight", "stem.conv1.weight")]
    [InlineData("res5.0.conv3.weight", "res5.0.conv3.weight")]
    [InlineData("fc.weight", null)]
    [InlineData("bn1.num_batches_tracked", null)]
    [InlineData("backbone.fpn_lateral3.weight", null)]
    [InlineData("proposal_generator.fcos_head.cls_logits.bias", null)]
    [InlineData("momentum.backbone.bottom_up.res3.1.conv1.weight", null)]
    public void DetectronName_OfPublishedNames_IsWhereTheyGo(string file, string? expected) =>
        Assert.Equal(expected, BackboneNames.Detectron(file));

    [Fact]
    public void DetectronName_OfEveryTorchvisionName_IsEveryEntryOnce()
    {
        foreach (var network in (BackboneNetwork[])[BackboneNetwork.Resnet50, BackboneNetwork.Resnet101])
        {
            var entries = Resnet.Entries(network).Select(entry => entry.Name).Order(StringComparer.Ordinal).ToArray();
            var names = entries.Select(Torchvision).ToArray();
            Assert.Equal(entries, names.Select(BackboneNames.Detectron).Order(StringComparer.Ordinal));
            Assert.Equal(entries.Length, names.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void Start_FromABackboneFile_HasItsNumbersWidened()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "backbone.safetensors");
        using var drawn = Initialise.Draw(Backbones.Entries(Small), new Seed(5));
        using var half = Weights.Of(drawn.All.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.to(ScalarType.Float16))));
        Assert.True(Safetensors.Write(path, half).IsOk);
        Leaks.Check(() =>
        {
            using var state = TrainerLaws.Trainer(FlowFrames.Tiny with { Backbone = Small with { Weights = path } }).Start().OrThrow();
            foreach (var (name, expected) in half.All)
            {
                using var wide = expected.to(ScalarType.Float32);
                Assert.True(Tensors.SameBits(wide, state.Weights[$"{Backbones.Scope}.{name}"]), name);
            }
        });
    }

    [Fact]
    public void Start_FromAFileThatDoesNotFit_ListsWhatLacksExceedsAndDiffers()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "backbone.safetensors");
        using var drawn = Initialise.Draw(Backbones.Entries(Small), new Seed(5));
        var spoilt = drawn
            .All.Where(entry => entry.Key != "res3.0.conv1.weight")
            .Select(entry => entry.Key == "res4.0.conv2.weight" ? KeyValuePair.Create(entry.Key, zeros(1, 2, 3, 3)) : entry)
            .Append(KeyValuePair.Create("surplus.weight", zeros(1)));
        Assert.True(Safetensors.Write(path, spoilt).IsOk);
        var trainer = TrainerLaws.Trainer(FlowFrames.Tiny with { Backbone = Small with { Weights = path } });
        var refusal = trainer.Start().Match(_ => "", error => error.Describe());
        Assert.All(
            [
                path,
                "1 lacking (res3.0.conv1.weight)",
                "1 too many (surplus.weight)",
                "res4.0.conv2.weight is [1, 2, 3, 3], must be [8, 8, 3, 3]",
            ],
            part => Assert.Contains(part, refusal, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Start_GrownFromAResnet50_KeepsItAndBeginsNewBlocksAsIdentities()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "r50.safetensors");
        using (var drawn = Initialise.Draw(Resnet.Entries(BackboneNetwork.Resnet50), new Seed(5)))
            Assert.True(Safetensors.Write(path, drawn.All).IsOk);
        var grown = new BackboneOptions
        {
            Network = BackboneNetwork.Resnet101,
            Weights = path,
            Grow = true,
            Freeze = Freeze.Res3,
        };
        using var file = Safetensors.Read(path).OrThrow();
        using var state = TrainerLaws.Trainer(FlowFrames.Tiny with { Backbone = grown }).Start().OrThrow();
        using var scope = NewDisposeScope();
        Assert.All(
            file.All,
            entry => Assert.True(Tensors.SameBits(entry.Value, state.Weights[$"{Backbones.Scope}.{entry.Key}"]), entry.Key)
        );
        var x = rand(1, 3, 32, 32);
        var half = grown with { Network = BackboneNetwork.Resnet50 };
        var scoped = Weights.Of(file.All.Select(entry => KeyValuePair.Create($"{Backbones.Scope}.{entry.Key}", entry.Value)));
        var deep = Backbones.Forward(grown, Backbones.Prepare(grown, state.Weights), x);
        var shallow = Backbones.Forward(half, Backbones.Prepare(half, scoped), x);
        Assert.All(deep.All.Zip(shallow.All), pair => Assert.True(Tensors.SameBits(pair.First, pair.Second)));
        var refused = TrainerLaws
            .Trainer(FlowFrames.Tiny with { Backbone = grown with { Grow = false } })
            .Start()
            .Match(_ => "", error => error.Describe());
        Assert.Contains("lacking (res4.10", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_FromNoFile_SaysWhichIsMissing()
    {
        var trainer = TrainerLaws.Trainer(FlowFrames.Tiny with { Backbone = Small with { Weights = "/nowhere/backbone.safetensors" } });
        Assert.Contains(
            "/nowhere/backbone.safetensors",
            trainer.Start().Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    private static string Torchvision(string name)
    {
        var parts = name.Split('.');
        if (parts[0] == "stem")
        {
            return parts[2] == "norm" ? $"bn1.{parts[3]}" : "conv1.weight";
        }

        var block = $"layer{int.Parse(parts[0][3..]) - 1}.{parts[1]}";
        var (layer, isNorm) = (parts[2], parts[3] == "norm");
        return layer == "shortcut" ? $"{block}.downsample.{(isNorm ? $"1.{parts[4]}" : "0.weight")}"
            : isNorm ? $"{block}.bn{layer[4..]}.{parts[4]}"
            : $"{block}.{layer}.weight";
    }
}
