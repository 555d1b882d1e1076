using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>
/// CondInst's mask branch (Tian et al. 2020): features at stride 8 that the dynamic head turns into masks. Both streams go through the same
/// one.
/// </summary>
internal static class MaskBranch
{
    public const string Scope = "mask_branch";

    public static IEnumerable<Entry> Entries(MaskOptions options, int pyramidChannels)
    {
        var width = options.BranchChannels;
        IEnumerable<Entry> Block(string name, int input) =>
            Spec.Scope(
                name,
                Spec.Scope("0", Spec.Convolution(width, input, 3, Initial.Xavier(input * 9L), bias: null)),
                Spec.Scope("1", Spec.BatchNorm(width))
            );
        var last = Spec.Convolution(options.Channels, width, 1, Initial.Default(width), Initial.Default(width));
        return
        [
            .. Enumerable.Range(0, Levels(options)).SelectMany(level => Block($"refine.{level}", pyramidChannels)),
            .. Enumerable.Range(0, options.BranchConvs).SelectMany(layer => Block($"tower.{layer}", width)),
            .. Spec.Scope($"tower.{options.BranchConvs}", last),
        ];
    }

    /// <param name="w">The branch's scope.</param>
    /// <param name="levels">
    /// P3, P4, P5 (P3 alone for <see cref="MaskInput.Paper"/>), [N, C, h, w] each; in training all pictures of all streams, because the
    /// batch's statistics are those of N.
    /// </param>
    /// <param name="next">
    /// Receives the running statistics that follow, under full names; null in evaluation, which uses the running ones.
    /// </param>
    /// <returns>[N, C_mask, H/8, W/8].</returns>
    public static Tensor Forward(MaskOptions options, Weights w, IReadOnlyList<Tensor> levels, IDictionary<string, Tensor>? next)
    {
        using var scope = NewDisposeScope();
        var y = Block(w, "refine.0", levels[0], next);
        for (var level = 1; level < Levels(options); level++)
        {
            var coarse = Block(w, $"refine.{level}", levels[level], next);
            y = y.Plus(AlignedBilinear.Upsample(coarse, (int)(y.shape[2] / coarse.shape[2])));
        }

        for (var layer = 0; layer < options.BranchConvs; layer++)
        {
            y = Block(w, $"tower.{layer}", y, next);
        }

        y = Layers.Convolution(w.At($"tower.{options.BranchConvs}"), y);
        foreach (var statistic in next?.Values ?? [])
        {
            statistic.MoveToOuterDisposeScope();
        }

        return y.MoveToOuterDisposeScope();
    }

    private static int Levels(MaskOptions options) => options.Input == MaskInput.Code ? 3 : 1;

    private static Tensor Block(Weights w, string name, Tensor x, IDictionary<string, Tensor>? next)
    {
        var (convolution, norm) = (w.At($"{name}.0"), w.At($"{name}.1"));
        var y = Layers.Convolution(convolution, x, padding: 1);
        return (next is null ? Layers.BatchNorm(norm, y) : Layers.BatchNorm(norm, y, $"{Scope}.{name}.1", next)).relu_();
    }
}
