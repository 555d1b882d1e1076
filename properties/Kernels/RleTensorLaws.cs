using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels;

public static class RleTensorLaws
{
    [Fact, Law]
    public static void ToTensor_ThenEncode_GivesTheSameMask() =>
        Laws.Hold(
            Pictures.Sizes.SelectMany(Pictures.Of),
            picture =>
            {
                using var scope = NewDisposeScope();
                var pixels = RleTensors.ToTensor(picture.Mask);
                return pixels.dtype == ScalarType.Byte
                    && pixels.shape.SequenceEqual([picture.Size.Height, picture.Size.Width])
                    && pixels.bytes.SequenceEqual(picture.Pixels)
                    && Rles.Same(RleTensors.Encode(pixels), picture.Mask)
                    && Rles.Same(RleTensors.Encode(pixels.to(ScalarType.Bool)), picture.Mask);
            }
        );

    [Fact, Law]
    public static void Encode_OfATransposedView_IsTheTransposedMask() =>
        Laws.Hold(
            Pictures.Sizes.SelectMany(Pictures.Of),
            picture =>
            {
                using var scope = NewDisposeScope();
                var (h, w) = (picture.Size.Height, picture.Size.Width);
                var turned = new byte[h * w];
                for (var i = 0; i < turned.Length; i++)
                {
                    turned[(i % w * h) + (i / w)] = picture.Pixels[i];
                }

                return Rles.Same(RleTensors.Encode(RleTensors.ToTensor(picture.Mask).t()), Rles.Encode(turned, new Size2(w, h)));
            }
        );

    [Fact, Law]
    public static void EncodeEach_OfAStack_IsEachMaskAlone() =>
        Laws.Hold(
            Pictures.Some(3).Generator,
            pictures =>
            {
                using var scope = NewDisposeScope();
                var stacked = stack(pictures.Select(picture => RleTensors.ToTensor(picture.Mask)));
                return RleTensors.EncodeEach(stacked).Zip(pictures).All(pair => Rles.Same(pair.First, pair.Second.Mask));
            }
        );

    [Fact]
    public static void Encode_OfNoMask_Throws()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => RleTensors.Encode(zeros(3, 4, 5, dtype: ScalarType.Byte)));
        Assert.Throws<ArgumentException>(() => RleTensors.Encode(zeros(4, 5, dtype: ScalarType.Float32)));
        Assert.Throws<ArgumentException>(() => RleTensors.EncodeEach(zeros(4, 5, dtype: ScalarType.Byte)));
        Assert.Empty(RleTensors.EncodeEach(zeros(0, 4, 5, dtype: ScalarType.Byte)));
    }

    [Fact]
    public static void EncodeAndToTensor_LeaveNoTensorBehind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var pixels = RleTensors.ToTensor(Rles.FromBox(new Box(1, 1, 3, 3), new Size2(4, 5))))
        {
            RleTensors.Encode(pixels);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
