using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>Enlarging a map so that its cells stay aligned with the pixels they were computed for.</summary>
public static class AlignedBilinear
{
    /// <summary>
    /// Enlarges by a whole factor; cell (i, j) lands on pixel (factor*i + factor/2, factor*j + factor/2), the same place as in <see
    /// cref="Locations"/>.
    /// </summary>
    /// <param name="maps">float32 [N, C, h, w].</param>
    /// <param name="factor">At least 1; 1 returns the same numbers.</param>
    /// <returns>[N, C, factor*h, factor*w]; the first factor/2 + 1 rows (columns) are copies of each other. Differentiable.</returns>
    /// <remarks>
    /// AdelaiDet's aligned_bilinear: one replicated row and column at the end, bilinear with corners aligned, factor/2 replicated ones in
    /// front.
    /// </remarks>
    public static Tensor Upsample(Tensor maps, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        if (factor == 1)
        {
            return maps.alias();
        }

        using var scope = NewDisposeScope();
        var (height, width) = (maps.shape[2], maps.shape[3]);
        var ended = F.pad(maps, [0, 1, 0, 1], PaddingModes.Replicate); // [N, C, h+1, w+1]
        var resized = F.interpolate( // [N, C, fh+1, fw+1]
            ended,
            [(factor * height) + 1, (factor * width) + 1],
            mode: InterpolationMode.Bilinear,
            align_corners: true
        );
        var shifted = F.pad(resized, [factor / 2, 0, factor / 2, 0], PaddingModes.Replicate); // [N, C, fh+1+f/2, fw+1+f/2]
        return shifted.narrow(2, 0, factor * height).narrow(3, 0, factor * width).MoveToOuterDisposeScope(); // [N, C, fh, fw]
    }
}
