using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>What tells an object from what is round it in its own clip.</summary>
public sealed record SurroundingsOptions
{
    /// <summary>How much it counts against the network's logits; 0 leaves it out.</summary>
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 1;

    /// <summary>Steepness: logits from one score to the next.</summary>
    [Range(0.0, 1e6)]
    public double Slope { get; init; } = 8;

    /// <summary>The score that is undecided; 0 is outside, 1 inside.</summary>
    [Range(-10.0, 10.0)]
    public double Middle { get; init; } = 0.6;

    /// <summary>Ridge, as a share of the features' variance.</summary>
    [Range(1e-9, 1e9)]
    public double Ridge { get; init; } = 0.3;

    /// <summary>How far round a box pixels count as its surroundings, in sides of the box.</summary>
    [Range(0.0, 1e6)]
    public double Round { get; init; } = 0.6;
}

/// <summary>
/// A linear classifier of the frozen features of a clip: inside some box, or round it. What is in a box and is no part of the object looks like what is round
/// the box, so the object is what only boxes hold. Least squares, solved at once: no iterations, nothing random.
/// </summary>
internal sealed class Surroundings : IDisposable
{
    private Tensor? _products; // [D+1, D+1] of features and 1
    private Tensor? _sums;     // [D+1] of what lies inside
    private Tensor? _weights;  // [D+1]

    public bool IsSettled => _weights is not null;

    /// <summary>Adds a view of a frame.</summary>
    public void Learn(BackboneFeatures features, ImmutableArray<Box> boxes, SurroundingsOptions options)
    {
        using var scope = NewDisposeScope();
        var maps = Maps(features); // [D+1, h, w]
        var (h, w) = ((int)maps.shape[1], (int)maps.shape[2]);
        var (rows, labels) = (new List<long>(), new List<float>());
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                var (px, py) = ((8 * x) + 4, (8 * y) + 4);
                var inside = boxes.Any(box => px >= box.X1 && px < box.X2 && py >= box.Y1 && py < box.Y2);
                var near = inside || boxes.Any(box => px >= box.X1 - (box.Width * options.Round) && px < box.X2 + (box.Width * options.Round) && py >= box.Y1 - (box.Height * options.Round) && py < box.Y2 + (box.Height * options.Round));
                if (!near) continue;
                rows.Add((y * w) + x);
                labels.Add(inside ? 1 : 0);
            }
        }

        if (rows.Count == 0) return;
        var chosen = maps.flatten(1).t().index_select(0, tensor(rows.ToArray())); // [n, D+1]
        var target = tensor(labels.ToArray()).unsqueeze(1); // [n, 1]
        var (products, sums) = (chosen.t().mm(chosen), chosen.t().mm(target).squeeze(1));
        _products = Sum(_products, products);
        _sums = Sum(_sums, sums);
    }

    private static Tensor Sum(Tensor? old, Tensor more)
    {
        if (old is null) return more.DetachFromDisposeScope();
        old.PlusInPlace(more);
        return old;
    }

    public void Settle(SurroundingsOptions options)
    {
        if (_products is null || _sums is null) return;
        using var scope = NewDisposeScope();
        var variance = _products.diagonal();
        var ridge = variance.Times(options.Ridge).Plus(1e-6);
        ridge.narrow(0, ridge.shape[0] - 1, 1).fill_(Held.Of(1e-3)); // the constant is free
        _weights = linalg.solve(_products.Plus(diag(ridge)), _sums.unsqueeze(1)).squeeze(1).DetachFromDisposeScope();
    }

    /// <summary>The score of each cell: [1, h, w].</summary>
    public Tensor Scores(BackboneFeatures features)
    {
        using var scope = NewDisposeScope();
        var maps = Maps(features);
        return _weights!.unsqueeze(0).mm(maps.flatten(1)).reshape(1, maps.shape[1], maps.shape[2]).MoveToOuterDisposeScope();
    }

    /// <summary>Of the picture's and the motion's stream, at stride 8, and a constant: [D+1, h, w].</summary>
    private static Tensor Maps(BackboneFeatures features)
    {
        var (fine, coarse) = (features.Res3, features.Res4);
        var (h, w) = (fine.shape[2], fine.shape[3]);
        var parts = new List<Tensor> { fine.select(0, 0) };
        if (fine.shape[0] > 1) parts.Add(fine.select(0, 1));
        parts.Add(F.interpolate(coarse.narrow(0, 0, 1), [h, w], mode: InterpolationMode.Bilinear, align_corners: false).select(0, 0));
        parts.Add(ones([1, h, w], ScalarType.Float32));
        return Joins.Cat([.. parts.Select(part => part.to(ScalarType.Float32))], 0);
    }

    public void Dispose()
    {
        _products?.Dispose();
        _sums?.Dispose();
        _weights?.Dispose();
    }
}
