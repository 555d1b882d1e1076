using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Report.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Report;

/// <summary>A frame as the page shows it: all that stays in memory of it.</summary>
/// <param name="Key">The frame.</param>
/// <param name="Size">Of the pictures in the page; <paramref name="Drawn"/> and <paramref name="Truth"/> are in its pixels.</param>
/// <param name="Picture">JPEG.</param>
/// <param name="Flow">JPEG of the flow's colours.</param>
/// <param name="LongestFlow">Length of the longest flow vector, pixels of the frame per frame step; null where none is known.</param>
/// <param name="Step">Of the frame: -1 and 0 are told to the reader.</param>
/// <param name="FlowNetwork">Which network made the flow.</param>
/// <param name="Drawn">What is drawn, by falling score.</param>
/// <param name="Truth">Annotated objects, crowds left out.</param>
/// <param name="Found">Detections of the frame, drawn or not; null without a detector.</param>
/// <param name="BestScore">The highest score of the frame; null where nothing was found.</param>
/// <param name="BestOverlap">Mean over annotated objects of the best mask overlap among the drawn detections; null where either side has no
/// masks.</param>
internal sealed record Shot(
    FrameKey Key,
    Size2 Size,
    byte[] Picture,
    byte[] Flow,
    double? LongestFlow,
    int Step,
    string FlowNetwork,
    ImmutableArray<ShotObject> Drawn,
    ImmutableArray<ShotObject> Truth,
    int? Found,
    double? BestScore,
    double? BestOverlap
);

/// <summary>One object of a shot.</summary>
/// <param name="Class">Index into the catalogue.</param>
/// <param name="Score">Null for annotated objects.</param>
/// <param name="Box">Pixels of the shot.</param>
/// <param name="Path">SVG path of the mask, pixels of the shot; null without one.</param>
internal sealed record ShotObject(int Class, double? Score, Box Box, string? Path);

/// <summary>From a frame to its shot.</summary>
internal static class Shots
{
    private const double Tolerance = 1.0; // pixels of the shot that an outline may be off
    private const int LeastCorners = 4;
    private const int FlowQuality = 80;

    public static Shot Make(FlowFrame frame, Detections? found, ReportOptions options)
    {
        using var scope = NewDisposeScope();
        var picture = Pixels.Of(frame.Image);
        var size = Pixels.Fit(picture.Size, options.PictureSide);
        var truth = TruthOf(frame, found);
        var drawn = Drawn(found, options);
        var toShot = (X: size.Width / (double)frame.OriginalSize.Width, Y: size.Height / (double)frame.OriginalSize.Height);
        return new Shot(
            frame.Key,
            size,
            JpegWriter.Encode(picture.Within(options.PictureSide).Planes, size),
            JpegWriter.Encode(Pixels.Of(FlowColour.Wheel(frame.Flow)).Within(options.PictureSide).Planes, size, FlowQuality),
            FlowField.Longest(frame.Flow),
            frame.Step,
            frame.FlowNetwork,
            [.. drawn.Select(item => new ShotObject(item.Class, item.Score, item.Box.Scale(toShot.X, toShot.Y), PathOf(item.Mask, size)))],
            [.. truth.Select(item => new ShotObject(item.Class, null, item.Box.Scale(toShot.X, toShot.Y), PathOf(item.Mask, size)))],
            found?.Items.Length,
            found is { Items.Length: > 0 } ? found.Items.Max(item => item.Score) : null,
            MeanBestOverlap(drawn, truth)
        );
    }

    /// <summary>The annotated objects, crowds left out.</summary>
    public static ImmutableArray<Instance> TruthOf(FlowFrame frame, Detections? found) =>
        [.. (found?.Truth ?? frame.Truth ?? Annotation.Empty).Instances.Where(instance => !instance.IsCrowd)];

    /// <summary>The detections that pass the threshold, by falling score.</summary>
    public static ImmutableArray<Detection> Drawn(Detections? found, ReportOptions options) =>
        found is null
            ? []
            :
            [
                .. found
                    .Items.Where(item => item.Score >= options.ScoreThreshold)
                    .OrderByDescending(item => item.Score)
                    .Take(options.MaxObjects),
            ];

    private static string? PathOf(Rle? mask, Size2 size) =>
        mask is null
            ? null
            : Outline.Path(
                Outline
                    .Trace(Pixels.MaskAt(mask, size), size)
                    .Select(loop => Outline.Simplify(loop, Tolerance))
                    .Where(loop => loop.Length >= LeastCorners)
            );

    private static double? MeanBestOverlap(ImmutableArray<Detection> drawn, ImmutableArray<Instance> truth)
    {
        var masks = truth.Select(instance => instance.Mask).OfType<Rle>().ToArray();
        var found = drawn.Select(item => item.Mask).OfType<Rle>().ToArray();
        return masks.Length == 0 || found.Length == 0
            ? null
            : masks.Average(mask =>
                found.Where(other => other.Size == mask.Size).Select(other => Rles.Iou(other, mask, crowd: false)).DefaultIfEmpty(0).Max()
            );
    }
}
