using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Properties.Generators;

/// <summary>A picture of a mask: H*W bytes, 0 or 1, row by row.</summary>
public sealed record Picture(Size2 Size, byte[] Pixels)
{
    public Rle Mask => Rles.Encode(Pixels, Size);

    public override string ToString() => string.Join('\n', Pixels.Chunk(Math.Max(1, Size.Width)).Select(row => string.Concat(row)));
}

/// <summary>Masks: noise, blobs and stripes, of sides 1 to 70 (more than two vectors of 32), sparse to full.</summary>
public static class Pictures
{
    public static Gen<Size2> Sizes { get; } =
        from height in Gen.Choose(1, 40)
        from width in Gen.Frequency((3, Gen.Choose(1, 33)), (1, Gen.Choose(34, 70)))
        select new Size2(height, width);

    /// <summary>A picture of a given size.</summary>
    public static Gen<Picture> Of(Size2 size) =>
        Gen.OneOf(Noise(size), Blob(size), Gen.Constant(Full(size, 0)), Gen.Constant(Full(size, 1)));

    public static Arbitrary<Picture> Any { get; } = Sizes.SelectMany(Of).ToArbitrary();

    /// <summary>Some pictures of one size.</summary>
    public static Arbitrary<Picture[]> Some(int count) => Sizes.SelectMany(size => Of(size).ArrayOf(count)).ToArbitrary();

    private static Picture Full(Size2 size, byte value) => new(size, Enumerable.Repeat(value, (int)size.Area).ToArray());

    private static Gen<Picture> Noise(Size2 size) =>
        from percent in Gen.Choose(1, 99)
        from draws in Gen.Choose(0, 99).ArrayOf((int)size.Area)
        select new Picture(size, [.. draws.Select(draw => draw < percent ? (byte)1 : (byte)0)]);

    private static Gen<Picture> Blob(Size2 size) =>
        from cx in Gen.Choose(0, size.Width - 1)
        from cy in Gen.Choose(0, size.Height - 1)
        from rx in Gen.Choose(1, size.Width + 5)
        from ry in Gen.Choose(1, size.Height + 5)
        select new Picture(
            size,
            [.. Enumerable.Range(0, (int)size.Area).Select(i => Inside((i % size.Width) - cx, (i / size.Width) - cy, rx, ry))]
        );

    private static byte Inside(int x, int y, int rx, int ry) =>
        (x * x * ry * ry) + (y * y * rx * rx) <= rx * rx * ry * ry ? (byte)1 : (byte)0;
}
