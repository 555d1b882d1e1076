using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>
/// Keras' ResNet-50 (as TensorFlow.js packs it) under torchvision's names; the network of He et al. with the stride in the first 1x1.
/// </summary>
public static partial class KerasResNet
{
    /// <summary>
    /// A convolution bias beyond this is not the rounding dust of the published file, and the backbone has no place for it.
    /// </summary>
    private const double NegligibleBias = 1e-6;

    public static bool Recognises(Weights weights) => weights.Has("res2a_branch2a/kernel");

    /// <summary>
    /// <c>res2a_branch2a/kernel</c> [H, W, in, out] becomes <c>layer1.0.conv1.weight</c> [out, in, H, W]; gamma, beta, moving_mean and
    /// moving_variance become weight, bias, running_mean and running_var; fc1000 becomes fc. Consumes the weights.
    /// </summary>
    public static Result<Weights, string> ToTorchvision(Weights keras)
    {
        using var consumed = keras;
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        if (Rename(keras, named) is not { } problem)
        {
            return Result.Ok<Weights, string>(Weights.Of(named));
        }

        named.Values.ToList().ForEach(tensor => tensor.Dispose());
        return Result.Error<Weights, string>(problem);
    }

    /// <summary>Adds the renamed tensors; answers what is wrong, or null.</summary>
    private static string? Rename(Weights keras, Dictionary<string, Tensor> named)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in keras.All)
        {
            var (layer, kind) = (name[..Math.Max(0, name.LastIndexOf('/'))], name[(name.LastIndexOf('/') + 1)..]);
            if (kind == "bias" && layer != "fc1000")
            {
                if (tensor.numel() > 0 && tensor.abs().max().Number() is not <= NegligibleBias)
                {
                    return $"{name} is not zero; the backbone's convolutions have no bias";
                }

                continue;
            }

            if (Rename(layer) is not { } module || Suffix(kind) is not { } suffix || (kind == "kernel" && tensor.dim() is not (2 or 4)))
            {
                return $"{name} is no part of ResNet-50";
            }

            var value =
                kind != "kernel" ? tensor.clone()
                : tensor.dim() == 4 ? tensor.permute(3, 2, 0, 1).contiguous() // [out, in, H, W]
                : tensor.t().contiguous(); // [out, in]
            named[$"{module}.{suffix}"] = value.DetachFromDisposeScope();
        }

        return null;
    }

    private static string? Suffix(string kind) =>
        kind switch
        {
            "kernel" or "gamma" => "weight",
            "beta" or "bias" => "bias",
            "moving_mean" => "running_mean",
            "moving_variance" => "running_var",
            _ => null,
        };

    private static string? Rename(string layer)
    {
        switch (layer)
        {
            case "conv1":
                return "conv1";
            case "bn_conv1":
                return "bn1";
            case "fc1000":
                return "fc";
        }

        var match = BlockName().Match(layer);
        if (!match.Success)
        {
            return null;
        }

        var norm = match.Groups["kind"].Value == "bn";
        var block = $"layer{match.Groups["stage"].Value[0] - '1'}.{match.Groups["block"].Value[0] - 'a'}";
        return match.Groups["branch"].Value switch
        {
            "1" => $"{block}.downsample.{(norm ? 1 : 0)}",
            ['2', var letter] => $"{block}.{(norm ? "bn" : "conv")}{letter - 'a' + 1}",
            _ => null,
        };
    }

    [GeneratedRegex("^(?<kind>res|bn)(?<stage>[2-5])(?<block>[a-f])_branch(?<branch>1|2[abc])$", RegexOptions.ExplicitCapture)]
    private static partial Regex BlockName();
}
