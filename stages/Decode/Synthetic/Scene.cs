using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Decode.Synthetic;

/// <summary>x' = A x + B y + X, y' = C x + D y + Y.</summary>
internal readonly record struct Affine(double A, double B, double X, double C, double D, double Y)
{
    public static Affine Similarity(double angle, double scale, double x, double y) =>
        Math.SinCos(angle) is var (sin, cos) ? new Affine(scale * cos, -scale * sin, x, scale * sin, scale * cos, y) : default;

    public (double X, double Y) Apply(double x, double y) => ((A * x) + (B * y) + X, (C * x) + (D * y) + Y);

    /// <summary>First <paramref name="inner"/>, then this.</summary>
    public Affine After(Affine inner) =>
        new(
            (A * inner.A) + (B * inner.C),
            (A * inner.B) + (B * inner.D),
            (A * inner.X) + (B * inner.Y) + X,
            (C * inner.A) + (D * inner.C),
            (C * inner.B) + (D * inner.D),
            (C * inner.X) + (D * inner.Y) + Y
        );

    public Affine Inverse()
    {
        var det = (A * D) - (B * C);
        var (a, b, c, d) = (D / det, -B / det, -C / det, A / det);
        return new Affine(a, b, -(a * X) - (b * Y), c, d, -(c * X) - (d * Y));
    }
}

/// <summary>
/// Motion on a circle with a constant speed, so that it never rests and never leaves: at frame t the position is centre + radius * (cos,
/// sin)(phase + rate * t); the rate is speed / radius.
/// </summary>
internal readonly record struct Orbit(double CentreX, double CentreY, double Radius, double Phase, double Rate)
{
    public (double X, double Y) At(double t) =>
        Math.SinCos(Phase + (Rate * t)) is var (sin, cos) ? (CentreX + (Radius * cos), CentreY + (Radius * sin)) : default;
}

/// <summary>A shape in front of the background.</summary>
/// <param name="Id">From 1; from 101 where camouflaged.</param>
/// <param name="Shape">Its silhouette.</param>
/// <param name="Class">Index into the configured shapes.</param>
/// <param name="Radius">Half the diameter at scale 1, pixels.</param>
/// <param name="Texture">What it wears.</param>
/// <param name="ToTexture">From its own coordinates to the texture's.</param>
/// <param name="Path">Of its origin, in the world's pixels.</param>
/// <param name="Angle">At frame 0, radians.</param>
/// <param name="Spin">Radians a frame.</param>
/// <param name="Breath">Amplitude of its growing and shrinking, a share of its size.</param>
internal sealed record Actor(
    int Id,
    ShapeKind Shape,
    int Class,
    double Radius,
    Tile Texture,
    Affine ToTexture,
    Orbit Path,
    double Angle,
    double Spin,
    double Breath
)
{
    /// <summary>From the actor's coordinates to the world's, at frame t.</summary>
    public Affine Pose(double t) =>
        Path.At(t) is var (x, y) ? Affine.Similarity(Angle + (Spin * t), 1 + (Breath * Math.Sin(Path.Phase + (0.2 * t))), x, y) : default;
}

/// <summary>One synthetic clip: everything that its frames follow from.</summary>
/// <param name="Size">Of the frames, pixels.</param>
/// <param name="Background">What the world is covered with.</param>
/// <param name="Camera">Shift of the world against the screen.</param>
/// <param name="Zoom">Amplitude of the camera's zoom, a share.</param>
/// <param name="Actors">Back to front.</param>
internal sealed record Scene(Size2 Size, Tile Background, Orbit Camera, double Zoom, ImmutableArray<Actor> Actors)
{
    private const int Tries = 24;
    private const double Crowding = 0.65; // of the sum of two radii: nearer than this counts as too much overlap

    /// <summary>From the world's pixels to the screen's, at frame t.</summary>
    public Affine View(double t)
    {
        var (x, y) = Camera.At(t);
        var (cx, cy) = (Size.Width / 2.0, Size.Height / 2.0);
        var scale = 1 + (Zoom * Math.Sin(Camera.Phase + (0.15 * t)));
        return new Affine(scale, 0, cx - (scale * (cx + x)), 0, scale, cy - (scale * (cy + y)));
    }

    /// <summary>The clip that a seed gives. The options have been checked.</summary>
    public static Scene Make(SyntheticOptions options, Seed seed)
    {
        var draws = seed.Derive("scene").Draws();
        var size = new Size2(options.Height, options.Width);
        var background = Tile.Make(Pick(options.Textures, draws), 128, seed.Derive("background"));
        var camera = Path(
            draws,
            0,
            0,
            draws.NextDouble(0.1, 0.3) * size.Shortest,
            draws.NextDouble(0, options.CameraSpeed),
            options.Frames / 2
        );
        var zoom = draws.NextDouble(0, 0.03);
        var count = options.ObjectsMin + draws.Next(options.ObjectsMax - options.ObjectsMin + 1);
        ImmutableArray<Actor> actors = [];
        for (var i = 0; i < count; i++)
        {
            actors = actors.Add(Cast(options, size, background, actors, draws, seed.Derive("actor").Derive(i)));
        }

        return new Scene(size, background, camera, zoom, actors);
    }

    private static Actor Cast(SyntheticOptions options, Size2 size, Tile background, ImmutableArray<Actor> others, Draws draws, Seed seed)
    {
        var hidden = draws.NextDouble() < options.Camouflaged;
        var texture = hidden ? background : Tile.Make(Pick(options.Textures, draws), 64, seed.Derive("texture"));
        var kind = draws.Next(options.Shapes.Length);
        var radius = draws.NextDouble(options.SizeMin, options.SizeMax) * size.Shortest / 2;
        var (x, y) = Place(size, radius, others, draws);
        var actor = new Actor(
            (hidden ? 101 : 1) + others.Length,
            options.Shapes[kind],
            kind,
            radius,
            texture,
            Affine.Similarity(0, 1, draws.NextDouble(0, texture.Side), draws.NextDouble(0, texture.Side)),
            Path(
                draws,
                x,
                y,
                draws.NextDouble(0.06, 0.16) * size.Shortest,
                draws.NextDouble(options.SpeedMin, options.SpeedMax),
                options.Frames / 2
            ),
            draws.NextDouble(0, 2 * Math.PI),
            draws.NextDouble(-1, 1) * options.Rotation * Math.PI / 180,
            draws.NextDouble(0, 0.08)
        );
        return hidden ? actor with { ToTexture = actor.Pose(options.Frames / 2) } : actor; // a piece of the background, cut out in mid-clip
    }

    /// <summary>
    /// A place inside the frame, clear of the others if a few tries find one: objects overlap, but seldom hide one another.
    /// </summary>
    private static (double X, double Y) Place(Size2 size, double radius, ImmutableArray<Actor> others, Draws draws)
    {
        var (x, y) = (0.0, 0.0);
        for (var i = 0; i < Tries; i++)
        {
            (x, y) = (
                draws.NextDouble(0.6 * radius, size.Width - (0.6 * radius)),
                draws.NextDouble(0.6 * radius, size.Height - (0.6 * radius))
            );
            if (others.All(o => Math.Sqrt(Square(o.Path.CentreX - x) + Square(o.Path.CentreY - y)) > Crowding * (o.Radius + radius)))
            {
                break;
            }
        }

        return (x, y);
    }

    /// <summary>An orbit that is at (x, y) in the middle of the clip.</summary>
    private static Orbit Path(Draws draws, double x, double y, double radius, double speed, int middle)
    {
        var around = new Orbit(0, 0, radius, draws.NextDouble(0, 2 * Math.PI), (draws.Next(2) == 0 ? 1 : -1) * speed / radius);
        var (dx, dy) = around.At(middle);
        return around with { CentreX = x - dx, CentreY = y - dy };
    }

    private static TextureKind Pick(ImmutableArray<TextureKind> kinds, Draws draws) => kinds[draws.Next(kinds.Length)];

    private static double Square(double x) => x * x;
}
