namespace Motion.DataSets;

/// <summary>A box that may be turned, in numbers of a file.</summary>
/// <param name="X">Left, before turning.</param>
/// <param name="Y">Top, before turning.</param>
/// <param name="Width">Before turning.</param>
/// <param name="Height">Before turning.</param>
/// <param name="Degrees">Clockwise.</param>
internal readonly record struct TurnedBox(double X, double Y, double Width, double Height, double Degrees)
{
    private const double MostPixels = 1e9;
    private const int Decimals = 6; // of a pixel: what interpolation and turning leave is rounding

    /// <summary>Between two: <paramref name="share"/> of the way from this to the other, the angle as a number like the others.</summary>
    public TurnedBox Towards(TurnedBox other, double share) =>
        new(
            Between(X, other.X, share),
            Between(Y, other.Y, share),
            Between(Width, other.Width, share),
            Between(Height, other.Height, share),
            Between(Degrees, other.Degrees, share)
        );

    /// <summary>The same with the angle on the shorter way.</summary>
    public TurnedBox TowardsByTheShorterWay(TurnedBox other, double share)
    {
        var way = Math.IEEERemainder(other.Degrees - Degrees, 360);
        return Towards(other with { Degrees = Degrees + way }, share);
    }

    public TurnedBox Scaled(double x, double y) => new(X * x, Y * y, Width * x, Height * y, Degrees);

    /// <summary>The upright box round it, turned about its centre.</summary>
    public StatedCorners? AboutCentre() => Round(X + (Width / 2), Y + (Height / 2));

    /// <summary>The upright box round it, turned about its top left corner.</summary>
    public StatedCorners? AboutCorner() => Round(X, Y);

    /// <summary>The upright box round these points; null where they are no pixels, or none.</summary>
    public static StatedCorners? Round(IReadOnlyCollection<(double X, double Y)> points)
    {
        if (points.Count == 0 || points.Any(point => !(Math.Abs(point.X) < MostPixels && Math.Abs(point.Y) < MostPixels)))
        {
            return null;
        }

        return new StatedCorners(
            Stated(points.Min(point => point.X)),
            Stated(points.Min(point => point.Y)),
            Stated(points.Max(point => point.X)),
            Stated(points.Max(point => point.Y))
        );
    }

    private StatedCorners? Round(double centreX, double centreY)
    {
        var (left, top, right, bottom) = (X, Y, X + Width, Y + Height);
        if (Degrees == 0)
        {
            return Round([(left, top), (right, bottom)]);
        }

        var (sin, cos) = Math.SinCos(Degrees * Math.PI / 180);
        (double, double) Turn(double x, double y) =>
            (centreX + ((x - centreX) * cos) - ((y - centreY) * sin), centreY + ((x - centreX) * sin) + ((y - centreY) * cos));
        return Round([Turn(left, top), Turn(right, top), Turn(right, bottom), Turn(left, bottom)]);
    }

    private static decimal Stated(double value) => (decimal)Math.Round(value, Decimals);

    private static double Between(double a, double b, double share) => a + ((b - a) * share);
}
