using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels;

public sealed class LabProperties
{
    /// <summary>Half a unit in the last place of a float32 near 100.</summary>
    private const double HalfUlpNear100 = 4e-6;

    [Fact]
    public void FromBytes_SixtyFourColours_EqualsScikitImage()
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", "boxinst_a.safetensors");
        var rgb = golden["lab_table_rgb"].t().reshape(1, 3, 64, 1);

        Close.To(golden["lab_table_lab_f64"], Lab.FromBytes(rgb).reshape(3, 64).t(), HalfUlpNear100, 0);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void FromBytes_BoxinstPicture_EqualsTheAuthors(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", $"boxinst_{name}.safetensors");

        Close.To(golden["lab"], Lab.FromBytes(golden["downsampled_rgb_byte"].unsqueeze(0))[0], HalfUlpNear100, 0);
    }

    [Fact]
    public void FromBytes_Greys_RiseInLightnessFromBlackToWhiteWithoutColour()
    {
        using var scope = NewDisposeScope();
        var greys = arange(256, dtype: ScalarType.Int64).to(ScalarType.Byte).reshape(1, 1, 1, 256).expand(1, 3, 1, 256);
        var lab = Lab.FromBytes(greys)[0].squeeze(1); // [3, 256]
        var lightness = lab[0].data<float>().ToArray();

        Assert.Equal(lightness.Order(), lightness);
        Close.To(0, lightness[0], 1e-6, 0);
        Close.To(100, lightness[255], 1e-4, 0);
        Assert.True(lab.narrow(0, 1, 2).abs().max().item<float>() < 0.01); // the white point is rounded in the fifth digit
    }
}
