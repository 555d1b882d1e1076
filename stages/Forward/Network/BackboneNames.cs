using System.Text.RegularExpressions;

namespace Motion.Forward;

/// <summary>
/// A backbone's tensors by the names of those who publish some; here they are detectron2's (<c>res2.0.conv1.norm.weight</c>).
/// </summary>
public static partial class BackboneNames
{
    /// <summary>What files hold beside a backbone: classifiers, the rest of a detector, the state of a training.</summary>
    private static readonly string[] Besides =
    [
        "fc.",
        "stem.fc.",
        "linear.",
        "backbone.",
        "proposal_generator.",
        "mask_branch.",
        "mask_head.",
        "controller.",
        "momentum.",
        "flow_backbone.",
    ];

    /// <summary>
    /// The name within the backbone of an entry of a file: torchvision's (<c>layer1.0.bn1.weight</c>), Caffe2's
    /// (<c>res2_0_branch2a_bn_gamma</c>) or detectron2's, with or without its prefix; null for what such files hold beside a backbone
    /// (classifier, counters, the rest of a detector).
    /// </summary>
    public static string? Detectron(string name)
    {
        const string prefix = "bottom_up.";
        if (IsCaffe2(name))
        {
            return FromCaffe2(name);
        }

        var at = name.IndexOf(prefix, StringComparison.Ordinal);
        var local = at >= 0 ? name[(at + prefix.Length)..] : name;
        var isBeside =
            Besides.Any(start => local.StartsWith(start, StringComparison.Ordinal))
            || (at > 0 && name.StartsWith("momentum.", StringComparison.Ordinal));
        return isBeside || local.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? null : FromTorchvision(local);
    }

    /// <summary>
    /// torchvision's name for one of detectron2's: <c>res2.0.shortcut.norm.weight</c> is <c>layer1.0.downsample.1.weight</c>.
    /// </summary>
    public static string Torchvision(string name)
    {
        var parts = name.Split('.');
        if (parts is ["stem", "conv1", .. var stem])
        {
            return stem is ["norm", var ofStem] ? $"bn1.{ofStem}" : $"conv1.{stem[^1]}";
        }

        if (parts.Length < 4 || parts[0] is not ['r', 'e', 's', >= '2' and <= '5'])
        {
            return name;
        }

        var block = $"layer{parts[0][3] - '1'}.{parts[1]}";
        return (parts[2], parts[3]) switch
        {
            ("shortcut", "norm") => $"{block}.downsample.1.{parts[^1]}",
            ("shortcut", _) => $"{block}.downsample.0.{parts[^1]}",
            (var layer, "norm") => $"{block}.bn{layer["conv".Length..]}.{parts[^1]}",
            var (layer, _) => $"{block}.{layer}.{parts[^1]}",
        };
    }

    /// <summary>Caffe2's names have underscores where others have dots.</summary>
    internal static bool IsCaffe2(string name) => Caffe2Entry().IsMatch(name) || IsCaffe2Beside(name);

    private static bool IsCaffe2Beside(string name) =>
        name is "conv1_b" or "fc1000_w" or "fc1000_b" or "pred_w" or "pred_b"
        || (name.EndsWith("_momentum", StringComparison.Ordinal) && !name.Contains('.'));

    /// <remarks>
    /// detectron2, modeling/backbone and checkpoint/c2_model_loading: branch1 is the shortcut, branch2a to 2c are conv1 to conv3.
    /// </remarks>
    private static string? FromCaffe2(string name)
    {
        if (IsCaffe2Beside(name))
        {
            return null;
        }

        var match = Caffe2Entry().Match(name);
        var layer = match.Groups["branch"].Value switch
        {
            "" => "stem.conv1",
            "1" => $"res{match.Groups["stage"].Value}.{match.Groups["block"].Value}.shortcut",
            ['2', var letter] => $"res{match.Groups["stage"].Value}.{match.Groups["block"].Value}.conv{letter - 'a' + 1}",
            var other => throw new InvalidOperationException($"a branch {other} is not matched"),
        };
        return match.Groups["kind"].Value switch
        {
            "w" => $"{layer}.weight",
            "bn_gamma" or "bn_s" => $"{layer}.norm.weight",
            "bn_beta" or "bn_b" => $"{layer}.norm.bias",
            "bn_running_mean" or "bn_rm" => $"{layer}.norm.running_mean",
            _ => $"{layer}.norm.running_var",
        };
    }

    private static string FromTorchvision(string name)
    {
        var parts = name.Split('.');
        if (parts is [("conv1" or "bn1") and var first, var last])
        {
            return first == "conv1" ? $"stem.conv1.{last}" : $"stem.conv1.norm.{last}";
        }

        if (
            parts.Length < 4
            || !parts[0].StartsWith("layer", StringComparison.Ordinal)
            || !int.TryParse(parts[0]["layer".Length..], out var stage)
        )
        {
            return name;
        }

        var block = $"res{stage + 1}.{parts[1]}";
        return (parts[2], parts[3]) switch
        {
            ("downsample", "0") => $"{block}.shortcut.{parts[^1]}",
            ("downsample", _) => $"{block}.shortcut.norm.{parts[^1]}",
            (var layer, _) when layer.StartsWith("bn", StringComparison.Ordinal) => $"{block}.conv{layer[2..]}.norm.{parts[^1]}",
            var (layer, _) => $"{block}.{layer}.{parts[^1]}",
        };
    }

    [GeneratedRegex(
        "^(conv1_(?<kind>w)|res_conv1_(?<kind>bn_(gamma|beta|s|b|running_mean|running_var|rm|riv))|res(?<stage>[2-5])_(?<block>[0-9]{1,3})_branch(?<branch>1|2[abc])_(?<kind>w|bn_(gamma|beta|s|b|running_mean|running_var|rm|riv)))$",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Caffe2Entry();
}
