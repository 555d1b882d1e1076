using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using Picture = Motion.Decode.Picture;

namespace Motion.Properties.Decode;

/// <summary>JPEG files, and what is said of files that are no pictures.</summary>
public sealed class PictureFileLaws
{
    [Theory]
    [InlineData("rgb420")]
    [InlineData("rgb444")]
    [InlineData("progressive")]
    [InlineData("grey")]
    public void Jpeg_OfEveryKind_HasThePixelsThatPillowDecodes(string name)
    {
        var picture = Picture.Read(GoldenFiles.PathOf("Decode", name + ".jpg")).OrThrow();
        Assert.Equal(new Size2(29, 38), picture.Size);
        Assert.Equal(new Size2(29, 38), PictureFiles.Size(GoldenFiles.PathOf("Decode", name + ".jpg")).OrThrow());
        Assert.Equal(GoldenFiles.Json("Decode", "jpeg.json").GetProperty(name).GetBytesFromBase64(), picture.Planes);
    }

    [Fact]
    public void Jpeg_OfEverySubsamplingAndCoding_IsWhatPillowDecodes()
    {
        foreach (var (name, digest) in PictureGolden.Digests("pictures"))
        {
            Assert.Equal((name, digest), (name, PictureGolden.DigestOf(Picture.Read(PictureGolden.Path(name + ".jpg")).OrThrow())));
        }
    }

    [OracleFact(Oracles.Data)]
    public void Jpeg_EveryRealPicture_IsWhatPillowDecodes()
    {
        foreach (var (folder, digest) in PictureGolden.Digests("folders"))
        {
            var root = Oracles.PathOf(Oracles.Data, folder);
            var lines = Directory
                .GetFiles(root, "*.jpg", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(root, path))
                .Order(StringComparer.Ordinal)
                .Select(path => $"{path} {PictureGolden.DigestOf(Picture.Read(Path.Combine(root, path)).OrThrow())}\n");
            Assert.Equal(
                (folder, digest),
                (folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)))))
            );
        }
    }

    [Fact]
    public void Jpeg_InCmyk_IsRefusedWithTheWayOut()
    {
        var text = Picture.Read(GoldenFiles.PathOf("Decode", "cmyk.jpg")).Match(_ => "read", error => error.Describe());
        Assert.Contains("CMYK", text, StringComparison.Ordinal);
        Assert.Contains("ffmpeg", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rgb420")]
    [InlineData("grey")]
    public void Jpeg_EveryTruncationOfItsData_IsAnError(string name)
    {
        var whole = File.ReadAllBytes(GoldenFiles.PathOf("Decode", name + ".jpg"));
        for (var length = 0; length < whole.Length - 8; length += 5) // the last bytes may only pad the last block
        {
            Assert.False(Jpeg.Read(whole.AsSpan(0, length), "cut.jpg").IsOk, $"{length} of {whole.Length} bytes were read as a picture");
        }
    }

    [Fact]
    public void Jpeg_BytesAfterTheData_DoNoHarm() =>
        Assert.True(Jpeg.Read([.. File.ReadAllBytes(GoldenFiles.PathOf("Decode", "rgb444.jpg")), 0, 1, 2, 3], "longer.jpg").IsOk);

    [Fact]
    public void Jpeg_WhoseEndIsZeros_IsAnError()
    {
        var whole = PictureGolden.Bytes("rgb420.jpg");
        for (var kept = 2; kept < whole.Length; kept += 7)
        {
            Assert.False(
                Jpeg.Read([.. whole[..kept], .. new byte[whole.Length - kept]], "zeros.jpg").IsOk,
                $"{kept} of {whole.Length} bytes and zeros were read as a picture"
            );
        }
    }

    [Theory]
    [InlineData("a part of its data is missing", 0xD5)] // a restart out of its turn
    [InlineData("marker C0 in its data", 0xC0)]
    [InlineData("marker 42 in its data", 0x42)]
    public void Jpeg_WithAMarkerThatDoesNotBelongIntoItsData_IsAnError(string reason, int marker)
    {
        var bytes = PictureGolden.Bytes("restarts.jpg");
        var at = bytes.AsSpan().LastIndexOf([(byte)0xFF, (byte)0xD0]);
        bytes[at + 1] = (byte)marker;
        Assert.Contains(reason, Jpeg.Read(bytes, "marked.jpg").Match(_ => "read", error => error.Describe()), StringComparison.Ordinal);
    }

    /// <summary>
    /// What SkiaSharp does not tell its callers: coded data that end too early for their rows, with every marker in its place.
    /// </summary>
    [Fact]
    public void Jpeg_WithoutAPieceOfItsDataBetweenMarkers_IsReadAllTheSame()
    {
        var whole = PictureGolden.Bytes("rgb420.jpg");
        Assert.True(Jpeg.Read([.. whole[..^200], .. whole[^100..]], "short.jpg").IsOk);
    }

    [Theory]
    [InlineData(0xFFFF, 0xFFFF, "larger")]
    [InlineData(11_000, 11_000, "cannot hold")]
    [InlineData(0, 10, "0")]
    public void Jpeg_DeclaringASizeThatItsBytesCannotHold_IsRefusedBeforeItIsAllocated(int height, int width, string reason)
    {
        var bytes = PictureGolden.Bytes("rgb420.jpg");
        var frame = bytes.AsSpan(bytes.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]) + 5);
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)width);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(reason, Jpeg.Read(bytes, "bomb.jpg").Match(_ => "read", error => error.Describe()), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Skia_WhereItsLibraryIsMissing_IsOneSentence()
    {
        var lack = Skia.Try(() =>
            throw new TypeInitializationException(
                "SkiaSharp.SKObject",
                new DllNotFoundException("Unable to load shared library 'libSkiaSharp'. In order to help:\nmore")
            )
        )!;
        Assert.Equal("the library libSkiaSharp cannot be loaded (Unable to load shared library 'libSkiaSharp')", lack.Problem);
        Assert.Contains("./motion setup", lack.Remedy, StringComparison.Ordinal);
        Assert.Null(Skia.Lacking);
    }

    [Fact]
    public void Read_OfAFileThatIsNoPicture_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("notes.jpg", "not a picture");
        Assert.Contains("notes.jpg", Picture.Read(path).Match(_ => "read", error => error.Describe()), StringComparison.Ordinal);
        Assert.IsType<DecodeError.Missing>(Picture.Read(folder["none.jpg"]).Match<DecodeError?>(_ => null, error => error));
        Assert.False(Picture.Read(folder.Write("empty.jpg", "")).IsOk);
    }
}
