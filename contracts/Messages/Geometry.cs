using System.Collections.Immutable;

namespace Motion.Contracts;

/// <summary>Height and width in pixels (or cells of a feature map).</summary>
public readonly record struct Size2(int Height, int Width)
{
    public int Shortest => Math.Min(Height, Width);

    public int Longest => Math.Max(Height, Width);

    public long Area => (long)Height * Width;

    public override string ToString() => $"{Height}x{Width} (height x width)";
}

/// <summary>A box X1, Y1, X2, Y2 in pixels, right and bottom exclusive.</summary>
public readonly record struct Box(float X1, float Y1, float X2, float Y2)
{
    public float Width => X2 - X1;

    public float Height => Y2 - Y1;

    public float Area => Width * Height;

    public bool IsFinite => float.IsFinite(X1) && float.IsFinite(Y1) && float.IsFinite(X2) && float.IsFinite(Y2);

    /// <summary>Positive width and height.</summary>
    public bool IsProper => IsFinite && X2 > X1 && Y2 > Y1;

    public Box Scale(double x, double y) => new((float)(X1 * x), (float)(Y1 * y), (float)(X2 * x), (float)(Y2 * y));

    public Box Clip(Size2 size) =>
        new(Math.Clamp(X1, 0, size.Width), Math.Clamp(Y1, 0, size.Height), Math.Clamp(X2, 0, size.Width), Math.Clamp(Y2, 0, size.Height));
}

/// <summary>
/// A binary mask as COCO's run lengths: columns from left to right, each top to bottom, starting with a run of zeros (maybe of length 0).
/// </summary>
/// <param name="Size">Height and width of the mask.</param>
/// <param name="Counts">Run lengths; their sum is Height*Width. The array compares by reference: compare masks with Kernels' Rle
/// functions.</param>
public sealed record Rle(Size2 Size, ImmutableArray<uint> Counts);
