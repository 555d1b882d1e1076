using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;

namespace Motion.Forward;

/// <summary>A model or a part of one whose names a file has.</summary>
/// <param name="What">For people.</param>
/// <param name="Setting">The key of the forward stage that the file belongs to: weights, or backbone.weights.</param>
/// <param name="Options">With which it fits; the rest as by default.</param>
/// <param name="Lacking">Names that the model has and the file lacks, or has in another shape.</param>
/// <param name="Exceeding">Names of the file that the model does not have.</param>
public sealed record ForwardFit(
    string What,
    string Setting,
    ForwardOptions Options,
    ImmutableArray<string> Lacking,
    ImmutableArray<string> Exceeding
)
{
    /// <summary>What stands before all of the model's names in the file; other names of the file are left aside.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The model's name for each of the file's that it has in this shape, as the setting takes them.</summary>
    public ImmutableSortedDictionary<string, string> Into { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public bool IsWhole => Lacking.IsEmpty && Exceeding.IsEmpty;
}

/// <summary>Tells from names and shapes which model of the forward stage a file's weights are.</summary>
public static class ForwardWeights
{
    /// <summary>The momentum that checkpoints of this program keep beside the model.</summary>
    public const string MomentumPrefix = "momentum.";

    private const int MostHeadChannels = 64;

    /// <param name="shapes">Names as in the file, without momentum.</param>
    /// <returns>Null where the names are of nothing in this stage.</returns>
    public static ForwardFit? Recognise(IReadOnlyDictionary<string, long[]> shapes)
    {
        if (DetectorPrefix(shapes.Keys) is { Length: > 0 } prefix)
        {
            return Recognise(Under(shapes, prefix)) is { } fit ? Behind(fit, prefix) : null;
        }

        if (DetectorPrefix(shapes.Keys) is null && BackboneFiles.PrefixOf(shapes.Keys) is { Length: > 0 } before)
        {
            return Recognise(Under(shapes, before)) is { } fit && fit.Into.Count > fit.Lacking.Length ? Behind(fit, before) : null;
        }

        var isDetector = shapes.ContainsKey($"{FcosHead.Scope}.cls_logits.weight") && shapes.ContainsKey($"{Controller.Scope}.weight");
        var (local, names) = (
            new Dictionary<string, long[]>(StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        foreach (var (name, shape) in shapes)
        {
            if (BackboneNames.Detectron(name) is { } canonical && local.TryAdd(canonical, shape))
            {
                names[canonical] = name;
            }
        }

        return !local.ContainsKey("stem.conv1.weight") ? null
            : isDetector ? Detector(shapes, Backbone(local))
            : Named(BackboneAlone(local, Backbone(local)), names);
    }

    /// <summary>What stands before a whole model's names; null where there is no whole model.</summary>
    internal static string? DetectorPrefix(IEnumerable<string> names)
    {
        var all = names.ToHashSet(StringComparer.Ordinal);
        const string head = $"{FcosHead.Scope}.cls_logits.weight";
        return all.Where(name => name.EndsWith(head, StringComparison.Ordinal))
            .Select(name => name[..^head.Length])
            .Where(prefix => (prefix.Length == 0 || prefix.EndsWith('.')) && all.Contains($"{prefix}{Controller.Scope}.weight"))
            .OrderBy(prefix => prefix.Length)
            .ThenBy(prefix => prefix, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static Dictionary<string, long[]> Under(IReadOnlyDictionary<string, long[]> shapes, string prefix) =>
        shapes
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value, StringComparer.Ordinal);

    private static ForwardFit Behind(ForwardFit fit, string prefix) =>
        fit with
        {
            Prefix = prefix + fit.Prefix,
            Into = fit.Into.ToImmutableSortedDictionary(pair => prefix + pair.Key, pair => pair.Value, StringComparer.Ordinal),
        };

    private static ForwardFit Named(ForwardFit fit, Dictionary<string, string> names) =>
        fit with
        {
            Into = fit.Into.ToImmutableSortedDictionary(pair => names[pair.Key], pair => pair.Value, StringComparer.Ordinal),
        };

    private static ForwardFit BackboneAlone(Dictionary<string, long[]> local, BackboneOptions options)
    {
        var caffe2AffineOnly = local.Keys.All(name => !name.EndsWith(".running_var", StringComparison.Ordinal));
        var entries = Backbones
            .Entries(options)
            .Where(entry => !(caffe2AffineOnly && entry.Name.Contains(".running_", StringComparison.Ordinal)));
        return Compare($"backbone {Name(options)}", "backbone.weights", new ForwardOptions { Backbone = options }, entries, local);
    }

    private static ForwardFit Detector(IReadOnlyDictionary<string, long[]> shapes, BackboneOptions backbone)
    {
        var classes = (int)shapes[$"{FcosHead.Scope}.cls_logits.weight"].FirstOrDefault();
        var parameters = shapes[$"{Controller.Scope}.weight"].FirstOrDefault();
        var branchConvs = Enumerable
            .Range(0, 100)
            .TakeWhile(layer => shapes.ContainsKey($"{MaskBranch.Scope}.tower.{layer}.1.weight"))
            .Count();
        var maskChannels = (int)Side($"{MaskBranch.Scope}.tower.{branchConvs}.weight", 0);
        var (fusion, headChannels) = MaskHeadOf(parameters, maskChannels);
        var options = new ForwardOptions
        {
            Backbone = backbone,
            Pyramid = new()
            {
                Channels = (int)Side($"{Pyramid.Scope}.fpn_lateral3.weight", 0),
                Separate = shapes.ContainsKey($"{Pyramid.FlowScope}.fpn_lateral3.weight"),
            },
            Fusion = new() { Mask = fusion },
            Head = new()
            {
                Classes = classes == 1 ? HeadClasses.Agnostic : HeadClasses.Dataset,
                TowerConvs = Enumerable
                    .Range(0, 100)
                    .TakeWhile(layer => shapes.ContainsKey($"{FcosHead.Scope}.cls_tower.{3 * layer}.weight"))
                    .Count(),
            },
            Mask = new()
            {
                Input = shapes.ContainsKey($"{MaskBranch.Scope}.refine.1.0.weight") ? MaskInput.Code : MaskInput.Paper,
                BranchConvs = branchConvs,
                BranchChannels = (int)Side($"{MaskBranch.Scope}.refine.0.0.weight", 0),
                Channels = maskChannels,
                HeadChannels = headChannels,
            },
        };
        var streams = fusion == MaskFusion.Concat ? "two streams side by side" : "one stream, or two that are added";
        var what =
            $"segmenter of {classes} {(classes == 1 ? "class" : "classes")} on {Name(backbone)}; {parameters} dynamic parameters of mask features from {streams}";
        return Compare(what, "weights", options, Segmenter.Entries(options, classes), shapes);

        long Side(string name, int axis) =>
            shapes.TryGetValue(name, out var shape) && shape.Length > axis ? Math.Clamp(shape[axis], 1, 1 << 16) : 1;
    }

    /// <summary>
    /// The count of dynamic parameters says how wide the mask head is and whether it reads one stream's channels or two's.
    /// </summary>
    private static (MaskFusion Fusion, int HeadChannels) MaskHeadOf(long parameters, int maskChannels)
    {
        var usual = new MaskOptions().HeadChannels;
        return (
            from width in (int[])[usual, .. Enumerable.Range(1, MostHeadChannels).Where(width => width != usual)]
            from fusion in (MaskFusion[])[MaskFusion.Concat, MaskFusion.None]
            where MaskHead.ParameterCount(fusion == MaskFusion.Concat ? 2 * maskChannels : maskChannels, width) == parameters
            select (fusion, width)
        )
            .DefaultIfEmpty((MaskFusion.Concat, usual))
            .First();
    }

    private static BackboneOptions Backbone(Dictionary<string, long[]> local)
    {
        var isSmall = local["stem.conv1.weight"] is not [_, _, 7, 7];
        var network =
            isSmall ? BackboneNetwork.Small
            : local.ContainsKey("res4.22.conv1.weight") ? BackboneNetwork.Resnet101
            : BackboneNetwork.Resnet50;
        return new BackboneOptions
        {
            Network = network,
            SmallChannels =
            [
                .. Enumerable
                    .Range(2, 4)
                    .Select(stage =>
                        local.TryGetValue($"res{stage}.0.conv1.weight", out var shape) && shape.Length > 0
                            ? (int)Math.Clamp(shape[0], 1, 1 << 16)
                            : 1
                    ),
            ],
        };
    }

    private static string Name(BackboneOptions options) =>
        options.Network switch
        {
            BackboneNetwork.Resnet50 => "ResNet-50",
            BackboneNetwork.Resnet101 => "ResNet-101",
            _ => $"the small network ({string.Join(", ", options.SmallChannels)})",
        };

    private static ForwardFit Compare(
        string what,
        string setting,
        ForwardOptions options,
        IEnumerable<Entry> entries,
        IReadOnlyDictionary<string, long[]> shapes
    )
    {
        var expected = entries.ToDictionary(entry => entry.Name, entry => entry.Shape, StringComparer.Ordinal);
        return new(
            what,
            setting,
            options,
            [
                .. expected
                    .Where(entry => !shapes.TryGetValue(entry.Key, out var shape) || !entry.Value.AsSpan().SequenceEqual(shape))
                    .Select(entry => entry.Key)
                    .Order(StringComparer.Ordinal),
            ],
            [.. shapes.Keys.Where(name => !expected.ContainsKey(name)).Order(StringComparer.Ordinal)]
        )
        {
            Into = expected
                .Where(entry => shapes.TryGetValue(entry.Key, out var shape) && entry.Value.AsSpan().SequenceEqual(shape))
                .ToImmutableSortedDictionary(entry => entry.Key, entry => entry.Key, StringComparer.Ordinal),
        };
    }
}
