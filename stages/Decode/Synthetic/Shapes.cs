using System.Diagnostics;

namespace Motion.Decode.Synthetic;

/// <summary>The silhouettes: signed distances (negative inside), near the outline in units of the argument's.</summary>
internal static class Shapes
{
    private static readonly (double X, double Y)[] Star =
    [
        .. Enumerable.Range(0, 5).Select(k => Math.SinCos((2 * Math.PI * k / 5) + (Math.PI / 10)) is var (s, c) ? (c, s) : default),
    ];

    /// <summary>Distance of (x, y) from the outline of a shape that touches the circle of the given radius about the origin.</summary>
    public static double Distance(ShapeKind shape, double x, double y, double radius) =>
        shape switch
        {
            ShapeKind.Disc => Math.Sqrt((x * x) + (y * y)) - radius,
            ShapeKind.Box => Math.Max(Math.Abs(x) - (0.8 * radius), Math.Abs(y) - (0.6 * radius)),
            ShapeKind.Triangle => Math.Max(y - (radius / 2), (Math.Abs(x) * 0.8660254037844386) - (y / 2) - (radius / 2)),
            ShapeKind.Star => SecondLargest(x, y) - (0.309 * radius), // five half-planes, all but one of which hold in the points of a star
            ShapeKind.Cross => Math.Min(
                Math.Max(Math.Abs(x) - (0.95 * radius), Math.Abs(y) - (0.31 * radius)),
                Math.Max(Math.Abs(x) - (0.31 * radius), Math.Abs(y) - (0.95 * radius))
            ),
            _ => throw new UnreachableException(),
        };

    private static double SecondLargest(double x, double y)
    {
        var (first, second) = (double.NegativeInfinity, double.NegativeInfinity);
        foreach (var (nx, ny) in Star)
        {
            var d = (nx * x) + (ny * y);
            (first, second) = d > first ? (d, first) : (first, Math.Max(second, d));
        }

        return second;
    }
}
