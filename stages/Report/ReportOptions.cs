using System.ComponentModel.DataAnnotations;

namespace Motion.Report;

/// <summary>What pipeline.yaml may say of the report.</summary>
public sealed record ReportOptions
{
    /// <summary>Frames shown of each clip, spread evenly over it.</summary>
    [Range(0, 1000)]
    public int PicturesPerClip { get; init; } = 6;

    /// <summary>Clips that are shown: the first so many of the stream. The results file holds all of them.</summary>
    [Range(0, 10_000)]
    public int MaxClips { get; init; } = 12;

    /// <summary>Least score of a detection that is drawn. The results file holds all of them.</summary>
    [Range(0.0, 1.0)]
    public double ScoreThreshold { get; init; } = 0.3;

    /// <summary>Most detections drawn in one picture, by falling score.</summary>
    [Range(0, 1000)]
    public int MaxObjects { get; init; } = 20;

    /// <summary>Longest side of the pictures inside the page, in pixels; smaller frames keep their size.</summary>
    [Range(16, 4096)]
    public int PictureSide { get; init; } = 480;

    /// <summary>Whether the chosen frames are also written as PNG files with their masks drawn in.</summary>
    public bool Overlays { get; init; } = true;
}
