using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using static TorchSharp.torch;

namespace Motion.Decode;

/// <summary>A source that has been opened and checked: what it holds, and a way to read it.</summary>
/// <param name="Catalogue">Categories and clips; a clip's size is that of its pictures in the file.</param>
/// <param name="Read">A reader for one enumeration.</param>
internal sealed record FrameSource(Catalogue Catalogue, Func<ReadPlan, IFrameReader> Read)
{
    /// <summary>Sentences on what was left out of the source's files.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>What a reader will be asked for, so that it can prepare.</summary>
/// <param name="Listing">Frames that are listed, in listing order.</param>
/// <param name="Shuffled">Whether they are asked for in any order, again and again, and only those with a trainable box.</param>
/// <param name="Target">Size that a clip's pictures are wanted at. A reader may answer in that size or in the clip's own.</param>
/// <param name="Warn">Told what the user should know and what stops nothing.</param>
internal sealed record ReadPlan(IReadOnlyList<FrameAt> Listing, bool Shuffled, Func<int, Size2> Target, Action<string> Warn);

/// <summary>
/// Why a picture could not be read, and whether the rest of its clip is lost with it (a video that breaks off). Without an error there is
/// nothing to report.
/// </summary>
internal sealed record ReadFailure(DecodeError? Error, bool EndsClip = false);

/// <summary>Reads frames of an opened source; used by one enumeration, one call at a time.</summary>
internal interface IFrameReader : IAsyncDisposable
{
    /// <summary>Whether a listed frame may be no item, or take the rest of its clip with it.</summary>
    bool MayLoseFrames => false;

    /// <summary>After Prepare: whether a frame is known to be lost, which Prepare has reported.</summary>
    bool IsLost(FrameAt at) => false;

    /// <summary>Called once, before the first frame. What is wrong, each with the frames that are lost by it left out.</summary>
    ValueTask<IReadOnlyList<DecodeError>> Prepare(CancellationToken cancel) => new([]);

    /// <summary>
    /// In sequential order, called after a clip's last listed frame: what is wrong with the clip as a whole, and could not be said of a
    /// frame.
    /// </summary>
    ValueTask<DecodeError?> Leave(int clip, CancellationToken cancel) => new((DecodeError?)null);

    /// <summary>A frame's picture, at the clip's own size or at the plan's target.</summary>
    ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel);

    /// <summary>What is known of a frame, in pixels of the original; null where nothing is.</summary>
    Result<Annotation?, DecodeError> Truth(FrameAt at);

    /// <summary>
    /// Known motion t -> t+1 of a frame, float32 [2, H, W] in pixels of the original, the caller's to dispose; null where none is known.
    /// </summary>
    Result<Tensor?, DecodeError> Flow(FrameAt at);
}
