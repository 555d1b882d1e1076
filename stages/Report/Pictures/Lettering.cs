using Motion.Contracts;

namespace Motion.Report.Pictures;

/// <summary>
/// Short texts drawn into pictures, in letters of 5x7 dots: no font of the system is asked for, so every machine draws the same.
/// </summary>
public static class Lettering
{
    private const int Columns = 5;
    private const int Rows = 7;

    /// <summary>Letters from the space to the tilde: five columns each, the lowest bit at the top.</summary>
    private static readonly byte[] Dots = Convert.FromHexString(
        "0000000000"
            + "00005F0000"
            + "0007000700"
            + "147F147F14"
            + "242A7F2A12"
            + "2313086462"
            + "3649552250"
            + "0005030000"
            + "001C224100"
            + "0041221C00"
            + "14083E0814"
            + "08083E0808"
            + "0050300000"
            + "0808080808"
            + "0060600000"
            + "2010080402"
            + "3E5149453E"
            + "00427F4000"
            + "4261514946"
            + "2141454B31"
            + "1814127F10"
            + "2745454539"
            + "3C4A494930"
            + "0171090503"
            + "3649494936"
            + "064949291E"
            + "0036360000"
            + "0056360000"
            + "0814224100"
            + "1414141414"
            + "0041221408"
            + "0201510906"
            + "324979413E"
            + "7E1111117E"
            + "7F49494936"
            + "3E41414122"
            + "7F4141221C"
            + "7F49494941"
            + "7F09090901"
            + "3E4149497A"
            + "7F0808087F"
            + "00417F4100"
            + "2040413F01"
            + "7F08142241"
            + "7F40404040"
            + "7F020C027F"
            + "7F0408107F"
            + "3E4141413E"
            + "7F09090906"
            + "3E4151215E"
            + "7F09192946"
            + "4649494931"
            + "01017F0101"
            + "3F4040403F"
            + "1F2040201F"
            + "3F4038403F"
            + "6314081463"
            + "0708700807"
            + "6151494543"
            + "007F414100"
            + "0204081020"
            + "0041417F00"
            + "0402010204"
            + "4040404040"
            + "0001020400"
            + "2054545478"
            + "7F48444438"
            + "3844444420"
            + "384444487F"
            + "3854545418"
            + "087E090102"
            + "0C5252523E"
            + "7F08040478"
            + "00447D4000"
            + "2040443D00"
            + "7F10284400"
            + "00417F4000"
            + "7C04180478"
            + "7C08040478"
            + "3844444438"
            + "7C14141408"
            + "081414187C"
            + "7C08040408"
            + "4854545420"
            + "043F444020"
            + "3C4040207C"
            + "1C2040201C"
            + "3C4030403C"
            + "4428102844"
            + "0C5050503C"
            + "4464544C44"
            + "0008364100"
            + "00007F0000"
            + "0041360800"
            + "1008081008"
    );

    /// <summary>Height and width of a text with its margin, in pixels.</summary>
    public static Size2 Measure(string text, int scale) => new((Rows + 2) * scale, ((text.Length * (Columns + 1)) + 1) * scale);

    /// <summary>
    /// Draws a text on a plate of a colour, black or white as it is read best; what does not fit into the picture is cut.
    /// </summary>
    /// <param name="canvas">Drawn into.</param>
    /// <param name="text">Letters beyond ASCII become question marks.</param>
    /// <param name="left">Of the plate, pixels.</param>
    /// <param name="top">Of the plate, pixels.</param>
    /// <param name="scale">Pixels a dot.</param>
    /// <param name="plate">Its colour.</param>
    public static void Draw(Pixels canvas, string text, int left, int top, int scale, (byte R, byte G, byte B) plate)
    {
        var size = Measure(text, scale);
        var ink = (299 * plate.R) + (587 * plate.G) + (114 * plate.B) > 128_000 ? (byte)0 : (byte)255;
        var area = (int)canvas.Size.Area;
        for (var y = Math.Max(0, top); y < Math.Min(canvas.Size.Height, top + size.Height); y++)
        {
            for (var x = Math.Max(0, left); x < Math.Min(canvas.Size.Width, left + size.Width); x++)
            {
                var isInk = IsInk(text, ((x - left) / scale) - 1, ((y - top) / scale) - 1);
                var at = (y * canvas.Size.Width) + x;
                (canvas.Planes[at], canvas.Planes[area + at], canvas.Planes[(2 * area) + at]) = isInk ? (ink, ink, ink) : plate;
            }
        }
    }

    private static bool IsInk(string text, int x, int y)
    {
        if (x < 0 || y is < 0 or >= Rows || x / (Columns + 1) >= text.Length || x % (Columns + 1) == Columns)
        {
            return false;
        }

        var letter = text[x / (Columns + 1)] is >= ' ' and <= '~' and var known ? known : '?';
        return ((Dots[((letter - ' ') * Columns) + (x % (Columns + 1))] >> y) & 1) != 0;
    }
}
