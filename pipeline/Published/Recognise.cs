using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Forward;
using Motion.Kernels;

namespace Motion.Pipeline.Published;

/// <summary>What a file's weights are, and where they can be used.</summary>
/// <param name="Kind">The network, for people.</param>
/// <param name="Fits">The key of the yaml that takes them as they are; null if none does.</param>
/// <param name="Settings">With which settings.</param>
/// <param name="Lacking">Of the network that is nearest.</param>
/// <param name="Exceeding">Names that network does not have.</param>
internal sealed record Recognised(
    string Kind,
    string? Fits,
    ImmutableArray<KeyValuePair<string, string>> Settings,
    ImmutableArray<string> Lacking,
    ImmutableArray<string> Exceeding
)
{
    /// <summary>What stands before all of the network's names in the file.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Which of the file's tensors the setting takes, and what each becomes there.</summary>
    public ImmutableSortedDictionary<string, string> Into { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public static Recognised Nothing { get; } = new("of no network that is known here", null, [], [], []);
}

/// <summary>Tells from names, shapes and the stem's numbers which network a file's weights are.</summary>
internal static class Recognise
{
    /// <summary>A file is of a flow network if it has most of its names.</summary>
    private const double Most = 0.5;

    public static Recognised Of(Contracts.Weights file)
    {
        var shapes = file
            .All.Where(pair => !pair.Key.StartsWith(ForwardWeights.MomentumPrefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => pair.Value.shape, StringComparer.Ordinal);
        if (TorchvisionRaft.IsLarge(shapes.Keys))
            return new("torchvision's raft_large, which is no network here (raft-small and gma are)", null, [], [], []);
        return new[] { Gma.Network, RaftSmall.Network }
                .Select(network => Flow(network, shapes))
                .OfType<Recognised>()
                .MinBy(found => found.Lacking.Length + found.Exceeding.Length)
            ?? (KerasResNet.Recognises(file) ? Keras(shapes) : Forward(file, shapes))
            ?? Recognised.Nothing;
    }

    private static Recognised? Flow(FlowNetwork network, Dictionary<string, long[]> shapes)
    {
        var expected = Spec.Shapes(network.Entries);
        var prefix = FlowWeights.PrefixOf(network, shapes.Keys);
        var own = shapes
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(pair => (File: pair.Key, Name: network.Canonical(pair.Key[prefix.Length..]), pair.Value))
            .Where(pair => pair.Name is not null)
            .ToList();
        var found = own.DistinctBy(pair => pair.Name, StringComparer.Ordinal)
            .ToDictionary(pair => pair.Name!, pair => pair.Value, StringComparer.Ordinal);
        ImmutableArray<string> lacking =
        [
            .. expected
                .Where(pair => !found.TryGetValue(pair.Key, out var shape) || !shape.AsSpan().SequenceEqual(pair.Value))
                .Select(pair => pair.Key),
        ];
        ImmutableArray<string> exceeding = [.. found.Keys.Where(name => !expected.ContainsKey(name)).Order(StringComparer.Ordinal)];
        return lacking.Length > expected.Count * (1 - Most)
            ? null
            : new(
                network == Gma.Network ? "GMA, optical flow" : "RAFT-small, optical flow",
                lacking.IsEmpty && exceeding.IsEmpty ? "flow.weights" : null,
                [new("network", network.Name)],
                lacking,
                exceeding
            )
            {
                Prefix = prefix,
                Into = own.Where(pair => expected.TryGetValue(pair.Name!, out var shape) && shape.AsSpan().SequenceEqual(pair.Value))
                    .ToImmutableSortedDictionary(pair => pair.File, pair => pair.Name!, StringComparer.Ordinal),
            };
    }

    private static Recognised Keras(Dictionary<string, long[]> shapes) =>
        new(
            "Keras' ResNet-50 (TensorFlow.js)",
            shapes.ContainsKey("res5c_branch2c/kernel") ? "forward.backbone.weights" : null,
            [new("network", "resnet50"), new("layout", "msra")],
            [],
            []
        );

    private static Recognised? Forward(Contracts.Weights file, Dictionary<string, long[]> shapes)
    {
        if (ForwardWeights.Recognise(shapes) is not { } fit)
            return null;
        var isBackbone = fit.Setting == "backbone.weights";
        var form = isBackbone && fit.Options.Backbone.Network != BackboneNetwork.Small ? BackboneForm.Of(file) : null;
        KeyValuePair<string, string>[] settings = isBackbone
            ?
            [
                new("network", Word(fit.Options.Backbone.Network)),
                .. form is null ? [] : (KeyValuePair<string, string>[])[new("layout", Word(form.Layout)), new("because", form.Why)],
            ]
            :
            [
                new("backbone.network", Word(fit.Options.Backbone.Network)),
                new("pyramid.channels", $"{fit.Options.Pyramid.Channels}"),
                new("pyramid.separate", fit.Options.Pyramid.Separate ? "true" : "false"),
                new("fusion.mask", fit.Options.Fusion.Mask == MaskFusion.Concat ? "concat" : "none, sum or max"),
                new("head.towerConvs", $"{fit.Options.Head.TowerConvs}"),
                new("mask.input", Word(fit.Options.Mask.Input)),
                new("mask.branchConvs", $"{fit.Options.Mask.BranchConvs}"),
                new("mask.branchChannels", $"{fit.Options.Mask.BranchChannels}"),
                new("mask.channels", $"{fit.Options.Mask.Channels}"),
                new("mask.headChannels", $"{fit.Options.Mask.HeadChannels}"),
            ];
        return new(fit.What, fit.IsWhole ? $"forward.{fit.Setting}" : null, [.. settings], fit.Lacking, fit.Exceeding)
        {
            Prefix = fit.Prefix,
            Into = fit.Into,
        };
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
