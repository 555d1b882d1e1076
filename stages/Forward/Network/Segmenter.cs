using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>What the network says of every location, before any object is chosen.</summary>
/// <param name="Levels">The head's outputs of P3 .. P7.</param>
/// <param name="MaskFeatures">[B, C, H/8, W/8]; C twice C_mask where the streams are concatenated.</param>
internal sealed record SegmenterOutput(ImmutableArray<HeadLevel> Levels, Tensor MaskFeatures)
{
    /// <summary>The levels' sizes and strides.</summary>
    public PyramidLevel[] Grid =>
        [
            .. Levels.Select(
                (level, index) =>
                    new PyramidLevel(new Size2((int)level.ClassLogits.shape[2], (int)level.ClassLogits.shape[3]), Pyramid.Strides[index])
            ),
        ];
}

/// <summary>The two-stream network from backbone features to heads (paper, section 2.1, figure 2).</summary>
internal static class Segmenter
{
    public const string SizesName = "mask_head.sizes_of_interest";

    /// <summary>Counts training iterations in the authors' checkpoints.</summary>
    public const string IterationName = "mask_head._iter";

    /// <summary>Scores a location gives.</summary>
    public static int Classes(ForwardOptions options, int classes) => options.Head.Classes == HeadClasses.Agnostic ? 1 : classes;

    /// <summary>Channels that the mask head reads.</summary>
    public static int MaskChannels(ForwardOptions options) =>
        options.Fusion.Mask == MaskFusion.Concat ? 2 * options.Mask.Channels : options.Mask.Channels;

    /// <summary>The whole state dict, in the published names.</summary>
    public static ImmutableArray<Entry> Entries(ForwardOptions options, int classes)
    {
        var (width, inputs) = (options.Pyramid.Channels, Backbones.Channels(options.Backbone));
        var parameters = MaskHead.ParameterCount(MaskChannels(options), options.Mask.HeadChannels);
        var separate = options.Pyramid.Separate && options.UsesFlow;
        return
        [
            .. Spec.Scope(Backbones.Scope, Backbones.Entries(options.Backbone)),
            .. Spec.Scope(Pyramid.Scope, Pyramid.Entries(width, inputs)),
            .. separate ? Spec.Scope(Pyramid.FlowScope, Pyramid.Entries(width, inputs)) : [],
            .. Spec.Scope(FcosHead.Scope, FcosHead.Entries(options.Head, width, Classes(options, classes))),
            .. Spec.Scope(MaskBranch.Scope, MaskBranch.Entries(options.Mask, width)),
            .. Spec.Scope(Controller.Scope, Controller.Entries(width, parameters)),
            new Entry(SizesName, [MaskHead.SizesOfInterest.Length], Role.Counter, new Initial.Values(MaskHead.SizesOfInterest)),
            new Entry(IterationName, [1], Role.Buffer, Spec.Zero),
        ];
    }

    /// <summary>Names of the entries that training changes by gradient.</summary>
    public static ImmutableArray<Entry> Trained(ForwardOptions options, IEnumerable<Entry> entries)
    {
        const string prefix = Backbones.Scope + ".";
        return
        [
            .. entries.Where(entry =>
                entry.Name.StartsWith(prefix, StringComparison.Ordinal)
                    ? Backbones.IsTrained(options.Backbone, entry with { Name = entry.Name[prefix.Length..] })
                    : entry.IsTrained
            ),
        ];
    }

    /// <param name="weights">The whole model.</param>
    /// <param name="features">Of all pictures: B images, followed by their B flow pictures where the flow is used.</param>
    /// <param name="images">B.</param>
    /// <param name="next">Receives the running statistics that follow a training step; null in evaluation.</param>
    public static SegmenterOutput Forward(
        ForwardOptions options,
        Weights weights,
        BackboneFeatures features,
        int images,
        IDictionary<string, Tensor>? next
    )
    {
        using var scope = NewDisposeScope();
        var levels = Pyramids(options, weights, features, images); // P3 .. P7, [B or 2B, C, h, w]
        var fused = levels.Select(level => FuseDetection(options.Fusion.Detection, level, images)).ToArray(); // [B, C, h, w]
        var heads = FcosHead.Forward(options.Head, weights.At(FcosHead.Scope), fused);
        var branch = Branch(options, weights, levels, images, next);
        var mask = FuseMask(options.Fusion.Mask, branch, images);
        foreach (
            var tensor in heads.SelectMany(level => (Tensor[])[level.ClassLogits, level.BoxRegression, level.Centerness, level.BoxTower])
        )
        {
            tensor.MoveToOuterDisposeScope();
        }

        foreach (var statistic in next?.Values ?? [])
        {
            statistic.MoveToOuterDisposeScope();
        }

        return new([.. heads], mask.MoveToOuterDisposeScope());
    }

    /// <summary>F_mask of each stream before they meet: [B or 2B, C_mask, H/8, W/8]; B where the masks read the image alone.</summary>
    public static Tensor MaskStreams(ForwardOptions options, Weights weights, BackboneFeatures features, int images)
    {
        using var scope = NewDisposeScope();
        return Branch(options, weights, Pyramids(options, weights, features, images), images, next: null).MoveToOuterDisposeScope();
    }

    private static Tensor Branch(ForwardOptions options, Weights weights, Tensor[] levels, int images, IDictionary<string, Tensor>? next)
    {
        var input = options.Fusion.Mask == MaskFusion.None ? levels.Select(level => level.narrow(0, 0, images)).ToArray() : levels;
        return MaskBranch.Forward(options.Mask, weights.At(MaskBranch.Scope), input, next);
    }

    private static Tensor[] Pyramids(ForwardOptions options, Weights weights, BackboneFeatures features, int images)
    {
        if (!options.Pyramid.Separate || !options.UsesFlow)
        {
            return Pyramid.Forward(weights.At(Pyramid.Scope), features);
        }

        var image = Pyramid.Forward(weights.At(Pyramid.Scope), features.Map(level => level.narrow(0, 0, images)));
        var flow = Pyramid.Forward(weights.At(Pyramid.FlowScope), features.Map(level => level.narrow(0, images, images)));
        return [.. image.Zip(flow, (a, b) => Joins.Cat([a, b], 0))]; // [2B, C, h, w]
    }

    /// <summary>F_det of one level: [B or 2B, C, h, w] -> [B, C, h, w].</summary>
    internal static Tensor FuseDetection(DetectionFusion fusion, Tensor streams, int images) =>
        fusion switch
        {
            DetectionFusion.None => streams.narrow(0, 0, images),
            DetectionFusion.Sum => streams.narrow(0, 0, images).Plus(streams.narrow(0, images, images)),
            _ => maximum(streams.narrow(0, 0, images), streams.narrow(0, images, images)),
        };

    /// <summary>F_mask: [B or 2B, C, h, w] -> [B, C or 2C, h, w], the image's channels first.</summary>
    internal static Tensor FuseMask(MaskFusion fusion, Tensor streams, int images) =>
        fusion switch
        {
            MaskFusion.None => streams.alias(),
            MaskFusion.Concat => Joins.Cat([streams.narrow(0, 0, images), streams.narrow(0, images, images)], 1),
            MaskFusion.Sum => streams.narrow(0, 0, images).Plus(streams.narrow(0, images, images)),
            _ => maximum(streams.narrow(0, 0, images), streams.narrow(0, images, images)),
        };
}
