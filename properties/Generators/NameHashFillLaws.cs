using Motion.Kernels;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Generators;

public sealed class NameHashFillLaws
{
    [Theory]
    [InlineData("fnet.conv1.weight", 0xbc465c4fu, 2188061, 3442955, -656944)]
    [InlineData("fnet.conv2.bias", 0x95b23ac9u, -5498714, 1826321, -6294208)]
    [InlineData("update_block.gru.convz1.weight", 0x03a0a4f5u, -590544, -6540543, 1241592)]
    public void Uniform_OfKnownNames_GivesTheKnownNumbers(string name, uint hash, int first, int second, int third)
    {
        Assert.Equal(hash, NameHashFill.Hash(name));
        Assert.Equal([first, second, third], Enumerable.Range(0, 3).Select(i => (int)(NameHashFill.Uniform(hash, (ulong)i) * 8388608)));
    }

    [Theory]
    [InlineData("a", 0xe40c292cu)]
    [InlineData("foobar", 0xbf9cf968u)]
    public void Hash_OfPublishedVectors_IsFnv1a(string text, uint hash) => Assert.Equal(hash, NameHashFill.Hash(text));

    [Fact]
    public void Fill_OfAWholeTensor_IsRowMajorAndRoundedOnce()
    {
        using var scope = NewDisposeScope();
        var gain = 1.5 * Math.Sqrt(3.0 / (3 * 7 * 7));
        var filled = NameHashFill.Fill("fnet.conv1.weight", [64, 3, 7, 7], new FillValue(0, gain));
        Assert.Equal([64L, 3, 7, 7], filled.shape);
        Assert.Equal(
            ["3D64F0C7", "3DB41F01", "BC89796E"],
            filled.flatten().narrow(0, 0, 3).Elements<float>().Select(value => BitConverter.SingleToUInt32Bits(value).ToString("X8"))
        );
    }
}
