using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

public sealed class SafetensorsLaws : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors-").FullName;

    private string File => Path.Combine(_folder, "deep", "weights.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact, Law]
    public void Read_AnyWeights_AreWhatWasWritten() =>
        Prop.ForAll(
                Gen.Choose(0, 1_000_000).ToArbitrary(),
                seed =>
                {
                    using var weights = WeightsSamples.Make(seed);
                    Safetensors.Write(File, weights).OrThrow();
                    using var read = Safetensors.Read(File).OrThrow();
                    using var byContent = WeightFiles.Read(File).OrThrow();
                    return (
                        WeightsSamples.Describe(read) == WeightsSamples.Describe(weights)
                        && WeightsSamples.Describe(byContent) == WeightsSamples.Describe(weights)
                    )
                        .Label(WeightsSamples.Describe(weights))
                        .Classify(weights.Count == 0, "no weights");
                }
            )
            .Check(Laws.Cases(60));

    [Fact, Law]
    public void Write_InAnyOrder_IsTheSameBytesWithDataAligned() =>
        Prop.ForAll(
                Gen.Choose(0, 1_000_000).ToArbitrary(),
                seed =>
                {
                    using var weights = WeightsSamples.Make(seed);
                    KeyValuePair<string, string>[] metadata = [new("step", "12"), new("format", "pt"), new("note", "計測 <b>")];
                    Safetensors.Write(File, weights.All, metadata).OrThrow();
                    var bytes = System.IO.File.ReadAllBytes(File);
                    Safetensors.Write(File, weights.All.Reverse(), metadata.Reverse()).OrThrow();
                    Assert.Equal(bytes, System.IO.File.ReadAllBytes(File));
                    Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
                    Assert.Equal(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal), Safetensors.ReadMetadata(File).OrThrow());
                }
            )
            .Check(Laws.Cases(30));

    [Fact]
    public void Write_ThreeTensors_IsTheFormatsBytes()
    {
        using var weights = Weights.Of([
            new("b", tensor(new byte[] { 7, 8, 9 })),
            new("a", tensor(new[] { 1.5f, -2f }).reshape(1, 2)),
            new("c", tensor(5L)),
        ]);
        Safetensors.Write(File, weights, [new("format", "pt")]).OrThrow();
        const string json =
            """{"__metadata__":{"format":"pt"},"c":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"b":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}""";
        var padded = json.PadRight((json.Length + 7) / 8 * 8);
        byte[] expected =
        [
            .. BitConverter.GetBytes((long)padded.Length),
            .. Encoding.UTF8.GetBytes(padded),
            .. Convert.FromHexString("0500000000000000" + "0000C03F000000C0" + "070809"),
        ];
        Assert.Equal(expected, System.IO.File.ReadAllBytes(File));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, null)]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8],"dtype":"F32"}}       """, 8, null)]
    [InlineData("""{}""", 0, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1, null)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "end at byte 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "the file at 9")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}""", 9, "a begins at byte 1")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        8,
        "b begins at byte 0"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        12,
        "b begins at byte 4"
    )]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""",
        20,
        "b begins at byte 12"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "not float32 [3]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "a begins")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "not float32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", 0, "not float32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "no size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "no size")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "a, shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "F8_E4M3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", 8, "more")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype is there twice")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        8,
        "a is there twice"
    )]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "__metadata__, k")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "k is there twice")]
    [InlineData("""{"a":[1]}""", 0, "a: StartArray")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""",
        1,
        "65 numbers"
    )]
    [InlineData("""{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}""", 1, "other than 0 and 1")]
    [InlineData("""[]""", 0, "no JSON object")]
    [InlineData("""{} x""", 0, "'x'")]
    [InlineData("""{"a":""", 0, "JSON")]
    public void Read_AHeader_HoldsToTheFormatsRules(string json, int data, string? problem)
    {
        var bytes = FileOf(json, data);
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Assert.Equal(problem is null, WeightsSamples.IsRead(File, bytes, Safetensors.Read));
        if (problem is not null)
        {
            var error = Assert.IsType<Result<Weights, WeightsError>.Error>(Safetensors.Read(File)).Reason;
            Assert.Contains(problem, Assert.IsType<WeightsError.Corrupt>(error).Describe(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001)]
    [InlineData(60)]
    public void Read_ADeclaredHeaderBeyondTheFile_IsRefusedUnread(ulong length)
    {
        var bytes = FileOf("{}", 40);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Assert.False(WeightsSamples.IsRead(File, bytes, Safetensors.Read));
    }

    [Fact]
    public void Read_EveryTruncation_IsAnError()
    {
        using var weights = WeightsSamples.Make(5);
        Safetensors.Write(File, weights).OrThrow();
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(WeightsSamples.IsRead(File, bytes[..length], Safetensors.Read), $"{length} of {bytes.Length} bytes were read");
        }

        Assert.False(WeightsSamples.IsRead(File, [.. bytes, 0], Safetensors.Read));
    }

    [Fact]
    public void Read_AnyChangeOfTheHeader_IsRefusedOrHasTheSameData()
    {
        using var weights = WeightsSamples.Make(5);
        Safetensors.Write(File, weights).OrThrow();
        var bytes = System.IO.File.ReadAllBytes(File);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var draws = new Seed(3).Draws();
        var read = 0;
        for (var round = 0; round < 500; round++)
        {
            var changed = bytes.ToArray();
            for (var change = draws.Next(3); change >= 0; change--)
            {
                changed[draws.Next(8 + header)] = draws.Next(2) == 0 ? (byte)draws.Next(256) : "{}[],:\"0123456789"u8[draws.Next(17)];
            }

            read += WeightsSamples.IsRead(File, changed, Safetensors.Read) ? 1 : 0;
        }

        Assert.InRange(read, 1, 350); // names may change, little else
    }

    [Fact]
    public void Write_WhereNoFileCanBe_IsAnErrorAndLeavesNothing()
    {
        Directory.CreateDirectory(File); // a folder of the file's name
        using var weights = WeightsSamples.Make(1);
        var error = Assert.IsType<Result<Unit, WeightsError>.Error>(Safetensors.Write(File, weights)).Reason;
        Assert.IsType<WeightsError.CannotWrite>(error);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void Write_ThatFailsHalfway_LeavesTheFileThatWas()
    {
        using var weights = WeightsSamples.Make(1);
        Safetensors.Write(File, weights).OrThrow();
        var before = System.IO.File.ReadAllBytes(File);
        Assert.ThrowsAny<Exception>(() =>
            WholeFile.Write(
                File,
                stream =>
                {
                    stream.Write(new byte[100_000]);
                    throw new InvalidOperationException("half of it");
                }
            )
        );
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void Read_NoSuchFile_SaysSo()
    {
        var error = Assert.IsType<Result<Weights, WeightsError>.Error>(WeightFiles.Read(File)).Reason;
        Assert.StartsWith($"{File}: cannot be read", Assert.IsType<WeightsError.CannotRead>(error).Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GIF89a")]
    [InlineData("name: a yaml file of some length")]
    public void Read_AnotherKindOfFile_SaysWhatItBeginsWith(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, content);
        var error = Assert.IsType<Result<Weights, WeightsError>.Error>(WeightFiles.Read(File)).Reason;
        Assert.Contains("safetensors", Assert.IsType<WeightsError.UnknownFormat>(error).Describe(), StringComparison.Ordinal);
    }

    private static byte[] FileOf(string json, int data)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var filler = new byte[data];
        Array.Fill(filler, (byte)2);
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. filler];
    }
}
