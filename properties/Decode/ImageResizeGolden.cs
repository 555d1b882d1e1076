using System.IO.Hashing;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>Resizing is Pillow's, to the byte.</summary>
public sealed class ImageResizeGolden
{
    [Fact]
    public void Bilinear_OnPicturesThatPillowResized_GivesPillowsBytes()
    {
        foreach (var golden in GoldenFiles.Json("Decode", "resize.json").GetProperty("cases").EnumerateArray())
        {
            int Number(string name) => golden.GetProperty(name).GetInt32();
            var (from, to) = (new Size2(Number("height"), Number("width")), new Size2(Number("newHeight"), Number("newWidth")));
            Assert.Equal(
                golden.GetProperty("planes").GetBytesFromBase64(),
                ImageResize.Bilinear(Samples.Planes((uint)Number("seed"), from), from, to)
            );
        }
    }

    [Fact]
    public void Bilinear_OnWholeFrames_GivesPillowsBytes()
    {
        foreach (var golden in GoldenFiles.Json("Decode", "resize.json").GetProperty("big").EnumerateArray())
        {
            int Number(string name) => golden.GetProperty(name).GetInt32();
            var (from, to) = (new Size2(Number("height"), Number("width")), new Size2(Number("newHeight"), Number("newWidth")));
            Assert.Equal(
                golden.GetProperty("crc32").GetUInt32(),
                Crc32.HashToUInt32(ImageResize.Bilinear(Samples.Planes((uint)Number("seed"), from), from, to))
            );
        }
    }

    [Fact, Law]
    public void Bilinear_OfAConstantPicture_IsConstant() =>
        Laws.Hold(
            Gen.Choose(1, 40).Four().SelectMany(sizes => Gen.Choose(0, 255).Select(value => (sizes, value))),
            drawn =>
            {
                var ((h, w, newH, newW), value) = drawn;
                var planes = Enumerable.Repeat((byte)value, h * w).ToArray();
                return ImageResize.Bilinear(planes, new Size2(h, w), new Size2(newH, newW)).All(v => v == value);
            }
        );

    [Fact, Law]
    public void Bilinear_OfAMirroredPicture_IsTheMirroredResult() =>
        Laws.Hold(
            Gen.Choose(1, 24).Four(),
            sizes =>
            {
                var (from, to) = (new Size2(sizes.Item1, sizes.Item2), new Size2(sizes.Item3, sizes.Item4));
                var planes = Samples.Planes(3, from);
                var mirroredAfter = Mirror(ImageResize.Bilinear(planes, from, to), to.Width);
                var mirroredBefore = ImageResize.Bilinear(Mirror(planes, from.Width), from, to);
                return mirroredAfter.Zip(mirroredBefore, (a, b) => Math.Abs(a - b)).Max() <= RoundingOfWeights;
            }
        );

    [Fact]
    public void Bilinear_OfATensor_IsThatOfItsBytes()
    {
        var (from, to) = (new Size2(11, 17), new Size2(6, 9));
        var planes = Samples.Planes(5, from);
        Leaks.Check(() =>
        {
            using var image = TorchSharp.torch.tensor(planes, [3, 11, 17], dtype: TorchSharp.torch.uint8);
            using var resized = ImageResize.Bilinear(image, to);
            Assert.Equal([3, 6, 9], resized.shape);
            Assert.Equal(ImageResize.Bilinear(planes, from, to), Reading.Bytes(resized));
        });
    }

    [Theory]
    [InlineData(480, 640, 800, 1333, 800, 1067)] // detectron2's usual size of a COCO picture
    [InlineData(360, 640, 192, 400, 192, 341)]
    [InlineData(640, 360, 192, 400, 341, 192)]
    [InlineData(100, 1000, 200, 1000, 100, 1000)] // the longest side decides
    [InlineData(427, 640, 600, 720, 480, 720)] // 600 x 899.297 shrunk by 720/899.297 = 480.375, before rounding
    [InlineData(1, 3000, 8, 100, 1, 100)] // never nothing
    [InlineData(50, 50, 50, 50, 50, 50)]
    public void Fit_OfKnownSizes_FollowsTheRuleOfTheShortestSide(
        int height,
        int width,
        int shortest,
        int longest,
        int newHeight,
        int newWidth
    ) => Assert.Equal(new Size2(newHeight, newWidth), ImageResize.Fit(new Size2(height, width), shortest, longest));

    private const int RoundingOfWeights = 1; // fixed-point weights are rounded at other places of the mirrored row

    private static byte[] Mirror(byte[] rows, int width) => [.. rows.Chunk(width).SelectMany(row => row.Reverse())];
}
