using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

/// <summary>The mask terms as the papers write them: one pixel, one neighbour at a time, in double.</summary>
internal static class Reference
{
    /// <summary>Eq. (1) as a product.</summary>
    public static double Same(double a, double b) => (Sigmoid(a) * Sigmoid(b)) + (Sigmoid(-a) * Sigmoid(-b));

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Eq. (2) over the pixels of every box and all eight neighbours.</summary>
    public static double Pairwise(Prediction p, PairwiseOptions options)
    {
        var (colours, flows) = (Motion.Loss.Lab.FromBytes(p.Scene.ColourImages), p.Scene.FlowImages);
        var (sum, divisor) = (0.0, 0.0);
        foreach (var pair in Pairs(p, options))
        {
            var y =
                Alike(colours, pair, options.ColourTheta) >= options.ColourThreshold
                && (!options.Flow || Alike(flows, pair, options.FlowTheta) >= options.FlowThreshold);
            var logits = p.Instances.MaskLogits[pair.Instance];
            sum += y ? -Math.Log(Same(At(logits, pair.Y, pair.X), At(logits, pair.NeighbourY, pair.NeighbourX))) : 0;
            divisor += y || options.Normaliser == PairNormaliser.Paper ? 1 : 0;
        }

        return sum / Math.Max(divisor, 1);
    }

    /// <summary>
    /// The ordered pairs that count: for BoxInst those whose first pixel is in the box, for the paper those with either in it.
    /// </summary>
    private static IEnumerable<Pair> Pairs(Prediction p, PairwiseOptions options)
    {
        var (rows, columns) = ((int)p.Instances.MaskLogits.size(1), (int)p.Instances.MaskLogits.size(2));
        for (var q = 0; q < p.Instances.MaskLogits.size(0); q++)
        {
            var image = (int)p.Instances.Images[q].item<long>();
            var box = p.Scene.Boxes[p.Instances.Boxes[q].item<long>()].Elements<float>();
            for (var y = 0; y < rows; y++)
            {
                for (var x = 0; x < columns; x++)
                {
                    foreach (var (dy, dx) in new[] { (-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1) })
                    {
                        var (ny, nx) = (y + (dy * options.Dilation), x + (dx * options.Dilation));
                        if (ny < 0 || nx < 0 || ny >= rows || nx >= columns || !Valid(p, image, ny, nx))
                        {
                            continue;
                        }

                        var counts =
                            options.Normaliser == PairNormaliser.Paper
                                ? Valid(p, image, y, x) && (Inside(box, y, x) || Inside(box, ny, nx))
                                : Inside(box, y, x);
                        if (counts)
                        {
                            yield return new Pair(q, image, y, x, ny, nx);
                        }
                    }
                }
            }
        }
    }

    /// <summary>BoxInst's bitmask: pixel (4y + 2, 4x + 2) lies in rows int(y1) .. int(y2 + 1) - 1 and likewise for columns.</summary>
    public static bool Inside(float[] box, int y, int x) =>
        (4 * y) + 2 >= (int)box[1] && (4 * y) + 2 < (int)(box[3] + 1) && (4 * x) + 2 >= (int)box[0] && (4 * x) + 2 < (int)(box[2] + 1);

    private static bool Valid(Prediction p, int image, int y, int x) =>
        (4 * y) + 2 < p.Scene.ValidSizes[image, 0].item<long>() && (4 * x) + 2 < p.Scene.ValidSizes[image, 1].item<long>();

    private static double Alike(Tensor features, Pair pair, double theta)
    {
        var squares = Enumerable
            .Range(0, 3)
            .Sum(c =>
                Math.Pow(
                    features[pair.Image, c, pair.Y, pair.X].item<float>()
                        - features[pair.Image, c, pair.NeighbourY, pair.NeighbourX].item<float>(),
                    2
                )
            );
        return Math.Exp(-Math.Sqrt(squares) / theta);
    }

    private static double At(Tensor map, int y, int x) => map[y, x].item<float>();

    private readonly record struct Pair(int Instance, int Image, int Y, int X, int NeighbourY, int NeighbourX);
}
