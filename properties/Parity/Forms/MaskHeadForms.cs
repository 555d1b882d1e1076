using System.Globalization;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The dynamic mask head by itself, and the enlargement that keeps cells aligned.</summary>
internal static partial class MaskHeadForms
{
    private const int Width = 8;

    /// <summary>Two interpolations, two roundings.</summary>
    private static readonly Tolerance Interpolated = new("two roundings of float32", OfLargest: 1e-6);

    /// <summary>Three layers of up to 34 channels.</summary>
    private static readonly Tolerance Layers = new("three layers in float32", OfLargest: 5e-6);

    public static ParityForm Bilinear { get; } =
        new(
            "aligned-bilinear",
            "enlargement by whole factors",
            folder =>
                from file in folder.Tensors
                where file.Has("x") && file.Shapes.Keys.Any(name => FactorName().IsMatch(name))
                select new ParityCase(
                    file.Stem,
                    [file],
                    checks =>
                    {
                        using var stored = checks.Open(file);
                        foreach (
                            var match in stored
                                .Names.Select(name => FactorName().Match(name))
                                .Where(match => match.Success)
                                .OrderBy(match => match.Value.Length)
                                .ThenBy(match => match.Value, StringComparer.Ordinal)
                        )
                        {
                            stored.Compare(
                                match.Value,
                                AlignedBilinear.Upsample(stored["x"], int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
                                Interpolated
                            );
                        }
                    }
                )
        );

    /// <summary>Of any number of mask channels: 8 (169 parameters), 16 (233), both streams' 32 (361).</summary>
    public static ParityForm Head { get; } =
        new(
            "mask-head",
            "dynamic convolutions, relative coordinates, and their gradients",
            folder =>
                from file in folder.Tensors
                where file.Has("mask_feats", "params", "locations", "fpn_levels")
                select Facts.Case(folder, file, Check)
        );

    private static void Check(Checks checks, StoredTensors stored, StoredNode? facts)
    {
        var (features, numbers) = (stored["mask_feats"].detach().requires_grad_(true), stored["params"].detach().requires_grad_(true));
        var channels = (int)features.shape[1];
        var instances = new MaskInstances(
            numbers,
            stored["locations"],
            [.. Facts.Ints(stored["fpn_levels"])],
            [.. Facts.Ints(stored["im_inds"])]
        );
        checks.Claim(
            "parameters a location",
            stored.FileOf("params"),
            MaskHead.ParameterCount(channels, Width) == numbers.shape[1],
            $"{MaskHead.ParameterCount(channels, Width)} for {channels} channels, stored {numbers.shape[1]}"
        );
        stored.Compare("rel_coords", RelativeCoordinates(instances, features), new("one rounding of float32", OfLargest: 2e-7));
        var layers = DynamicLayers.Of(numbers, channels, Width);
        for (var layer = 0; layer < layers.Weights.Length; layer++)
        {
            stored.Compare($"weight{layer}", layers.Weights[layer], Tolerance.Exact);
            stored.Compare($"bias{layer}", layers.Biases[layer], Tolerance.Exact);
        }

        stored.Compare("logits_s8", MaskHead.AtStride8(features, instances, Width), Layers);
        var logits = MaskHead.Forward(features, instances, Width);
        stored.Compare("logits_s4", logits, Layers);
        if (stored.Has("upstream_weights"))
        {
            var gradients = Gradients.Of([logits], [features, numbers], [stored["upstream_weights"]]);
            stored.Compare("grad_mask_feats", gradients[0]!, Layers);
            stored.Compare("grad_params", gradients[1]!, Layers);
        }

        if (facts is null)
            return;
        var group = checks.Group("counts", facts.File);
        group.Number("num_params", MaskHead.ParameterCount(channels, Width), facts["num_params"], Tolerance.Exact);
        Facts.List(group, facts.Find("weight_nums"), [.. layers.Weights.Select(weight => (double)(weight.numel() / numbers.shape[0]))]);
        Facts.List(group, facts.Find("bias_nums"), [.. layers.Biases.Select(bias => (double)(bias.numel() / numbers.shape[0]))]);
        group.Done();
    }

    /// <summary>
    /// (location - pixel) / size of interest, x before y: [Q, 2, h, w]. The mask head itself folds them into its first layer.
    /// </summary>
    private static Tensor RelativeCoordinates(MaskInstances instances, Tensor features)
    {
        var (h, w, q) = ((int)features.shape[2], (int)features.shape[3], instances.Levels.Length);
        var pixels = Locations.Of(new PyramidLevel(new Size2(h, w), MaskHead.FeatureStride), CPU); // [hw, 2]
        var sizes = tensor(instances.Levels.Select(level => (float)MaskHead.SizesOfInterest[level]).ToArray()).view(-1, 1, 1);
        return instances.Locations.unsqueeze(1).sub(pixels.unsqueeze(0)).div(sizes).permute(0, 2, 1).reshape(q, 2, h, w);
    }

    [GeneratedRegex("^factor([0-9]{1,3})$")]
    private static partial Regex FactorName();
}
