using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Properties.Generators;

/// <summary>A picture's size and the seed of what is drawn in it.</summary>
public sealed record Sketch(Size2 Size, ulong Seed) : IKnowsItsKinds
{
    public IEnumerable<string> Kinds() =>
        [Generators.Kinds.OfSize(Size), int.IsOddInteger(Size.Width) || int.IsOddInteger(Size.Height) ? "an odd side" : "even sides"];
}

/// <summary>Flow fields and pictures for laws.</summary>
public static class FlowFields
{
    /// <summary>Sides from 1, odd and even, mostly small.</summary>
    public static Gen<Sketch> Sketches(int longest = 24) =>
        from height in Gen.Choose(1, longest)
        from width in Gen.Choose(1, longest)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Sketch(new Size2(height, width), (ulong)seed);

    /// <summary>float32 [2, H, W], normal with the given deviation in pixels.</summary>
    public static Tensor Flow(Sketch sketch, double deviation = 5)
    {
        var draws = new Seed(sketch.Seed).Derive("flow").Draws();
        var values = new float[2 * sketch.Size.Area];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(deviation * draws.NextNormal());
        }

        return tensor(values, [2, sketch.Size.Height, sketch.Size.Width]);
    }

    /// <summary>uint8 [3, H, W]: smooth waves, so that bilinear and convolutional things have something to follow.</summary>
    public static Tensor Picture(Sketch sketch, double right = 0, double down = 0)
    {
        var draws = new Seed(sketch.Seed).Derive("picture").Draws();
        var waves = Enumerable
            .Range(0, 6)
            .Select(_ => (Fx: draws.NextDouble(-0.6, 0.6), Fy: draws.NextDouble(-0.6, 0.6), At: draws.NextDouble(0, 6.28)))
            .ToArray();
        var bytes = new byte[3 * sketch.Size.Area];
        var next = 0;
        for (var channel = 0; channel < 3; channel++)
        {
            for (var y = 0; y < sketch.Size.Height; y++)
            {
                for (var x = 0; x < sketch.Size.Width; x++)
                {
                    var sum = waves.Sum(wave => Math.Sin((wave.Fx * (x - right)) + (wave.Fy * (y - down)) + wave.At + channel));
                    bytes[next++] = (byte)Math.Clamp(127.5 + (28 * sum), 0, 255);
                }
            }
        }

        return tensor(bytes, [3, sketch.Size.Height, sketch.Size.Width]);
    }
}
