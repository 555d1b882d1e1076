using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>The feature pyramid network (Lin et al. 2017) with FCOS' two further levels: P3 .. P7, strides 8 .. 128.</summary>
internal static class Pyramid
{
    public const int Levels = 5;

    /// <summary>Pixels a cell of P3 .. P7.</summary>
    public static ImmutableArray<int> Strides { get; } = [8, 16, 32, 64, 128];

    /// <summary>Where the image's pyramid stands in the state dict; the flow's too unless it has its own.</summary>
    public const string Scope = "backbone";

    /// <summary>Where a pyramid of the flow's own stands.</summary>
    public const string FlowScope = "flow_backbone";

    public static IEnumerable<Entry> Entries(int channels, ImmutableArray<int> inputs)
    {
        IEnumerable<Entry> Square(string name) =>
            Spec.Scope(name, Spec.Convolution(channels, channels, 3, Initial.Xavier(channels * 9L), Spec.Zero));
        IEnumerable<Entry> Lateral(string name, int input) =>
            Spec.Scope(name, Spec.Convolution(channels, input, 1, Initial.Xavier(input), Spec.Zero));
        var levels = inputs.SelectMany(
            (input, level) => Lateral($"fpn_lateral{level + 3}", input).Concat(Square($"fpn_output{level + 3}"))
        );
        return [.. levels, .. Square("top_block.p6"), .. Square("top_block.p7")];
    }

    /// <summary>P3 .. P7, each [N, C, H/stride, W/stride] (rounded up).</summary>
    /// <remarks>P6 is a convolution of P5, not of res5; P7 one of relu(P6).</remarks>
    public static Tensor[] Forward(Weights w, BackboneFeatures features)
    {
        using var scope = NewDisposeScope();
        var top5 = Layers.Convolution(w.At("fpn_lateral5"), features.Res5);
        var top4 = Layers.Convolution(w.At("fpn_lateral4"), features.Res4).PlusInPlace(Twice(top5));
        var top3 = Layers.Convolution(w.At("fpn_lateral3"), features.Res3).PlusInPlace(Twice(top4));
        var p3 = Layers.Convolution(w.At("fpn_output3"), top3, padding: 1);
        var p4 = Layers.Convolution(w.At("fpn_output4"), top4, padding: 1);
        var p5 = Layers.Convolution(w.At("fpn_output5"), top5, padding: 1);
        var p6 = Layers.Convolution(w.At("top_block.p6"), p5, stride: 2, padding: 1);
        var p7 = Layers.Convolution(w.At("top_block.p7"), p6.relu(), stride: 2, padding: 1);
        return Array.ConvertAll([p3, p4, p5, p6, p7], level => level.MoveToOuterDisposeScope());
    }

    // Nearest neighbour: [N, C, h, w] -> [N, C, 2h, 2w].
    private static Tensor Twice(Tensor x) => F.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
}
