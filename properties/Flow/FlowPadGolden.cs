using System.Text.Json;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

/// <summary>The published padding (Golden/Flow/README.md).</summary>
public sealed class FlowPadGolden
{
    [Fact]
    public void For_ThePublishedSizes_GivesThePublishedAmounts()
    {
        var cases = GoldenFiles.Json("Flow", "padder.json");
        foreach (var item in cases.EnumerateArray())
        {
            int Of(string name) => item.GetProperty(name).GetInt32();
            var mode = Enum.Parse<FlowPadMode>(item.GetProperty("mode").GetString()!, ignoreCase: true);
            Assert.Equal(
                new FlowPad(Of("left"), Of("right"), Of("top"), Of("bottom")),
                FlowPad.For(new Size2(Of("h"), Of("w")), 8, 0, mode)
            );
        }
    }

    [Theory]
    [InlineData(5, 9)]
    [InlineData(8, 16)]
    [InlineData(13, 7)]
    public void Apply_ToThePublishedPictures_GivesThePublishedOnes(int height, int width)
    {
        using var scope = NewDisposeScope();
        var golden = GoldenFiles.Read("Flow", "padder.safetensors");
        foreach (var mode in Enum.GetValues<FlowPadMode>())
        {
            var pad = FlowPad.For(new Size2(height, width), 8, 0, mode);
            var padded = pad.Apply(golden[$"in_{height}x{width}"]);
            Assert.True(padded.Equals(golden[$"{(mode == FlowPadMode.Sintel ? "sintel" : "kitti")}_{height}x{width}"]), $"{mode}");
        }
    }
}
