using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A mask as CVAT writes it: within its own box, run lengths along the rows, starting with zeros.</summary>
/// <param name="At">The box, in whole pixels of the frame.</param>
/// <param name="Runs">They add up to the box's pixels.</param>
internal sealed record CroppedMask(RleBounds At, ImmutableArray<uint> Runs)
{
    /// <summary>Of a mask with at least a pixel.</summary>
    public static CroppedMask Of(Rle mask)
    {
        var (at, pixels) = (Rles.Bounds(mask), Rles.Decode(mask));
        var runs = ImmutableArray.CreateBuilder<uint>();
        var (last, length) = ((byte)0, 0U);
        for (var y = at.Y; y < at.Y + at.Height; y++)
        {
            foreach (var pixel in pixels.AsSpan((y * mask.Size.Width) + at.X, at.Width))
            {
                if (pixel != last)
                {
                    runs.Add(length);
                    (last, length) = (pixel, 0);
                }

                length++;
            }
        }

        runs.Add(length);
        return new CroppedMask(at, runs.ToImmutable());
    }

    /// <summary>From the text of a file; null where the runs are no numbers or do not fill the box.</summary>
    public static CroppedMask? Parse(string text, RleBounds at)
    {
        var (runs, sum) = (ImmutableArray.CreateBuilder<uint>(), 0L);
        foreach (var part in text.AsSpan().Split(','))
        {
            if (!uint.TryParse(text.AsSpan(part).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var run))
            {
                return null;
            }

            sum += run;
            runs.Add(run);
        }

        return at is { Width: > 0, Height: > 0 } && sum == (long)at.Width * at.Height ? new CroppedMask(at, runs.ToImmutable()) : null;
    }

    /// <summary>The mask in its frame; what lies outside it is cut.</summary>
    public Rle In(Size2 size)
    {
        var pixels = new byte[size.Area];
        var end = 0L;
        foreach (var (i, run) in Runs.Index())
        {
            var start = end;
            end += run;
            var (first, last) = (Math.Max(start / At.Width, -(long)At.Y), Math.Min((end - 1) / At.Width, size.Height - 1L - At.Y));
            for (var row = first; i % 2 == 1 && row <= last; row++)
            {
                var from = Math.Max(At.X + Math.Max(start - (row * At.Width), 0), 0);
                var to = Math.Min(At.X + Math.Min(end - (row * At.Width), At.Width), size.Width);
                if (from < to)
                {
                    pixels.AsSpan((int)(((At.Y + row) * size.Width) + from), (int)(to - from)).Fill(1);
                }
            }
        }

        return Rles.Encode(pixels, size);
    }
}
