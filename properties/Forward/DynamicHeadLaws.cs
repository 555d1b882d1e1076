using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Properties.Forward;

/// <summary>The fast forms of controller and dynamic head against the obvious ones.</summary>
public sealed class DynamicHeadLaws
{
    // of the largest: sums in another order, coordinates subtracted after the product instead of before
    private const double Rounding = 2e-5;

    private static readonly Gen<(int Seed, int Images, int Instances, int Channels, int Width, Size2 Size)> Heads =
        from seed in Gen.Choose(0, int.MaxValue)
        from images in Gen.Choose(1, 3)
        from instances in Gen.Choose(0, 7)
        from channels in Gen.Choose(1, 5)
        from width in Gen.Choose(1, 4)
        from height in Gen.Choose(1, 6)
        from columns in Gen.Choose(1, 6)
        select (seed, images, instances, channels, width, new Size2(height, columns));

    [Fact, Law]
    public void MaskHead_AnyInstancesInAnyOrder_IsThreeConvolutionsOverRelativeCoordinates() =>
        Laws.Hold(
            Heads,
            law =>
            {
                using var scope = NewDisposeScope();
                var draws = new Seed((ulong)law.Seed).Draws();
                var features = LossCase.Normal(draws, 1, law.Images, law.Channels, law.Size.Height, law.Size.Width);
                var parameters = LossCase.Normal(draws, 1, law.Instances, MaskHead.ParameterCount(law.Channels, law.Width));
                var instances = new MaskInstances(
                    parameters,
                    LossCase.Normal(draws, 30, law.Instances, 2),
                    [.. Enumerable.Range(0, law.Instances).Select(_ => draws.Next(5))],
                    [.. Enumerable.Range(0, law.Instances).Select(_ => draws.Next(law.Images))]
                );
                var fast = MaskHead.AtStride8(features, instances, law.Width);
                var obvious = Enumerable.Range(0, law.Instances).Select(q => Obvious(features, instances, q, law.Width)).ToArray();
                return law.Instances == 0
                    ? fast.shape.SequenceEqual([0, law.Size.Height, law.Size.Width])
                    : Tensors.Close(fast, stack(obvious, 0), Rounding * stack(obvious, 0).abs().max().Number(), 0);
            }
        );

    [Fact, Law]
    public void Controller_AtAnyCells_IsTheConvolutionThere() =>
        Laws.Hold(
            from seed in Gen.Choose(0, int.MaxValue)
            from images in Gen.Choose(1, 2)
            from side in Gen.Choose(1, 9)
            from channels in Gen.Choose(1, 4)
            from count in Gen.Choose(1, 12)
            select (Seed: seed, Images: images, Side: side, Channels: channels, Count: count),
            law =>
            {
                using var scope = NewDisposeScope();
                var draws = new Seed((ulong)law.Seed).Draws();
                Tensor Tower(int level) => LossCase.Normal(draws, 1, law.Images, law.Channels, law.Side + level, law.Side);
                Tensor[] towers = [Tower(0), Tower(1), Tower(2)];
                var weights = Weights.Of([
                    KeyValuePair.Create("c.weight", LossCase.Normal(draws, 1, 5, law.Channels, 3, 3)),
                    KeyValuePair.Create("c.bias", LossCase.Normal(draws, 1, 5)),
                ]);
                var cells = Enumerable
                    .Range(0, law.Count)
                    .Select(_ => draws.Next(3))
                    .Select(level => new Cell(level, draws.Next(law.Images), draws.Next(law.Side + level), draws.Next(law.Side)))
                    .ToArray();
                var dense = towers.Select(tower => Layers.Convolution(weights.At("c"), tower, padding: 1)).ToArray();
                var expected = stack([.. cells.Select(cell => dense[cell.Level][cell.Image, TensorIndex.Colon, cell.Row, cell.Column])], 0);
                return Tensors.Close(Controller.Forward(weights.At("c"), towers, cells), expected, 1e-5, 1e-5);
            }
        );

    [Fact]
    public void Cells_OfEveryRow_FollowLevelImageRowColumn()
    {
        PyramidLevel[] grid = [new(new Size2(3, 4), 8), new(new Size2(2, 2), 16), new(new Size2(1, 1), 32)];
        var expected =
            from level in Enumerable.Range(0, 3)
            from image in Enumerable.Range(0, 2)
            from row in Enumerable.Range(0, grid[level].Size.Height)
            from column in Enumerable.Range(0, grid[level].Size.Width)
            select new Cell(level, image, row, column);
        Assert.Equal(expected, Cells.Of(grid, 2, Enumerable.Range(0, 34).Select(row => (long)row)));
    }

    // [h, w] of one instance: rows of w_l are (out, in), coordinates before features, all weights before all biases.
    private static Tensor Obvious(Tensor features, MaskInstances instances, int q, int width)
    {
        var (channels, height, columns) = (features.shape[1], features.shape[2], features.shape[3]);
        var level = new PyramidLevel(new Size2((int)height, (int)columns), 8);
        var pixels = Locations.Of(level, CPU).reshape(height, columns, 2).permute(2, 0, 1); // [2, h, w]
        var relative = instances.Locations[q].reshape(2, 1, 1).sub(pixels).Over(MaskHead.SizesOfInterest[instances.Levels[q]]);
        var x = Joins.Cat([relative, features[instances.Images[q]]], 0).unsqueeze(0); // [1, C+2, h, w]
        var numbers = instances.Parameters[q];
        long[] weights = [(channels + 2) * width, width * width, width];
        var biases = weights.Sum();
        var y = F.conv2d(x, numbers.narrow(0, 0, weights[0]).reshape(width, channels + 2, 1, 1), numbers.narrow(0, biases, width)).relu();
        y = F.conv2d(y, numbers.narrow(0, weights[0], weights[1]).reshape(width, width, 1, 1), numbers.narrow(0, biases + width, width))
            .relu();
        y = F.conv2d(
            y,
            numbers.narrow(0, weights[0] + weights[1], width).reshape(1, width, 1, 1),
            numbers.narrow(0, biases + (2 * width), 1)
        );
        return y.reshape(height, columns);
    }
}
