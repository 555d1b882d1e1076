using System.Formats.Tar;
using System.IO.Compression;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>TensorFlow.js models: a manifest and shards that do not care where a tensor ends.</summary>
public sealed class TfjsLayersLaws : IDisposable
{
    private const string Manifest = """
        {"modelTopology": {}, "weightsManifest": [{"paths": ["a.bin", "b.bin"], "weights": [
          {"name": "conv1/kernel", "shape": [1, 1, 3, 2], "dtype": "float32"}, {"name": "empty", "shape": [0, 4], "dtype": "float32"},
          {"name": "conv1/bias", "shape": [2], "dtype": "float32"}]}]}
        """;

    private static readonly float[] Values = [1, 2, 3, 4, 5, 6, -7, 8.5f];

    private readonly TemporaryFolder _folder = new();

    private string Model => Path.Combine(_folder.Path, "model.json");

    private string Package => Path.Combine(_folder.Path, "package.tgz");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(24)]
    [InlineData(32)]
    public void Read_ShardsCutAnywhere_AreTheSameTensors(int cut) =>
        Leaks.Check(() =>
        {
            Write(Manifest, cut);
            using var beside = WeightFiles.Read(Model).OrThrow();
            Pack(Manifest, cut);
            using var packed = WeightFiles.Read(Package).OrThrow();
            foreach (var weights in (Weights[])[beside, packed])
            {
                Assert.Equal(["conv1/bias", "conv1/kernel", "empty"], weights.All.Select(pair => pair.Key));
                Assert.Equal(Values[..6], weights["conv1/kernel"].Elements<float>());
                Assert.Equal(Values[6..], weights["conv1/bias"].Elements<float>());
                Assert.Equal([1L, 1, 3, 2], weights["conv1/kernel"].shape);
            }
        });

    [Theory]
    [InlineData("\"a.bin\", \"b.bin\"", "\"a.bin\"")] // a shard fewer
    [InlineData("\"b.bin\"", "\"c.bin\"")] // one that is not there
    [InlineData("\"a.bin\", \"b.bin\"", "\"a.bin\", \"a.bin\"")] // one twice
    [InlineData("\"b.bin\"", "\"../b.bin\"")] // out of the folder
    [InlineData("\"b.bin\"", "\"/etc/passwd\"")]
    [InlineData("\"b.bin\"", "7")]
    [InlineData("[2]", "[3]")] // beyond the shards
    [InlineData("[2]", "[1]")] // less than the shards
    [InlineData("[2]", "[-2]")]
    [InlineData("[2]", "[2.5]")]
    [InlineData("[2]", "\"2\"")]
    [InlineData("[2]", "[4611686018427387904, 4611686018427387904]")]
    [InlineData("\"float32\"}]", "\"int32\"}]")]
    [InlineData("\"float32\"}]", "\"float32\", \"quantization\": {}}]")]
    [InlineData("conv1/bias", "conv1/kernel")] // a name twice
    [InlineData("\"name\": \"conv1/bias\", ", "")]
    [InlineData("\"paths\"", "\"path\"")]
    [InlineData("\"weightsManifest\"", "\"manifest\"")]
    [InlineData("\"conv1/bias\"", "\"\\ud800\"")] // half a letter
    [InlineData("[{\"paths\"", "[3, {\"paths\"")]
    public void Read_AManifestThatDoesNotFit_IsRefused(string part, string instead)
    {
        Assert.Contains(part, Manifest, StringComparison.Ordinal);
        var changed = Manifest.Replace(part, instead, StringComparison.Ordinal);
        Write(changed, 13);
        Assert.False(WeightsSamples.IsRead(Model, File.ReadAllBytes(Model), WeightFiles.Read));
        Pack(changed, 13);
        Assert.False(WeightsSamples.IsRead(Package, File.ReadAllBytes(Package), WeightFiles.Read));
    }

    [Fact]
    public void Read_APackageThatUnpacksWithoutEnd_IsRefused()
    {
        Pack(Manifest, 13, ("package/large.bin", new byte[40 << 20]));
        Assert.True(new FileInfo(Package).Length < 100_000);
        Assert.False(WeightsSamples.IsRead(Package, File.ReadAllBytes(Package), WeightFiles.Read));
    }

    [Fact]
    public void Read_APackageWithoutAModelOrWithTwo_IsRefused()
    {
        Pack(Manifest, 13, ("other/model.json", [1, 2]));
        Assert.False(WeightsSamples.IsRead(Package, File.ReadAllBytes(Package), WeightFiles.Read));
        using (var stream = new GZipStream(File.Create(Package), CompressionLevel.Fastest))
            stream.Write(new byte[2048]);
        Assert.False(WeightsSamples.IsRead(Package, File.ReadAllBytes(Package), WeightFiles.Read));
    }

    private static byte[] Bytes => [.. Values.SelectMany(BitConverter.GetBytes)];

    private void Write(string manifest, int cut)
    {
        File.WriteAllText(Model, manifest);
        File.WriteAllBytes(Path.Combine(_folder.Path, "a.bin"), Bytes[..cut]);
        File.WriteAllBytes(Path.Combine(_folder.Path, "b.bin"), Bytes[cut..]);
    }

    private void Pack(string manifest, int cut, params (string Name, byte[] Content)[] more)
    {
        using var stream = new GZipStream(File.Create(Package), CompressionLevel.Optimal);
        using var tar = new TarWriter(stream, TarEntryFormat.Pax);
        foreach (
            var (name, content) in ((string, byte[])[])
                [
                    ("package/package.json", "{}"u8.ToArray()),
                    ("package/m/model.json", System.Text.Encoding.UTF8.GetBytes(manifest)),
                    ("package/m/a.bin", Bytes[..cut]),
                    ("package/m/b.bin", Bytes[cut..]),
                    .. more,
                ]
        )
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
    }
}
