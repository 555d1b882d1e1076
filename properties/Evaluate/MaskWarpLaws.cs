using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Evaluate;

public static class MaskWarpLaws
{
    private static Gen<(Picture Picture, int Right, int Down)> Moves { get; } =
        from size in Pictures.Sizes
        from picture in Pictures.Of(size)
        from right in Gen.Choose(-20, 20)
        from down in Gen.Choose(-20, 20)
        select (picture, right, down);

    private static FlowPlanes Constant(Size2 size, float u, float v)
    {
        using var flow = torch.stack(
            [torch.full([size.Height, size.Width], Held.Of(u)), torch.full([size.Height, size.Width], Held.Of(v))],
            0
        );
        return FlowPlanes.Of(flow, size);
    }

    /// <summary>The obvious way: every pixel of the picture to its place, those outside dropped.</summary>
    private static Rle Moved(Picture picture, int right, int down)
    {
        var (h, w) = (picture.Size.Height, picture.Size.Width);
        var pixels = new byte[picture.Pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x) = ((i / w) + down, (i % w) + right);
            if (picture.Pixels[i] == 1 && y >= 0 && y < h && x >= 0 && x < w)
            {
                pixels[(y * w) + x] = 1;
            }
        }

        return Rles.Encode(pixels, picture.Size);
    }

    [Fact, Law]
    public static void Along_WholePixels_IsExact() =>
        Laws.Hold(
            Moves,
            move =>
            {
                var (mask, mean) = MaskWarp.Along(move.Picture.Mask, Constant(move.Picture.Size, move.Right, move.Down));
                return Rles.Same(mask, Moved(move.Picture, move.Right, move.Down))
                    && (Rles.Area(move.Picture.Mask) == 0 || mean == new Displacement(move.Right, move.Down));
            }
        );

    [Fact, Law]
    public static void Shift_WholePixels_IsExact() =>
        Laws.Hold(
            Moves,
            move => Rles.Same(MaskWarp.Shift(move.Picture.Mask, move.Right, move.Down), Moved(move.Picture, move.Right, move.Down))
        );

    [Fact, Law]
    public static void Along_NoFlow_ChangesNothing() =>
        Laws.Hold(Moves, move => Rles.Same(MaskWarp.Along(move.Picture.Mask, Constant(move.Picture.Size, 0, 0)).Mask, move.Picture.Mask));

    [Fact]
    public static void Along_UnknownVectors_GoWithTheOthers()
    {
        var size = new Size2(20, 30);
        using var flow = torch.stack([torch.full([20, 30], Held.Of(5f)), torch.full([20, 30], Held.Of(2f))], 0);
        foreach (var (y, x, value) in new[] { (6, 7, float.NaN), (7, 8, 1e10f), (8, 9, float.PositiveInfinity) })
        {
            using var corner = flow.select(1, y).select(1, x);
            corner.fill_(Held.Of(value));
        }

        var mask = Rles.FromBox(5, 5, 15, 12, size);
        var (moved, mean) = MaskWarp.Along(mask, FlowPlanes.Of(flow, size));
        Assert.True(Rles.Same(Rles.FromBox(10, 7, 20, 14, size), moved));
        Assert.Equal(new Displacement(5, 2), mean);
        Assert.Equal(default, MaskWarp.Along(mask, Constant(size, float.NaN, 0)).Mean);
    }

    [Fact]
    public static void Along_AGrowingObject_HasNoHoles()
    {
        var size = new Size2(60, 60);
        // u: away from the middle, 1.25 times as large
        var x = Held.Range(60, torch.ScalarType.Float32).Minus(30).Times(0.25).expand(60, 60);
        using var flow = torch.stack([x, x.transpose(0, 1)], 0);
        var (moved, _) = MaskWarp.Along(Rles.FromBox(20, 20, 41, 41, size), FlowPlanes.Of(flow, size));
        var bounds = Rles.Bounds(moved);
        // the rim may be half covered
        var inner = Rles.FromBox(bounds.X + 1, bounds.Y + 1, bounds.X + bounds.Width - 1, bounds.Y + bounds.Height - 1, size);
        Assert.Equal(Rles.Area(inner), Rles.Intersection(inner, moved));
        Assert.InRange(bounds.Width, 25, 28);
    }

    [Fact]
    public static void Of_FlowOfASmallerPicture_IsResizedWithItsVectors()
    {
        var size = new Size2(20, 40);
        var (moved, _) = MaskWarp.Along(Rles.FromBox(4, 4, 14, 10, size), Resized(size));
        Assert.True(Rles.Same(Rles.FromBox(10, 8, 20, 14, size), moved)); // 3 and 2 of half the pixels are 6 and 4

        static FlowPlanes Resized(Size2 size)
        {
            using var flow = torch.stack([torch.full([10, 20], Held.Of(3f)), torch.full([10, 20], Held.Of(2f))], 0);
            return FlowPlanes.Of(flow, size);
        }
    }

    [Fact]
    public static void Along_AFlowOfAnotherSize_Throws() =>
        Assert.Throws<ArgumentException>(() => MaskWarp.Along(Rles.Empty(new Size2(3, 4)), Constant(new Size2(4, 3), 0, 0)));
}
