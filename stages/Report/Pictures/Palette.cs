namespace Motion.Report.Pictures;

/// <summary>
/// Colours of objects: bright enough for dark pictures, told apart by most kinds of colour vision when next to each other.
/// </summary>
public static class Palette
{
    private static readonly (byte R, byte G, byte B)[] Colours =
    [
        (255, 90, 95),
        (0, 190, 220),
        (255, 180, 0),
        (140, 110, 255),
        (60, 200, 120),
        (255, 120, 200),
        (170, 215, 0),
        (255, 130, 45),
        (80, 150, 255),
        (205, 170, 60),
    ];

    /// <summary>Colour of the n-th object of a picture; they repeat after ten.</summary>
    public static (byte R, byte G, byte B) At(int n) => Colours[n % Colours.Length];

    public static string Hex(int n) => At(n) is var (r, g, b) ? $"#{r:x2}{g:x2}{b:x2}" : "";
}
