using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using TorchSharp;

namespace Motion.Properties.Evaluate;

/// <summary>One object: a rectangle or the ellipse in it, that moves by whole pixels a frame.</summary>
public sealed record Mover(int Class, bool Round, int X, int Y, int Width, int Height, int Right, int Down);

/// <summary>Objects that move rigidly before a background at rest, each in a lane of its own; with the flow of every pixel.</summary>
public sealed record MovingScene(ImmutableArray<Mover> Movers, int Frames)
{
    private const int LaneHeight = 40;
    private const int Side = 200;

    public Size2 Size => new(LaneHeight * Math.Max(1, Movers.Length), Side);

    /// <summary>Movers never leave the frame and never meet.</summary>
    public static Gen<MovingScene> Some { get; } =
        from count in Gen.Choose(1, 3)
        from frames in Gen.Choose(2, 5)
        from shapes in Shape.ArrayOf(count)
        select new MovingScene([.. shapes.Select((shape, lane) => shape with { Y = shape.Y + (lane * LaneHeight) })], frames);

    private static Gen<Mover> Shape { get; } =
        from category in Gen.Choose(0, 2)
        from round in Gen.Elements(false, true)
        from width in Gen.Choose(3, 20)
        from height in Gen.Choose(3, 14)
        from right in Gen.Choose(-24, 24)
        from down in Gen.Choose(-2, 2)
        select new Mover(category, round, 100 - (width / 2), 12, width, height, right, down);

    public Rle MaskOf(Mover mover, int frame)
    {
        var pixels = new byte[Size.Area];
        for (var y = 0; y < mover.Height; y++)
        {
            for (var x = 0; x < mover.Width; x++)
            {
                var (dx, dy) = (((2 * x) + 1 - mover.Width) / (double)mover.Width, ((2 * y) + 1 - mover.Height) / (double)mover.Height);
                var (column, row) = (mover.X + x + (frame * mover.Right), mover.Y + y + (frame * mover.Down));
                if (!mover.Round || (dx * dx) + (dy * dy) <= 1)
                {
                    pixels[(row * Size.Width) + column] = 1;
                }
            }
        }

        return Rles.Encode(pixels, Size);
    }

    /// <summary>The frame with each object found as it is, in the order given.</summary>
    public Detections Frame(int frame, IEnumerable<int> order) =>
        new(
            new FrameKey(frame, "clip", frame),
            Size,
            [
                .. order.Select(i => new Detection(
                    Rles.Box(MaskOf(Movers[i], frame)),
                    ScoreOf(i, frame),
                    Movers[i].Class,
                    MaskOf(Movers[i], frame)
                )),
            ],
            new Annotation([
                .. Movers.Select((mover, i) => new Instance(i + 1, mover.Class, Rles.Box(MaskOf(mover, frame)), MaskOf(mover, frame))),
            ])
        );

    public Detections Frame(int frame) => Frame(frame, Enumerable.Range(0, Movers.Length));

    /// <summary>No two are equal.</summary>
    private static float ScoreOf(int mover, int frame) => 0.9f - (0.07f * mover) - (0.01f * frame);

    /// <summary>The exact flow: that of the object where there is one, else none.</summary>
    public FlowPlanes Flow(int frame)
    {
        using var flow = FlowTensor(frame);
        return FlowPlanes.Of(flow, Size);
    }

    /// <summary>float32 [2, H, W].</summary>
    public torch.Tensor FlowTensor(int frame)
    {
        var vectors = new float[2 * Size.Area];
        foreach (var mover in Movers)
        {
            var pixels = Rles.Decode(MaskOf(mover, frame));
            for (var i = 0; i < pixels.Length; i++)
            {
                if (pixels[i] == 1)
                {
                    (vectors[i], vectors[i + pixels.Length]) = (mover.Right, mover.Down);
                }
            }
        }

        return torch.tensor(vectors, [2, Size.Height, Size.Width]);
    }

    /// <summary>How far objects may go: kept inside the frame.</summary>
    public MovingScene Within =>
        this with
        {
            Movers =
            [
                .. Movers.Select(mover =>
                    mover with
                    {
                        Right = Math.Clamp(mover.Right, -80 / Frames, 80 / Frames),
                        Down = Math.Clamp(mover.Down, -10 / Frames, 10 / Frames),
                    }
                ),
            ],
        };
}
