using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;

namespace Motion.Parity.Fills;

/// <summary>The parameters of a generated case: N images of W x H, K categories, D detections an image.</summary>
public sealed record LargeParameters(ulong Seed, int Images, int Classes, Size2 Size, int Detections);

/// <summary>An ellipse: centre and half axes.</summary>
public readonly record struct Ellipse(int Cx, int Cy, int Rx, int Ry);

/// <summary>A generated object. Score counts in 1024ths.</summary>
public sealed record LargeItem(int Class, Ellipse Shape, bool IsCrowd, int Score, Rle Mask)
{
    public long Area { get; } = Rles.Area(Mask);

    public CocoBox Box { get; } = BoxOf(Rles.Bounds(Mask));

    private static CocoBox BoxOf(RleBounds bounds) => new(bounds.X, bounds.Y, bounds.Width, bounds.Height);
}

/// <summary>One generated image.</summary>
public sealed record LargeImage(int Index, ImmutableArray<LargeItem> Truths, ImmutableArray<LargeItem> Found)
{
    /// <summary>The message that forward would send of it.</summary>
    public Detections ToMessage(Size2 size) =>
        new(
            new FrameKey(Index, "large", Index),
            size,
            [.. Found.Select(item => new Detection(Rles.Box(item.Mask), item.Score / 1024f, item.Class, item.Mask))],
            new Annotation([
                .. Truths.Select((item, i) => new Instance(i, item.Class, Rles.Box(item.Mask), item.Mask, item.IsCrowd, item.Area)),
            ])
        );
}

/// <summary>
/// The large case of the COCO oracles, made from integers alone: ellipses, each found three times more or less well, and noise.
/// </summary>
public static class LargeCase
{
    /// <summary>All images, made as they are asked for.</summary>
    public static IEnumerable<LargeImage> Images(LargeParameters parameters) =>
        Enumerable.Range(0, parameters.Images).Select(i => Image(parameters, i));

    public static LargeImage Image(LargeParameters parameters, int index)
    {
        var random = new Steps(parameters.Seed + (ulong)index);
        var truths = ImmutableArray.CreateBuilder<LargeItem>();
        for (var count = random.R(12); count > 0; count--)
        {
            var category = Math.Min(random.R(parameters.Classes), random.R(parameters.Classes));
            var shape = Draw(random, parameters.Size);
            truths.Add(new LargeItem(category, shape, random.R(20) == 0, 0, MaskOf(shape, parameters.Size)));
        }

        var found = ImmutableArray.CreateBuilder<LargeItem>(parameters.Detections);
        foreach (var truth in truths)
        {
            for (var j = 0; j < 3; j++)
            {
                found.Add(Near(random, truth, j, parameters));
            }
        }

        while (found.Count < parameters.Detections)
        {
            var category = random.R(parameters.Classes);
            var shape = Draw(random, parameters.Size);
            found.Add(new LargeItem(category, shape, false, Math.Min(random.R(1024), random.R(1024)), MaskOf(shape, parameters.Size)));
        }

        return new LargeImage(index, truths.ToImmutable(), found.ToImmutable());
    }

    /// <summary>The lists that <see cref="CocoEvaluation"/> takes. Detections have a box or a mask, as the kind asks.</summary>
    public static (CocoTruths Truths, CocoDetections Detections) Lists(
        LargeParameters parameters,
        IEnumerable<LargeImage> images,
        OverlapKind kind
    )
    {
        var (truths, found) = (ImmutableArray.CreateBuilder<CocoTruth>(), ImmutableArray.CreateBuilder<CocoDetection>());
        foreach (var image in images)
        {
            foreach (var truth in image.Truths)
            {
                truths.Add(
                    new CocoTruth(
                        image.Index,
                        truth.Class,
                        truths.Count + 1,
                        truth.Box,
                        truth.Area,
                        truth.IsCrowd,
                        kind == OverlapKind.Masks ? PackedRle.Of(truth.Mask) : null
                    )
                );
            }

            foreach (var item in image.Found)
            {
                var score = item.Score / 1024.0;
                found.Add(
                    kind == OverlapKind.Boxes
                        ? CocoDetection.OfBox(image.Index, item.Class, score, item.Box)
                        : CocoDetection.OfMask(image.Index, item.Class, score, item.Mask)
                );
            }
        }

        return (new CocoTruths(parameters.Images, parameters.Classes, truths.ToImmutable()), new CocoDetections(found.ToImmutable()));
    }

    private static Ellipse Draw(Steps random, Size2 size)
    {
        var (rx, ry) = random.R(3) switch
        {
            0 => (3 + random.R(10), 3 + random.R(10)),
            1 => (12 + random.R(32), 12 + random.R(32)),
            _ => (40 + random.R(90), 40 + random.R(70)),
        };
        return new Ellipse(random.R(size.Width), random.R(size.Height), rx, ry);
    }

    private static LargeItem Near(Steps random, LargeItem truth, int j, LargeParameters parameters)
    {
        var (size, (cx, cy, rx, ry)) = (parameters.Size, truth.Shape);
        var category = random.R(8) == 0 ? random.R(parameters.Classes) : truth.Class;
        var divisor = 16 >> j;
        var (e, f) = (1 + (rx / divisor), 1 + (ry / divisor));
        var shape = new Ellipse(
            Math.Clamp(cx + random.R((2 * e) + 1) - e, 0, size.Width - 1),
            Math.Clamp(cy + random.R((2 * f) + 1) - f, 0, size.Height - 1),
            Math.Max(1, rx + random.R((2 * e) + 1) - e),
            Math.Max(1, ry + random.R((2 * f) + 1) - f)
        );
        var (a, b) = (random.R(1024), random.R(1024));
        return new LargeItem(
            category,
            shape,
            false,
            j switch
            {
                0 => Math.Max(a, b),
                1 => a,
                _ => Math.Min(a, b),
            },
            MaskOf(shape, size)
        );
    }

    /// <summary>The pixels with ry²(x-cx)² + rx²(y-cy)² at most rx²ry², column by column.</summary>
    private static Rle MaskOf(Ellipse shape, Size2 size)
    {
        var (cx, cy, rx, ry) = shape;
        var counts = new List<uint>();
        var end = 0L;
        for (var x = Math.Max(0, cx - rx); x <= Math.Min(size.Width - 1, cx + rx); x++)
        {
            var room = ((long)rx * rx * ry * ry) - ((long)ry * ry * (x - cx) * (x - cx));
            var reach = (int)Math.Sqrt(room / (double)(rx * rx));
            reach +=
                (long)rx * rx * (reach + 1) * (reach + 1) <= room ? 1
                : (long)rx * rx * reach * reach > room ? -1
                : 0;
            var (top, bottom) = (Math.Max(0, cy - reach), Math.Min(size.Height - 1, cy + reach));
            var (start, length) = (((long)x * size.Height) + top, (uint)(bottom - top + 1));
            if (start == end && counts.Count > 0)
            {
                counts[^1] += length;
            }
            else
            {
                counts.Add((uint)(start - end));
                counts.Add(length);
            }

            end = start + length;
        }

        if (end < size.Area)
        {
            counts.Add((uint)(size.Area - end));
        }

        return new Rle(size, [.. counts]);
    }

    /// <summary>SplitMix64, remainders of its upper 31 bits.</summary>
    private sealed class Steps(ulong state)
    {
        private readonly Draws _draws = new(state);

        public int R(int n) => (int)((_draws.NextUInt64() >> 33) % (ulong)n);
    }
}
