using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;

namespace Motion.Parity.Fills;

/// <summary>
/// The name-hash weights that the reference numbers of BoxInst were made with: AdelaiDet's MS_R_50_1x, one stream, 80 classes.
/// </summary>
internal static class BoxinstFill
{
    /// <summary>Classes of the model.</summary>
    public const int Classes = 80;

    /// <summary>MS_R_50_1x: no flow anywhere.</summary>
    public static ForwardOptions Options { get; } =
        new()
        {
            Fusion = new() { Detection = DetectionFusion.None, Mask = MaskFusion.None },
        };

    /// <summary>The whole model; what the rule leaves out has its constructor's value. The caller disposes.</summary>
    public static Weights Of(ForwardOptions options, int classes)
    {
        var entries = Segmenter
            .Entries(options, classes)
            .Select(entry =>
                KeyValuePair.Create(
                    entry.Name,
                    Rule(entry.Name, [.. entry.Shape]) is { } value
                        ? NameHashFill.Fill(entry.Name, [.. entry.Shape], value)
                        : Initialise.Draw([entry], new Seed(0))[entry.Name]
                )
            );
        return Weights.Of(entries.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.DetachFromDisposeScope())));
    }

    /// <summary>The first rule that matches; null: the constructor's value stays.</summary>
    public static FillValue? Rule(string name, long[] shape) =>
        name switch
        {
            "mask_head.sizes_of_interest" or "mask_head._iter" => null,
            _ when name.EndsWith(".num_batches_tracked", StringComparison.Ordinal) => null,
            _ when name.EndsWith(".running_mean", StringComparison.Ordinal) => new(0, 0.05),
            _ when name.EndsWith(".running_var", StringComparison.Ordinal) => new(1, 0.1, Absolute: true),
            _ when name.EndsWith(".scale", StringComparison.Ordinal) => new(1, 0.1),
            _ when shape.Length == 4 => new(0, Gain(name) * Math.Sqrt(3.0 / (shape[1] * shape[2] * shape[3]))),
            _ when name.EndsWith(".conv3.norm.weight", StringComparison.Ordinal) => new(0.3, 0.03),
            _ when name.EndsWith(".weight", StringComparison.Ordinal) => new(1, 0.1),
            _ when name.EndsWith("cls_logits.bias", StringComparison.Ordinal) => new(-7, 0.05),
            _ when name.EndsWith("bbox_pred.bias", StringComparison.Ordinal) => new(2, 0.05),
            _ => new(0, 0.05),
        };

    private static double Gain(string name) =>
        name switch
        {
            "backbone.bottom_up.stem.conv1.weight" => 0.025,
            _ when name.StartsWith("backbone.bottom_up.", StringComparison.Ordinal) => name.EndsWith(
                "shortcut.weight",
                StringComparison.Ordinal
            )
                ? 1.0
                : 1.5,
            _ when name.StartsWith("backbone.", StringComparison.Ordinal) => 1.0,
            _ when name.Contains(".cls_tower.", StringComparison.Ordinal) || name.Contains(".bbox_tower.", StringComparison.Ordinal) => 1.5,
            _ when name.EndsWith("cls_logits.weight", StringComparison.Ordinal) => 2.0,
            _ when name.EndsWith("bbox_pred.weight", StringComparison.Ordinal) => 1.0,
            _ when name.EndsWith("ctrness.weight", StringComparison.Ordinal) => 1.5,
            _ when name.StartsWith("controller", StringComparison.Ordinal) => 0.7,
            "mask_branch.tower.4.weight" => 1.2,
            _ when name.StartsWith("mask_branch.refine.", StringComparison.Ordinal) => 0.8,
            _ => 1.25,
        };
}
