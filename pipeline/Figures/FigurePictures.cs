using Motion.Contracts;
using Motion.Kernels;
using Motion.Report.Pictures;
using Motion.Runner.Yaml;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Figures;

/// <summary>Pictures side by side, and maps as pictures.</summary>
internal static class FigurePictures
{
    private const int Gutter = 6; // pixels of white between two pictures

    /// <summary>Rows of pictures of one size, with a white gutter between them.</summary>
    public static Pixels Grid(Pixels[][] rows)
    {
        var (cell, columns) = (rows[0][0].Size, rows.Max(row => row.Length));
        var size = new Size2((rows.Length * (cell.Height + Gutter)) - Gutter, (columns * (cell.Width + Gutter)) - Gutter);
        var planes = new byte[3 * size.Area];
        Array.Fill(planes, byte.MaxValue);
        foreach (var (r, row) in rows.Index())
        {
            foreach (var (c, picture) in row.Index())
            {
                Place(picture, planes, size, r * (cell.Height + Gutter), c * (cell.Width + Gutter));
            }
        }

        return new(size, planes);
    }

    private static void Place(Pixels picture, byte[] planes, Size2 size, int top, int left)
    {
        var (h, w) = (picture.Size.Height, picture.Size.Width);
        for (var plane = 0; plane < 3; plane++)
        {
            for (var y = 0; y < h; y++)
            {
                picture
                    .Planes.AsSpan(((plane * h) + y) * w, w)
                    .CopyTo(planes.AsSpan((int)((plane * size.Area) + ((top + y) * (long)size.Width) + left)));
            }
        }
    }

    /// <summary>A map as heat: black, red, yellow, white from its least to its greatest value; one value everywhere is black.</summary>
    /// <param name="map">float32 [H, W], finite.</param>
    public static Pixels Heat(Tensor map)
    {
        using var scope = NewDisposeScope();
        var (h, w) = ((int)map.shape[0], (int)map.shape[1]);
        var values = map.Elements<float>();
        var (least, greatest) = (values.Min(), values.Max());
        var planes = new byte[3 * values.Length];
        for (var at = 0; at < values.Length; at++)
        {
            // 0 .. 3: each third of the scale fills one channel
            var heat = greatest > least ? 3 * (values[at] - least) / (greatest - least) : 0;
            for (var channel = 0; channel < 3; channel++)
            {
                planes[(channel * values.Length) + at] = (byte)MathF.Round(255 * Math.Clamp(heat - channel, 0, 1));
            }
        }

        return new(new(h, w), planes);
    }

    /// <summary>Motion in the wheel's colours.</summary>
    public static Pixels Flow(FlowFrame frame)
    {
        using var scope = NewDisposeScope();
        return Pixels.Of(FlowColour.Wheel(frame.Flow));
    }
}
