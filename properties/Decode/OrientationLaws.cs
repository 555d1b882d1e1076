using System.Collections.Immutable;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Generators;
using SkiaSharp;
using Xunit;
using Picture = Motion.Decode.Picture;

namespace Motion.Properties.Decode;

/// <summary>Pictures that are stored turned are seen upright, in every reader alike.</summary>
public sealed class OrientationLaws
{
    /// <summary>
    /// Where the 0th row and the 0th column lie when the picture is seen upright: the table of the Exif standard (4.6.5.1).
    /// </summary>
    private static readonly (string Row, string Column)[] Sides =
    [
        ("top", "left"),
        ("top", "right"),
        ("bottom", "right"),
        ("bottom", "left"),
        ("left", "top"),
        ("right", "top"),
        ("right", "bottom"),
        ("left", "bottom"),
    ];

    public static TheoryData<int> All => [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact, Law]
    public void Upright_AnyPicture_HasEveryPixelWhereTheStandardPutsIt() =>
        Laws.Hold(
            from height in Gen.Choose(1, 9)
            from width in Gen.Choose(1, 9)
            from orientation in Gen.Choose(1, 8)
            from channels in Gen.Choose(1, 3)
            select (new Size2(height, width), orientation, channels),
            drawn =>
            {
                var (stored, orientation, channels) = drawn;
                var samples = Enumerable.Range(0, (int)stored.Area * channels).ToArray();
                var size = ((Orientation)orientation).Upright(stored);
                var upright = ((Orientation)orientation).Upright(samples, stored, channels);
                return Enumerable
                    .Range(0, samples.Length)
                    .All(i =>
                    {
                        var (row, column) = (i / channels / stored.Width, i / channels % stored.Width);
                        var (y, x) = (0, 0);
                        foreach (var (side, at) in new[] { (Sides[orientation - 1].Row, row), (Sides[orientation - 1].Column, column) })
                        {
                            (y, x) = side switch
                            {
                                "top" => (at, x),
                                "bottom" => (size.Height - 1 - at, x),
                                "left" => (y, at),
                                _ => (y, size.Width - 1 - at),
                            };
                        }

                        return upright[(((y * size.Width) + x) * channels) + (i % channels)] == samples[i];
                    });
            }
        );

    [Theory]
    [MemberData(nameof(All))]
    public void Jpeg_WithAnOrientation_IsWhatPillowTurnsUpright(int orientation)
    {
        var digest = PictureGolden.Digests("turned").Single(turned => turned.Name == $"{orientation}").Digest;
        using var folder = new TemporaryFolder();
        foreach (var little in (bool[])[false, true])
        {
            var bytes = Samples.WithExif(PictureGolden.Bytes("rgb420.jpg"), Samples.Exif(orientation, little));
            var path = folder.Write("turned.jpg", bytes);
            var picture = Picture.Read(path).OrThrow();
            Assert.Equal(orientation < 5 ? new Size2(43, 61) : new Size2(61, 43), picture.Size);
            Assert.Equal(picture.Size, PictureFiles.Size(path).OrThrow());
            Assert.Equal(digest, PictureGolden.DigestOf(picture));
            using var data = SKData.CreateCopy(bytes);
            using var codec = SKCodec.Create(data);
            Assert.Equal(orientation, (int)codec.EncodedOrigin);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Png_WithAnOrientation_IsTurnedAsAJpeg_WhereverItStands(int orientation)
    {
        var form = new PngForm(new Size2(5, 3), 16, 2, IsInterlaced: false, Seed: 4);
        var plain = Png.Read(form.File(), "plain").OrThrow();
        var before = form.File(("eXIf", Samples.Exif(orientation)));
        byte[] whole = form.File(),
            behind = [.. whole[..^12], .. Samples.Chunk("eXIf", Samples.Exif(orientation, little: true)), .. whole[^12..]];
        using var folder = new TemporaryFolder();
        foreach (var bytes in (byte[][])[before, behind])
        {
            var png = Png.Read(bytes, "turned").OrThrow();
            Assert.Equal(((Orientation)orientation).Upright(plain.Samples, plain.Size, 3), png.Samples);
            Assert.Equal(((Orientation)orientation).Upright(plain.Deep, plain.Size, 3), png.Deep);
            Assert.Equal(((Orientation)orientation).Upright(plain.Size), png.Size);
            Assert.Equal(png.Size, PictureFiles.Size(folder.Write("turned.png", bytes)).OrThrow());
        }
    }

    [Fact]
    public async Task Clip_OfTurnedPicturesAndMaps_HasItsBoxesInTheUprightPicture()
    {
        using var folder = new TemporaryFolder();
        var labels = Samples.Labels(new Size2(43, 61), (y, x) => y < 10 && x < 20 ? (byte)1 : (byte)0);
        var end = labels.Length - 12;
        foreach (var frame in (string[])["00000", "00001"])
        {
            folder.Write($"JPEGImages/a/{frame}.jpg", Samples.WithExif(PictureGolden.Bytes("rgb420.jpg"), Samples.Exif(6)));
            folder.Write($"Annotations/a/{frame}.png", [.. labels[..end], .. Samples.Chunk("eXIf", Samples.Exif(6)), .. labels[end..]]);
        }

        var options = new DecodeOptions { Source = SourceKind.Frames, Path = folder.Path };
        Assert.Equal(new Size2(61, 43), Assert.Single(Reading.Open(options).Catalogue.Clips).Size);
        foreach (var pair in await Reading.Pairs(options))
        {
            using (pair)
            {
                Assert.Equal([new Box(33, 0, 43, 20)], pair.Truth!.Instances.Select(instance => instance.Box));
            }
        }
    }

    [Fact]
    public void Size_OfPicturesThatEndAfterTheirHeader_IsThatOfTheHeader()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(new Size2(9, 7), PictureFiles.Size(folder.Write("cut.png", Samples.PngOf(1, new Size2(9, 7))[..60])).OrThrow());
        Assert.Equal(new Size2(43, 61), PictureFiles.Size(folder.Write("cut.jpg", PictureGolden.Bytes("rgb420.jpg")[..700])).OrThrow());
        Assert.False(PictureFiles.Size(folder.Write("cut.png", Samples.PngOf(1, new Size2(9, 7))[..30])).IsOk);
        Assert.False(PictureFiles.Size(folder.Write("cut.jpg", PictureGolden.Bytes("rgb420.jpg")[..200])).IsOk);
    }

    [Fact]
    public void Find_InDamagedExifData_SaysAsStored()
    {
        foreach (var little in (bool[])[false, true])
        {
            var whole = Samples.Exif(6, little);
            Assert.Equal(Orientation.TurnedLeft, Orientations.Find(whole));
            Assert.Equal(Orientation.TurnedLeft, Orientations.Find([.. "Exif\0\0"u8, .. whole]));
            for (var length = 0; length < whole.Length - 4; length++)
            {
                Assert.Equal(Orientation.AsStored, Orientations.Find(whole.AsSpan(0, length)));
            }

            Assert.Equal(Orientation.AsStored, Orientations.Find(Samples.Exif(0, little)));
            Assert.Equal(Orientation.AsStored, Orientations.Find(Samples.Exif(9, little)));
        }
    }
}
