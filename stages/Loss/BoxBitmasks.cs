using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>A rectangle of cells at stride 4, bottom and right exclusive.</summary>
public readonly record struct CellWindow(int Top, int Left, int Bottom, int Right)
{
    public int Rows => Bottom - Top;

    public int Columns => Right - Left;

    public bool IsEmpty => Rows <= 0 || Columns <= 0;

    /// <summary>Wider by a margin on every side, cut at the map.</summary>
    public CellWindow Grow(int margin, Size2 map) =>
        new(
            Math.Max(0, Top - margin),
            Math.Max(0, Left - margin),
            Math.Min(map.Height, Bottom + margin),
            Math.Min(map.Width, Right + margin)
        );

    /// <param name="map">[..., H4, W4].</param>
    /// <returns>[..., Rows, Columns], a view.</returns>
    public Tensor Of(Tensor map) => map.narrow(-2, Top, Rows).narrow(-1, Left, Columns);
}

/// <summary>The boxes as masks at stride 4: what the projection term compares with, and which pairs the pairwise term counts.</summary>
public static class BoxBitmasks
{
    private const int FirstSample = 2; // the full-resolution mask is sampled at rows and columns 2, 6, 10, ...

    /// <summary>Masks of boxes: 1 inside.</summary>
    /// <param name="boxes">float32 [G, 4] XYXY in pixels of the padded batch.</param>
    /// <param name="padded">Size of the padded batch.</param>
    /// <returns>float32 {0, 1} [G, H/4, W/4], on the boxes' device. A box of a few pixels may cover no sample.</returns>
    /// <remarks>
    /// As BoxInst: rows int(y1) .. int(y2 + 1) - 1 of the full mask (truncated, cut at the padding), of which every fourth from 2 counts.
    /// </remarks>
    public static Tensor AtStride4(Tensor boxes, Size2 padded)
    {
        using var scope = NewDisposeScope();
        var windows = Windows(boxes, padded);
        var (h, w) = Stride4.Cells(padded);
        var rows = Inside(windows, h, window => window.Top, window => window.Bottom); // [G, H4]
        var columns = Inside(windows, w, window => window.Left, window => window.Right); // [G, W4]
        var mask = rows.unsqueeze(2).mul(columns.unsqueeze(1)); // [G, H4, W4]
        return mask.to(boxes.device).MoveToOuterDisposeScope();
    }

    /// <summary>The rectangle of ones of each mask of <see cref="AtStride4"/>, without drawing it.</summary>
    /// <param name="boxes">float32 [G, 4] XYXY in pixels of the padded batch, any device.</param>
    /// <param name="padded">Size of the padded batch.</param>
    public static ImmutableArray<CellWindow> Windows(Tensor boxes, Size2 padded)
    {
        using var scope = NewDisposeScope();
        var numbers = boxes.to(ScalarType.Float32).Elements<float>();
        return [.. numbers.Chunk(4).Select(box => Window(new Box(box[0], box[1], box[2], box[3]), padded))];
    }

    private static CellWindow Window(Box box, Size2 padded)
    {
        var (top, bottom) = Samples(box.Y1, box.Y2, padded.Height);
        var (left, right) = Samples(box.X1, box.X2, padded.Width);
        return new CellWindow(top, left, bottom, right);
    }

    /// <summary>Indices of the first sample inside and the first behind pixels int(low) .. int(high + 1) - 1.</summary>
    private static (int First, int End) Samples(float low, float high, int length)
    {
        var cells = length / Stride4.Stride;
        var begin = Math.Clamp((int)low, 0, length);
        var end = Math.Clamp((int)(high + 1f), begin, length);
        return (Math.Min(cells, SamplesBefore(begin)), Math.Min(cells, SamplesBefore(end)));
    }

    private static int SamplesBefore(int pixel) => (pixel - FirstSample + Stride4.Stride - 1) / Stride4.Stride;

    private static Tensor Inside(ImmutableArray<CellWindow> windows, int length, Func<CellWindow, int> begin, Func<CellWindow, int> end)
    {
        var ones = new float[windows.Length * length];
        for (var g = 0; g < windows.Length; g++)
        {
            var (from, to) = (begin(windows[g]), end(windows[g]));
            ones.AsSpan((g * length) + from, Math.Max(0, to - from)).Fill(1);
        }

        return tensor(ones, [windows.Length, length]);
    }
}
