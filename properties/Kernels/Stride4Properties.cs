using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels;

public sealed class Stride4Properties
{
    private static readonly Gen<Sketch> Pictures = FlowFields
        .Sketches()
        .Select(sketch => sketch with { Size = new Size2(sketch.Size.Height + 3, sketch.Size.Width + 3) });

    [Theory]
    [InlineData("a", 96, 128)]
    [InlineData("b", 128, 96)]
    public void ColourBytes_BoxinstPicture_EqualsTheAuthors(string name, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", $"boxinst_{name}.safetensors");
        var image = golden["image"].flip(0); // BGR to RGB
        var padded = nn.functional.pad(image, [0, width - image.size(2), 0, height - image.size(1)]);

        Assert.True(Tensors.SameBits(golden["downsampled_rgb_byte"], Stride4.ColourBytes(padded.unsqueeze(0))[0]));
    }

    [Fact]
    public void FlowUnit_FlowPicture_EqualsTheReference()
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", "flow_a.safetensors");

        Close.To(golden["flow_rgb_s4"].Over(255), Stride4.FlowUnit(golden["flow_rgb"].unsqueeze(0))[0], 0, 0);
    }

    [Fact, Law]
    public void ColourBytes_AnyPicture_AreTheMeansOfFourByFourPixelsCutOff() =>
        Laws.Hold(
            Pictures,
            sketch =>
            {
                using var scope = NewDisposeScope();
                var picture = FlowFields.Picture(sketch).unsqueeze(0);
                return Stride4
                    .ColourBytes(picture)
                    .Elements<byte>()
                    .Select(value => (double)value)
                    .SequenceEqual(Sums(picture).Select(sum => Math.Floor(sum / 16)));
            }
        );

    [Fact, Law]
    public void FlowUnit_AnyPicture_AreTheMeansOfFourByFourPixelsInZeroToOne() =>
        Laws.Hold(
            Pictures,
            sketch =>
            {
                using var scope = NewDisposeScope();
                var picture = FlowFields.Picture(sketch).unsqueeze(0);
                return Stride4
                    .FlowUnit(picture)
                    .Elements<float>()
                    .Zip(Sums(picture), (value, sum) => Math.Abs(value - (sum / 16 / 255)) <= 1e-7)
                    .All(near => near);
            }
        );

    private static IEnumerable<double> Sums(Tensor picture)
    {
        var bytes = picture.Elements<byte>();
        var (height, width) = ((int)picture.size(2), (int)picture.size(3));
        return from channel in Enumerable.Range(0, 3)
            from row in Enumerable.Range(0, height / 4)
            from column in Enumerable.Range(0, width / 4)
            select (
                from y in Enumerable.Range(4 * row, 4)
                from x in Enumerable.Range(4 * column, 4)
                select (double)bytes[(((channel * height) + y) * width) + x]
            ).Sum();
    }

    [Theory]
    [InlineData(15, 0)] // 15/16 of a step is cut off
    [InlineData(16, 1)]
    [InlineData(31, 1)]
    public void ColourBytes_SumOfACell_IsDividedBySixteenAndCutOff(int sum, int expected)
    {
        using var scope = NewDisposeScope();
        var picture = zeros(1, 3, 4, 4, dtype: ScalarType.Byte);
        picture[0, 1, 2, 3] = tensor(sum, dtype: ScalarType.Byte);

        Assert.Equal(new[] { 0, expected, 0 }, Stride4.ColourBytes(picture).Elements<byte>().Select(b => (int)b));
    }

    [Fact]
    public void Cells_RowsBeyondAMultipleOfFour_BelongToNoCell()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(new Size2(1, 2), Stride4.Cells(new Size2(7, 11)));
        Assert.Equal([1, 3, 1, 2], Stride4.ColourBytes(zeros(1, 3, 7, 11, dtype: ScalarType.Byte)).shape);
    }
}
