using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>How probabilities are drawn to the edges of the picture.</summary>
public sealed record EdgeOptions
{
    /// <summary>Rounds; 0 leaves the probabilities as the network gives them.</summary>
    [Range(0, 1000)]
    public int Rounds { get; init; } = 10;

    /// <summary>How much the neighbours count against the network.</summary>
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 16;

    /// <summary>How much the network's own logit counts.</summary>
    [Range(0.0, 1e6)]
    public double Own { get; init; } = 0.7;

    /// <summary>Difference of colours (RGB in 0..1) at which neighbours count exp(-1/2) as much.</summary>
    [Range(1e-6, 1e6)]
    public double Theta { get; init; } = 0.08;

    /// <summary>Shortest side of the picture that is looked at, pixels; a smaller picture is taken as it is.</summary>
    [Range(8, 65_535)]
    public int Shortest { get; init; } = 360;

    /// <summary>Distances of the neighbours, pixels.</summary>
    public ImmutableArray<int> Reach { get; init; } = [1, 2, 4, 8];
}

/// <summary>
/// Mean field of a conditional random field over neighbours that look alike (Krähenbühl and Koltun 2011, with a few rings of neighbours in
/// place of all pixels): a pixel of which the network is unsure goes with those of its colour. What lies outside the box is outside the
/// mask.
/// </summary>
internal static class MeanField
{
    private const double Least = 1e-4;

    /// <param name="picture">uint8 [3, H, W] RGB.</param>
    /// <param name="probability">float32 [H, W].</param>
    /// <param name="box">In pixels of the picture.</param>
    /// <returns>float32 [H, W].</returns>
    public static Tensor Refine(Tensor picture, Tensor probability, Box box, EdgeOptions options)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ((int)probability.shape[0], (int)probability.shape[1]);
        var (left, top) = (Math.Clamp((int)MathF.Floor(box.X1), 0, width - 1), Math.Clamp((int)MathF.Floor(box.Y1), 0, height - 1));
        var (right, bottom) = (
            Math.Clamp((int)MathF.Ceiling(box.X2), left + 1, width),
            Math.Clamp((int)MathF.Ceiling(box.Y2), top + 1, height)
        );
        var reach = options.Reach.DefaultIfEmpty(0).Max();
        var (l, t) = (Math.Max(0, left - reach), Math.Max(0, top - reach));
        var (w, h) = (Math.Min(width, right + reach) - l, Math.Min(height, bottom + reach) - t);
        var colours = picture.narrow(1, t, h).narrow(2, l, w).to(ScalarType.Float32).Over(255.0); // [3, h, w]
        var inside = zeros([h, w], ScalarType.Float32);
        inside.narrow(0, top - t, bottom - top).narrow(1, left - l, right - left).fill_(Held.Of(1));
        var p = probability.narrow(0, t, h).narrow(1, l, w).mul(inside).clamp(Held.Of(Least), Held.Of(1 - Least));
        var own = p.logit(null).Times(options.Own);
        var pairs = Steps(options.Reach)
            .Where(step => Math.Abs(step.Dy) < h && Math.Abs(step.Dx) < w)
            .Select(step => new Pair(step, Alike(colours, step, options.Theta)))
            .ToArray();
        for (var round = 0; round < options.Rounds; round++)
        {
            var lean = p.Times(2.0).Minus(1.0);
            var sum = zeros_like(p);
            foreach (var (step, alike) in pairs)
            {
                step.Centres(sum).PlusInPlace(step.Neighbours(lean).mul(alike));
                step.Neighbours(sum).PlusInPlace(step.Centres(lean).mul(alike));
            }

            p = own.Plus(sum.Times(options.Weight / Math.Max(1, 2 * pairs.Length))).sigmoid().mul(inside);
        }

        var result = zeros_like(probability);
        result.narrow(0, t, h).narrow(1, l, w).copy_(p.mul(inside));
        return result.MoveToOuterDisposeScope();
    }

    private sealed record Pair(Move Step, Tensor Alike);

    private static Tensor Alike(Tensor colours, Move step, double theta)
    {
        using var scope = NewDisposeScope();
        return step.Centres(colours)
            .sub(step.Neighbours(colours))
            .Squared()
            .sum(dim: 0)
            .Over(-2 * theta * theta)
            .exp()
            .MoveToOuterDisposeScope();
    }

    private static IEnumerable<Move> Steps(ImmutableArray<int> reach) =>
        reach.SelectMany(d => (Move[])[new(0, d), new(d, 0), new(d, d), new(d, -d)]);

    /// <summary>From a pixel to a neighbour: down, right.</summary>
    private readonly record struct Move(int Dy, int Dx)
    {
        public Tensor Centres(Tensor map) => Part(map, Math.Max(0, -Dy), Math.Max(0, -Dx));

        public Tensor Neighbours(Tensor map) => Part(map, Math.Max(0, Dy), Math.Max(0, Dx));

        private Tensor Part(Tensor map, int top, int left) =>
            map.narrow(-2, top, map.size(-2) - Math.Abs(Dy)).narrow(-1, left, map.size(-1) - Math.Abs(Dx));
    }
}
