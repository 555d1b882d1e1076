using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What the detection head says of one level.</summary>
/// <param name="ClassLogits">[N, K, h, w].</param>
/// <param name="BoxRegression">[N, 4, h, w]: distances left, top, right, bottom in strides, at least 0.</param>
/// <param name="Centerness">[N, 1, h, w] logits.</param>
/// <param name="BoxTower">[N, C, h, w]: what the controller reads.</param>
internal sealed record HeadLevel(Tensor ClassLogits, Tensor BoxRegression, Tensor Centerness, Tensor BoxTower);

/// <summary>
/// FCOS' head (Tian et al. 2019), shared by the levels: two towers of convolution, group norm and ReLU; centre-ness on the box tower.
/// </summary>
internal static class FcosHead
{
    public const string Scope = "proposal_generator.fcos_head";

    /// <summary>The class layer's tensors, within the whole model: their first side is the number of classes.</summary>
    public static IReadOnlyList<string> ClassLayer { get; } = [$"{Scope}.cls_logits.weight", $"{Scope}.cls_logits.bias"];

    private const double Deviation = 0.01;

    public static IEnumerable<Entry> Entries(HeadOptions options, int channels, int classes)
    {
        IEnumerable<Entry> Published(string name, int output, double bias) =>
            Spec.Scope(name, Spec.Convolution(output, channels, 3, new Initial.Normal(Deviation), new Initial.Constant(bias)));
        IEnumerable<Entry> Tower(string name) =>
            Enumerable
                .Range(0, options.TowerConvs)
                .SelectMany(layer =>
                    Spec.Scope(name, Published($"{3 * layer}", channels, 0), Spec.Scope($"{(3 * layer) + 1}", Spec.Norm(channels)))
                );
        return
        [
            .. Tower("cls_tower"),
            .. Tower("bbox_tower"),
            .. Published("cls_logits", classes, -Math.Log((1 - options.Prior) / options.Prior)),
            .. Published("bbox_pred", 4, options.BoxBias),
            .. Published("ctrness", 1, 0),
            .. Enumerable.Range(0, Pyramid.Levels).Select(level => new Entry($"scales.{level}.scale", [1], Role.Weight, Spec.One)),
        ];
    }

    /// <param name="levels">Fused features of P3 .. P7, [N, C, h, w] each.</param>
    public static HeadLevel[] Forward(HeadOptions options, Weights w, IReadOnlyList<Tensor> levels) =>
        [.. levels.Select((level, index) => Level(options.TowerConvs, w, level, index))];

    private static HeadLevel Level(int convolutions, Weights w, Tensor x, int level)
    {
        using var scope = NewDisposeScope();
        var classTower = Tower(w.At("cls_tower"), convolutions, x);
        var boxTower = Tower(w.At("bbox_tower"), convolutions, x);
        var logits = Layers.Convolution(w.At("cls_logits"), classTower, padding: 1);
        var boxes = Layers.Convolution(w.At("bbox_pred"), boxTower, padding: 1).mul(w[$"scales.{level}.scale"]).relu();
        var centerness = Layers.Convolution(w.At("ctrness"), boxTower, padding: 1);
        return new(
            logits.MoveToOuterDisposeScope(),
            boxes.MoveToOuterDisposeScope(),
            centerness.MoveToOuterDisposeScope(),
            boxTower.MoveToOuterDisposeScope()
        );
    }

    private static Tensor Tower(Weights w, int convolutions, Tensor x)
    {
        var y = x.alias();
        for (var layer = 0; layer < convolutions; layer++)
        {
            y = Layers.GroupNorm(w.At($"{(3 * layer) + 1}"), Layers.Convolution(w.At($"{3 * layer}"), y, padding: 1)).relu_();
        }

        return y;
    }

    /// <summary>Rows in the order level, image, row, column: L of them.</summary>
    /// <param name="maps">[N, C, h, w] each.</param>
    /// <returns>[L, C].</returns>
    public static Tensor Flatten(IEnumerable<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        // [N, h, w, C] -> [Nhw, C]
        return Joins.Cat([.. maps.Select(map => map.permute(0, 2, 3, 1).reshape(-1, map.shape[1]))], 0).MoveToOuterDisposeScope();
    }
}
