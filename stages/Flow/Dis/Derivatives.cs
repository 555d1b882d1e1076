using System.Runtime.Intrinsics;

namespace Motion.Flow;

/// <summary>Central differences of a picture whose border is its edge repeated.</summary>
internal static class Derivatives
{
    /// <summary>(I(x + 1) - I(x - 1)) / 2 and the same downwards, a unit a pixel; their borders are the edge repeated.</summary>
    public static (Plane X, Plane Y) Of(Plane picture, int threads)
    {
        var (dx, dy) = (new Plane(picture.Size), new Plane(picture.Size));
        Bands.Over(
            picture.Height,
            picture.Width,
            threads,
            (from, to) =>
            {
                for (var y = from; y < to; y++)
                {
                    Row(picture, dx, y, horizontal: true);
                    Row(picture, dy, y, horizontal: false);
                }
            }
        );
        dx.Extend();
        dy.Extend();
        return (dx, dy);
    }

    private static void Row(Plane picture, Plane to, int y, bool horizontal)
    {
        var before = horizontal ? picture.Row(y) : picture.Row(y - 1);
        var after = horizontal ? picture.Row(y) : picture.Row(y + 1);
        var step = horizontal ? 1 : 0;
        var row = to.Row(y);
        for (var x = 0; x < picture.Width; x += Plane.Lanes)
            Plane.Put((Plane.At(after, x + step) - Plane.At(before, x - step)) * 0.5f, row, x);
    }
}
