using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>JPEG and PNG files.</summary>
public sealed class PictureFileLaws
{
    [Theory]
    [InlineData("rgb420")]
    [InlineData("rgb444")]
    [InlineData("progressive")]
    [InlineData("grey")]
    public void Jpeg_OfEveryKind_HasThePixelsThatPillowDecodes(string name)
    {
        var picture = PictureFiles.Read(GoldenFiles.Path(name + ".jpg")).OrThrow();
        Assert.Equal(new Size2(29, 38), picture.Size);
        Assert.Equal(new Size2(29, 38), PictureFiles.Size(GoldenFiles.Path(name + ".jpg")).OrThrow());
        Assert.Equal(GoldenFiles.Json("jpeg.json").GetProperty(name).GetBytesFromBase64(), picture.Planes);
    }

    [Fact]
    public void Jpeg_InCmyk_IsRefusedWithTheWayOut()
    {
        var text = PictureFiles.Read(GoldenFiles.Path("cmyk.jpg")).Match(_ => "read", error => error.Describe());
        Assert.Contains("CMYK", text, StringComparison.Ordinal);
        Assert.Contains("ffmpeg", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rgb420")]
    [InlineData("grey")]
    public void Jpeg_EveryTruncationOfItsData_IsAnError(string name)
    {
        var whole = File.ReadAllBytes(GoldenFiles.Path(name + ".jpg"));
        for (var length = 0; length < whole.Length - 8; length += 5) // the last bytes may only pad the last block
        {
            Assert.False(Jpeg.Read(whole.AsSpan(0, length), "cut.jpg").IsOk, $"{length} of {whole.Length} bytes were read as a picture");
        }
    }

    [Fact]
    public void Jpeg_BytesAfterTheData_DoNoHarm() =>
        Assert.True(Jpeg.Read([.. File.ReadAllBytes(GoldenFiles.Path("rgb444.jpg")), 0, 1, 2, 3], "longer.jpg").IsOk);

    [Fact]
    public void Read_OfAFileThatIsNoPicture_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("notes.jpg", "not a picture");
        Assert.Contains("notes.jpg", PictureFiles.Read(path).Match(_ => "read", error => error.Describe()), StringComparison.Ordinal);
        Assert.IsType<DecodeError.Missing>(PictureFiles.Read(folder["none.jpg"]).Match<DecodeError?>(_ => null, error => error));
        Assert.False(PictureFiles.Read(folder.Write("empty.jpg", "")).IsOk);
    }

    [Fact]
    public void Png_WrittenAndRead_IsTheSamePicture() => Laws.Hold(Gen.Choose(1, 40).Two(), sides =>
    {
        var size = new Size2(sides.Item1, sides.Item2);
        var planes = Samples.Planes(9, size);
        var read = Png.Read(Png.Encode(planes, size).OrThrow(), "round trip").OrThrow();
        return read.Size == size && read.Kind == PngKind.Rgb && read.ToPlanes().SequenceEqual(planes);
    });

    [Fact]
    public void Png_OfATensor_IsThatOfItsBytes()
    {
        using var folder = new TemporaryFolder();
        var size = new Size2(5, 4);
        using var image = TorchSharp.torch.tensor(Samples.Planes(2, size), [3, 5, 4], dtype: TorchSharp.torch.uint8);
        Png.Write(folder["a.png"], image).OrThrow();
        Assert.Equal(Png.Encode(Samples.Planes(2, size), size).OrThrow(), File.ReadAllBytes(folder["a.png"]));
        Assert.Equal(["a.png"], Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)!));
        Assert.Contains("nowhere", Png.Write(folder["nowhere/a.png"], image).Match(_ => "written", error => error.Describe()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Png_OfAPaletteOrGreys_KeepsTheStoredNumbers(int depth)
    {
        var most = (1 << depth) - 1;
        var numbers = Enumerable.Range(0, 16).Select(i => (i * 7) & most).ToArray();
        var row = Enumerable.Range(0, 16 * depth / 8).Select(i => (byte)Enumerable.Range(0, 8 / depth).Aggregate(0, (packed, k) => (packed << depth) | numbers[(i * 8 / depth) + k])).ToArray();
        var gamma = ("gAMA", new byte[] { 0, 1, 0x86, 0xA0 });
        var palette = ("PLTE", Enumerable.Range(0, 3 * (most + 1)).Select(i => (byte)(i / 6)).ToArray()); // two entries share a colour: they must stay apart
        foreach (var (colourType, kind) in ((int, PngKind)[])[(0, PngKind.Grey), (3, PngKind.Palette)])
        {
            var bytes = Samples.RawPng(new Size2(1, 16), depth, colourType, [row], colourType == 3 ? [gamma, palette, ("tRNS", [0, 128])] : [gamma, ("tRNS", [0, 1])]);
            var png = Png.Read(bytes, "labels").OrThrow();
            Assert.Equal((kind, depth), (png.Kind, png.Depth));
            Assert.Equal(numbers, png.Samples.Select(value => (int)value));
        }
    }

    [Fact]
    public void Png_WrittenByPillow_KeepsItsPalette()
    {
        var png = Png.Read(GoldenFiles.Path("palette.png")).OrThrow();
        Assert.Equal((new Size2(6, 11), PngKind.Palette), (png.Size, png.Kind));
        Assert.Equal(from y in Enumerable.Range(0, 6) from x in Enumerable.Range(0, 11) select (byte)(x * y % 5), png.Samples);
        Assert.Equal([(3 * 7) % 256, 9, 252], png.Colours[9..12]);
        Assert.Equal(png.Samples.Select(i => (byte)(255 - i)), png.ToPlanes()[(2 * 66)..]);
    }

    [Fact]
    public void Png_WithAlphaOr16Bits_GivesItsColours()
    {
        var rgba = Png.Read(Samples.RawPng(new Size2(1, 2), 8, 6, [[10, 20, 30, 0, 40, 50, 60, 255]]), "rgba").OrThrow();
        Assert.Equal([10, 40, 20, 50, 30, 60], rgba.ToPlanes());
        var deep = Png.Read(Samples.RawPng(new Size2(1, 2), 16, 2, [[255, 255, 0, 0, 128, 128, 1, 1, 2, 2, 3, 3]]), "rgb16").OrThrow();
        Assert.Equal([255, 1, 0, 2, 128, 3], deep.ToPlanes());
        var grey = Png.Read(Samples.RawPng(new Size2(1, 2), 16, 0, [[255, 255, 77, 77]]), "grey16").OrThrow();
        Assert.Equal((PngKind.Grey, 16), (grey.Kind, grey.Depth));
        Assert.Equal([255, 77, 255, 77, 255, 77], grey.ToPlanes());
    }

    [Fact]
    public void Png_EveryTruncation_IsAnError()
    {
        var whole = Samples.PngOf(4, new Size2(9, 7));
        for (var length = 0; length < whole.Length - 12; length++) // the end mark itself is 12 bytes
        {
            Assert.False(Png.Read(whole.AsSpan(0, length), "cut").IsOk, $"{length} of {whole.Length} bytes were read as a picture");
        }
    }

    [Fact]
    public void Png_AnyFlippedByte_IsAnErrorOrAPicture_NeverACrash() => Laws.Hold(Gen.Choose(0, 10_000).Two(), drawn =>
    {
        var bytes = Samples.PngOf(4, new Size2(9, 7));
        bytes[drawn.Item1 % bytes.Length] ^= (byte)(1 + (drawn.Item2 % 255));
        return Png.Read(bytes, "flipped") is { } result && (result.IsOk || result.Match(_ => "", error => error.Describe()).Length > 10);
    }, 300);

    [Fact]
    public void Png_DeclaringAHugeSize_IsRefusedBeforeItIsAllocated() =>
        Assert.False(Png.Read(Samples.RawPng(new Size2(900_000, 900_000), 8, 2, [[0]]), "bomb").IsOk);
}
