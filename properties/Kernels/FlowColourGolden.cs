using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels;

/// <summary>The pictures that the published colour code draws (Golden/Flow/README.md).</summary>
public sealed class FlowColourGolden
{
    [Theory]
    [InlineData("smooth")]
    [InlineData("random")]
    [InlineData("zero")]
    [InlineData("constant")]
    [InlineData("huge")]
    [InlineData("over1")]
    public void Wheel_OfPublishedCases_GivesTheSameBytes(string name)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenFiles.Read("Flow", "flowviz.safetensors");
        var drawn = FlowColour.Wheel(golden[$"flow_{name}"].permute(2, 0, 1));
        Assert.Equal(Bytes(golden[$"rgb_{name}"]), Bytes(drawn.permute(1, 2, 0)));
    }

    [Fact]
    public void Wheel_WithClip_ClipsBothComponentsFromZero()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenFiles.Read("Flow", "flowviz.safetensors");
        var drawn = FlowColour.Wheel(golden["flow_smooth"].permute(2, 0, 1), new FlowColourOptions(Clip: 5));
        Assert.Equal(Bytes(golden["rgb_clip5_smooth"]), Bytes(drawn.permute(1, 2, 0)));
    }

    [Fact]
    public void Table_IsThePublishedWheel()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(GoldenFiles.Read("Flow", "flowviz.safetensors")["colorwheel"].Elements<float>(), FlowColour.Table().Elements<float>());
    }

    private static byte[] Bytes(Tensor picture) => picture.Elements<byte>();
}
