using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Evaluate;

/// <summary>A move in pixels: right, down.</summary>
public readonly record struct Displacement(double X, double Y);

/// <summary>Flow as plain numbers, row by row, in pixels of its own size per frame step; NaN where it is not known.</summary>
public sealed class FlowPlanes
{
    private readonly float[] _vectors; // [2, H, W]

    private FlowPlanes(Size2 size, float[] vectors) => (Size, _vectors) = (size, vectors);

    public Size2 Size { get; }

    /// <summary>The vector of a pixel, if it is known.</summary>
    internal bool TryAt(int x, int y, out Displacement vector)
    {
        var at = (y * Size.Width) + x;
        var (u, v) = (_vectors[at], _vectors[at + (_vectors.Length / 2)]);
        vector = new Displacement(u, v);
        return Math.Abs(u) <= FlowField.UnknownAbove && Math.Abs(v) <= FlowField.UnknownAbove;
    }

    /// <summary>The flow of a frame at a size: resized as <see cref="FlowField.Resize"/>.</summary>
    /// <param name="flow">float32 [2, H, W].</param>
    /// <param name="size">Of the masks that are to be moved.</param>
    public static FlowPlanes Of(Tensor flow, Size2 size)
    {
        using var scope = NewDisposeScope();
        var resized = FlowField.Resize(flow, size).cpu().contiguous(); // [2, h, w]
        return new FlowPlanes(size, MemoryMarshal.Cast<byte, float>(resized.bytes).ToArray());
    }
}

/// <summary>
/// Masks moved along flow, forwards: each pixel of the mask goes where its own vector leads and is dealt to the four pixels it then covers,
/// and a pixel belongs to the moved mask if half of it or more is covered. So a move by whole pixels is exact, what leaves the frame is
/// gone, and what grows has no holes as long as it grows by less than 29 percent a frame each way.
/// </summary>
/// <remarks>
/// Forwards, since flow is known where the object was, not where it will be: looked up backwards the leading edge would find the
/// background's vectors. Loops over runs, not tensors: a mask covers a fraction of its frame, and a frame has dozens of them.
/// </remarks>
public static class MaskWarp
{
    private const float Covered = 0.5f;

    /// <summary>A mask one frame on.</summary>
    /// <param name="mask">Its runs fill its size.</param>
    /// <param name="flow">Of the same size. Pixels whose vector is not known move as the others do in the mean.</param>
    /// <returns>The mask in the next frame, and the mean move of its pixels (0, 0 where nothing is known).</returns>
    /// <exception cref="ArgumentException">The flow has another size.</exception>
    public static (Rle Mask, Displacement Mean) Along(Rle mask, FlowPlanes flow)
    {
        if (mask.Size != flow.Size)
        {
            throw new ArgumentException($"a mask of {mask.Size} cannot move along a flow of {flow.Size}");
        }

        var mean = MeanOf(mask, flow);
        return (Splat(mask, new AlongFlow(flow, mean)), mean);
    }

    /// <summary>A mask moved as a whole by whole pixels; what leaves the frame is gone.</summary>
    public static Rle Shift(Rle mask, int right, int down) =>
        right == 0 && down == 0 ? mask : Splat(mask, new AsWhole(new Displacement(right, down)));

    private interface IMove
    {
        Displacement Of(int x, int y);
    }

    private readonly struct AlongFlow(FlowPlanes flow, Displacement instead) : IMove
    {
        public Displacement Of(int x, int y) => flow.TryAt(x, y, out var vector) ? vector : instead;
    }

    private readonly struct AsWhole(Displacement move) : IMove
    {
        public Displacement Of(int x, int y) => move;
    }

    private static Displacement MeanOf(Rle mask, FlowPlanes flow)
    {
        var (sumX, sumY, count) = (0.0, 0.0, 0L);
        foreach (var (x, first, last) in Columns(mask))
        {
            for (var y = first; y < last; y++)
            {
                if (flow.TryAt(x, y, out var vector))
                {
                    (sumX, sumY, count) = (sumX + vector.X, sumY + vector.Y, count + 1);
                }
            }
        }

        return count == 0 ? default : new Displacement(sumX / count, sumY / count);
    }

    /// <summary>The ones of a mask, column by column: rows [First, Last) of column X.</summary>
    private static IEnumerable<(int X, int First, int Last)> Columns(Rle mask)
    {
        var height = mask.Size.Height;
        var position = 0L;
        for (var i = 0; i + 1 < mask.Counts.Length; i += 2)
        {
            position += mask.Counts[i];
            for (var left = (long)mask.Counts[i + 1]; left > 0; )
            {
                var (x, y) = Math.DivRem(position, height);
                var length = Math.Min(left, height - y);
                yield return ((int)x, (int)y, (int)(y + length));
                (position, left) = (position + length, left - length);
            }
        }
    }

    private static Rle Splat<TMove>(Rle mask, TMove move)
        where TMove : struct, IMove
    {
        var size = mask.Size;
        var pooled = ArrayPool<float>.Shared.Rent((int)size.Area);
        var cover = pooled.AsSpan(0, (int)size.Area); // column by column, as runs go
        cover.Clear();
        foreach (var (x, first, last) in Columns(mask))
        {
            for (var y = first; y < last; y++)
            {
                var (right, down) = move.Of(x, y);
                Deal(cover, x + right, y + down, size);
            }
        }

        var moved = RunsOf(cover, size);
        ArrayPool<float>.Shared.Return(pooled);
        return moved;
    }

    private static void Deal(Span<float> cover, double x, double y, Size2 size)
    {
        if (!(x > -1 && y > -1 && x < size.Width && y < size.Height))
        {
            return;
        }

        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (fx, fy) = ((float)(x - left), (float)(y - top));
        Add(cover, left, top, (1 - fx) * (1 - fy), size);
        Add(cover, left + 1, top, fx * (1 - fy), size);
        Add(cover, left, top + 1, (1 - fx) * fy, size);
        Add(cover, left + 1, top + 1, fx * fy, size);
    }

    private static void Add(Span<float> cover, int column, int row, float share, Size2 size)
    {
        if (share > 0 && column >= 0 && column < size.Width && row >= 0 && row < size.Height)
        {
            cover[(column * size.Height) + row] += share;
        }
    }

    private static Rle RunsOf(ReadOnlySpan<float> cover, Size2 size)
    {
        var counts = ImmutableArray.CreateBuilder<uint>();
        var (inside, start) = (false, 0);
        for (var i = 0; i < cover.Length; i++)
        {
            if (cover[i] >= Covered != inside)
            {
                counts.Add((uint)(i - start));
                (inside, start) = (!inside, i);
            }
        }

        counts.Add((uint)(cover.Length - start));
        return new Rle(size, counts.DrainToImmutable());
    }
}
