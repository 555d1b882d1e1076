using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>
/// Backbones as detectron2, torchvision, Caffe2 and Keras publish them, and what their files say of the pictures they expect.
/// </summary>
public sealed class PublishedBackboneLaws
{
    private static readonly BackboneOptions Resnet50 = new();

    [Fact]
    public void Detectron_OfEveryCaffe2Name_IsWhatTheAuthorsRenamingGives()
    {
        var json = GoldenFiles.Json("Forward", "r50_pkl_names.json");
        var map = json.GetProperty("map")
            .EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetString(), StringComparer.Ordinal);
        Assert.True(map.Count > 260);
        Assert.All(
            map,
            pair => Assert.Equal(pair.Value, BackboneNames.Detectron(pair.Key) is { } name ? $"{Backbones.Scope}.{name}" : null)
        );
        Assert.Equal(
            Backbones.Entries(Resnet50).Select(entry => $"{Backbones.Scope}.{entry.Name}").Order(StringComparer.Ordinal),
            map.Values.OfType<string>().Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Torchvision_ThenDetectron_IsTheSameName() =>
        Assert.All(
            Backbones.Entries(Resnet50 with { Network = BackboneNetwork.Resnet101 }).Select(entry => entry.Name),
            name => Assert.Equal(name, BackboneNames.Detectron(BackboneNames.Torchvision(name)))
        );

    [Theory]
    [InlineData("res2_0_branch2a_bn_s", "res2.0.conv1.norm.weight")]
    [InlineData("res5_2_branch2c_bn_b", "res5.2.conv3.norm.bias")]
    [InlineData("res3_0_branch1_bn_rm", "res3.0.shortcut.norm.running_mean")]
    [InlineData("res3_0_branch1_bn_riv", "res3.0.shortcut.norm.running_var")]
    [InlineData("res2_0_branch2a_w_momentum", null)]
    [InlineData("stem.fc.weight", null)]
    [InlineData("res6_0_branch2a_w", "res6_0_branch2a_w")]
    [InlineData("res2_0_branch2d_w", "res2_0_branch2d_w")]
    public void Detectron_OfOtherCaffe2Names_IsWhereTheyGo(string file, string? expected) =>
        Assert.Equal(expected, BackboneNames.Detectron(file));

    [Theory]
    [InlineData("backbone.")]
    [InlineData("backbone.body.")]
    [InlineData("encoder_q.")]
    [InlineData("model.module.encoder_q.")]
    [InlineData("ema.backbone.")]
    [InlineData("module.model.student.backbone.body.")]
    public void Recognise_AResnetBehindAnyPrefix_IsWholeAndSaysThePrefix(string prefix)
    {
        var shapes = Backbones
            .Entries(Resnet50)
            .ToDictionary(entry => prefix + BackboneNames.Torchvision(entry.Name), entry => entry.Shape.ToArray(), StringComparer.Ordinal);
        foreach (var (name, shape) in shapes.ToList())
            shapes["module.encoder_k." + name[prefix.Length..]] = shape;
        shapes["module.queue"] = [128, 4];
        var fit = ForwardWeights.Recognise(shapes)!;
        Assert.True(fit.IsWhole, string.Join(", ", fit.Lacking.Concat(fit.Exceeding).Take(5)));
        Assert.Equal(("backbone ResNet-50", "backbone.weights", prefix), (fit.What, fit.Setting, fit.Prefix));
        Assert.Equal("res2.0.conv1.weight", fit.Into[$"{prefix}layer1.0.conv1.weight"]);
        Assert.Equal(prefix, BackboneFiles.PrefixOf(shapes.Keys));
    }

    [Fact]
    public void Canonical_AffineOnlyNorms_GetTheStatisticsTheyWereFoldedWith() =>
        Leaks.Check(() =>
        {
            var file = Weights.Of([
                new("conv1_w", ones(2, 3, 7, 7)),
                new("conv1_b", zeros(2)),
                new("res_conv1_bn_s", ones(2)),
                new("res_conv1_bn_b", zeros(2)),
            ]);
            using var backbone = BackboneFiles
                .Canonical(file)
                .Match(weights => weights, problem => throw new InvalidOperationException(problem));
            Assert.Equal(
                [
                    "stem.conv1.norm.bias",
                    "stem.conv1.norm.running_mean",
                    "stem.conv1.norm.running_var",
                    "stem.conv1.norm.weight",
                    "stem.conv1.weight",
                ],
                backbone.All.Select(pair => pair.Key)
            );
            Assert.Equal(new[] { 0f, 0f }, backbone["stem.conv1.norm.running_mean"].Elements<float>());
            Assert.Equal(new[] { 1f, 1f }, backbone["stem.conv1.norm.running_var"].Elements<float>());
        });

    [Fact]
    public void Canonical_TwoNamesOfOneTensor_AreRefused() =>
        Leaks.Check(() =>
        {
            var file = Weights.Of([new("layer1.0.conv1.weight", ones(2)), new("res2.0.conv1.weight", zeros(2))]);
            Assert.Contains(
                "layer1.0.conv1.weight and res2.0.conv1.weight",
                BackboneFiles.Canonical(file).Match(_ => "", problem => problem),
                StringComparison.Ordinal
            );
        });

    [Theory]
    [InlineData(57.0 * 57, ResnetLayout.Msra)]
    [InlineData(1, ResnetLayout.Torchvision)]
    public void Of_AStemThatHasSeenPixelsOfAVariance_IsTheFormWithSuchPixels(double variance, ResnetLayout expected)
    {
        using var scope = NewDisposeScope();
        var weight = Held.Range(64 * 3 * 7 * 7).to_type(ScalarType.Float32).sin().reshape(64, 3, 7, 7);
        var seen = weight.Squared().sum([1L, 2L, 3L]).Times(variance);
        foreach (
            var names in ((string, string)[])
                [
                    ("conv1.weight", "bn1.running_var"),
                    ("backbone.bottom_up.stem.conv1.weight", "backbone.bottom_up.stem.conv1.norm.running_var"),
                ]
        )
        {
            var form = BackboneForm.Of(Weights.Of([new(names.Item1, weight), new(names.Item2, seen)]))!;
            Assert.Equal(expected, form.Layout);
            Assert.Equal(expected == ResnetLayout.Msra ? ChannelOrder.Bgr : ChannelOrder.Rgb, form.Channels);
            Assert.Equal(expected == ResnetLayout.Msra ? 1 : 58.395, form.PixelStd[0]);
        }
    }

    [Fact]
    public void Of_CaffesAndKerasNames_IsMsra_AndOfNone_Nothing()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ResnetLayout.Msra, BackboneForm.Of(Weights.Of([new("res2_0_branch2a_w", ones(1))]))!.Layout);
        Assert.Equal(ResnetLayout.Msra, BackboneForm.Of(Weights.Of([new("res2a_branch2a/kernel", ones(1))]))!.Layout);
        Assert.Null(BackboneForm.Of(Weights.Of([new("fnet.conv1.weight", ones(1))])));
    }

    [OracleFact(Oracles.Data)]
    public void Of_ThePublishedMsraResNet_IsMsra()
    {
        using var file = WeightFiles.Read(Oracles.PathOf(Oracles.Data, "resnet50", "resnet50_msra_backbone_f16.safetensors")).OrThrow();
        Assert.Equal(ResnetLayout.Msra, BackboneForm.Of(file)!.Layout);
    }

    [Theory]
    [InlineData("int64", ScalarType.Int64)]
    [InlineData("bool", ScalarType.Bool)]
    public void Start_FromWeightsOfWholeNumbers_IsRefused(string type, ScalarType scalar)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "whole.pth");
        var small = FlowFrames.Tiny.Backbone;
        using var drawn = Initialise.Draw(Backbones.Entries(small), new Seed(5));
        using var whole = drawn["res3.0.conv1.weight"].to_type(scalar);
        TorchFile
            .Write(path, drawn.All.Select(pair => pair.Key == "res3.0.conv1.weight" ? KeyValuePair.Create(pair.Key, whole) : pair))
            .OrThrow();
        var refusal = TrainerLaws
            .Trainer(FlowFrames.Tiny with { Backbone = small with { Weights = path } })
            .Start()
            .Match(_ => "", error => error.Describe());
        Assert.Contains($"res3.0.conv1.weight is of {type}", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void ReadWeights_AWholeModelInAnotherFloatingType_IsItsNumbers(ScalarType type)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.pth");
        using var state = TrainerLaws.Trainer(FlowFrames.Tiny).Start().OrThrow();
        using var other = Weights.Of(
            state.Weights.All.Select(pair =>
                KeyValuePair.Create($"module.{pair.Key}", pair.Value.is_floating_point() ? pair.Value.to_type(type) : pair.Value.clone())
            )
        );
        TorchFile.Write(path, other.All).OrThrow();
        using var read = ForwardStage.ReadWeights(path, FlowFrames.Tiny, FlowFrames.Classes).OrThrow();
        Assert.All(
            other.All,
            pair =>
            {
                using var expected = pair.Value.is_floating_point() ? pair.Value.to_type(ScalarType.Float32) : pair.Value.clone();
                Assert.True(Tensors.SameBits(expected, read[pair.Key["module.".Length..]]), pair.Key);
            }
        );
    }

    [Fact]
    public void Recognise_AModelsOwnEntries_GivesItsOptionsBack()
    {
        var options = FlowFrames.Tiny with
        {
            Pyramid = new() { Channels = 8, Separate = true },
        };
        foreach (
            var model in (ForwardOptions[])
                [
                    options,
                    options with
                    {
                        Fusion = new() { Mask = MaskFusion.None },
                        Pyramid = new() { Channels = 8 },
                    },
                    new ForwardOptions(),
                ]
        )
        {
            var fit = ForwardWeights.Recognise(
                Segmenter.Entries(model, 5).ToDictionary(entry => entry.Name, entry => entry.Shape.ToArray(), StringComparer.Ordinal)
            )!;
            Assert.True(fit.IsWhole, string.Join(", ", fit.Lacking.Concat(fit.Exceeding)));
            Assert.Equal(
                (model.Backbone.Network, model.Pyramid.Channels, model.Pyramid.Separate),
                (fit.Options.Backbone.Network, fit.Options.Pyramid.Channels, fit.Options.Pyramid.Separate)
            );
            Assert.Equal(
                (model.Fusion.Mask, model.Head.TowerConvs, model.Mask),
                (fit.Options.Fusion.Mask, fit.Options.Head.TowerConvs, fit.Options.Mask with { PerImage = model.Mask.PerImage })
            );
        }

        Assert.Null(ForwardWeights.Recognise(new Dictionary<string, long[]> { ["a"] = [1] }));
    }

    [Fact]
    public void Recognise_TheAuthorsModel_IsBoxInstOn233Parameters()
    {
        var json = GoldenFiles.Json("Forward", "state_dict.json");
        var shapes = json.EnumerateObject()
            .ToDictionary(
                entry => entry.Name,
                entry => entry.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()).ToArray(),
                StringComparer.Ordinal
            );
        var fit = ForwardWeights.Recognise(shapes)!;
        Assert.True(fit.IsWhole);
        Assert.Equal(
            "segmenter of 80 classes on ResNet-50; 233 dynamic parameters of mask features from one stream, or two that are added",
            fit.What
        );
    }
}
