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

/// <summary>How the two streams become one, on any level, for any batch, in every mode (paper, section 2.1 and table 4).</summary>
public sealed class FusionLaws
{
    /// <summary>Feature maps of one level: B images followed by their B flow pictures.</summary>
    private sealed record Streams(int Seed, int Images, int Channels, Size2 Cells) : IKnowsItsKinds
    {
        public IEnumerable<string> Kinds() => [Generators.Kinds.Count(Images, "image", "images"), Generators.Kinds.OfSize(Cells)];

        public Tensor Image() =>
            LossCase.Normal(new Seed((ulong)Seed).Derive("image").Draws(), 1, Images, Channels, Cells.Height, Cells.Width);

        public Tensor Flow() =>
            LossCase.Normal(new Seed((ulong)Seed).Derive("flow").Draws(), 1, Images, Channels, Cells.Height, Cells.Width);

        public Tensor Both() => Joins.Cat([Image(), Flow()], 0);

        public Tensor Swapped() => Joins.Cat([Flow(), Image()], 0);
    }

    private static readonly Gen<Streams> Any =
        from seed in Gen.Choose(0, int.MaxValue)
        from images in Gen.Choose(1, 3)
        from channels in Gen.Choose(1, 5)
        from height in Gen.Choose(1, 9)
        from width in Gen.Choose(1, 9)
        select new Streams(seed, images, channels, new Size2(height, width));

    private static readonly Gen<ForwardOptions> Widths =
        from mask in Gen.Elements(MaskFusion.Concat, MaskFusion.Sum, MaskFusion.Max, MaskFusion.None)
        from channels in Gen.Choose(1, 20)
        from width in Gen.Choose(1, 12)
        select FlowFrames.Tiny with
        {
            Fusion = FlowFrames.Tiny.Fusion with { Mask = mask },
            Mask = FlowFrames.Tiny.Mask with { Channels = channels, HeadChannels = width },
        };

    [Fact, Law]
    public void DetectionFeatures_SumAndMaximum_AreThoseOfTheTwoStreams() =>
        Laws.Hold(
            Any,
            streams =>
            {
                using var scope = NewDisposeScope();
                Tensor Fuse(DetectionFusion fusion) => Segmenter.FuseDetection(fusion, streams.Both(), streams.Images);
                return Tensors.SameBits(Fuse(DetectionFusion.Sum), streams.Image().Plus(streams.Flow()))
                    && Tensors.SameBits(
                        Fuse(DetectionFusion.Max),
                        where(streams.Image().gt(streams.Flow()), streams.Image(), streams.Flow())
                    )
                    && Tensors.SameBits(Fuse(DetectionFusion.None).contiguous(), streams.Image());
            }
        );

    [Fact, Law]
    public void DetectionFeatures_SwappingTheStreams_ChangesNeitherSumNorMaximum() =>
        Laws.Hold(
            Any,
            streams =>
            {
                using var scope = NewDisposeScope();
                return new[] { DetectionFusion.Sum, DetectionFusion.Max }.All(fusion =>
                    Tensors.SameBits(
                        Segmenter.FuseDetection(fusion, streams.Both(), streams.Images),
                        Segmenter.FuseDetection(fusion, streams.Swapped(), streams.Images)
                    )
                );
            }
        );

    [Fact, Law]
    public void MaskFeatures_SwappingTheStreams_ChangesNeitherSumNorMaximum() =>
        Laws.Hold(
            Any,
            streams =>
            {
                using var scope = NewDisposeScope();
                return new[] { MaskFusion.Sum, MaskFusion.Max }.All(fusion =>
                    Segmenter.FuseMask(fusion, streams.Both(), streams.Images) is var fused
                    && fused.shape.SequenceEqual(streams.Image().shape)
                    && Tensors.SameBits(fused, Segmenter.FuseMask(fusion, streams.Swapped(), streams.Images))
                );
            }
        );

    [Fact, Law]
    public void MaskFeatures_Concatenated_AreTheImagesChannelsThenTheFlows() =>
        Laws.Hold(
            Any,
            streams =>
            {
                using var scope = NewDisposeScope();
                var fused = Segmenter.FuseMask(MaskFusion.Concat, streams.Both(), streams.Images);
                return fused.shape.SequenceEqual([streams.Images, 2 * streams.Channels, streams.Cells.Height, streams.Cells.Width])
                    && Tensors.SameBits(fused.narrow(1, 0, streams.Channels).contiguous(), streams.Image())
                    && Tensors.SameBits(fused.narrow(1, streams.Channels, streams.Channels).contiguous(), streams.Flow());
            }
        );

    [Fact, Law]
    public void Fusion_OfABatch_IsThatOfEachImage() =>
        Laws.Hold(
            Any,
            streams =>
            {
                using var scope = NewDisposeScope();
                Tensor Alone(int n) => Joins.Cat([streams.Image().narrow(0, n, 1), streams.Flow().narrow(0, n, 1)], 0);
                bool Same(Func<Tensor, int, Tensor> fuse) =>
                    fuse(streams.Both(), streams.Images) is var all
                    && Enumerable.Range(0, streams.Images).All(n => Tensors.SameBits(all.narrow(0, n, 1).contiguous(), fuse(Alone(n), 1)));
                return Enum.GetValues<MaskFusion>()
                        .Where(mode => mode != MaskFusion.None)
                        .All(mode => Same((both, images) => Segmenter.FuseMask(mode, both, images)))
                    && Enum.GetValues<DetectionFusion>()
                        .All(mode => Same((both, images) => Segmenter.FuseDetection(mode, both, images).contiguous()));
            }
        );

    [Fact, Law]
    public void Controller_AnyMaskFusionAndWidth_GivesTheParametersOfThreeLayers() =>
        Laws.Hold(
            Widths,
            options =>
            {
                var input = options.Mask.Channels * (options.Fusion.Mask == MaskFusion.Concat ? 2 : 1) + 2; // two relative coordinates
                var width = options.Mask.HeadChannels;
                var weights = (input * width) + (width * width) + (width * 1);
                var biases = width + width + 1;
                return Segmenter.Entries(options, FlowFrames.Classes).Single(entry => entry.Name == "controller.weight").Shape[0]
                    == weights + biases;
            }
        );
}
