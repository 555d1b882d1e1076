using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>Kinds of source.</summary>
public enum SourceKind
{
    /// <summary>Moving shapes drawn from the seed; no files.</summary>
    Synthetic,

    /// <summary>Any video that ffmpeg reads.</summary>
    Video,

    /// <summary>DAVIS's folders, or any folders of pictures.</summary>
    Frames,

    /// <summary>A YouTube-VIS JSON and its folders of pictures.</summary>
    YoutubeVis,

    /// <summary>A COCO JSON and its pictures; each is a clip of one frame, without motion.</summary>
    Coco,
}

/// <summary>In which order frames come.</summary>
public enum FrameOrder
{
    /// <summary>Each listed frame once, clip by clip.</summary>
    Sequential,

    /// <summary>Endless epochs, each in an order of its own, for training; frames without any box to learn from are left out.</summary>
    Shuffled,
}

/// <summary>Disjoint families of synthetic clips.</summary>
public enum ClipSplit
{
    Train,
    Test,
}

/// <summary>Patterns of the synthetic source.</summary>
public enum TextureKind
{
    Noise,
    Stripes,
    Checks,
    Spots,
}

/// <summary>Shapes of the synthetic source; the shape is the class.</summary>
public enum ShapeKind
{
    Disc,
    Box,
    Triangle,
    Star,
    Cross,
}

/// <summary>What to read, and in which order. Every value has a default that works, except where a source needs a path.</summary>
public sealed record DecodeOptions
{
    /// <summary>video, frames, youtube-vis, coco or synthetic.</summary>
    public SourceKind Source { get; init; } = SourceKind.Synthetic;

    /// <summary>
    /// video: a file, or a folder of videos. frames: a folder with JPEGImages/CLIP (and Annotations/CLIP), or of clips, or of pictures.
    /// youtube-vis, coco: the JSON, or the folder of the set, of a split, or of the pictures. synthetic: not used.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// video, frames: boxes as CSV or JSON (docs/data.md), one file, or a folder with CLIP.csv or CLIP.json. youtube-vis, coco: the JSON
    /// of annotations; where absent it is looked for (instances.json, train.json, annotations/instances_train.json and the like).
    /// </summary>
    public string? Boxes { get; init; }

    /// <summary>Names of the clips to read, in this order; empty for all, in the order of their names (youtube-vis: of the file).</summary>
    public ImmutableArray<string> Clips { get; init; } = [];

    /// <summary>
    /// With n > 0 every n-th of these clips is kept for the test, and the training has the others: unseen clips to be judged by,
    /// where the data brings no split of its own. 0: both have all (synthetic: its two
    /// families are disjoint anyway).
    /// </summary>
    public int HoldOut { get; init; }

    /// <summary>from-file, agnostic, ytvis or ytvis2021.</summary>
    public ClassNaming Classes { get; init; } = ClassNaming.FromFile;

    /// <summary>
    /// With <c>classes: from-file</c>, the categories in this order, others being an error; empty for those that occur, by name. Set it
    /// where training and evaluation read different files.
    /// </summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>
    /// Pictures are resized so that their shortest side has this many pixels (never more than <see cref="Longest"/> in the other); null
    /// keeps their size.
    /// </summary>
    [Range(8, 65_535)]
    public int? Shortest { get; init; }

    /// <summary>Limit of the longest side, applied with <see cref="Shortest"/>, pixels; null for none.</summary>
    [Range(8, 65_535)]
    public int? Longest { get; init; }

    /// <summary>
    /// Lists every n-th frame of a clip, beginning with its first. The motion of a listed frame is still that to the very next frame.
    /// </summary>
    [Range(1, 1_000_000)]
    public int Every { get; init; } = 1;

    /// <summary>Lists at most this many frames in all (in listing order, before shuffling); null for all.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxFrames { get; init; }

    /// <summary>sequential, or shuffled for training.</summary>
    public FrameOrder Order { get; init; } = FrameOrder.Sequential;

    /// <summary>
    /// A part of the data by its name (train, val: DAVIS's ImageSets, the JSON of a split of YouTube-VIS or COCO; synthetic: train or
    /// test), or a file that lists clips, one a line; null for all there is (synthetic: the family).
    /// </summary>
    public string? Split { get; init; }

    /// <summary>
    /// train or test: which of two disjoint families of clips the synthetic source draws where <see cref="Split"/> does not say, or
    /// <see cref="HoldOut"/> leaves; a run sets it by phase.
    /// </summary>
    public ClipSplit Family { get; init; } = ClipSplit.Train;

    /// <summary>
    /// frames: which of several resolutions below JPEGImages to read (480p, Full-Resolution); null for the only one, or 480p.
    /// </summary>
    public string? Resolution { get; init; }

    /// <summary>
    /// youtube-vis, coco: strict, where the first mistake of the file is an error; lenient, which leaves out videos and annotations that
    /// are mistaken, counts them and says so (a run's <c>onError: skip</c> sets it too); or as-pycocotools, which takes what that takes.
    /// </summary>
    public ReadingPolicy Policy { get; init; }

    /// <summary>
    /// Accepts boxes that reach over the border of the frame by more than a pixel, and cuts them there. Otherwise such a box is an error,
    /// since boxes measured on another picture size look like this.
    /// </summary>
    public bool ClipBoxes { get; init; }

    /// <summary>
    /// youtube-vis, coco: lets names of pictures in the JSON be absolute or lead out of the folder of pictures. Otherwise such a name is a
    /// mistake of its video: a file from elsewhere does not decide which of this machine's files are read.
    /// </summary>
    public bool PicturesAnywhere { get; init; }

    /// <summary>
    /// Folder of CLIP/NNNNN.flo with the motion t -> t+1 in pixels of the original frame, named as the frame's picture (video: by index,
    /// five digits); null for none.
    /// </summary>
    public string? Flows { get; init; }

    /// <summary>
    /// Where a shuffled video keeps its decoded frames (raw, losslessly, only those in use). A run gives its own cache folder; null is a
    /// temporary file that goes with the stream.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// Decoded frames kept in memory, MB, so that a frame is not decoded again as its neighbour's partner or in the next epoch.
    /// </summary>
    [Range(0, 1 << 30)]
    public int CacheMegabytes { get; init; } = 256;

    /// <summary>
    /// video, frames: uses the boxes of every n-th frame of a clip only, beginning with its first; all others count as not annotated. For
    /// measuring what fewer boxes give.
    /// </summary>
    [Range(1, 1_000_000)]
    public int Keys { get; init; } = 1;

    /// <summary>
    /// video, frames: gives frames between two annotated ones the boxes of the objects that both have, on straight lines, as annotation
    /// tools do. Otherwise such frames count as not annotated.
    /// </summary>
    public bool Between { get; init; }

    /// <summary>What of it decides the classes.</summary>
    internal ClassChoice Naming => new(Classes, Categories);

    /// <summary>What of it decides the clips.</summary>
    internal ClipChoice Clipping => new(Clips, Split, HoldOut, Family is ClipSplit.Test);

    /// <summary>Settings of the synthetic source.</summary>
    public SyntheticOptions Synthetic { get; init; } = new();
}

/// <summary>The synthetic source: moving textured shapes before a moving textured background.</summary>
public sealed record SyntheticOptions
{
    /// <summary>Number of clips.</summary>
    public int Clips { get; init; } = 64;

    /// <summary>Frames of a clip.</summary>
    public int Frames { get; init; } = 12;

    /// <summary>Height of the frames, pixels.</summary>
    public int Height { get; init; } = 128;

    /// <summary>Width of the frames, pixels.</summary>
    public int Width { get; init; } = 192;

    /// <summary>Fewest objects of a clip.</summary>
    public int ObjectsMin { get; init; } = 1;

    /// <summary>Most objects of a clip.</summary>
    public int ObjectsMax { get; init; } = 4;

    /// <summary>Smallest diameter of an object, as a share of the frame's shortest side.</summary>
    public double SizeMin { get; init; } = 0.3;

    /// <summary>Largest diameter of an object, as a share of the frame's shortest side.</summary>
    public double SizeMax { get; init; } = 0.5;

    /// <summary>
    /// Probability that an object wears the background's texture, so that nothing but its motion tells it apart. Ids of such objects
    /// begin at 101, others at 1.
    /// </summary>
    public double Camouflaged { get; init; } = 0.3;

    /// <summary>Slowest speed of an object against the background, pixels a frame.</summary>
    public double SpeedMin { get; init; } = 1;

    /// <summary>Fastest speed of an object against the background, pixels a frame.</summary>
    public double SpeedMax { get; init; } = 4;

    /// <summary>Fastest speed of the camera, pixels a frame.</summary>
    public double CameraSpeed { get; init; } = 2;

    /// <summary>Fastest rotation of an object, degrees a frame.</summary>
    public double Rotation { get; init; } = 3;

    /// <summary>Kinds of texture to draw from: noise, stripes, checks, spots.</summary>
    public ImmutableArray<TextureKind> Textures { get; init; } =
    [TextureKind.Noise, TextureKind.Stripes, TextureKind.Checks, TextureKind.Spots];

    /// <summary>Shapes to draw from, in the order of their classes: disc, box, triangle, star, cross.</summary>
    public ImmutableArray<ShapeKind> Shapes { get; init; } =
    [ShapeKind.Disc, ShapeKind.Box, ShapeKind.Triangle, ShapeKind.Star, ShapeKind.Cross];
}
