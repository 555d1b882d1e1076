using FsCheck.Fluent;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

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

    /// <summary>IEC 61966-2-1, then CIE 15, colour by colour in double; constants as scikit-image rounds them.</summary>
    [Fact, Law]
    public void FromBytes_AnyColours_AreTheStandardsFormula() =>
        Laws.Hold(
            Gen.Choose(0, 255).ArrayOf(6),
            bytes =>
            {
                using var scope = NewDisposeScope();
                var lab = Lab.FromBytes(tensor(bytes.Select(value => (byte)value).ToArray()).reshape(2, 3, 1, 1)).Elements<float>();
                return bytes
                    .Chunk(3)
                    .SelectMany(ByHand)
                    .Zip(lab, (expected, actual) => Math.Abs(expected - actual) <= HalfUlpNear100)
                    .All(near => near);
            }
        );

    [Fact, Law]
    public void FromBytes_RearrangedPixels_AreRearranged() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var picture = FlowFields.Picture(sketch).unsqueeze(0);
                return Tensors.SameBits(Lab.FromBytes(picture.flip(3).contiguous()), Lab.FromBytes(picture).flip(3).contiguous())
                    && Tensors.SameBits(
                        Lab.FromBytes(picture.transpose(2, 3).contiguous()),
                        Lab.FromBytes(picture).transpose(2, 3).contiguous()
                    );
            }
        );

    private static double[] ByHand(int[] rgb)
    {
        var linear = rgb.Select(value => value / 255.0)
            .Select(v => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4))
            .ToArray();
        double Row(params double[] weights) => weights.Zip(linear, (weight, value) => weight * value).Sum();
        static double F(double t) => t <= 0.008856 ? (7.787 * t) + (16.0 / 116) : Math.Cbrt(t);
        var x = F(Row(0.412453, 0.357580, 0.180423) / 0.95047);
        var y = F(Row(0.212671, 0.715160, 0.072169));
        var z = F(Row(0.019334, 0.119193, 0.950227) / 1.08883);
        return [(116 * y) - 16, 500 * (x - y), 200 * (y - z)];
    }

    [Fact]
    public void FromBytes_Greys_RiseInLightnessFromBlackToWhiteWithoutColour()
    {
        using var scope = NewDisposeScope();
        var greys = Held.Range(256, dtype: ScalarType.Int64).to(ScalarType.Byte).reshape(1, 1, 1, 256).expand(1, 3, 1, 256);
        var lab = Lab.FromBytes(greys)[0].squeeze(1); // [3, 256]
        var lightness = lab[0].Elements<float>();

        Assert.Equal(lightness.Order(), lightness);
        Close.To(0, lightness[0], 1e-6, 0);
        Close.To(100, lightness[255], 1e-4, 0);
        Assert.True(lab.narrow(0, 1, 2).abs().max().item<float>() < 0.01); // the white point is rounded in the fifth digit
    }
}
