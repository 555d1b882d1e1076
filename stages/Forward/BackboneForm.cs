using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What a pretrained ResNet expects: where its strides are and which pictures it was trained on.</summary>
/// <param name="Layout">Where a stage's stride of 2 is.</param>
/// <param name="Channels">Order of the picture's channels.</param>
/// <param name="PixelMean">Subtracted from 0..255 values.</param>
/// <param name="PixelStd">Divides what is left.</param>
/// <param name="Why">What in the file says so.</param>
public sealed record BackboneForm(
    ResnetLayout Layout,
    ChannelOrder Channels,
    ImmutableArray<double> PixelMean,
    ImmutableArray<double> PixelStd,
    string Why
)
{
    /// <summary>
    /// Between the variance that the stem sees per unit of its own in pictures of 0..255 (4700 in the published MSRA file, and never below
    /// some hundreds for natural pictures) and in pictures divided by their deviation of about 57 (so some 3000 times less).
    /// </summary>
    private const double BytesFromVariance = 60;

    /// <summary>Caffe's: BGR in 0..255 with the mean taken off, the stride in the first 1x1 convolution.</summary>
    public static BackboneForm Msra(string why)
    {
        var options = new BackboneOptions();
        return new(ResnetLayout.Msra, ChannelOrder.Bgr, options.PixelMean, options.PixelStd, why);
    }

    /// <summary>
    /// torchvision's: RGB with mean (0.485, 0.456, 0.406) and deviation (0.229, 0.224, 0.225) of 255, the stride in the 3x3 convolution.
    /// </summary>
    public static BackboneForm Torchvision(string why) =>
        new(ResnetLayout.Torchvision, ChannelOrder.Rgb, [123.675, 116.28, 103.53], [58.395, 57.12, 57.375], why);

    /// <summary>
    /// What the form of a ResNet's file says of it. Names of Caffe2 and Keras are the Caffe network's alone. Other names are used for both;
    /// then the stem tells: the variance that its norm has seen, over the sum of squares of a filter, is about that of the pixels.
    /// </summary>
    /// <param name="file">Weights as read from the file.</param>
    /// <returns>Null where there is no ResNet's stem in the file.</returns>
    public static BackboneForm? Of(Weights file)
    {
        if (KerasResNet.Recognises(file))
        {
            return Msra("Keras' names");
        }

        if (file.All.Any(pair => BackboneNames.IsCaffe2(pair.Key)))
        {
            return Msra("Caffe2's names");
        }

        var prefix = BackboneFiles.PrefixOf(file.All.Select(pair => pair.Key));
        var stem = file
            .All.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(pair => (Name: BackboneNames.Detectron(pair.Key[prefix.Length..]), pair.Value))
            .Where(pair => pair.Name is "stem.conv1.weight" or "stem.conv1.norm.running_var")
            .ToLookup(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        return
            stem["stem.conv1.weight"].FirstOrDefault() is { } weight
            && stem["stem.conv1.norm.running_var"].FirstOrDefault() is { } variance
            && weight.dim() == 4
            && weight.shape[1] == 3
            && weight.numel() > 0
            && variance.dim() == 1
            && variance.shape[0] == weight.shape[0]
            ? OfStem(weight, variance)
            : null;
    }

    private static BackboneForm OfStem(Tensor weight, Tensor variance)
    {
        using var scope = NewDisposeScope();
        var squares = weight.to_type(ScalarType.Float64).Squared().sum([1L, 2L, 3L]); // [64, 3, 7, 7] -> [64]
        var pixels = variance.to_type(ScalarType.Float64).div(squares.clamp_min(Held.Of(1e-12))).median().Number();
        return pixels > BytesFromVariance
            ? Msra($"its first convolution has seen pixels of variance {pixels:0}, which is that of 0..255")
            : Torchvision($"its first convolution has seen pixels of variance {pixels:0.##}, which is that of normalised pictures");
    }
}
