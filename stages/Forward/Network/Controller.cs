using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>Where a row of the flattened locations (level, image, row, column) lies.</summary>
internal readonly record struct Cell(int Level, int Image, int Row, int Column);

/// <summary>
/// The 3x3 convolution that makes the dynamic head's parameters. Only a few dozen locations ever use theirs, so it is computed there and
/// nowhere else: as a matrix product of their 3x3 neighbourhoods.
/// </summary>
internal static class Controller
{
    public const string Scope = "controller";

    private const double Deviation = 0.01;
    private const int Window = 9;

    public static IEnumerable<Entry> Entries(int channels, int parameters) =>
        Spec.Convolution(parameters, channels, 3, new Initial.Normal(Deviation), Spec.Zero);

    /// <param name="w">The controller's scope.</param>
    /// <param name="towers">The box tower's output of every level, [N, C, h, w].</param>
    /// <param name="cells">Q locations.</param>
    /// <returns>[Q, P].</returns>
    public static Tensor Forward(Weights w, IReadOnlyList<Tensor> towers, IReadOnlyList<Cell> cells)
    {
        using var scope = NewDisposeScope();
        var weight = w["weight"];
        var (outputs, channels) = (weight.shape[0], weight.shape[1]);
        var rows = FcosHead.Flatten(towers); // [L, C]
        var padded = Joins.Cat([rows, zeros([1, channels], rows.dtype, rows.device)], 0); // [L+1, C], the last for what lies outside
        var index = tensor(Neighbours(towers, cells), ScalarType.Int64, rows.device); // [9Q]
        var patches = padded.index_select(0, index).reshape(cells.Count, Window * channels); // [Q, 9C]
        var matrix = weight.permute(2, 3, 1, 0).reshape(Window * channels, outputs); // [P, C, 3, 3] -> [9C, P]
        return Products.AddMatrices(w["bias"], patches, matrix).MoveToOuterDisposeScope(); // [Q, P]
    }

    // Row-major 3x3 neighbourhoods as rows of the flattened levels; outside a map: the row after the last.
    private static long[] Neighbours(IReadOnlyList<Tensor> towers, IReadOnlyList<Cell> cells)
    {
        var shapes = towers.Select(tower => tower.shape).ToArray();
        var starts = new long[shapes.Length + 1];
        for (var level = 0; level < shapes.Length; level++)
        {
            starts[level + 1] = starts[level] + (shapes[level][0] * shapes[level][2] * shapes[level][3]);
        }

        var outside = starts[^1];
        var index = new long[cells.Count * Window];
        for (var q = 0; q < cells.Count; q++)
        {
            var (level, image, row, column) = cells[q];
            var (height, width) = (shapes[level][2], shapes[level][3]);
            for (var k = 0; k < Window; k++)
            {
                var (y, x) = (row + (k / 3) - 1, column + (k % 3) - 1);
                var inside = y >= 0 && y < height && x >= 0 && x < width;
                index[(q * Window) + k] = inside ? starts[level] + (((image * height) + y) * width) + x : outside;
            }
        }

        return index;
    }
}
