using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Report.Pictures;

namespace Motion.Pipeline.Labelling;

/// <summary>
/// What a mask is worth, from what speaks for it; no true mask is needed. What goes wrong goes wrong in one way above all: the mask is the
/// box, or a part of it that the box cuts off, and the network is sure of it. So what counts is how much of the mask's outline is its own
/// and not the box's, and whether the picture changes there.
/// </summary>
internal static class Quality
{
    // The straight line from what speaks for a mask to its overlap with the true one, by least squares over 456 masks of 12 clips
    // (README.md).
    private const double Least = 0.21;
    private const double Most = 1;

    /// <param name="mask">With what speaks for it.</param>
    /// <param name="box">Its box.</param>
    /// <param name="picture">The frame.</param>
    /// <param name="steadiness">Overlap with what its neighbours in time say.</param>
    /// <returns>0 to 1.</returns>
    public static double Of(BoxMask mask, Box box, Pixels picture, double steadiness)
    {
        var (own, contrast) = Outline(mask.Mask, box, picture);
        return Math.Clamp(Least + ((Most - Least) * own * contrast * steadiness * mask.Agreement), 0, 1);
    }

    /// <summary>
    /// The share of a mask's outline that is not its box's, and how much more the picture changes across it than elsewhere in the box: 1/2
    /// for as much.
    /// </summary>
    public static (double Own, double Contrast) Outline(Rle mask, Box box, Pixels picture)
    {
        var (height, width) = (picture.Size.Height, picture.Size.Width);
        var inside = Pixels.MaskAt(mask, picture.Size);
        var b = box.Scale((double)width / mask.Size.Width, (double)height / mask.Size.Height);
        var (left, top) = (Math.Clamp((int)MathF.Round(b.X1), 0, width - 1), Math.Clamp((int)MathF.Round(b.Y1), 0, height - 1));
        var (right, bottom) = (Math.Clamp((int)MathF.Round(b.X2), left + 1, width), Math.Clamp((int)MathF.Round(b.Y2), top + 1, height));
        var (own, onBox, across, elsewhere, others) = (0L, 0L, 0.0, 0.0, 0L);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var at = (y * width) + x;
                if (inside[at] != 0)
                    onBox += (x == left ? 1 : 0) + (x == right - 1 ? 1 : 0) + (y == top ? 1 : 0) + (y == bottom - 1 ? 1 : 0);
                if (x + 1 < right)
                    See(at, at + 1);
                if (y + 1 < bottom)
                    See(at, at + width);
            }
        }

        var (border, plain) = (own == 0 ? 0 : across / own, others == 0 ? 0 : elsewhere / others);
        return (own + onBox == 0 ? 0 : (double)own / (own + onBox), border + plain == 0 ? 0.5 : border / (border + plain));

        void See(int here, int there)
        {
            var area = (int)picture.Size.Area;
            var change =
                Math.Abs(picture.Planes[here] - picture.Planes[there])
                + Math.Abs(picture.Planes[area + here] - picture.Planes[area + there])
                + Math.Abs(picture.Planes[(2 * area) + here] - picture.Planes[(2 * area) + there]);
            if (inside[here] != inside[there])
                (own, across) = (own + 1, across + change);
            else
                (others, elsewhere) = (others + 1, elsewhere + change);
        }
    }
}
