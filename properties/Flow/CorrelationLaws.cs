using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

public sealed class CorrelationLaws
{
    /// <summary>
    /// Grid coordinates go through normalised float32 numbers: some 1e-6 of a side of 20 cells, times slopes of about 4 a cell.
    /// </summary>
    private const double Normalised = 3e-4;

    [Fact, Law]
    public void Pyramid_SwappingMaps_TransposesTheVolume() =>
        Laws.Hold(
            FlowFields.Sketches(9),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var (a, b) = Maps(sketch);
                var n = sketch.Size.Area;
                Close.To(
                    Correlation.Pyramid(a, b)[0].view(n, n).transpose(0, 1),
                    Correlation.Pyramid(b, a)[0].view(n, n),
                    Close.Float32Accumulation,
                    0
                );
                return true;
            }
        );

    [Fact, Law]
    public void Pyramid_HasALevelForEveryHalvingThatLeavesACell() =>
        Laws.Hold(
            FlowFields.Sketches(20),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var (a, b) = Maps(sketch);
                var sides = Correlation.Pyramid(a, b).Select(level => (level.shape[2], level.shape[3])).ToList();
                var expected = Enumerable
                    .Range(0, Correlation.Levels)
                    .Select(level => ((long)sketch.Size.Height >> level, (long)sketch.Size.Width >> level))
                    .TakeWhile(side => side.Item1 > 0 && side.Item2 > 0);
                return sides.SequenceEqual(expected);
            },
            cases: 30
        );

    [Fact, Law]
    public void Lookup_Anywhere_IsBilinearInEveryLevelAndZeroOutside() =>
        Laws.Hold(
            FlowFields.Sketches(20),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var (a, b) = Maps(sketch);
                var (h, w) = (sketch.Size.Height, sketch.Size.Width);
                var pyramid = Correlation.Pyramid(a, b);
                var coords = Refinement.Grid(h, w, CPU).Plus(FlowFields.Flow(sketch, deviation: 8).unsqueeze(0));
                Close.To(AsWritten(pyramid, coords, radius: 1), Correlation.Lookup(pyramid, coords, 1), Normalised, 0);
                return true;
            },
            cases: 25
        );

    [Fact]
    public void Lookup_OfIntegerPlaces_ReadsTheVolumeWithTheSlowIndexAlongX()
    {
        using var scope = NewDisposeScope();
        var (a, b) = Maps(new Sketch(new Size2(8, 8), 3));
        var pyramid = Correlation.Pyramid(a, b);
        var corr = Correlation.Lookup(pyramid, Refinement.Grid(8, 8, CPU), radius: 1);
        // Position (y 4, x 4); channel i*3 + j of level 0 reads (x 4 + i - 1, y 4 + j - 1).
        var row = pyramid[0][(4 * 8) + 4, 0];
        Close.To(row[4, 3].item<float>(), corr[0, (0 * 3) + 1, 4, 4].item<float>(), Normalised, 0);
        Close.To(row[3, 4].item<float>(), corr[0, (1 * 3) + 0, 4, 4].item<float>(), Normalised, 0);
        Close.To(row[5, 5].item<float>(), corr[0, (2 * 3) + 2, 4, 4].item<float>(), Normalised, 0);
    }

    private static (Tensor First, Tensor Second) Maps(Sketch sketch)
    {
        long[] shape = [1, 16, sketch.Size.Height, sketch.Size.Width];
        return (
            NameHashFill.Fill($"first {sketch.Seed}", shape, new FillValue(0, 2)),
            NameHashFill.Fill($"second {sketch.Seed}", shape, new FillValue(0, 2))
        );
    }

    /// <summary>The lookup as one would say it: for every position, level and offset four weighted cells, none outside.</summary>
    private static Tensor AsWritten(IReadOnlyList<Tensor> pyramid, Tensor coords, int radius)
    {
        var (h, w, side) = ((int)coords.shape[2], (int)coords.shape[3], (2 * radius) + 1);
        var places = coords.Elements<float>();
        var answer = new float[Correlation.Levels * side * side * h * w];
        for (var level = 0; level < pyramid.Count; level++)
        {
            var (rows, columns) = ((int)pyramid[level].shape[2], (int)pyramid[level].shape[3]);
            var cells = pyramid[level].Elements<float>();
            for (var n = 0; n < h * w; n++)
            {
                for (var k = 0; k < side * side; k++)
                {
                    var x = (places[n] / (1 << level)) + (k / side) - radius;
                    var y = (places[(h * w) + n] / (1 << level)) + (k % side) - radius;
                    answer[(((level * side * side) + k) * h * w) + n] = (float)Bilinear(
                        cells.AsSpan(n * rows * columns, rows * columns),
                        columns,
                        x,
                        y
                    );
                }
            }
        }

        return tensor(answer).view(1, Correlation.Levels * side * side, h, w);
    }

    private static double Bilinear(ReadOnlySpan<float> cells, int columns, double x, double y)
    {
        var (left, top, sum) = ((int)Math.Floor(x), (int)Math.Floor(y), 0.0);
        for (var corner = 0; corner < 4; corner++)
        {
            var (column, row) = (left + (corner & 1), top + (corner >> 1));
            if (column >= 0 && column < columns && row >= 0 && row < cells.Length / columns)
            {
                sum += cells[(row * columns) + column] * (1 - Math.Abs(x - column)) * (1 - Math.Abs(y - row));
            }
        }

        return sum;
    }
}
