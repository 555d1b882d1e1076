using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Properties.Generators;
using Motion.Report.Pictures;
using Xunit;

namespace Motion.Properties.Report;

public sealed class OutlineProperties
{
    private static readonly Gen<(Size2 Size, byte[] Mask)> Masks =
        from h in Gen.Choose(1, 12)
        from w in Gen.Choose(1, 12)
        from density in Gen.Choose(0, 10)
        from pixels in Gen.Choose(0, 9).ArrayOf(h * w)
        select (new Size2(h, w), pixels.Select(p => (byte)(p < density ? 1 : 0)).ToArray());

    [Fact, Law]
    public void Trace_FilledByTheEvenOddRule_IsTheMask() =>
        Laws.Hold(Masks, drawn => Fill(Outline.Trace(drawn.Mask, drawn.Size), drawn.Size).SequenceEqual(drawn.Mask), cases: 300);

    [Fact, Law]
    public void Trace_AnyMask_EnclosesItsAreaAndTurnsAtEveryCorner() =>
        Laws.Hold(
            Masks,
            drawn =>
            {
                var loops = Outline.Trace(drawn.Mask, drawn.Size);
                return loops.Sum(Area) == drawn.Mask.Sum(pixel => pixel)
                    && loops.All(loop =>
                        loop.Length >= 4
                        && Enumerable
                            .Range(0, loop.Length)
                            .All(i => (loop[i].X == loop[(i + 1) % loop.Length].X) != (loop[i].Y == loop[(i + 1) % loop.Length].Y))
                    );
            }
        );

    [Fact]
    public void Trace_RingWithAHole_IsAnOuterLoopAndAnInnerOne()
    {
        byte[] ring = [1, 1, 1, 1, 0, 1, 1, 1, 1];
        var loops = Outline.Trace(ring, new Size2(3, 3));
        Assert.Equal([9.0, -1], loops.Select(Area));
        Assert.Equal("M0 0l3 0 0 3 -3 0zM1 1l0 1 1 0 0 -1z", Outline.Path(loops));
    }

    [Fact, Law]
    public void Simplify_AnyLoop_StaysWithinTheToleranceOfIt() =>
        Laws.Hold(
            Masks,
            drawn =>
                Outline
                    .Trace(drawn.Mask, drawn.Size)
                    .All(loop =>
                        new[] { 0.0, 0.7, 1.5 }.All(tolerance =>
                        {
                            var simple = Outline.Simplify(loop, tolerance);
                            return simple.All(loop.Contains)
                                && loop.All(corner =>
                                    Enumerable
                                        .Range(0, simple.Length)
                                        .Min(i => Outline.Distance(corner, simple[i], simple[(i + 1) % simple.Length]))
                                    <= tolerance + 1e-9
                                );
                        })
                    )
        );

    [Fact]
    public void Simplify_StaircaseOfADisc_HasFarFewerCorners()
    {
        var size = new Size2(64, 64);
        var disc = new byte[64 * 64];
        for (var i = 0; i < disc.Length; i++)
        {
            disc[i] = (byte)(Math.Pow((i % 64) - 31.5, 2) + Math.Pow((i / 64) - 31.5, 2) < 30 * 30 ? 1 : 0);
        }

        var loop = Outline.Trace(disc, size).Single();
        var simple = Outline.Simplify(loop, 1);
        Assert.True(simple.Length * 4 < loop.Length, $"{simple.Length} of {loop.Length}");
        Assert.InRange(Area(simple) / disc.Sum(pixel => pixel), 0.97, 1.03);
    }

    [Fact, Law]
    public void MaskAt_OwnSize_IsTheMaskAndTwiceItIsEachPixelFourTimes() =>
        Laws.Hold(
            Masks,
            drawn =>
            {
                var (size, mask) = drawn;
                var rle = Rles.Encode(mask, size);
                var twice = Pixels.MaskAt(rle, new Size2(2 * size.Height, 2 * size.Width));
                return Pixels.MaskAt(rle, size).SequenceEqual(mask)
                    && Enumerable
                        .Range(0, twice.Length)
                        .All(i => twice[i] == mask[(i / (2 * size.Width) / 2 * size.Width) + (i % (2 * size.Width) / 2)]);
            }
        );

    /// <summary>Positive for loops that run clockwise on the screen.</summary>
    private static double Area(ImmutableArray<Corner> loop) =>
        Enumerable
            .Range(0, loop.Length)
            .Sum(i => ((double)loop[i].X * loop[(i + 1) % loop.Length].Y) - ((double)loop[(i + 1) % loop.Length].X * loop[i].Y)) / 2;

    private static byte[] Fill(ImmutableArray<ImmutableArray<Corner>> loops, Size2 size)
    {
        var mask = new byte[size.Area];
        foreach (var loop in loops)
        {
            for (var i = 0; i < loop.Length; i++)
            {
                var (a, b) = (loop[i], loop[(i + 1) % loop.Length]);
                for (var y = Math.Min(a.Y, b.Y); y < Math.Max(a.Y, b.Y); y++)
                {
                    for (var x = a.X; x < size.Width; x++)
                    {
                        mask[(y * size.Width) + x] ^= 1; // right of an upright edge inside and outside change places
                    }
                }
            }
        }

        return mask;
    }
}
