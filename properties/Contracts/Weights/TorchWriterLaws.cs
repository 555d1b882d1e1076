using System.Buffers.Binary;
using System.IO.Compression;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>Files for torch.load, read back by the reader that reads PyTorch's own.</summary>
public sealed class TorchWriterLaws : IDisposable
{
    private const int Alignment = 64;

    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "weights.pth");

    public void Dispose() => _folder.Dispose();

    [Fact, Law]
    public void Write_AnyWeights_ReadBackToTheBit() =>
        Laws.Hold(
            FsCheck.Fluent.Gen.Choose(0, 100_000),
            seed =>
            {
                using var weights = WeightsSamples.Make(seed);
                TorchFile.Write(File, weights.All).OrThrow();
                if (weights.Count == 0)
                {
                    return !WeightFiles.Read(File).IsOk; // a dictionary without a tensor holds no weights
                }

                using var read = WeightFiles.Read(File).OrThrow();
                return WeightsSamples.Describe(weights) == WeightsSamples.Describe(read);
            }
        );

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
    {
        using var weights = WeightsSamples.Make(3);
        TorchFile.Write(File, weights.All).OrThrow();
        var first = System.IO.File.ReadAllBytes(File);
        TorchFile.Write(File, weights.All).OrThrow();
        Assert.Equal(first, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void Write_EveryRecord_BeginsAtAMultipleOf64AndIsStored()
    {
        using var weights = Weights.Of([new("a", ones(3)), new("b", ones(5, 7)), new("c", zeros(0)), new("d", tensor(1.0))]);
        TorchFile.Write(File, weights.All).OrThrow();
        var bytes = System.IO.File.ReadAllBytes(File);
        using var zip = ZipFile.OpenRead(File);
        Assert.Equal(
            [
                "weights/data.pkl",
                "weights/byteorder",
                "weights/data/0",
                "weights/data/1",
                "weights/data/2",
                "weights/data/3",
                "weights/version",
            ],
            zip.Entries.Select(entry => entry.FullName)
        );
        var offset = 0;
        foreach (var entry in zip.Entries)
        {
            var header = bytes.AsSpan(offset);
            Assert.Equal(0x04034b50u, BinaryPrimitives.ReadUInt32LittleEndian(header));
            var data =
                offset + 30 + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
            Assert.Equal(0, data % Alignment);
            Assert.Equal(entry.Length, entry.CompressedLength);
            offset = data + (int)entry.Length;
        }
    }

    [Fact]
    public void Write_WhereNothingCanBeWritten_SaysSo()
    {
        using var weights = Weights.Of([new("a", ones(3))]);
        var path = Path.Combine(File, "below", "a.pth");
        System.IO.File.WriteAllText(File, "a file, no folder");
        Assert.IsType<WeightsError.CannotWrite>(Assert.IsType<Result<Unit, WeightsError>.Error>(TorchFile.Write(path, weights.All)).Reason);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Byte)]
    public void InParts_AnyLengthOfAPart_AreTheBytesOnce(ScalarType type)
    {
        using var whole = Held.Range(0, 1000).reshape(10, 100).to_type(type);
        foreach (var length in (int[])[1, 7, 64, 1000, 4001, 1 << 20])
        {
            var (bytes, parts) = (new List<byte>(), 0);
            TensorData.InParts(
                whole,
                part =>
                {
                    bytes.AddRange(part);
                    parts++;
                },
                length
            );
            Assert.Equal(whole.bytes.ToArray(), bytes);
            Assert.True(parts == 1 || length < whole.bytes.Length, $"{parts} parts");
        }
    }

    [Theory]
    [InlineData("a.pth")]
    [InlineData("a.safetensors")]
    public void Read_ManyMegabytes_AllocatesLittleBesideTheTensors(string name)
    {
        const long little = 1 << 19;
        var path = Path.Combine(_folder.Path, name);
        using var weights = Weights.Of(
            Enumerable.Range(0, 8).Select(i => KeyValuePair.Create($"w{i}", full([1 << 18], Held.Of(i), ScalarType.Float32)))
        ); // 8 MiB
        (name == "a.pth" ? TorchFile.Write(path, weights.All) : Safetensors.Write(path, weights)).OrThrow();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var read = WeightFiles.Read(path).OrThrow();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, little);
        Assert.Equal(8, read.Count);
    }
}
