using System.Collections.Immutable;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>The step from a pixel to its neighbour, in cells: down, right.</summary>
/// <remarks>
/// <see cref="Centres"/> and <see cref="Neighbours"/> of one map are two views of one shape: where the first holds a pixel, the second
/// holds its neighbour, for every pixel whose neighbour is inside the map.
/// </remarks>
public readonly record struct PixelStep(int Dy, int Dx)
{
    /// <param name="map">[..., H, W].</param>
    /// <returns>[..., H-|Dy|, W-|Dx|], a view; empty where the map is smaller than the step.</returns>
    public Tensor Centres(Tensor map) => Rectangle(map, Math.Max(0, -Dy), Math.Max(0, -Dx));

    /// <param name="map">[..., H, W].</param>
    /// <returns>[..., H-|Dy|, W-|Dx|], a view; empty where the map is smaller than the step.</returns>
    public Tensor Neighbours(Tensor map) => Rectangle(map, Math.Max(0, Dy), Math.Max(0, Dx));

    private Tensor Rectangle(Tensor map, int top, int left)
    {
        var (h, w) = (map.size(-2), map.size(-1));
        var (rows, columns) = (Math.Max(0, h - Math.Abs(Dy)), Math.Max(0, w - Math.Abs(Dx)));
        return map.narrow(-2, Math.Min(top, h - rows), rows).narrow(-1, Math.Min(left, w - columns), columns);
    }
}

/// <summary>How alike neighbouring pixels look: Eqs. (3) and (4) of the paper.</summary>
public static class Similarity
{
    /// <summary>The eight neighbours of a 3x3 kernel, row by row, the centre left out.</summary>
    public static ImmutableArray<PixelStep> Ring(int dilation) =>
        [
            new(-dilation, -dilation),
            new(-dilation, 0),
            new(-dilation, dilation),
            new(0, -dilation),
            new(0, dilation),
            new(dilation, -dilation),
            new(dilation, 0),
            new(dilation, dilation),
        ];

    /// <summary>Half of the ring: each unordered pair of pixels once.</summary>
    public static ImmutableArray<PixelStep> HalfRing(int dilation) => Ring(dilation)[..4];

    /// <summary>exp(-||f_i - f_j|| / theta) of each pixel i and its neighbours j: Eq. (3) of colours, Eq. (4) of flows.</summary>
    /// <param name="features">float [B, C, H, W]: Lab for colour, RGB in 0..1 for flow.</param>
    /// <param name="theta">In the features' units: 2 for colour, 0.5 for flow.</param>
    /// <param name="steps">E steps, <see cref="Ring"/> or <see cref="HalfRing"/>.</param>
    /// <returns>[B, E, H, W] in (0, 1]; 0 where the neighbour is outside the map.</returns>
    public static Tensor Of(Tensor features, double theta, ImmutableArray<PixelStep> steps)
    {
        using var scope = NewDisposeScope();
        var (b, h, w) = (features.size(0), features.size(2), features.size(3));
        var similarity = zeros(b, steps.Length, h, w, dtype: features.dtype, device: features.device);
        for (var e = 0; e < steps.Length; e++)
        {
            var difference = steps[e].Centres(features).sub(steps[e].Neighbours(features)); // [B, C, H', W']
            var distance = difference.mul(difference).sum(1).sqrt(); // [B, H', W']
            steps[e].Centres(similarity.select(1, e)).copy_(distance.Over(-theta).exp());
        }

        return similarity.MoveToOuterDisposeScope();
    }
}
