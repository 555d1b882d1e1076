using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Properties.Forward;

/// <summary>Laws of the parts of the network that need no reference.</summary>
public sealed class NetworkLaws
{
    private static readonly Gen<ForwardOptions> Options =
        from detection in Gen.Elements(DetectionFusion.Sum, DetectionFusion.Max, DetectionFusion.None)
        from mask in Gen.Elements(MaskFusion.Concat, MaskFusion.Sum, MaskFusion.Max, MaskFusion.None)
        from separate in Gen.Elements(false, true)
        from input in Gen.Elements(MaskInput.Code, MaskInput.Paper)
        from classes in Gen.Elements(HeadClasses.Dataset, HeadClasses.Agnostic)
        from convolutions in Gen.Choose(0, 2)
        select FlowFrames.Tiny with
        {
            Fusion = new() { Detection = detection, Mask = mask },
            Pyramid = FlowFrames.Tiny.Pyramid with { Separate = separate },
            Mask = FlowFrames.Tiny.Mask with { Input = input, BranchConvs = convolutions },
            Head = FlowFrames.Tiny.Head with { Classes = classes, TowerConvs = convolutions },
        };

    [Fact, Law]
    public void MaxPool_OfAnySize_IsLibtorchs() =>
        Laws.Hold(
            from sides in Gen.Choose(1, 9).ArrayOf(4)
            from odd in Gen.Elements(0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity)
            from seed in Gen.Choose(0, 9999)
            select (sides, odd, seed),
            law =>
            {
                using var scope = NewDisposeScope();
                var draws = new Seed((ulong)law.seed).Draws();
                var shape = law.sides.Select(side => (long)side).ToArray();
                var x = tensor(
                    Enumerable
                        .Range(0, law.sides.Aggregate(1, (a, b) => a * b))
                        .Select(i => i % 5 == 0 ? law.odd : (float)draws.NextNormal())
                        .ToArray(),
                    shape
                );
                var expected = F.max_pool2d(x, 3, 2, 1);
                return Same(Layers.MaxPool(x)) && Same(Layers.MaxPool(x.clone().requires_grad_(true)).detach());

                // any NaN is as good as another
                bool Same(Tensor found) => found.Elements<float>().SequenceEqual(expected.Elements<float>());
            }
        );

    [Fact, Law]
    public void Forward_EveryFusionAndSize_HasTheShapesOfOneStream() =>
        Laws.Hold(
            from options in Options
            from height in Gen.Choose(1, 3)
            from width in Gen.Choose(1, 3)
            from images in Gen.Choose(1, 2)
            select (Options: options, Height: 32 * height, Width: 32 * width, Images: images),
            law =>
            {
                using var scope = NewDisposeScope();
                using var weights = Initialise.Draw(Segmenter.Entries(law.Options, FlowFrames.Classes), new Seed(5));
                var pictures = randn([(law.Options.UsesFlow ? 2 : 1) * law.Images, 3, law.Height, law.Width]);
                var features = Backbones.Forward(law.Options.Backbone, Backbones.Prepare(law.Options.Backbone, weights), pictures);
                var output = Segmenter.Forward(law.Options, weights, features, law.Images, next: null);
                var classes = law.Options.Head.Classes == HeadClasses.Agnostic ? 1 : FlowFrames.Classes;
                var channels = law.Options.Fusion.Mask == MaskFusion.Concat ? 8 : 4;
                return output.MaskFeatures.shape.SequenceEqual([law.Images, channels, law.Height / 8, law.Width / 8])
                    && output
                        .Levels.Select((level, index) => (level, index))
                        .All(each =>
                        {
                            var (height, width) = (Cells(law.Height, each.index), Cells(law.Width, each.index));
                            return each.level.ClassLogits.shape.SequenceEqual([law.Images, classes, height, width])
                                && each.level.BoxRegression.shape.SequenceEqual([law.Images, 4, height, width])
                                && each.level.Centerness.shape.SequenceEqual([law.Images, 1, height, width]);
                        });
            },
            cases: 60
        );

    [Theory]
    [InlineData(8, 169)]
    [InlineData(16, 233)]
    [InlineData(32, 361)]
    public void ParameterCount_OfPublishedWidths_IsThePublished(int channels, int expected) =>
        Assert.Equal(expected, MaskHead.ParameterCount(channels, width: 8));

    [Fact]
    public void Controller_FollowsTheMaskFusion()
    {
        long Rows(MaskFusion fusion) =>
            Segmenter
                .Entries(new ForwardOptions { Fusion = new() { Mask = fusion } }, 80)
                .Single(entry => entry.Name == "controller.weight")
                .Shape[0];
        Assert.Equal((361, 233, 233, 233), (Rows(MaskFusion.Concat), Rows(MaskFusion.Sum), Rows(MaskFusion.Max), Rows(MaskFusion.None)));
    }

    [Fact]
    public void Forward_WithoutFlow_ReadsOnlyTheImage()
    {
        using var scope = NewDisposeScope();
        var options = FlowFrames.Tiny with
        {
            Fusion = new() { Detection = DetectionFusion.None, Mask = MaskFusion.None },
        };
        using var weights = Initialise.Draw(Segmenter.Entries(options, 2), new Seed(1));
        var (image, flow) = (randn([1, 3, 64, 64]), randn([1, 3, 64, 64]));
        var alone = Run(options, weights, image);
        Assert.False(options.UsesFlow);
        foreach (
            var (detection, mask, differs) in ((DetectionFusion, MaskFusion, bool)[])
                [
                    (DetectionFusion.None, MaskFusion.Sum, false),
                    (DetectionFusion.Sum, MaskFusion.None, true),
                    (DetectionFusion.Max, MaskFusion.None, true),
                ]
        )
        {
            var both = Run(
                options with
                {
                    Fusion = new() { Detection = detection, Mask = mask },
                },
                weights,
                Joins.Cat([image, flow], 0)
            );
            Assert.Equal(differs, !Tensors.Close(alone.Levels[0].ClassLogits, both.Levels[0].ClassLogits, 1e-5, 1e-6));
            Assert.Equal(mask == MaskFusion.None, Tensors.Close(alone.MaskFeatures, both.MaskFeatures, 1e-5, 1e-5));
        }
    }

    [Fact]
    public void Fusion_SumMaxAndConcat_AreOfTheTwoStreams()
    {
        using var scope = NewDisposeScope();
        var streams = randn([4, 3, 2, 2]);
        var (image, flow) = (streams.narrow(0, 0, 2), streams.narrow(0, 2, 2));
        Assert.True(Tensors.SameBits(image.Plus(flow), Segmenter.FuseDetection(DetectionFusion.Sum, streams, 2)));
        Assert.True(Tensors.SameBits(maximum(image, flow), Segmenter.FuseDetection(DetectionFusion.Max, streams, 2)));
        Assert.True(Tensors.SameBits(image, Segmenter.FuseDetection(DetectionFusion.None, streams, 2)));
        var concat = Segmenter.FuseMask(MaskFusion.Concat, streams, 2);
        Assert.True(Tensors.SameBits(image, concat.narrow(1, 0, 3)) && Tensors.SameBits(flow, concat.narrow(1, 3, 3)));
        Assert.True(Tensors.SameBits(image.Plus(flow), Segmenter.FuseMask(MaskFusion.Sum, streams, 2)));
        Assert.True(Tensors.SameBits(maximum(image, flow), Segmenter.FuseMask(MaskFusion.Max, streams, 2)));
    }

    [Fact]
    public void SeparatePyramids_OfEqualWeights_AreTheSharedOne()
    {
        using var scope = NewDisposeScope();
        using var shared = Initialise.Draw(Segmenter.Entries(FlowFrames.Tiny, 2), new Seed(2));
        var options = FlowFrames.Tiny with { Pyramid = FlowFrames.Tiny.Pyramid with { Separate = true } };
        var copies = shared
            .At(Pyramid.Scope)
            .All.Where(entry => !entry.Key.StartsWith(Backbones.Scope, StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(Pyramid.FlowScope + entry.Key[Pyramid.Scope.Length..], entry.Value));
        var separate = shared.With(copies);
        Assert.Equal(Segmenter.Entries(options, 2).Length, separate.Count);
        var pictures = randn([2, 3, 64, 64]);
        var (one, two) = (Run(FlowFrames.Tiny, shared, pictures), Run(options, separate, pictures));
        Assert.True(Tensors.Close(two.MaskFeatures, one.MaskFeatures, 1e-6, 1e-5));
        Assert.True(Tensors.Close(two.Levels[1].ClassLogits, one.Levels[1].ClassLogits, 1e-6, 1e-5));
    }

    [Fact]
    public void FrozenBatchNorm_Folded_IsNormAfterConvolution()
    {
        using var scope = NewDisposeScope();
        var options = new BackboneOptions();
        var entries = Spec.Scope("s", Resnet.Entries(options.Network))
            .Where(entry => entry.Name.StartsWith("s.res3.0.", StringComparison.Ordinal))
            .ToArray();
        var weights = Weights.Of(
            entries.Select(entry =>
                KeyValuePair.Create(
                    entry.Name,
                    entry.Name.EndsWith("running_var", StringComparison.Ordinal)
                        ? rand([.. entry.Shape]).Plus(0.5)
                        : randn([.. entry.Shape])
                )
            )
        );
        var x = randn([1, 256, 5, 4]);
        foreach (var name in (string[])["shortcut", "conv1"])
        {
            var folded = FrozenBatchNorm.Fold(weights.At("s"), "s");
            var (convolution, norm) = (weights.At($"s.res3.0.{name}"), weights.At($"s.res3.0.{name}.norm"));
            var expected = Layers.BatchNorm(norm, Layers.Convolution(convolution, x));
            Assert.True(Tensors.Close(Layers.Convolution(folded.At($"res3.0.{name}"), x), expected, 1e-3, 1e-4));
        }
    }

    [Fact]
    public void Resnet101_HasTwentyThreeBlocksInRes4AndTorchvisionsParameters()
    {
        long Count(BackboneNetwork network) =>
            Resnet.Entries(network).Where(entry => !entry.Name.Contains("running_", StringComparison.Ordinal)).Sum(entry => entry.Elements);
        Assert.Equal(25_557_032 - 2_049_000, Count(BackboneNetwork.Resnet50)); // torchvision's, less its classifier
        Assert.Equal(44_549_160 - 2_049_000, Count(BackboneNetwork.Resnet101));
        Assert.Contains(Resnet.Entries(BackboneNetwork.Resnet101), entry => entry.Name == "res4.22.conv3.weight");
    }

    [Fact]
    public void SmallBackbone_OfTheDefaultWidths_HasAboutHalfAMillionParameters() =>
        Assert.InRange(
            SmallNet.Entries(new BackboneOptions { Network = BackboneNetwork.Small }).Sum(entry => entry.Elements),
            400_000,
            1_000_000
        );

    [Theory]
    [InlineData(Freeze.All, 0, 0)]
    [InlineData(Freeze.Res2, 0, 42)]
    [InlineData(Freeze.Res3, 0, 29)]
    [InlineData(Freeze.None, 11, 42)]
    public void Freeze_LeavesConvolutions(Freeze freeze, int stemAndRes2, int rest)
    {
        var options = new ForwardOptions { Backbone = new() { Freeze = freeze } };
        var trained = Segmenter
            .Trained(options, Segmenter.Entries(options, 80))
            .Where(entry => entry.Name.StartsWith(Backbones.Scope, StringComparison.Ordinal))
            .Select(entry => entry.Name[(Backbones.Scope.Length + 1)..])
            .ToArray();
        var first = trained.Count(name =>
            name.StartsWith("stem", StringComparison.Ordinal) || name.StartsWith("res2", StringComparison.Ordinal)
        );
        Assert.Equal((stemAndRes2, rest), (first, trained.Length - first));
    }

    [Fact]
    public void Initialise_SameSeed_SameBitsWhateverElseIsDrawn()
    {
        using var scope = NewDisposeScope();
        var entries = Segmenter.Entries(FlowFrames.Tiny, 2);
        using var all = Initialise.Draw(entries, new Seed(3));
        using var some = Initialise.Draw(entries.Where((_, index) => index % 3 == 0), new Seed(3));
        using var other = Initialise.Draw(entries, new Seed(4));
        Assert.All(some.All, entry => Assert.True(Tensors.SameBits(all[entry.Key], entry.Value)));
        Assert.False(Tensors.SameBits(all["controller.weight"], other["controller.weight"]));
    }

    [Fact]
    public void Initialise_PublishedHeads_HaveThePublishedStatistics()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(
            Segmenter.Entries(Oracle.Options, 80).Where(entry => !entry.Name.StartsWith(Backbones.Scope, StringComparison.Ordinal)),
            new Seed(6)
        );
        var head = weights.At(FcosHead.Scope);
        Assert.True(Tensors.Close(head["cls_logits.bias"], full([80], Held.Of(-Math.Log(99))), 1e-6, 0));
        Assert.InRange(head["cls_tower.0.weight"].std().Number(), 0.0099, 0.0101); // 600 000 draws
        Assert.InRange(weights["controller.weight"].mean().Number(), -1e-4, 1e-4);
        var bound = Math.Sqrt(3.0 / (256 * 9)); // c2_xavier
        Assert.InRange(weights["mask_branch.tower.0.0.weight"].abs().max().Number(), 0.0, Math.Sqrt(3.0 / (128 * 9)));
        Assert.InRange(weights["backbone.fpn_output3.weight"].abs().max().Number(), 0.999 * bound, bound);
        Assert.Equal(0, weights["backbone.fpn_output3.bias"].abs().max().Number());
    }

    private static long Cells(int side, int level) =>
        level < 3 ? side / (8 << level) : ((side / 32) + (level == 3 ? 1 : 3)) / (level == 3 ? 2 : 4);

    private static SegmenterOutput Run(ForwardOptions options, Weights weights, Tensor pictures) =>
        Segmenter.Forward(
            options,
            weights,
            Backbones.Forward(options.Backbone, Backbones.Prepare(options.Backbone, weights), pictures),
            (int)pictures.shape[0] / (options.UsesFlow ? 2 : 1),
            next: null
        );
}
