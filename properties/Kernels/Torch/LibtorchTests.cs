using System.Diagnostics;
using System.Text.RegularExpressions;
using Motion.Kernels;
using Motion.Properties.Verify;
using Xunit;

namespace Motion.Properties.Kernels.Torch;

/// <summary>The native library: which one is taken, what is said where it does not load, and the calls that the sources avoid.</summary>
public sealed partial class LibtorchTests
{
    private const string Complaint =
        "Unable to load shared library 'libLibTorchSharp.so' or one of its dependencies.\n/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)\n";

    [Fact]
    public void Check_WhereTestsRun_IsOk() => Assert.True(Libtorch.Check().IsOk);

    [Fact]
    public void Explain_AnOldCxxLibrary_NamesBothVersionsAndTheWayOut()
    {
        var text = Libtorch.Explain("/app/libLibTorchSharp.so", Complaint, () => "GLIBCXX_3.4.30").Describe();
        Assert.All(
            ["/app/libLibTorchSharp.so", "GLIBCXX_3.4.32", "GLIBCXX_3.4.30", "./motion"],
            part => Assert.Contains(part, text, StringComparison.Ordinal)
        );
        Assert.DoesNotContain('\n', text);
    }

    [Fact]
    public void Explain_AnyOtherComplaint_IsItsReasonInOneSentence()
    {
        var text = Libtorch
            .Explain(
                "/app/libLibTorchSharp.so",
                "Unable to load.\nlibc10.so: cannot open shared object file: No such file or directory\n",
                () => "never asked"
            )
            .Describe();
        Assert.Contains("libc10.so: cannot open shared object file", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
    }

    [SourceTheory]
    [InlineData("linux-x64", "cpu", "libtorch-cpu-linux-x64")]
    [InlineData("osx-arm64", "cpu", "libtorch-cpu-osx-arm64")]
    [InlineData("linux-x64", "cuda", "libtorch-cuda-12.8-linux-x64")]
    public async Task Packages_OfAPlatform_AreItsOwnOnly(string runtime, string torch, string package)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "msbuild",
                Path.Combine(SourceFactAttribute.Root!, "contracts", "Contracts.csproj"),
                "-getItem:PackageReference",
                $"-p:RuntimeIdentifier={runtime}",
                $"-p:MotionTorch={torch}",
            ]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal([package], LibtorchPackage().Matches(text).Select(match => match.Groups[1].Value).Distinct());
    }

    [SourceFact]
    public void Sources_NowhereCallWhatOnlyAReaderCanTell()
    {
        // The literal 0 binds to an element type, not to a dimension; ^0.. is everything, not nothing.
        var found = Directory
            .EnumerateFiles(SourceFactAttribute.Root!, "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.EndsWith("LibtorchTests.cs", StringComparison.Ordinal)
            )
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (file, line, number: index + 1)))
            .Where(at => Trap().IsMatch(at.line))
            .Select(at => $"{at.file}:{at.number}: {at.line.Trim()}");
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("x.sum(0)", true)]
    [InlineData("x.prod(0, keepdim: true)", true)]
    [InlineData("torch.sum(x, 0)", true)]
    [InlineData("x[^0..]", true)]
    [InlineData("x.add(y).cpu().bytes", true)]
    [InlineData("x.sum(dim: 0)", false)]
    [InlineData("x.sum(0L)", false)]
    [InlineData("x.sum(1)", false)]
    public void Trap_InALine_IsSeen(string line, bool seen) => Assert.Equal(seen, Trap().IsMatch(line));

    [GeneratedRegex("\"Identity\": \"(libtorch[^\"]*)\"")]
    private static partial Regex LibtorchPackage();

    // Bytes of a tensor that nothing holds are a pointer into memory that the collector may have freed.
    [GeneratedRegex(@"\.(sum|prod)\(0[,)]|torch\.(sum|prod)\(\w+, 0[,)]|\[\^0\.\.\]|\)\.bytes\b")]
    private static partial Regex Trap();
}
