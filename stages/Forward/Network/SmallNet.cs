using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>
/// A residual network of basic blocks with group norm, one block a stage, trainable from nothing: stem 3x3 of stride 2, then res2 .. res5,
/// each of stride 2. With the default widths about 0.6 million parameters.
/// </summary>
internal static class SmallNet
{
    public static ImmutableArray<int> Channels(BackboneOptions options) => options.SmallChannels[1..];

    public static IEnumerable<Entry> Entries(BackboneOptions options)
    {
        var widths = options.SmallChannels;
        var stages = widths.SelectMany(
            (output, stage) => Spec.Scope($"res{stage + 2}.0", Block(output, stage == 0 ? widths[0] : widths[stage - 1]))
        );
        return [.. Normed("stem.conv1", widths[0], 3, 3), .. stages];
    }

    private static IEnumerable<Entry> Block(int output, int input) =>
        [.. Normed("conv1", output, input, 3), .. Normed("conv2", output, output, 3), .. Normed("shortcut", output, input, 1)];

    private static IEnumerable<Entry> Normed(string name, int output, int input, int kernel) =>
        Spec.Scope(
            name,
            Spec.Convolution(output, input, kernel, Initial.Msra((long)output * kernel * kernel), bias: null),
            Spec.Scope("norm", Spec.Norm(output))
        );

    /// <param name="w">The backbone's scope.</param>
    /// <param name="x">[N, 3, H, W] normalised pictures; H and W multiples of 32.</param>
    public static BackboneFeatures Forward(Weights w, Tensor x)
    {
        using var scope = NewDisposeScope();
        var stem = Norm(w.At("stem.conv1"), x, stride: 2, padding: 1).relu_(); // [N, C2, H/2, W/2]
        var res2 = BlockForward(w.At("res2.0"), stem); // [N, C2, H/4, W/4]
        var res3 = BlockForward(w.At("res3.0"), res2); // [N, C3, H/8, W/8]
        var res4 = BlockForward(w.At("res4.0"), res3); // [N, C4, H/16, W/16]
        var res5 = BlockForward(w.At("res5.0"), res4); // [N, C5, H/32, W/32]
        return new BackboneFeatures(res3, res4, res5).Map(features => features.MoveToOuterDisposeScope());
    }

    private static Tensor BlockForward(Weights w, Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = Norm(w.At("conv1"), x, stride: 2, padding: 1).relu_();
        y = Norm(w.At("conv2"), y, stride: 1, padding: 1);
        return y.PlusInPlace(Norm(w.At("shortcut"), x, stride: 2, padding: 0)).relu_().MoveToOuterDisposeScope();
    }

    private static Tensor Norm(Weights w, Tensor x, int stride, int padding) =>
        Layers.GroupNorm(w.At("norm"), Layers.Convolution(w, x, stride, padding));
}
