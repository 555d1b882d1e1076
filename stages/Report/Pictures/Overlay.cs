using Motion.Contracts;

namespace Motion.Report.Pictures;

/// <summary>Masks and boxes drawn into a picture, for the PNG files.</summary>
public static class Overlay
{
    private const double Opacity = 0.45;
    private const int Dash = 4;

    /// <summary>
    /// The frame with each object's mask tinted and outlined and its box around it; the annotated boxes are dashed white.
    /// </summary>
    /// <param name="picture">The frame, perhaps smaller than the original.</param>
    /// <param name="original">Size that boxes and masks are in.</param>
    /// <param name="found">The first in front.</param>
    /// <param name="truth">Annotated objects.</param>
    public static Pixels Draw(Pixels picture, Size2 original, IReadOnlyList<Detection> found, IReadOnlyList<Instance> truth)
    {
        var canvas = new Pixels(picture.Size, [.. picture.Planes]);
        var (sx, sy) = (picture.Size.Width / (double)original.Width, picture.Size.Height / (double)original.Height);
        for (var i = found.Count - 1; i >= 0; i--)
        {
            if (found[i].Mask is { } mask)
            {
                Tint(canvas, Pixels.MaskAt(mask, canvas.Size), Palette.At(i));
            }

            Frame(canvas, found[i].Box.Scale(sx, sy), Palette.At(i), dashed: false);
        }

        foreach (var instance in truth)
        {
            Frame(canvas, instance.Box.Scale(sx, sy), (255, 255, 255), dashed: true);
        }

        return canvas;
    }

    /// <summary>Blends a colour in; the mask's own border pixels get all of it.</summary>
    private static void Tint(Pixels canvas, byte[] mask, (byte R, byte G, byte B) colour)
    {
        var (h, w) = (canvas.Size.Height, canvas.Size.Width);
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                var at = (y * w) + x;
                if (mask[at] != 0)
                {
                    var isBorder =
                        y == 0 || x == 0 || y == h - 1 || x == w - 1 || (mask[at - 1] & mask[at + 1] & mask[at - w] & mask[at + w]) == 0;
                    Blend(canvas, at, colour, isBorder ? 1 : Opacity);
                }
            }
        }
    }

    private static void Frame(Pixels canvas, Box box, (byte R, byte G, byte B) colour, bool dashed)
    {
        var (left, top) = (Math.Clamp((int)box.X1, 0, canvas.Size.Width - 1), Math.Clamp((int)box.Y1, 0, canvas.Size.Height - 1));
        var (right, bottom) = (
            Math.Clamp((int)MathF.Ceiling(box.X2) - 1, left, canvas.Size.Width - 1),
            Math.Clamp((int)MathF.Ceiling(box.Y2) - 1, top, canvas.Size.Height - 1)
        );
        for (var x = left; x <= right; x++)
        {
            Dot(canvas, top, x, colour, dashed && (x - left) / Dash % 2 == 1);
            Dot(canvas, bottom, x, colour, dashed && (x - left) / Dash % 2 == 1);
        }

        for (var y = top; y <= bottom; y++)
        {
            Dot(canvas, y, left, colour, dashed && (y - top) / Dash % 2 == 1);
            Dot(canvas, y, right, colour, dashed && (y - top) / Dash % 2 == 1);
        }
    }

    private static void Dot(Pixels canvas, int y, int x, (byte R, byte G, byte B) colour, bool isGap) =>
        // dark gaps: seen on white too
        Blend(canvas, (y * canvas.Size.Width) + x, isGap ? ((byte)0, (byte)0, (byte)0) : colour, isGap ? Opacity : 1);

    private static void Blend(Pixels canvas, int at, (byte R, byte G, byte B) colour, double opacity)
    {
        var area = (int)canvas.Size.Area;
        canvas.Planes[at] = Mix(canvas.Planes[at], colour.R, opacity);
        canvas.Planes[area + at] = Mix(canvas.Planes[area + at], colour.G, opacity);
        canvas.Planes[(2 * area) + at] = Mix(canvas.Planes[(2 * area) + at], colour.B, opacity);
    }

    private static byte Mix(byte under, byte over, double opacity) => (byte)Math.Round((under * (1 - opacity)) + (over * opacity));
}
