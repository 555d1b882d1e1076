using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>What an encoder's layers are made of.</summary>
public enum EncoderBlock
{
    /// <summary>Two 3x3 convolutions (RAFT, GMA).</summary>
    Residual,

    /// <summary>1x1, 3x3, 1x1 with a quarter of the channels between (RAFT-small).</summary>
    Bottleneck,
}

/// <summary>
/// A convolutional network from a picture to features at an eighth of its size: 7x7 stride 2, three layers of two blocks with strides 1, 2,
/// 2, then 1x1. Feature and context network of RAFT (Teed and Deng, ECCV 2020, section 3.1 and figure 9) and GMA.
/// </summary>
/// <param name="Block">What its layers are made of.</param>
/// <param name="Channels">Of the three layers; the first is also that of the 7x7 convolution.</param>
/// <param name="Output">Channels of the features.</param>
/// <param name="HasBatchNorm">Its norms have parameters and statistics (the context network of GMA).</param>
public sealed record Encoder(EncoderBlock Block, ImmutableArray<int> Channels, int Output, bool HasBatchNorm = false)
{
    /// <summary>Pixels per cell of the features.</summary>
    public const int Stride = 8;

    private static readonly ImmutableArray<int> Strides = [1, 2, 2];

    /// <summary>Its tensors.</summary>
    public IEnumerable<Entry> Entries()
    {
        var entries = FlowSpec.EncoderConv("conv1", 3, Channels[0], 7).Concat(NormEntries("norm1", Channels[0]));
        for (var layer = 0; layer < Channels.Length; layer++)
        {
            var input = Channels[Math.Max(layer - 1, 0)];
            entries = entries
                .Concat(BlockEntries($"layer{layer + 1}.0", input, Channels[layer], Strides[layer]))
                .Concat(BlockEntries($"layer{layer + 1}.1", Channels[layer], Channels[layer], 1));
        }

        return entries.Concat(FlowSpec.EncoderConv("conv2", Channels[^1], Output, 1));
    }

    /// <summary>The features of pictures.</summary>
    /// <param name="weights">Scope of the encoder.</param>
    /// <param name="picture">float32 [N, 3, H, W] in -1..1; sides divisible by 8.</param>
    /// <param name="norm">Its normalisation.</param>
    /// <returns>float32 [N, Output, H/8, W/8].</returns>
    public Tensor Features(Weights weights, Tensor picture, Norm norm)
    {
        using var scope = NewDisposeScope();
        var x = Step(weights, "conv1", "norm1", norm, picture, stride: 2); // [N, C, H/2, W/2]
        for (var layer = 0; layer < Channels.Length; layer++)
        {
            x = Replace(x, BlockFeatures(weights, $"layer{layer + 1}.0", norm, x, Strides[layer]));
            x = Replace(x, BlockFeatures(weights, $"layer{layer + 1}.1", norm, x, 1));
        }

        return Layers.Conv(weights, "conv2", x).MoveToOuterDisposeScope(); // [N, D, H/8, W/8]
    }

    /// <summary>Frees a large tensor as soon as nothing but the graph needs it.</summary>
    private static Tensor Replace(Tensor old, Tensor next)
    {
        old.Dispose();
        return next;
    }

    private Tensor BlockFeatures(Weights weights, string block, Norm norm, Tensor x, int stride)
    {
        using var scope = NewDisposeScope();
        var y = Block == EncoderBlock.Residual ? Residual(weights, block, norm, x, stride) : Bottleneck(weights, block, norm, x, stride);
        if (stride != 1)
        {
            x = norm(weights, $"{block}.{LastNorm}", Layers.Conv(weights, $"{block}.downsample.0", x, stride));
        }

        return y.Plus(x).relu_().MoveToOuterDisposeScope();
    }

    private static Tensor Residual(Weights weights, string block, Norm norm, Tensor x, int stride)
    {
        var y = Step(weights, $"{block}.conv1", $"{block}.norm1", norm, x, stride);
        return Step(weights, $"{block}.conv2", $"{block}.norm2", norm, y, stride: 1);
    }

    private static Tensor Bottleneck(Weights weights, string block, Norm norm, Tensor x, int stride)
    {
        var y = Step(weights, $"{block}.conv1", $"{block}.norm1", norm, x, stride: 1);
        y = Step(weights, $"{block}.conv2", $"{block}.norm2", norm, y, stride);
        return Step(weights, $"{block}.conv3", $"{block}.norm3", norm, y, stride: 1);
    }

    private static Tensor Step(Weights weights, string conv, string normName, Norm norm, Tensor x, int stride)
    {
        using var scope = NewDisposeScope();
        return norm(weights, normName, Layers.Conv(weights, conv, x, stride)).relu_().MoveToOuterDisposeScope();
    }

    /// <summary>The name of the norm after the shortcut's convolution; published state dicts also call it downsample.1.</summary>
    private string LastNorm => Block == EncoderBlock.Residual ? "norm3" : "norm4";

    private IEnumerable<Entry> BlockEntries(string block, int input, int output, int stride)
    {
        var quarter = output / 4;
        var convs =
            Block == EncoderBlock.Residual
                ? ConvNorm(block, 1, input, output, 3).Concat(ConvNorm(block, 2, output, output, 3))
                : ConvNorm(block, 1, input, quarter, 1)
                    .Concat(ConvNorm(block, 2, quarter, quarter, 3))
                    .Concat(ConvNorm(block, 3, quarter, output, 1));
        return stride == 1
            ? convs
            : convs
                .Concat(FlowSpec.EncoderConv($"{block}.downsample.0", input, output, 1))
                .Concat(NormEntries($"{block}.{LastNorm}", output));
    }

    private IEnumerable<Entry> ConvNorm(string block, int number, int input, int output, int kernel) =>
        FlowSpec.EncoderConv($"{block}.conv{number}", input, output, kernel).Concat(NormEntries($"{block}.norm{number}", output));

    private IEnumerable<Entry> NormEntries(string name, int channels) => HasBatchNorm ? FlowSpec.BatchNorm(name, channels) : [];
}
