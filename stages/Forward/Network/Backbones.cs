using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>The backbones, by option.</summary>
internal static class Backbones
{
    /// <summary>Where a backbone's weights stand in the state dict.</summary>
    public const string Scope = "backbone.bottom_up";

    /// <summary>Names within <see cref="Scope"/>.</summary>
    public static IEnumerable<Entry> Entries(BackboneOptions options) =>
        options.Network == BackboneNetwork.Small ? SmallNet.Entries(options) : Resnet.Entries(options.Network);

    /// <summary>Channels of res3, res4, res5.</summary>
    public static ImmutableArray<int> Channels(BackboneOptions options) =>
        options.Network == BackboneNetwork.Small ? SmallNet.Channels(options) : Resnet.Channels;

    /// <summary>Is this entry (a name within the scope) trained?</summary>
    public static bool IsTrained(BackboneOptions options, Entry entry) =>
        entry.IsTrained
        && options.Freeze switch
        {
            Freeze.All => false,
            Freeze.Res2 => !IsOf(entry, "stem.", "res2."),
            Freeze.Res3 => !IsOf(entry, "stem.", "res2.", "res3."),
            _ => true,
        };

    private static bool IsOf(Entry entry, params string[] stages) =>
        stages.Any(stage => entry.Name.StartsWith(stage, StringComparison.Ordinal));

    /// <summary>Weights as <see cref="Forward"/> wants them; new tensors of the caller's dispose scope where norms are folded.</summary>
    /// <param name="weights">The whole model.</param>
    public static Weights Prepare(BackboneOptions options, Weights weights) =>
        options.Network == BackboneNetwork.Small ? weights.At(Scope) : FrozenBatchNorm.Fold(weights.At(Scope), Scope);

    /// <param name="prepared">From <see cref="Prepare"/>.</param>
    /// <param name="pictures">[N, 3, H, W] normalised; H and W multiples of 32.</param>
    public static BackboneFeatures Forward(BackboneOptions options, Weights prepared, Tensor pictures) =>
        options.Network == BackboneNetwork.Small ? SmallNet.Forward(prepared, pictures) : Resnet.Forward(options, prepared, pictures);
}
