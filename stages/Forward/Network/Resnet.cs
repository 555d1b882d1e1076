using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>What the pyramid takes from a backbone.</summary>
/// <param name="Res3">[N, C3, H/8, W/8].</param>
/// <param name="Res4">[N, C4, H/16, W/16].</param>
/// <param name="Res5">[N, C5, H/32, W/32].</param>
internal sealed record BackboneFeatures(Tensor Res3, Tensor Res4, Tensor Res5)
{
    public IReadOnlyList<Tensor> All => [Res3, Res4, Res5];

    public BackboneFeatures Map(Func<Tensor, Tensor> change) => new(change(Res3), change(Res4), change(Res5));
}

/// <summary>Residual networks of bottleneck blocks with frozen batch norm (He et al. 2016), in detectron2's names.</summary>
internal static class Resnet
{
    private const int Stem = 64;
    private const int Expansion = 4;

    /// <summary>Blocks of res2 .. res5.</summary>
    public static ImmutableArray<int> Blocks(BackboneNetwork network) =>
        network == BackboneNetwork.Resnet101 ? [3, 4, 23, 3] : [3, 4, 6, 3];

    /// <summary>Channels of res3, res4, res5.</summary>
    public static ImmutableArray<int> Channels { get; } = [512, 1024, 2048];

    /// <summary>A name of ResNet-101's that ResNet-50 has not: res4.6 .. res4.22.</summary>
    public static bool IsBeyond50(string name) =>
        name.Split('.') is ["res4", var block, ..]
        && int.TryParse(block, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index)
        && index >= Blocks(BackboneNetwork.Resnet50)[2];

    public static IEnumerable<Entry> Entries(BackboneNetwork network)
    {
        var blocks = Blocks(network);
        var stages = Enumerable
            .Range(0, blocks.Length)
            .SelectMany(stage =>
                Enumerable.Range(0, blocks[stage]).SelectMany(block => Spec.Scope($"res{stage + 2}.{block}", Block(stage, block)))
            );
        return [.. Normed("stem.conv1", Stem, 3, 7), .. stages];
    }

    private static IEnumerable<Entry> Block(int stage, int block)
    {
        var middle = Stem << stage;
        var output = middle * Expansion;
        var input =
            block > 0 ? output
            : stage == 0 ? Stem
            : output / 2;
        return
        [
            .. block == 0 ? Normed("shortcut", output, input, 1) : [],
            .. Normed("conv1", middle, input, 1),
            .. Normed("conv2", middle, middle, 3),
            .. Normed("conv3", output, middle, 1),
        ];
    }

    private static IEnumerable<Entry> Normed(string name, int output, int input, int kernel) =>
        Spec.Scope(
            name,
            Spec.Convolution(output, input, kernel, Initial.Msra((long)output * kernel * kernel), bias: null),
            Spec.Scope("norm", Spec.FrozenBatchNorm(output))
        );

    /// <param name="options">Which network, and where its strides are.</param>
    /// <param name="w">Convolutions with their norms folded in (<see cref="FrozenBatchNorm.Fold"/>).</param>
    /// <param name="x">[N, 3, H, W] normalised pictures; H and W multiples of 32.</param>
    public static BackboneFeatures Forward(BackboneOptions options, Weights w, Tensor x)
    {
        using var scope = NewDisposeScope();
        var blocks = Blocks(options.Network);
        var y = StemForward(w, x); // [N, 64, H/4, W/4]
        y = Stage(options.Layout, w, "res2", blocks[0], y, stride: 1); // [N, 256, H/4, W/4]
        var res3 = Stage(options.Layout, w, "res3", blocks[1], y, stride: 2); // [N, 512, H/8, W/8]
        var res4 = Stage(options.Layout, w, "res4", blocks[2], res3, stride: 2); // [N, 1024, H/16, W/16]
        var res5 = Stage(options.Layout, w, "res5", blocks[3], res4, stride: 2); // [N, 2048, H/32, W/32]
        return new BackboneFeatures(res3, res4, res5).Map(features => features.MoveToOuterDisposeScope());
    }

    /// <summary>7x7 convolution of stride 2, maximum of 3x3 with stride 2: [N, 3, H, W] -> [N, 64, H/4, W/4].</summary>
    public static Tensor StemForward(Weights w, Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = Layers.Convolution(w.At("stem.conv1"), x, stride: 2, padding: 3).relu_();
        return Layers.MaxPool(y).MoveToOuterDisposeScope();
    }

    public static Tensor Stage(ResnetLayout layout, Weights w, string name, int blocks, Tensor x, int stride)
    {
        using var scope = NewDisposeScope();
        var y = x;
        for (var block = 0; block < blocks; block++)
        {
            y = BlockForward(layout, w.At($"{name}.{block}"), y, block == 0 ? stride : 1);
        }

        return y.MoveToOuterDisposeScope();
    }

    private static Tensor BlockForward(ResnetLayout layout, Weights w, Tensor x, int stride)
    {
        using var scope = NewDisposeScope();
        var (first, second) = layout == ResnetLayout.Msra ? (stride, 1) : (1, stride);
        var strided = Strided(x, stride); // [N, C, H/stride, W/stride]
        var shortcut = w.Has("shortcut.weight") ? Layers.Convolution(w.At("shortcut"), strided) : x;
        var y = Layers.Convolution(w.At("conv1"), first == 1 ? x : strided).relu_();
        y = Layers.Convolution(w.At("conv2"), y, second, padding: 1).relu_();
        y = Layers.Convolution(w.At("conv3"), y);
        return y.PlusInPlace(shortcut).relu_().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What a 1x1 convolution of a stride sees of its input. Taken once for both of a block's: oneDNN has kernels of its own only for
    /// stride 1, and is six times faster on the quarter.
    /// </summary>
    private static Tensor Strided(Tensor x, int stride) =>
        stride == 1 ? x : x.slice(2, 0, x.shape[2], stride).slice(3, 0, x.shape[3], stride).contiguous();
}
