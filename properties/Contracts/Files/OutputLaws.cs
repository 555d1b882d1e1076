using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Pipeline.Figures;
using Motion.Properties.Generators;
using Motion.Report;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>What writing may touch.</summary>
public sealed class OutputLaws
{
    private static readonly FsCheck.Gen<int> Seeds = Gen.Choose(0, int.MaxValue - 1);

    /// <summary>Everything of ours that writes a file under a name that it is given.</summary>
    private static readonly (string Name, Action<string> Write)[] Writers =
    [
        ("WholeFile", path => WholeFile.Write(path, "ours"u8.ToArray())),
        ("Flo", path => _ = Flo.Write(path, FloTensors.ToFile(ones(2, 4, 4))).OrThrow()),
        ("Png", path => _ = PngWriter.Write(path, new byte[3 * 16], new Size2(4, 4)).OrThrow()),
        ("Safetensors", path => _ = Safetensors.Write(path, [new("w", ones(2))]).OrThrow()),
        ("TorchFile", path => _ = TorchFile.Write(path, [new("w", ones(2))]).OrThrow()),
        ("Report", path => _ = Files.Write(path, "ours").OrThrow()),
        ("Recording", Record),
        ("Results", path => Results(Path.GetDirectoryName(path)!)),
    ];

    public static TheoryData<string> WriterNames => [.. Writers.Select(writer => writer.Name)];

    [Theory]
    [MemberData(nameof(WriterNames))]
    public void AnyWriter_AmongFilesAndLinksOfOthers_HarmsNoneOfThem(string writer)
    {
        using var folder = new TemporaryFolder();
        var (mine, target) = (
            Path.Combine(folder.Path, "mine"),
            Path.Combine(folder.Path, "out", writer == "Results" ? "results.json" : "file")
        );
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(mine, "mine");
        foreach (var ending in new[] { ".part", $".{Environment.ProcessId}.tmp", $".{Environment.ProcessId}-1.tmp" })
        {
            File.CreateSymbolicLink(target + ending, mine);
        }

        File.WriteAllText($"{target}.{Environment.ProcessId}-2.tmp", "mine too");
        Writers.Single(each => each.Name == writer).Write(target);
        Assert.Equal("mine", File.ReadAllText(mine));
        Assert.Equal("mine too", File.ReadAllText($"{target}.{Environment.ProcessId}-2.tmp"));
        Assert.Equal(FileKind.Regular, FileIdentity.OfEntry(target).Kind);
    }

    [Theory]
    [MemberData(nameof(WriterNames))]
    public void AnyWriter_OverALink_TakesItsPlaceAndLeavesWhatItLedTo(string writer)
    {
        using var folder = new TemporaryFolder();
        var (mine, target) = (Path.Combine(folder.Path, "mine"), Path.Combine(folder.Path, writer == "Results" ? "results.json" : "file"));
        File.WriteAllText(mine, "mine");
        File.CreateSymbolicLink(target, mine);
        Writers.Single(each => each.Name == writer).Write(target);
        Assert.Equal("mine", File.ReadAllText(mine));
        Assert.Equal(FileKind.Regular, FileIdentity.OfEntry(target).Kind);
    }

    [Fact, Law]
    public void Refusal_OfAnyNameOfAnInput_HoldsEvenWithForce() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                using var folder = new TemporaryFolder();
                var draws = new Seed((ulong)seed).Draws();
                var input = Path.Combine(folder.Path, "in", "a.json");
                Directory.CreateDirectory(Path.GetDirectoryName(input)!);
                File.WriteAllText(input, "in");
                Directory.CreateSymbolicLink(Path.Combine(folder.Path, "door"), Path.GetDirectoryName(input)!);
                File.CreateSymbolicLink(Path.Combine(folder.Path, "link"), input);
                File.CreateSymbolicLink(Path.Combine(folder.Path, "second"), Path.Combine(folder.Path, "link"));
                string[] names = [input, "door/a.json", "link", "second", "in/../in/a.json", "./door/../door/a.json"];
                string Any() => Path.Combine(folder.Path, names[draws.Next(names.Length)]);
                var (first, second) = (Any(), Any());
                return FileIdentity.Same(first, second)
                    && Outputs
                        .Refusal([Path.Combine(folder.Path, "free"), first], force: true, [second])
                        ?.Contains("never overwritten", StringComparison.Ordinal) == true;
            }
        );

    [Fact]
    public void Refusal_OfWhatIsThere_HoldsWithoutForceAlone()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a");
        Assert.Null(Outputs.Refusal([path], force: false, []));
        File.WriteAllText(path, "");
        Assert.Contains("--force", Outputs.Refusal([path], force: false, []), StringComparison.Ordinal);
        Assert.Null(Outputs.Refusal([path], force: true, []));
        Assert.Contains("no file", Outputs.Refusal([folder.Path], force: true, []), StringComparison.Ordinal);
    }

    [Fact, Law]
    public void OutputFolder_OfAnyNames_GivesDistinctPlacesWithinIt() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                using var folder = new TemporaryFolder();
                var draws = new Seed((ulong)seed).Draws();
                var (root, beside) = (Path.Combine(folder.Path, "x", "out"), Path.Combine(folder.Path, "beside"));
                Directory.CreateDirectory(root);
                Directory.CreateDirectory(beside);
                Directory.CreateSymbolicLink(Path.Combine(root, "link"), beside);
                var output = new OutputFolder(root, force: true, []);
                var names = Enumerable.Range(0, 12).Select(_ => HostileNames.Path(draws, beside)).ToList();
                var taken = names.Where(name => output.Take(name) is null).ToList();
                return taken.All(name =>
                        $"{FileIdentity.Real(Path.GetDirectoryName(output.PathOf(name))!)}/".StartsWith(
                            FileIdentity.Real(root) + "/",
                            StringComparison.Ordinal
                        )
                    )
                    && taken.Select(Elsewhere).Distinct().Count() == taken.Count
                    && taken.TrueForAll(name =>
                        taken.TrueForAll(other => !Elsewhere(other).StartsWith(Elsewhere(name) + "/", StringComparison.Ordinal))
                    )
                    && taken
                        .SelectMany(name => name.Split('/'))
                        .All(part =>
                            part.Length > 0
                            && part[^1] is not ('.' or ' ')
                            && !part.Any(letter => letter is '\\' or ':' or '*' || char.IsControl(letter))
                        );
            },
            200
        );

    /// <summary>A name as a file system compares it that knows no case and composes accents.</summary>
    private static string Elsewhere(string name) => name.Normalize(System.Text.NormalizationForm.FormC).ToLowerInvariant();

    [Fact, Law]
    public void FigureNames_OfDistinctFrames_AreDistinctAndPlain() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                var clips = Enumerable.Range(0, 6).Select(_ => HostileNames.Path(draws, "/data")).Distinct().ToArray();
                var names = clips.Index().Select(clip => DrawFigures.NameOf(new FrameKey(clip.Index, clip.Item, 0))).ToArray();
                return names.Distinct().Count() == names.Length && names.All(name => Outputs.Flaw($"figure1-{name}.png") is null);
            }
        );

    private static void Record(string path)
    {
        using var writer = RecordingWriter.Create(path).OrThrow();
        _ = writer.Finish().OrThrow();
    }

    private static void Results(string folder)
    {
        using var writer = ResultsWriter.Open(folder, new Catalogue([], [])).OrThrow();
        _ = writer.Finish().OrThrow();
    }
}
