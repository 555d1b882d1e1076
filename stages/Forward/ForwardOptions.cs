using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.Kernels;

namespace Motion.Forward;

/// <summary>Everything the forward stage can be told. The defaults are the paper's (BoxInst MS_R_50_1x with a second stream).</summary>
public sealed record ForwardOptions
{
    public BackboneOptions Backbone { get; init; } = new();

    public PyramidOptions Pyramid { get; init; } = new();

    public FusionOptions Fusion { get; init; } = new();

    public HeadOptions Head { get; init; } = new();

    public MaskOptions Mask { get; init; } = new();

    public ViewOptions View { get; init; } = new();

    /// <summary>The picture of the flow that the second stream and the pairwise loss see.</summary>
    public FlowColourOptions FlowPicture { get; init; } = new();

    public OptimiserOptions Optimiser { get; init; } = new();

    public FeatureOptions Features { get; init; } = new();

    public InferenceOptions Inference { get; init; } = new();

    /// <summary>How masks are drawn in boxes that are given (motion label).</summary>
    public InBoxesOptions InBoxes { get; init; } = new();

    /// <summary>
    /// A file to start the whole model from (a checkpoint of this program, or AdelaiDet's names); null: only the backbone is pretrained.
    /// </summary>
    public string? Weights { get; init; }

    /// <summary>The flow stream is computed at all.</summary>
    internal bool UsesFlow => Fusion.Detection != DetectionFusion.None || Fusion.Mask != MaskFusion.None;
}

public enum BackboneNetwork
{
    /// <summary>ResNet-50.</summary>
    Resnet50,

    /// <summary>ResNet-101.</summary>
    Resnet101,

    /// <summary>A small residual network with group norm, for training from nothing on a laptop.</summary>
    Small,
}

public enum ResnetLayout
{
    /// <summary>Caffe's original: stride in the first 1x1 convolution of a block.</summary>
    Msra,

    /// <summary>torchvision's: stride in the 3x3 convolution.</summary>
    Torchvision,
}

public enum Freeze
{
    /// <summary>The whole backbone; its features are then computed once for each view of a frame.</summary>
    All,

    /// <summary>The stem and the first stage, as published.</summary>
    Res2,

    /// <summary>The stem and the first two stages.</summary>
    Res3,

    /// <summary>Nothing but the statistics of frozen batch norm.</summary>
    None,
}

public enum ChannelOrder
{
    Bgr,
    Rgb,
}

/// <summary>The backbone, shared by both streams, and the pictures it expects.</summary>
public sealed record BackboneOptions
{
    public BackboneNetwork Network { get; init; } = BackboneNetwork.Resnet50;

    /// <summary>File of ImageNet weights: torchvision's or detectron2's names; null: random.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// resnet101 from a ResNet-50's file: the 17 blocks of res4 that the file lacks begin as identities (their last convolution is zero),
    /// so that the network begins as that ResNet-50.
    /// </summary>
    public bool Grow { get; init; }

    public ResnetLayout Layout { get; init; } = ResnetLayout.Msra;

    public Freeze Freeze { get; init; } = Freeze.Res2;

    public ChannelOrder Channels { get; init; } = ChannelOrder.Bgr;

    /// <summary>Subtracted from 0..255 values, in the order of <see cref="Channels"/>.</summary>
    public ImmutableArray<double> PixelMean { get; init; } = [103.53, 116.28, 123.675];

    /// <summary>Divides what is left.</summary>
    public ImmutableArray<double> PixelStd { get; init; } = [1, 1, 1];

    /// <summary>Channels of the small network's stages res2 .. res5.</summary>
    public ImmutableArray<int> SmallChannels { get; init; } = [32, 64, 96, 128];
}

/// <summary>The feature pyramid P3 .. P7.</summary>
public sealed record PyramidOptions
{
    [Range(1, 1 << 16)]
    public int Channels { get; init; } = 256;

    /// <summary>The flow stream gets a pyramid of its own; otherwise both share one.</summary>
    public bool Separate { get; init; }
}

public enum DetectionFusion
{
    Sum,
    Max,

    /// <summary>The image's features alone.</summary>
    None,
}

public enum MaskFusion
{
    Concat,
    Sum,
    Max,

    /// <summary>The image's features alone.</summary>
    None,
}

/// <summary>How the streams meet (paper, section 2.1 and table 4).</summary>
public sealed record FusionOptions
{
    public DetectionFusion Detection { get; init; } = DetectionFusion.Sum;

    public MaskFusion Mask { get; init; } = MaskFusion.Concat;
}

public enum HeadClasses
{
    /// <summary>One score a category of the data set.</summary>
    Dataset,

    /// <summary>One score: object or not; every detection has class 0.</summary>
    Agnostic,
}

/// <summary>The FCOS head.</summary>
public sealed record HeadOptions
{
    public HeadClasses Classes { get; init; } = HeadClasses.Dataset;

    /// <summary>Convolutions of each of the two towers, of the pyramid's width.</summary>
    [Range(0, 64)]
    public int TowerConvs { get; init; } = 4;

    /// <summary>
    /// Initial bias of the box regression, in strides. Published: 0. Short runs need about 1: a side that starts at or below 0 gets no
    /// gradient.
    /// </summary>
    public double BoxBias { get; init; }

    /// <summary>Initial class probability of every location.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Prior { get; init; } = 0.01;

    /// <summary>Half the side of the sampling window round a box's centre, in strides.</summary>
    [Range(0.0, 1e6, MinimumIsExclusive = true)]
    public double CentreSampling { get; init; } = 1.5;
}

public enum MaskInput
{
    /// <summary>P3 + P4 + P5, as the authors' code does.</summary>
    Code,

    /// <summary>P3 alone, as the paper says.</summary>
    Paper,
}

/// <summary>The mask branch and the dynamic mask head.</summary>
public sealed record MaskOptions
{
    public MaskInput Input { get; init; } = MaskInput.Code;

    /// <summary>3x3 convolutions after the levels are added.</summary>
    [Range(0, 64)]
    public int BranchConvs { get; init; } = 4;

    [Range(1, 1 << 16)]
    public int BranchChannels { get; init; } = 128;

    /// <summary>C_mask: channels that each stream gives the mask head.</summary>
    [Range(1, 1 << 16)]
    public int Channels { get; init; } = 16;

    /// <summary>Channels between the three layers of the dynamic head.</summary>
    [Range(1, 1 << 16)]
    public int HeadChannels { get; init; } = 8;

    /// <summary>Positive locations of an image that learn masks, shared equally by its objects.</summary>
    [Range(1, 1 << 20)]
    public int PerImage { get; init; } = 64;

    /// <summary>Bottom rows of the original frame that do not count for pairs.</summary>
    public int BottomPixelsRemoved { get; init; } = 10;
}

/// <summary>Sizes and flips. Sides in pixels.</summary>
public sealed record ViewOptions
{
    /// <summary>The shortest side is drawn from these in training.</summary>
    public ImmutableArray<int> ShortestSides { get; init; } = [640, 672, 704, 736, 768, 800];

    [Range(1, 65_535)]
    public int LongestSide { get; init; } = 1333;

    [Range(0.0, 1.0)]
    public double FlipProbability { get; init; } = 0.5;

    [Range(1, 65_535)]
    public int TestShortestSide { get; init; } = 800;

    [Range(1, 65_535)]
    public int TestLongestSide { get; init; } = 1333;
}

public enum Clip
{
    None,

    /// <summary>Each parameter's gradient to the norm.</summary>
    Parameter,

    /// <summary>All gradients together to the norm.</summary>
    Global,
}

/// <summary>Stochastic gradient descent with momentum, and its schedule.</summary>
public sealed record OptimiserOptions
{
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.01;

    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>For all parameters but those of norms.</summary>
    [Range(0.0, 1e9)]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Iterations over which the rate rises linearly.</summary>
    [ShareOfTraining]
    [Range(0, 100_000_000)]
    public int Warmup { get; init; } = 1000;

    /// <summary>The rate's first fraction.</summary>
    public double WarmupFactor { get; init; } = 0.001;

    /// <summary>Iterations at which the rate is multiplied by <see cref="Gamma"/>.</summary>
    [ShareOfTraining]
    public ImmutableArray<int> Steps { get; init; } = [60_000, 80_000];

    public double Gamma { get; init; } = 0.1;

    public Clip Clip { get; init; } = Clip.None;

    /// <summary>Largest norm that <see cref="Clip"/> lets pass.</summary>
    [Range(0.0, 1e12, MinimumIsExclusive = true)]
    public double ClipNorm { get; init; } = 1;
}

/// <summary>
/// Where the features of a wholly frozen backbone are kept (as float16) between visits of a view. Keeping never changes results.
/// </summary>
public sealed record FeatureOptions
{
    /// <summary>Memory for them, in MiB; what does not fit is computed again, or read from the folder.</summary>
    [Range(0, 1 << 30)]
    public int MemoryMegabytes { get; init; } = 2048;

    /// <summary>
    /// Folder for what memory does not hold; null: none. Files are named by the content of the frame, the weights and the view.
    /// </summary>
    public string? Folder { get; init; }
}

/// <summary>What a detector keeps.</summary>
public sealed record InferenceOptions
{
    /// <summary>Least product of class probability and centre-ness, exclusive.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double ScoreThreshold { get; init; } = 0.05;

    /// <summary>Best candidates kept on each level.</summary>
    [Range(1, 1 << 24)]
    public int PerLevel { get; init; } = 1000;

    /// <summary>Boxes of one class that overlap more than this (IoU) suppress each other.</summary>
    [Range(0.0, 1.0)]
    public double NmsThreshold { get; init; } = 0.6;

    /// <summary>Detections a frame; ties of the last may exceed it.</summary>
    [Range(1, 1 << 24)]
    public int PerFrame { get; init; } = 100;

    /// <summary>Draw masks; false gives boxes alone.</summary>
    public bool Masks { get; init; } = true;
}
