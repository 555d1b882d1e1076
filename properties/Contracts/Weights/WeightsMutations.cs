using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using Motion.Contracts;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Contracts;

/// <summary>
/// Files of every form, changed and cut at random: each is read or refused with a reason, without an exception, a tensor left behind, or
/// memory beyond a few times the file's. MOTION_MUTATIONS says how many of each form (60 where it is not set).
/// </summary>
public sealed class WeightsMutations : IDisposable
{
    private const string Count = "MOTION_MUTATIONS";
    private const int UsualCount = 60;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Forms =>
        [
            "safetensors",
            "zip of PyTorch",
            "stream of PyTorch",
            "checkpoint of PyTorch",
            "zip of ours",
            "pickle 2",
            "pickle 3",
            "pickle 4",
            "pickle 5",
            "model.json",
            "package.tgz",
        ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_AnyChangeOrCut_IsReadOrRefusedWithAReason(string form)
    {
        var original = Original(form);
        var draws = new Seed(2212).Derive(form).Draws();
        var path = Path.Combine(_folder.Path, "changed");
        Assert.True(WeightsSamples.IsRead(path, original, WeightFiles.Read), "the file itself is not read");
        var (read, refused) = (0, 0);
        var rounds = int.TryParse(Environment.GetEnvironmentVariable(Count), CultureInfo.InvariantCulture, out var more)
            ? more
            : UsualCount;
        for (var round = 0; round < rounds; round++)
        {
            var changed = Mutations.Change(original, draws);
            if (WeightsSamples.IsRead(path, changed, WeightFiles.Read))
                read++;
            else
                refused++;
        }

        Assert.True(refused > rounds / 4, $"{read} read, {refused} refused: hardly anything was changed");
        Console.WriteLine($"{form}: {read} read, {refused} refused");
    }

    private byte[] Original(string form)
    {
        var path = Path.Combine(_folder.Path, "original");
        using var weights = WeightsSamples.Make(12);
        switch (form)
        {
            case "safetensors":
                Safetensors.Write(path, weights, [new("a", "text")]).OrThrow();
                return File.ReadAllBytes(path);
            case "zip of ours":
                TorchFile.Write(path, weights.All).OrThrow();
                return File.ReadAllBytes(path);
            case "model.json":
                File.WriteAllBytes(Path.Combine(_folder.Path, "a.bin"), new byte[24]);
                return "{\"weightsManifest\": [{\"paths\": [\"a.bin\"], \"weights\": [{\"name\": \"k\", \"shape\": [2, 3], \"dtype\": \"float32\"}]}]}"u8.ToArray();
            case "package.tgz":
                return Package();
            default:
                return File.ReadAllBytes(
                    GoldenFiles.PathOf(
                        "Pth",
                        form switch
                        {
                            "zip of PyTorch" => "state_dict.pth",
                            "stream of PyTorch" => "state_dict_legacy.pth",
                            "checkpoint of PyTorch" => "checkpoint.pth",
                            _ => $"arrays_protocol{form[^1]}.pkl",
                        }
                    )
                );
        }
    }

    /// <summary>Uncompressed inside, so that changes reach the archive and not the checksum alone.</summary>
    private static byte[] Package()
    {
        using var memory = new MemoryStream();
        using (var stream = new GZipStream(memory, CompressionLevel.NoCompression, leaveOpen: true))
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax))
        {
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "package/model.json")
                {
                    DataStream = new MemoryStream(
                        "{\"weightsManifest\": [{\"paths\": [\"a.bin\"], \"weights\": [{\"name\": \"k\", \"shape\": [2, 3], \"dtype\": \"float32\"}]}]}"u8.ToArray()
                    ),
                }
            );
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "package/a.bin") { DataStream = new MemoryStream(new byte[24]) });
        }

        return memory.ToArray();
    }
}
