using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

public sealed class BoxBitmasksProperties
{
    private static readonly Gen<(Box Box, Size2 Padded)> Boxes =
        from cells in Gen.Choose(1, 8).Two()
        from x in Gen.Choose(-8, 330).Two()
        from y in Gen.Choose(-8, 330).Two()
        select (
            new Box(
                Math.Min(x.Item1, x.Item2) / 10f,
                Math.Min(y.Item1, y.Item2) / 10f,
                Math.Max(x.Item1, x.Item2) / 10f,
                Math.Max(y.Item1, y.Item2) / 10f
            ),
            new Size2(cells.Item1 * 4, cells.Item2 * 4)
        );

    [Theory]
    [InlineData("a", 96, 128)]
    [InlineData("b", 128, 96)]
    public void AtStride4_BoxinstBoxes_EqualTheAuthors(string name, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", $"boxinst_{name}.safetensors");

        Close.To(golden["gt_bitmasks"], BoxBitmasks.AtStride4(golden["boxes"], new Size2(height, width)), 0, 0);
    }

    [Fact, Law]
    public void AtStride4_AnyBox_IsTheFullMaskSampledEveryFourthPixel() =>
        Laws.Hold(
            Boxes,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var (box, padded) = drawn;
                var full = zeros(padded.Height, padded.Width);
                var (top, left) = (Math.Clamp((int)box.Y1, 0, padded.Height), Math.Clamp((int)box.X1, 0, padded.Width));
                var (bottom, right) = (
                    Math.Clamp((int)(box.Y2 + 1), top, padded.Height),
                    Math.Clamp((int)(box.X2 + 1), left, padded.Width)
                );
                full.narrow(0, top, bottom - top).narrow(1, left, right - left).fill_(Held.Of(1));
                var sampled = full.slice(0, 2, padded.Height, 4).slice(1, 2, padded.Width, 4);
                return Tensors.Close(BoxBitmasks.AtStride4(Tensor(box), padded)[0], sampled, 0, 0);
            },
            cases: 300
        );

    [Fact, Law]
    public void Windows_AnyBox_HoldExactlyTheOnes() =>
        Laws.Hold(
            Boxes,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var mask = BoxBitmasks.AtStride4(Tensor(drawn.Box), drawn.Padded)[0];
                var window = BoxBitmasks.Windows(Tensor(drawn.Box), drawn.Padded)[0];
                var area = window.IsEmpty ? 0 : window.Rows * window.Columns;
                return (int)mask.sum().item<float>() == area && (window.IsEmpty || (int)window.Of(mask).sum().item<float>() == area);
            }
        );

    [Fact]
    public void AtStride4_NoBoxes_IsAnEmptyStack()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0, 2, 3], BoxBitmasks.AtStride4(zeros(0, 4), new Size2(8, 12)).shape);
    }

    private static Tensor Tensor(Box box) => tensor(new[] { box.X1, box.Y1, box.X2, box.Y2 }, [1, 4]);
}
