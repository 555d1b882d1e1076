using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>A mask in a box, and what speaks for it; each from 0 to 1.</summary>
/// <param name="Mask">At the size of the frame, without a pixel outside the box.</param>
/// <param name="Certainty">Mean distance of the probabilities within the box from a half, doubled.</param>
/// <param name="Sides">How near the mask comes to the four sides of its box.</param>
/// <param name="Agreement">Overlap of the network's own mask with the one that was drawn to the edges of the picture.</param>
/// <param name="Fill">Share of the box that it takes.</param>
public sealed record BoxMask(Rle Mask, double Certainty, double Sides, double Agreement, double Fill);

/// <summary>From probabilities of a view to masks of the frame.</summary>
public static class InFrame
{
    /// <param name="options">How.</param>
    /// <param name="probability">float32 [Q, h, w] of the view.</param>
    /// <param name="boxes">In pixels of the frame.</param>
    /// <param name="picture">uint8 [3, H, W] RGB.</param>
    /// <param name="size">Of the frame.</param>
    public static ImmutableArray<BoxMask> Masks(
        InBoxesOptions options,
        Tensor probability,
        ImmutableArray<Box> boxes,
        Tensor picture,
        Size2 size
    )
    {
        using var scope = NewDisposeScope();
        var pictured = new Size2((int)picture.shape[1], (int)picture.shape[2]);
        var work = pictured.Shortest <= options.Edges.Shortest ? pictured : ImageResize.Fit(pictured, options.Edges.Shortest, int.MaxValue);
        var small = ImageResize.Bilinear(picture, work); // [3, h, w]
        var masks = ImmutableArray.CreateBuilder<BoxMask>(boxes.Length);
        for (var q = 0; q < boxes.Length; q++)
        {
            using var each = NewDisposeScope();
            var seen = Resized(probability.select(0, q), work);
            var refined =
                options.Edges.Rounds > 0
                    ? MeanField.Refine(
                        small,
                        seen,
                        boxes[q].Scale((double)work.Width / size.Width, (double)work.Height / size.Height),
                        options.Edges
                    )
                    : seen;
            var inside = Rles.FromBox(boxes[q], size);
            Rle Cut(Tensor p) => Rles.Merge([RleTensors.Encode(Resized(p, size).gt(Held.Of(options.Threshold))), inside], intersect: true);
            var (own, mask) = (Cut(seen), options.LargestPiece ? Pieces.Largest(Cut(refined)) : Cut(refined));
            masks.Add(
                new(
                    mask,
                    Certainty(seen, boxes[q], work, size),
                    SidesOf(mask, boxes[q]),
                    Rles.Iou(own, mask, crowd: false),
                    Rles.Area(inside) == 0 ? 0 : (double)Rles.Area(mask) / Rles.Area(inside)
                )
            );
        }

        return masks.MoveToImmutable();
    }

    private static Tensor Resized(Tensor p, Size2 size) =>
        p.shape[0] == size.Height && p.shape[1] == size.Width
            ? p.alias()
            : F.interpolate(p.unsqueeze(0).unsqueeze(0), [size.Height, size.Width], mode: InterpolationMode.Bilinear, align_corners: false)
                .squeeze(0)
                .squeeze(0);

    private static double Certainty(Tensor p, Box box, Size2 work, Size2 size)
    {
        var b = box.Scale((double)work.Width / size.Width, (double)work.Height / size.Height);
        var (left, top) = (Math.Clamp((int)b.X1, 0, work.Width - 1), Math.Clamp((int)b.Y1, 0, work.Height - 1));
        var part = p.narrow(0, top, Math.Clamp((int)MathF.Ceiling(b.Y2), top + 1, work.Height) - top)
            .narrow(1, left, Math.Clamp((int)MathF.Ceiling(b.X2), left + 1, work.Width) - left);
        return part.Minus(0.5).abs().mean().Number() * 2;
    }

    /// <summary>1 where the mask touches all four sides; a side that it misses by half the box counts as 0.</summary>
    private static double SidesOf(Rle mask, Box box)
    {
        var bounds = Rles.Bounds(mask);
        if (bounds.IsEmpty)
            return 0;
        double[] misses =
        [
            (bounds.X - box.X1) / box.Width,
            (box.X2 - bounds.X - bounds.Width) / box.Width,
            (bounds.Y - box.Y1) / box.Height,
            (box.Y2 - bounds.Y - bounds.Height) / box.Height,
        ];
        return misses.Average(miss => Math.Clamp(1 - (2 * Math.Abs(miss)), 0, 1));
    }
}

/// <summary>Connected pieces of a mask, pixels touching at their sides.</summary>
public static class Pieces
{
    /// <summary>The largest piece, of equal ones the first; the mask itself where it has one or none.</summary>
    public static Rle Largest(Rle mask)
    {
        var (height, width) = (mask.Size.Height, mask.Size.Width);
        var pixels = Rles.Decode(mask); // row by row
        var label = new int[pixels.Length];
        var (best, bestCount, next) = (0, 0, 0);
        var stack = new Stack<int>();
        for (var start = 0; start < pixels.Length; start++)
        {
            if (pixels[start] == 0 || label[start] != 0)
                continue;
            label[start] = ++next;
            stack.Push(start);
            var count = 0;
            while (stack.TryPop(out var at))
            {
                count++;
                var (y, x) = Math.DivRem(at, width);
                if (x > 0)
                    Take(at - 1);
                if (x + 1 < width)
                    Take(at + 1);
                if (y > 0)
                    Take(at - width);
                if (y + 1 < height)
                    Take(at + width);
            }

            if (count > bestCount)
                (best, bestCount) = (next, count);
        }

        if (next < 2)
            return mask;
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(label[i] == best ? 1 : 0);
        return Rles.Encode(pixels, mask.Size);

        void Take(int at)
        {
            if (pixels[at] == 0 || label[at] != 0)
                return;
            label[at] = next;
            stack.Push(at);
        }
    }
}
