using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>The two ways from frames to features.</summary>
public sealed class EncoderLaws
{
    private const double Half = 2e-3; // float16 keeps 11 bits

    private static readonly ForwardOptions Options = FlowFrames.Tiny;

    [Fact]
    public void Frozen_FramesOfOneSize_AreTheLearningOnesRoundedToHalf() => Laws.Hold(
        from sketch in FlowFrames.Any
        from images in Gen.Choose(1, 3)
        from flip in Gen.Elements(false, true)
        select (Sketch: sketch, Images: images, Flip: flip),
        law =>
        {
            using var scope = NewDisposeScope();
            using var weights = Initialise.Draw(Segmenter.Entries(Options, 2), new Seed(8));
            var frames = Enumerable.Range(0, law.Images).Select(n => (law.Sketch with { Seed = law.Sketch.Seed + (ulong)n }).Draw()).ToArray();
            var views = frames.Select((_, n) => new View(law.Sketch.Size, law.Flip == (n % 2 == 0))).ToArray();
            var learning = Encoder.Learning(Options, weights, frames, views, CPU);
            var frozen = Encoder.Frozen(Options, weights, new FeatureStore(Options.Features), 1, frames, views, CPU);
            return learning.Padded == frozen.Padded
                && Tensors.SameBits(learning.Colour, frozen.Colour)
                && Tensors.SameBits(learning.Flow, frozen.Flow)
                && learning.Features.All.Zip(frozen.Features.All).All(level => Tensors.Close(level.Second, level.First, Half, Half));
        },
        cases: 15);

    [Fact]
    public void Frozen_SmallerFrameOfABatch_IsItselfPaddedWithZeros()
    {
        using var scope = NewDisposeScope();
        using var weights = Initialise.Draw(Segmenter.Entries(Options, 2), new Seed(8));
        FlowFrame[] frames = [new FrameSketch(new Size2(30, 60), 1, 1).Draw(), new FrameSketch(new Size2(70, 40), 1, 2).Draw()];
        var views = frames.Select(frame => new View(frame.OriginalSize, Flip: false)).ToArray();
        EncodedBatch Encode(Range which) =>
            Encoder.Frozen(Options, weights, new FeatureStore(Options.Features), 1, frames[which], views[which], CPU);
        var (both, first) = (Encode(..), Encode(..1));
        Assert.Equal(new Size2(96, 64), both.Padded);
        Assert.Equal(new Size2(32, 64), first.Padded);
        foreach (var (stream, alone) in ((int, int)[])[(0, 0), (2, 1)])
        {
            var (padded, own) = (both.Features.Res3[stream], first.Features.Res3[alone]); // [C, 12, 8], [C, 4, 8]
            Assert.True(Tensors.SameBits(own, padded.narrow(1, 0, 4).contiguous()));
            Assert.Equal(0, (float)padded.narrow(1, 4, 8).abs().max().Number());
        }

        Assert.True(Tensors.SameBits(first.Colour[0], both.Colour[0].narrow(1, 0, 8).contiguous()));
        Assert.Equal(0, (int)both.Colour[0].narrow(1, 8, 16).max().Number());
    }
}
