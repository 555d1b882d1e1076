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

    [Fact, Law]
    public void Frozen_FramesOfOneSize_AreTheLearningOnesRoundedToHalf() =>
        Laws.Hold(
            from sketch in FlowFrames.Any
            from images in Gen.Choose(1, 3)
            from flip in Gen.Elements(false, true)
            select (Sketch: sketch, Images: images, Flip: flip),
            law =>
            {
                using var scope = NewDisposeScope();
                using var weights = Initialise.Draw(Segmenter.Entries(Options, 2), new Seed(8));
                var frames = Enumerable
                    .Range(0, law.Images)
                    .Select(n => (law.Sketch with { Seed = law.Sketch.Seed + (ulong)n }).Draw())
                    .ToArray();
                var views = frames.Select((_, n) => new View(law.Sketch.Size, law.Flip == (n % 2 == 0))).ToArray();
                var learning = Encoder.Learning(Options, weights, frames, views, CPU);
                var frozen = Encoder.Frozen(Options, weights, new FeatureStore(Options.Features), 1, frames, views, CPU);
                return learning.Padded == frozen.Padded
                    && Tensors.SameBits(learning.Colour, frozen.Colour)
                    && Tensors.SameBits(learning.Flow, frozen.Flow)
                    && learning.Features.All.Zip(frozen.Features.All).All(level => Tensors.Close(level.Second, level.First, Half, Half));
            },
            cases: 15
        );

    [Fact, Law]
    public void Flow_ThatIsNotKnown_IsNoNumberInEitherWay_AndNoPairThereSharesALabel() =>
        Laws.Hold(
            from height in Gen.Choose(20, 60)
            from width in Gen.Choose(20, 60)
            from row in Gen.Choose(0, 19)
            from flip in Gen.Elements(false, true)
            from value in Gen.Elements(float.NaN, 1e10f, float.PositiveInfinity)
            select (height, width, row, flip, value),
            law =>
            {
                using var scope = NewDisposeScope();
                using var weights = Initialise.Draw(Segmenter.Entries(Options, 2), new Seed(8));
                using var frame = new FrameSketch(new Size2(law.height, law.width), 1, 3).Draw();
                frame.Flow.narrow(1, law.row, 1).fill_(Held.Of(law.value));
                FlowFrame[] frames = [frame];
                View[] views = [new View(frame.OriginalSize, law.flip)];
                var learning = Encoder.Learning(Options, weights, frames, views, CPU);
                var frozen = Encoder.Frozen(Options, weights, new FeatureStore(Options.Features), 1, frames, views, CPU);
                var labels = Motion.Loss.PseudoLabels.Of(
                    learning.Colour,
                    learning.Flow,
                    tensor(new long[] { law.height, law.width }, [1, 2]),
                    ScalarType.Float32,
                    new Motion.Loss.PairwiseOptions()
                );
                var row = law.row / Stride4.Stride;
                var cells = (law.width + Stride4.Stride - 1) / Stride4.Stride;
                return Tensors.SameBits(learning.Flow, frozen.Flow)
                    && learning.Flow.narrow(2, row, 1).narrow(3, 0, cells).isnan().all().item<bool>()
                    && learning.Flow.isnan().sum().item<long>() == 3 * cells
                    && labels.Same.isfinite().all().item<bool>()
                    && labels.Same.narrow(2, row, 1).narrow(3, 0, cells).sum().item<float>() == 0;
            },
            cases: 15
        );

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
