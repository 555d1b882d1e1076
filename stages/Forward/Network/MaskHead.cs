using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>The objects whose masks are drawn.</summary>
/// <param name="Parameters">float32 [Q, P]: of the controller.</param>
/// <param name="Locations">float32 [Q, 2] (x, y) in pixels: where each was found.</param>
/// <param name="Levels">Level of the pyramid of each; its size of interest scales the coordinates.</param>
/// <param name="Images">Image of each, 0 .. B-1.</param>
internal sealed record MaskInstances(Tensor Parameters, Tensor Locations, ImmutableArray<int> Levels, ImmutableArray<int> Images);

/// <summary>The three layers in each object's vector of parameters: first all weights, then all biases (CondInst, section 3.2).</summary>
/// <param name="Weights">[Q, out, in] each.</param>
/// <param name="Biases">[Q, out] each.</param>
internal sealed record DynamicLayers(ImmutableArray<Tensor> Weights, ImmutableArray<Tensor> Biases)
{
    /// <param name="parameters">[Q, P].</param>
    /// <param name="channels">Of the mask features.</param>
    /// <param name="width">Channels between the layers.</param>
    public static DynamicLayers Of(Tensor parameters, int channels, int width)
    {
        var q = parameters.shape[0];
        var parts = parameters.split([(channels + 2) * width, width * width, width, width, width, 1], 1);
        return new(
            [parts[0].reshape(q, width, channels + 2), parts[1].reshape(q, width, width), parts[2].reshape(q, 1, width)],
            [.. parts[3..]]
        );
    }
}

/// <summary>
/// CondInst's dynamic mask head: three 1x1 convolutions whose parameters differ from object to object, over coordinates relative to the
/// object and the mask features.
/// </summary>
internal static class MaskHead
{
    /// <summary>Pixels a cell of the mask features.</summary>
    public const int FeatureStride = 8;

    /// <summary>What relative coordinates are divided by, P3 .. P7; pixels.</summary>
    public static ImmutableArray<long> SizesOfInterest { get; } = [64, 128, 256, 512, 1024];

    /// <summary>Numbers an object needs: all weights (out, in), then all biases. 169 for 8 mask channels, 233 for 16, 361 for 32.</summary>
    public static int ParameterCount(int maskChannels, int width) =>
        ((maskChannels + 2) * width) + (width * width) + width + width + width + 1;

    /// <summary>Mask logits at stride 4.</summary>
    /// <param name="features">float32 [B, C, h, w], stride 8.</param>
    /// <param name="width">Channels between the layers.</param>
    /// <returns>float32 [Q, 2h, 2w].</returns>
    public static Tensor Forward(Tensor features, MaskInstances instances, int width)
    {
        using var scope = NewDisposeScope();
        var logits = AtStride8(features, instances, width); // [Q, h, w]
        return AlignedBilinear.Upsample(logits.unsqueeze(1), 2).squeeze(1).MoveToOuterDisposeScope(); // [Q, 2h, 2w]
    }

    /// <summary>Mask logits at stride 8, [Q, h, w].</summary>
    /// <remarks>
    /// Input of the first layer: (location - pixel) / size of interest, x before y, then the mask features. It is affine in the pixel, so
    /// one matrix product an image, over features, x and y, does the first layer for all its objects without an input of their own.
    /// </remarks>
    public static Tensor AtStride8(Tensor features, MaskInstances instances, int width)
    {
        using var scope = NewDisposeScope();
        var (channels, height, columns) = (features.shape[1], features.shape[2], features.shape[3]);
        var grid = Locations.Of(new PyramidLevel(new Size2((int)height, (int)columns), FeatureStride), features.device).t(); // [2, hw]
        var order = Enumerable.Range(0, instances.Images.Length).OrderBy(q => instances.Images[q]).ToArray();
        var groups = new List<Tensor>();
        foreach (var group in order.GroupBy(q => instances.Images[q]))
        {
            var chosen = tensor(group.Select(q => (long)q).ToArray(), ScalarType.Int64, features.device);
            var sizes = tensor(
                group.Select(q => (float)SizesOfInterest[instances.Levels[q]]).ToArray(),
                ScalarType.Float32,
                features.device
            );
            var basis = Joins.Cat([features[group.Key].reshape(channels, height * columns), grid], 0); // [C+2, hw]
            groups.Add(
                OneImage(
                    basis,
                    instances.Parameters.index_select(0, chosen),
                    instances.Locations.index_select(0, chosen),
                    sizes,
                    (int)channels,
                    width
                )
            );
        }

        if (groups.Count == 0)
        {
            return zeros([0, height, columns], features.dtype, features.device).MoveToOuterDisposeScope();
        }

        var logits = Joins.Cat(groups, 0).reshape(-1, height, columns); // [Q, h, w], images ascending
        var place = new long[order.Length];
        for (var k = 0; k < order.Length; k++)
        {
            place[order[k]] = k;
        }

        var sorted = place.Select((at, q) => at == q).All(same => same);
        return (sorted ? logits : logits.index_select(0, tensor(place, ScalarType.Int64, features.device))).MoveToOuterDisposeScope();
    }

    // basis [C+2, hw]: features, x, y. parameters [q, P], locations [q, 2], sizes [q] -> [q, 1, hw].
    private static Tensor OneImage(Tensor basis, Tensor parameters, Tensor locations, Tensor sizes, int channels, int width)
    {
        var q = parameters.shape[0];
        var (weights, biases) = DynamicLayers.Of(parameters, channels, width);
        var (w0, w1, w2) = (weights[0], weights[1], weights[2]);

        var relative = w0.narrow(2, 0, 2).div(sizes.reshape(q, 1, 1)); // [q, width, 2]: per pixel of distance
        var constant = biases[0].Plus(relative.mul(locations.unsqueeze(1)).sum(2)); // [q, width]
        var first = Joins.Cat([w0.narrow(2, 2, channels), relative.neg()], 2).reshape(q * width, channels + 2); // [q*width, C+2]
        var y = Products.AddMatrices(constant.reshape(-1, 1), first, basis).relu_().reshape(q, width, -1); // [q, width, hw]
        y = Products.AddBatches(biases[1].reshape(q, width, 1), w1, y).relu_(); // [q, width, hw]
        return Products.AddBatches(biases[2].reshape(q, 1, 1), w2, y); // [q, 1, hw]
    }
}
