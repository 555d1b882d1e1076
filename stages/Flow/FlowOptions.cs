using System.ComponentModel.DataAnnotations;
using Motion.Kernels;

namespace Motion.Flow;

/// <summary>Where flow comes from.</summary>
public enum FlowSource
{
    /// <summary>GMA (Jiang et al., ICCV 2021), the paper's.</summary>
    Gma,

    /// <summary>RAFT-small (Teed and Deng, ECCV 2020).</summary>
    RaftSmall,

    /// <summary>Dense inverse search (Kroeger et al., ECCV 2016): no network, no weights, milliseconds a frame on one core.</summary>
    Dis,

    /// <summary>The source of the frames knows it (.flo files, a recording, synthetic clips).</summary>
    Precomputed,

    /// <summary>No motion anywhere: the ablation.</summary>
    Zero,
}

/// <summary>What is common to some sources of flow.</summary>
public static class FlowSources
{
    /// <summary>Whether it looks at the frames, so that its answer is worth keeping.</summary>
    public static bool Estimates(this FlowSource source) => source is FlowSource.Dis || source.HasWeights();

    /// <summary>
    /// Whether it is a network: it needs weights, and correlates all pairs of pixels, which costs what the square of the frames' size says.
    /// </summary>
    public static bool HasWeights(this FlowSource source) => source is FlowSource.Gma or FlowSource.RaftSmall;

    /// <summary>
    /// What the settings mean: the source that they name; where they name none, GMA with the weights that they name; where they name none
    /// either, dense inverse search.
    /// </summary>
    public static FlowSource Source(this FlowOptions options) =>
        options.Network ?? (options.Weights is null ? FlowSource.Dis : FlowSource.Gma);
}

/// <summary>Settings of the flow stage.</summary>
public sealed record FlowOptions
{
    /// <summary>What <see cref="Weights"/> says for weights drawn from <see cref="Seed"/>.</summary>
    public const string RandomWeights = "random";

    /// <summary>gma, raft-small, dis, precomputed or zero. Where not given: gma where weights are, else dis, which needs none.</summary>
    public FlowSource? Network { get; init; }

    /// <summary>How thorough dis is: ultrafast, fast or medium.</summary>
    public DisPreset Preset { get; init; } = DisPreset.Medium;

    /// <summary>The network's weights: a .pth or .safetensors file, or "random" (to test or to train from scratch).</summary>
    public string? Weights { get; init; }

    /// <summary>Refinement steps; more are slower and finer.</summary>
    [Range(1, 1000)]
    public int Iterations { get; init; } = 12;

    /// <summary>Where a frame is padded to a multiple of 8: sintel or kitti.</summary>
    public FlowPadMode Padding { get; init; } = FlowPadMode.Sintel;

    /// <summary>
    /// Pixels of a frame at which flow is estimated at most: a larger one is estimated at the size that fits, and its flow enlarged.
    /// All-pairs correlation takes 16/3 (area / 64)² bytes: 1.1 GB at 1280x720 (the default), 5.6 GB at 1920x1080, 90 GB at 3840x2160. Does
    /// not hold for dis, which correlates nothing and works at the frame's own size.
    /// </summary>
    [Range(4096, 1 << 28)]
    public int MaxArea { get; init; } = 1280 * 720;

    /// <summary>Of random weights; the run's where not given (0 for a stage that is made without a run).</summary>
    public long? Seed { get; init; }
}

/// <summary>Settings of the flow stage that change no answer.</summary>
/// <param name="Cache">Whether estimated flow is kept on disk, so that a frame that comes again is not estimated again.</param>
/// <param name="CacheFolder">Where; the run's own cache folder where not given. Runs may share one: a file's name says exactly what it
/// holds.</param>
public sealed record FlowCacheOptions(bool Cache = true, string? CacheFolder = null);
