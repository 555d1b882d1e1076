using System.Diagnostics;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Motion.Runner.Settings;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>
/// What any text may do that is given as yaml: be settings, or be refused with sentences, for a price that its length bounds.
/// </summary>
public sealed class YamlLaws
{
    private static readonly FsCheck.Gen<int> Seeds = Gen.Choose(0, int.MaxValue - 1);
    private static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        "a",
        "stages",
        ": ",
        ":",
        ", ",
        "\n",
        "\n  ",
        "&a ",
        "*a",
        "- ",
        "? ",
        "'",
        "\"",
        "| ",
        "> ",
        "# ",
        "%",
        "---",
        "...",
        "!t ",
        "\t",
        "1",
        "~",
        "<<",
        "\u0085",
        "\0",
        "\\",
    ];

    private static IReadOnlyList<string> Errors(string yaml, string file = "p.yaml") =>
        ReadSettings
            .Text(yaml, file, Overrides.None, TinyStages.Kinds)
            .Match<IReadOnlyList<string>>(_ => [], errors => [.. errors.All.Select(error => error.Describe())]);

    [Fact, Law]
    public void AnyText_IsSettings_OrIsRefusedInSentences() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                var text =
                    (draws.Next(2) == 0 ? "run: {name: a}\nstages:\n  decode: " : "")
                    + string.Concat(Enumerable.Range(0, draws.Next(25)).Select(_ => Pieces[draws.Next(Pieces.Length)]));
                return Errors(text).All(sentence => sentence.EndsWith('.') || sentence.EndsWith('?'));
            },
            1000
        );

    [Fact, Law]
    public void AnyBeginning_OfSettings_IsRefusedInSentences() =>
        Laws.Hold(Gen.Choose(0, Whole.Length), length => Errors(Whole[..length]).All(sentence => sentence.EndsWith('.')), 100);

    private const string Whole = """
        run: {name: 'a', seed: 7, device: "cpu", threads: 2}
        stages: {decode: {frames: 5, test: {frames: 9}}, flow: {network: zero, inner: {on: false}}, report: {from: [flow, forward]}}
        """;

    [Fact, Law]
    public void NestedAnchors_AreBoundedByWhatTheyStandFor_WithTheirLine() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                var (levels, width) = (2 + draws.Next(60), 1 + draws.Next(12));
                var isMap = draws.Next(2) == 0;
                var text =
                    $"a0: &a0 [{string.Join(',', Enumerable.Repeat("x", width))}]\n"
                    + string.Concat(
                        Enumerable
                            .Range(1, levels)
                            .Select(level =>
                                isMap
                                    ? $"a{level}: &a{level} {{{string.Join(", ", Enumerable.Range(0, width).Select(i => $"k{i}: *a{level - 1}"))}}}\n"
                                    : $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", width))}]\n"
                            )
                    );
                var before = GC.GetAllocatedBytesForCurrentThread();
                var errors = Errors(text);
                var cost = GC.GetAllocatedBytesForCurrentThread() - before;
                var written = Enumerable.Range(0, levels + 1).Sum(level => Math.Pow(width, level + 1));
                Assert.True(cost < 1 << 26, $"{cost} bytes for {levels} levels of {width}");
                Assert.True(
                    written < 21_000 || (errors is [var one] && one.Contains("values here", StringComparison.Ordinal)),
                    $"{levels} levels of {width}: {string.Join('\n', errors.Take(3))}"
                );
                return (
                    written < 21_000
                    || errors is [var only]
                        && only.StartsWith("p.yaml:", StringComparison.Ordinal)
                        && only.Contains(width == 1 ? "levels" : "values here", StringComparison.Ordinal)
                );
            },
            100
        );

    [Theory]
    [InlineData("key{0}: 1\n", "")]
    [InlineData("- {0}\n", "")]
    [InlineData("  key{0}: {{}}\n", "stages:\n")]
    [InlineData("  key{0}: {{a: 1}}\n", "extends: base.yaml\nstages:\n")]
    [InlineData("same: {0}\n", "")]
    [InlineData("# {0}\n", "run: {name: a}\n")]
    [InlineData("{0} ", "run: {name: '")]
    [InlineData("{{a: ", "run: ")]
    public void AnyKindOfText_FourTimesAsLong_CostsFourTimesAsMuch(string piece, string head)
    {
        using var folder = new TemporaryFolder();
        string Make(int n) => head + string.Concat(Enumerable.Range(0, n).Select(i => string.Format(null, piece, i)));
        File.WriteAllText(Path.Combine(folder.Path, "base.yaml"), Make(1000).Replace("extends: base.yaml\n", "", StringComparison.Ordinal));
        var file = Path.Combine(folder.Path, "p.yaml");
        long Cost(int n)
        {
            var text = Make(n);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var errors = Errors(text, file);
            Assert.True(errors.Sum(error => error.Length) < 40_000 + text.Length);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Cost(1000);
        var (least, most) = (Cost(1000), Cost(4000));
        Assert.True(most < (6 * least) + (1 << 20), $"{least}, then {most}");
    }

    [Theory]
    [InlineData("Max open files            64                   100                  files", "ulimit -n 256")]
    [InlineData("Max open files            64                   1024                 files", null)]
    [InlineData("Max address space         unlimited            1073741824           bytes", "ulimit -v 8388608")]
    [InlineData("Max address space         unlimited            unlimited            bytes", null)]
    public void Limits_WithoutRoom_AreSaidAtTheStart(string limit, string? said) =>
        Assert.Equal(
            said is not null,
            Motion.Pipeline.Cli.NeedsRoom.Lacking(["Limit Soft Hard Units", limit])?.Contains(said!, StringComparison.Ordinal) ?? false
        );

    [Fact]
    public void TooManyUnknownKeys_AreCounted()
    {
        var errors = Errors(string.Concat(Enumerable.Range(0, 5000).Select(i => $"key{i}: {i}\n")));
        Assert.Contains(errors, error => error.Contains("4980 more keys", StringComparison.Ordinal));
        Assert.InRange(errors.Count, 21, 40);
        Assert.Contains(
            "more than 20000 values here",
            Assert.Single(Errors(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"key{i}: {i}\n")))),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/dev/zero", "device")]
    [InlineData("pipe", "pipe")]
    [InlineData(".", "folder")]
    [InlineData("large.yaml", "at most")]
    public void Extends_WhatIsNoFileOfSettings_SaysSo(string named, string said)
    {
        using var folder = new TemporaryFolder();
        using var made = Process.Start("mkfifo", [Path.Combine(folder.Path, "pipe")]);
        made.WaitForExit();
        using (var large = File.Create(Path.Combine(folder.Path, "large.yaml")))
        {
            large.SetLength(1L << 33);
        }

        var errors = Errors($"extends: {named}\nrun: {{name: a}}\n", Path.Combine(folder.Path, "p.yaml"));
        Assert.Contains(
            errors,
            error => error.Contains(said, StringComparison.Ordinal) && error.Contains("p.yaml:1:", StringComparison.Ordinal)
        );
        Assert.Contains(
            said,
            ReadSettings.File(Path.Combine(folder.Path, named), Overrides.None, TinyStages.Kinds).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }
}
