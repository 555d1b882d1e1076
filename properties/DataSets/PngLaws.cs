using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>PNG files.</summary>
public sealed class PngLaws
{
    [Fact, Law]
    public void Png_WrittenAndRead_IsTheSamePicture() =>
        Laws.Hold(
            Gen.Choose(1, 40).Two(),
            sides =>
            {
                var size = new Size2(sides.Item1, sides.Item2);
                var planes = Samples.Planes(9, size);
                var read = Png.Read(PngWriter.Encode(planes, size).OrThrow(), "round trip").OrThrow();
                return read.Size == size && read.Kind == PngKind.Rgb && read.ToPlanes().SequenceEqual(planes);
            }
        );

    [Fact]
    public void OfATensor_IsThatOfItsBytes()
    {
        using var folder = new TemporaryFolder();
        var size = new Size2(5, 4);
        using var image = TorchSharp.torch.tensor(Samples.Planes(2, size), [3, 5, 4], dtype: TorchSharp.torch.uint8);
        PngWriter.Write(folder["a.png"], image).OrThrow();
        Assert.Equal(PngWriter.Encode(Samples.Planes(2, size), size).OrThrow(), File.ReadAllBytes(folder["a.png"]));
        Assert.Equal(["a.png"], Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)!));
        Assert.Contains(
            "nowhere",
            PngWriter.Write(folder["nowhere/a.png"], image).Match(_ => "written", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact, Law]
    public void Read_AnyForm_GivesTheStoredNumbers() =>
        Laws.Hold(
            PngForm.Any,
            form =>
            {
                var (png, stored) = (Png.Read(form.File(), "form").OrThrow(), form.Stored());
                return png.Size == form.Size
                    && png.Depth == form.Depth
                    && (
                        form.Depth == 16
                            ? png.Deep.Select(value => (int)value).SequenceEqual(stored)
                                && png.Samples.Select(value => (int)value)
                                    .SequenceEqual(stored.Select(value => (int)Math.Round(value / 257.0)))
                            : png.Samples.Select(value => (int)value).SequenceEqual(stored) && png.Deep.Length == 0
                    );
            },
            600
        );

    [Theory]
    [InlineData("rgb24", 3, 8)]
    [InlineData("rgb24-interlaced", 3, 8)]
    [InlineData("rgba", 4, 8)]
    [InlineData("ya8", 2, 8)]
    [InlineData("gray16be", 1, 16)]
    [InlineData("rgb48be", 3, 16)]
    [InlineData("rgb48be-interlaced", 3, 16)]
    public void Read_WhatFfmpegWrote_GivesTheStoredNumbers(string name, int channels, int depth)
    {
        var png = Png.Read(PictureGolden.Path(name + ".png")).OrThrow();
        var kept = channels == 2 ? 1 : Math.Min(channels, 3);
        var stored =
            from y in Enumerable.Range(0, 11)
            from x in Enumerable.Range(0, 13)
            from c in Enumerable.Range(0, kept)
            let high = Samples.Value(5, (uint)c, (uint)y, (uint)x)
            select depth == 8 ? high : (high << 8) | Samples.Value(6, (uint)c, (uint)y, (uint)x);
        Assert.Equal((new Size2(11, 13), depth), (png.Size, png.Depth));
        Assert.Equal(stored, depth == 8 ? png.Samples.Select(value => (int)value) : png.Deep.Select(value => (int)value));
    }

    [Fact]
    public void Read_WithAColourProfileOrGamma_GivesTheStoredNumbers()
    {
        var row = Enumerable.Range(0, 30).Select(i => (byte)(i * 8)).ToArray();
        var png = Png.Read(Samples.RawPng(new Size2(1, 10), 8, 2, [row], ("gAMA", [0, 0, 0xB1, 0x8F]), ("iCCP", [65, 0, 0])), "profile")
            .OrThrow();
        Assert.Equal(row, png.Samples);
    }

    [Fact, Law]
    public void EncodeLabels_AnyNumbers_AreThoseRead() =>
        Laws.Hold(
            Gen.Choose(1, 40).Two(),
            sides =>
            {
                var size = new Size2(sides.Item1, sides.Item2);
                var labels = Samples.Planes(9, size)[..(int)size.Area];
                var png = Png.Read(Png.EncodeLabels(labels, size), "labels").OrThrow();
                return png.Size == size
                    && png.Kind == PngKind.Palette
                    && png.Samples.SequenceEqual(labels)
                    && png.Colours.AsSpan(3, 3).SequenceEqual<byte>([128, 0, 0]);
            }
        );

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void OfAPaletteOrGreys_KeepsTheStoredNumbers(int depth)
    {
        var most = (1 << depth) - 1;
        var numbers = Enumerable.Range(0, 16).Select(i => (i * 7) & most).ToArray();
        var row = Enumerable
            .Range(0, 16 * depth / 8)
            .Select(i => (byte)Enumerable.Range(0, 8 / depth).Aggregate(0, (packed, k) => (packed << depth) | numbers[(i * 8 / depth) + k]))
            .ToArray();
        var gamma = ("gAMA", new byte[] { 0, 1, 0x86, 0xA0 });
        var palette = ("PLTE", Enumerable.Range(0, 3 * (most + 1)).Select(i => (byte)(i / 6)).ToArray()); // two entries share a colour: they must stay apart
        foreach (var (colourType, kind) in ((int, PngKind)[])[(0, PngKind.Grey), (3, PngKind.Palette)])
        {
            var bytes = Samples.RawPng(
                new Size2(1, 16),
                depth,
                colourType,
                [row],
                colourType == 3 ? [gamma, palette, ("tRNS", [0, 128])] : [gamma, ("tRNS", [0, 1])]
            );
            var png = Png.Read(bytes, "labels").OrThrow();
            Assert.Equal((kind, depth), (png.Kind, png.Depth));
            Assert.Equal(numbers, png.Samples.Select(value => (int)value));
        }
    }

    [Fact]
    public void WrittenByPillow_KeepsItsPalette()
    {
        var png = Png.Read(GoldenFiles.PathOf("Decode", "palette.png")).OrThrow();
        Assert.Equal((new Size2(6, 11), PngKind.Palette), (png.Size, png.Kind));
        Assert.Equal(from y in Enumerable.Range(0, 6) from x in Enumerable.Range(0, 11) select (byte)(x * y % 5), png.Samples);
        Assert.Equal([(3 * 7) % 256, 9, 252], png.Colours[9..12]);
        Assert.Equal(png.Samples.Select(i => (byte)(255 - i)), png.ToPlanes()[(2 * 66)..]);
    }

    [Fact]
    public void WithAlphaOr16Bits_GivesItsColours()
    {
        var rgba = Png.Read(
                Samples.RawPng(
                    new Size2(1, 2),
                    8,
                    6,
                    [
                        [10, 20, 30, 0, 40, 50, 60, 255],
                    ]
                ),
                "rgba"
            )
            .OrThrow();
        Assert.Equal([10, 40, 20, 50, 30, 60], rgba.ToPlanes());
        var deep = Png.Read(
                Samples.RawPng(
                    new Size2(1, 2),
                    16,
                    2,
                    [
                        [255, 255, 0, 0, 128, 128, 1, 1, 2, 2, 3, 3],
                    ]
                ),
                "rgb16"
            )
            .OrThrow();
        Assert.Equal([255, 1, 0, 2, 128, 3], deep.ToPlanes());
        var grey = Png.Read(
                Samples.RawPng(
                    new Size2(1, 2),
                    16,
                    0,
                    [
                        [255, 255, 77, 77],
                    ]
                ),
                "grey16"
            )
            .OrThrow();
        Assert.Equal((PngKind.Grey, 16), (grey.Kind, grey.Depth));
        Assert.Equal([255, 77, 255, 77, 255, 77], grey.ToPlanes());
    }

    [Fact]
    public void Read_EveryTruncation_IsAnError()
    {
        var whole = Samples.PngOf(4, new Size2(9, 7));
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(Png.Read(whole.AsSpan(0, length), "cut").IsOk, $"{length} of {whole.Length} bytes were read as a picture");
        }
    }

    [Fact, Law]
    public void Read_AnyOtherByteAnywhere_IsAnError() =>
        Laws.Hold(
            Gen.Choose(0, 10_000).Two(),
            drawn =>
            {
                var bytes = Samples.PngOf(4, new Size2(9, 7));
                bytes[drawn.Item1 % bytes.Length] ^= (byte)(1 + (drawn.Item2 % 255));
                return Png.Read(bytes, "flipped").Match(_ => "", error => error.Describe()).Length > 10;
            },
            300
        );

    [Fact]
    public void Read_BytesAfterTheEndMark_DoNoHarm() =>
        Assert.True(Png.Read([.. Samples.PngOf(4, new Size2(9, 7)), 1, 2, 3], "longer").IsOk);

    [Theory]
    [InlineData("its data end before its last row", "few")]
    [InlineData("its data go on after its last row", "many")]
    [InlineData("filter 5", "filter")]
    [InlineData("compressed data are damaged", "damaged")]
    [InlineData("not in a row", "apart")]
    [InlineData("palette is missing", "palette")]
    [InlineData("palette has 4 bytes", "odd palette")]
    [InlineData("no reader of this kind knows", "critical")]
    [InlineData("first chunk, once", "headers")]
    [InlineData("first chunk, once", "no header")]
    [InlineData("3 bits a sample in colour type 0", "depth")]
    [InlineData("0x3 pixels", "empty")]
    [InlineData("before its end mark", "no end")]
    [InlineData("checksum of its chunk tEXt", "checksum")]
    [InlineData("within its chunk tEXt", "length")]
    public void Read_AFileWithAMistake_SaysWhich(string reason, string mistake)
    {
        var size = new Size2(3, 2);
        byte[] header = Samples.Chunk("IHDR", Samples.PngHeader(size, 8, 0, false)),
            rows = [0, 1, 2, 0, 3, 4, 0, 5, 6],
            end = Samples.Chunk("IEND", []),
            text = Samples.Chunk("tEXt", [65, 0, 66]);
        var data = Samples.Chunk("IDAT", Samples.Packed(rows));
        byte[] Of(params ReadOnlySpan<byte[]> chunks)
        {
            var file = Samples.PngSignature.ToList();
            foreach (var chunk in chunks)
            {
                file.AddRange(chunk);
            }

            return [.. file];
        }

        byte[] Changed(byte[] chunk, int at) => [.. chunk.Select((value, i) => i == at ? (byte)(value ^ 64) : value)];
        Assert.True(Png.Read(Of(header, text, data, text, end), "good").IsOk);
        var bytes = mistake switch
        {
            "few" => Of(header, Samples.Chunk("IDAT", Samples.Packed(rows[..^1])), end),
            "many" => Of(header, Samples.Chunk("IDAT", Samples.Packed([.. rows, 0])), end),
            "filter" => Of(header, Samples.Chunk("IDAT", Samples.Packed([5, .. rows[1..]])), end),
            "damaged" => Of(header, Samples.Chunk("IDAT", Changed(Samples.Packed(rows), Samples.Packed(rows).Length - 1)), end),
            "apart" => Of(header, data, text, data, end),
            "palette" => Of(Samples.Chunk("IHDR", Samples.PngHeader(size, 8, 3, false)), data, end),
            "odd palette" => Of(
                Samples.Chunk("IHDR", Samples.PngHeader(size, 8, 3, false)),
                Samples.Chunk("PLTE", [1, 2, 3, 4]),
                data,
                end
            ),
            "critical" => Of(header, Samples.Chunk("ABCD", []), data, end),
            "headers" => Of(header, header, data, end),
            "no header" => Of(text, header, data, end),
            "depth" => Of(Samples.Chunk("IHDR", Samples.PngHeader(size, 3, 0, false)), data, end),
            "empty" => Of(Samples.Chunk("IHDR", Samples.PngHeader(new Size2(3, 0), 8, 0, false)), data, end),
            "no end" => Of(header, data),
            "checksum" => Of(header, Changed(text, 9), data, end),
            _ => Of(header, Changed(text, 1), data, end),
        };
        var text1 = Png.Read(bytes, "file.png").Match(_ => "read", error => error.Describe());
        Assert.Contains(reason, text1, StringComparison.Ordinal);
        Assert.StartsWith("file.png", text1, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(900_000, 900_000, "larger")]
    [InlineData(11_000, 11_000, "end before")]
    public void Read_DeclaringASizeThatItsBytesCannotHold_IsRefusedBeforeItIsAllocated(int height, int width, string reason)
    {
        var bytes = Samples.RawPng(
            new Size2(height, width),
            8,
            2,
            [
                [0],
            ]
        );
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(reason, Png.Read(bytes, "bomb").Match(_ => "read", error => error.Describe()), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }
}
