using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>How a file of annotations or results is read.</summary>
public enum ReadingPolicy
{
    /// <summary>Every rule of docs/data.md; the first mistake ends the reading.</summary>
    Strict,

    /// <summary>The same rules; what breaks one is left out, and counted.</summary>
    Lenient,

    /// <summary>
    /// What pycocotools and the YouTube-VIS API take: categories without a name or of one name, boxes of any extent, any number for
    /// iscrowd, annotations of what is not listed (which have no effect). What they fail at ends the reading.
    /// </summary>
    AsPycocotools,
}

/// <summary>What a set is read for, which decides what must be there.</summary>
internal enum SetUse
{
    /// <summary>Its frames: pictures by their names, and a box or a mask of each object.</summary>
    Frames,

    /// <summary>To be compared with boxes: boxes and areas.</summary>
    Boxes,

    /// <summary>To be compared with masks: masks, which are made at once, and areas.</summary>
    Masks,
}

/// <summary>How a set is read.</summary>
/// <param name="Policy">By which rules.</param>
/// <param name="Tolerate">What to do about a mistake.</param>
/// <param name="Use">What for.</param>
/// <param name="ClipBoxes">Whether boxes may reach over the border of their frame.</param>
/// <param name="PicturesAnywhere">Whether names of pictures may lead out of the folder of pictures.</param>
/// <param name="Progress">Told now and then.</param>
internal sealed record SetReading(
    ReadingPolicy Policy,
    Tolerate Tolerate,
    SetUse Use = SetUse.Frames,
    bool ClipBoxes = false,
    bool PicturesAnywhere = false,
    Progress? Progress = null
)
{
    public bool AsPycocotools => Policy is ReadingPolicy.AsPycocotools;
}
