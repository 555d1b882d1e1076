using System.Collections.Immutable;
using Motion.Contracts;
using TorchSharp;

namespace Motion.Forward;

/// <summary>Pretrained backbones in the names they are published under.</summary>
internal static class BackboneFiles
{
    /// <summary>Reads a backbone and gives it detectron2's names under <see cref="Backbones.Scope"/>; float16 becomes float32.</summary>
    public static Result<Weights, ForwardError> Read(string path, BackboneOptions options) =>
        from file in WeightFiles.Read(path).MapError(error => Refusal.OfWeights(path, error.Describe()))
        from backbone in Rename(path, file, options, Backbones.Entries(options))
        select backbone;

    private static Result<Weights, ForwardError> Rename(string path, Weights file, BackboneOptions options, IEnumerable<Entry> entries)
    {
        using var owner = file;
        var renamed = file.All
            .Select(pair => (Name: DetectronName(pair.Key), File: pair.Key, Tensor: pair.Value))
            .Where(entry => entry.Name is not null)
            .ToImmutableSortedDictionary(entry => entry.Name!, entry => entry, StringComparer.Ordinal);
        var expected = entries.ToImmutableSortedDictionary(entry => entry.Name, entry => entry, StringComparer.Ordinal);
        string[] problems =
        [
            .. expected.Keys.Except(renamed.Keys, StringComparer.Ordinal).Where(name => !(options.Grow && Resnet.IsBeyond50(name))).Select(name => $"lacks {name}"),
            .. renamed.Values.Where(entry => !expected.ContainsKey(entry.Name!)).Select(entry => $"has an unknown {entry.File}"),
            .. renamed.Values
                .Where(entry => expected.TryGetValue(entry.Name!, out var spec) && !spec.Shape.SequenceEqual(entry.Tensor.shape))
                .Select(entry =>
                    $"{entry.File} is [{string.Join(", ", entry.Tensor.shape)}], not [{string.Join(", ", expected[entry.Name!].Shape)}]"),
        ];
        return problems.Length > 0
            ? Refusal.OfWeights(
                path, $"does not fit the backbone: {Shortened(problems)}. Choose another file, or another forward.backbone.network.")
            : Weights.Of(renamed.Values.Select(entry => KeyValuePair.Create(
                $"{Backbones.Scope}.{entry.Name}", entry.Tensor.to_type(torch.ScalarType.Float32, copy: true).DetachFromDisposeScope())));
    }

    /// <summary>
    /// The name within the backbone of an entry of a file: torchvision's (<c>layer1.0.bn1.weight</c>) or detectron2's, with or without its
    /// prefix; null for what such files hold beside a backbone (classifier, counters, the rest of a detector).
    /// </summary>
    internal static string? DetectronName(string name)
    {
        const string prefix = "bottom_up.";
        var at = name.IndexOf(prefix, StringComparison.Ordinal);
        var local = at >= 0 ? name[(at + prefix.Length)..] : name;
        string[] besides =
            ["fc.", "backbone.", "proposal_generator.", "mask_branch.", "mask_head.", "controller.", "momentum.", "flow_backbone."];
        var isBeside = besides.Any(start => local.StartsWith(start, StringComparison.Ordinal))
            || (at > 0 && name.StartsWith("momentum.", StringComparison.Ordinal));
        return isBeside || local.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? null : FromTorchvision(local);
    }

    private static string FromTorchvision(string name)
    {
        var parts = name.Split('.');
        if (parts is [("conv1" or "bn1") and var first, var last])
        {
            return first == "conv1" ? $"stem.conv1.{last}" : $"stem.conv1.norm.{last}";
        }

        if (parts.Length < 4
            || !parts[0].StartsWith("layer", StringComparison.Ordinal)
            || !int.TryParse(parts[0]["layer".Length..], out var stage))
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

    private static string Shortened(string[] problems) =>
        problems.Length <= 8 ? string.Join("; ", problems) : $"{string.Join("; ", problems[..8])}; and {problems.Length - 8} more";
}
