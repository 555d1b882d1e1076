using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>One detected object.</summary>
/// <param name="Box">Pixels of the original frame, clipped to it.</param>
/// <param name="Score">sqrt(class probability * centre-ness), in (0, 1].</param>
/// <param name="Class">Index into the catalogue's categories.</param>
/// <param name="Mask">At the original frame's size; null for a detector without masks.</param>
public sealed record Detection(Box Box, float Score, int Class, Rle? Mask);

/// <summary>What was found in a frame (forward -> evaluate, report), by falling score.</summary>
public sealed record Detections(FrameKey Key, Size2 OriginalSize, ImmutableArray<Detection> Items, Annotation? Truth) : Message
{
    public override long Sequence => Key.Sequence;

    public override IEnumerable<Tensor> Tensors => [];

    public override Detections Share() => this;
}

/// <summary>COCO's twelve numbers, -1 where nothing is defined: AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100, ARs, ARm, ARl.</summary>
public sealed record CocoStats(ImmutableArray<double> Values)
{
    public double Ap => Values[0];

    public double Ap50 => Values[1];

    public double Ap75 => Values[2];
}

/// <summary>AP of one category; each -1 where nothing is defined.</summary>
public sealed record CategoryStats(
    int Class,
    double Ap,
    double Ap50,
    double Ap75,
    double ApSmall,
    double ApMedium,
    double ApLarge,
    double Ar1,
    double Ar10,
    double Ar100
);

/// <summary>One kind's result (boxes or masks).</summary>
/// <param name="Type">bbox or segm.</param>
/// <param name="Stats">The twelve numbers.</param>
/// <param name="Categories">One entry a category, in the catalogue's order.</param>
/// <param name="Precision">[T=10, R=101, C, A=4, M=3] row-major doubles over the C categories of <see cref="Counted"/>, -1 where
/// undefined.</param>
/// <param name="Recall">[T, C, A, M] row-major doubles, -1 where undefined.</param>
/// <param name="Scores">[T, R, C, A, M] row-major doubles: the score at which a recall is reached.</param>
public sealed record TypeEvaluation(
    string Type,
    CocoStats Stats,
    ImmutableArray<CategoryStats> Categories,
    ImmutableArray<double> Precision,
    ImmutableArray<double> Recall,
    ImmutableArray<double> Scores
)
{
    /// <summary>
    /// The categories that have something to find, ascending: of these alone the arrays are, so that a vocabulary of which little is used
    /// costs little. For all others every number is undefined.
    /// </summary>
    public ImmutableArray<int> Counted => [.. Categories.Where(category => category.Ar100 > -1).Select(category => category.Class)];
}

/// <summary>One object through a clip.</summary>
/// <param name="Id">From 1, through all clips.</param>
/// <param name="Class">Index into the catalogue's categories.</param>
/// <param name="Score">Mean of its detections' scores; 1 for an annotated object.</param>
/// <param name="IsCrowd">As in <see cref="Instance"/>.</param>
/// <param name="Masks">One a frame of <see cref="ClipTracks.Frames"/>, null where it is not seen.</param>
/// <param name="Areas">Of an annotated object, likewise: the areas by which size ranges go. Empty for a detected one.</param>
public sealed record Track(long Id, int Class, double Score, bool IsCrowd, ImmutableArray<Rle?> Masks, ImmutableArray<double?> Areas);

/// <summary>The tracks of a clip.</summary>
/// <param name="Clip">Its name.</param>
/// <param name="Size">Of its frames in the file.</param>
/// <param name="Frames">Indices of the frames that are annotated, ascending.</param>
/// <param name="Truths">Annotated objects.</param>
/// <param name="Found">Detections, linked.</param>
public sealed record ClipTracks(
    string Clip,
    Size2 Size,
    ImmutableArray<int> Frames,
    ImmutableArray<Track> Truths,
    ImmutableArray<Track> Found
);

/// <summary>YouTube-VIS' measure: AP and AR of tracks.</summary>
/// <param name="Scores">As COCO's, of tracks; its size ranges are bounded by 128 and 256 squared.</param>
/// <param name="Clips">What was measured, in the order of the stream.</param>
public sealed record TrackEvaluation(TypeEvaluation Scores, ImmutableArray<ClipTracks> Clips);

/// <summary>The result of a run of evaluate.</summary>
/// <param name="Boxes">Box AP.</param>
/// <param name="Masks">Mask AP; null where the truth has no masks.</param>
/// <param name="FilledBoxes">Mask AP of the same detections with each mask replaced by its filled box: what a box alone would give; null
/// without masks.</param>
/// <param name="MeanBestIou">Mean over annotated objects of the best mask IoU among the frame's detections of any class; null without
/// masks.</param>
/// <param name="MeanFilledBoxIou">The same with each object's own true box, filled, as its only detection; null without masks.</param>
/// <param name="Frames">Frames evaluated.</param>
/// <param name="Truths">Annotated objects seen.</param>
/// <param name="Found">Detections seen.</param>
/// <param name="Tracks">AP of tracks, where there are some to measure.</param>
public sealed record Evaluation(
    TypeEvaluation Boxes,
    TypeEvaluation? Masks,
    TypeEvaluation? FilledBoxes,
    double? MeanBestIou,
    double? MeanFilledBoxIou,
    int Frames,
    int Truths,
    int Found,
    TrackEvaluation? Tracks = null
) : Message
{
    public override long Sequence => 0;

    public override IEnumerable<Tensor> Tensors => [];

    public override Evaluation Share() => this;
}
