using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Decode;
using Motion.Properties.Generators;
using Motion.Report.Pictures;
using Xunit;

namespace Motion.Properties.Report;

/// <summary>What the report writes decodes to about what it was given.</summary>
public sealed class JpegWriterProperties
{
    private static readonly Gen<(int Seed, Size2 Size, bool Smooth)> Pictures =
        from seed in Gen.Choose(0, int.MaxValue)
        from h in Gen.Choose(1, 40)
        from w in Gen.Choose(1, 40)
        from smooth in Gen.Elements(true, false)
        select (seed, new Size2(h, w), smooth);

    [Fact, Law]
    public void Encode_AnyPictureAtFullQuality_ComesBackWithinAFewLevels() =>
        Laws.Hold(
            Pictures,
            drawn =>
            {
                var planes = Draw(drawn.Seed, drawn.Size, drawn.Smooth);
                var back = Jpeg.Read(JpegWriter.Encode(planes, drawn.Size, quality: 100), "test").OrThrow();
                // two roundings, in frequencies and in colours
                return back.Size == drawn.Size && planes.Zip(back.Planes).All(pair => Math.Abs(pair.First - pair.Second) <= 5);
            }
        );

    [Fact, Law]
    public void Encode_SmoothPictureAtUsualQuality_IsCloseAndSmallerThanRaw() =>
        Laws.Hold(
            Pictures.Where(p => p.Size.Shortest >= 16),
            drawn =>
            {
                var planes = Draw(drawn.Seed, drawn.Size, smooth: true);
                var jpeg = JpegWriter.Encode(planes, drawn.Size);
                var back = Jpeg.Read(jpeg, "test").OrThrow();
                var meanSquare = planes.Zip(back.Planes, (a, b) => (double)(a - b) * (a - b)).Average();
                return 10 * Math.Log10(255 * 255 / (meanSquare + 1e-9)) > 35 && jpeg.Length < planes.Length + 700; // 700: the tables
            }
        );

    [Fact]
    public void Encode_LowerQuality_TakesFewerBytes()
    {
        var size = new Size2(64, 64);
        var planes = Draw(5, size, smooth: false);
        var lengths = new[] { 10, 40, 60, 85, 100 }.Select(quality => JpegWriter.Encode(planes, size, quality).Length).ToArray();
        Assert.Equal(lengths.Order(), lengths);
        Assert.True(lengths[0] * 2 < lengths[^1]);
    }

    [Fact]
    public void Encode_AnyPicture_KeepsTheColoursOfEveryPixel()
    {
        var jpeg = JpegWriter.Encode(Draw(5, new Size2(9, 7), smooth: true), new Size2(9, 7)).AsSpan();
        var frame = jpeg[jpeg.IndexOf([(byte)0xFF, (byte)0xC0])..];
        Assert.Equal([0x11, 0x11, 0x11], [frame[11], frame[14], frame[17]]); // sampling of the three components: no subsampling
    }

    [Fact]
    public void Encode_WrongNumberOfBytes_IsABugOfTheCaller() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => JpegWriter.Encode(new byte[11], new Size2(2, 2)));

    private static byte[] Draw(int seed, Size2 size, bool smooth)
    {
        var draws = new Seed((ulong)seed).Draws();
        var (a, b, c) = (draws.NextDouble(-1, 1), draws.NextDouble(-1, 1), draws.NextDouble(0, 6));
        return
        [
            .. from channel in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, size.Height)
            from x in Enumerable.Range(0, size.Width)
            select smooth ? (byte)(127 + (120 * Math.Sin((a * x / 6) + (b * y / 6) + c + channel))) : (byte)draws.Next(256),
        ];
    }
}
