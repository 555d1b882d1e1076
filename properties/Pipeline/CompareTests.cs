using Motion.Pipeline.Cli;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>motion compare as it is typed.</summary>
public sealed class CompareTests : MotionProgram
{
    private string[] Command { get; } =
    ["compare", "one.yaml", "two.yaml", "--folds", "1", "--seeds", "1", "--resamples", "100", "--out", "out", "--plain"];

    public CompareTests()
    {
        void Write(string name, string text) => File.WriteAllText(Path.Combine(Here, name), text);
        Write("base.yaml", ExecutableTests.Yaml);
        Write("one.yaml", "extends: base.yaml\ntrain: {iterations: 3}");
        Write("two.yaml", "extends: one.yaml\nstages: {forward: {fusion: {detection: none, mask: none}}}");
        Write("longer.yaml", "extends: one.yaml\nstages: {decode: {every: 2}}\ntrain: {iterations: 4}");
    }

    [Fact]
    public async Task Compare_MadeAndMadeAgain_DoesEachRunOnceAndSaysTheSame()
    {
        var first = await Succeeds(Command);
        Assert.Contains(
            "2 runs of 3 iterations, 0 done before; how long they take is told after the first",
            first,
            StringComparison.Ordinal
        );
        Assert.Contains("two - one", first, StringComparison.Ordinal);
        var csv = await File.ReadAllTextAsync(Path.Combine(Here, "out", "comparison.csv"));
        Assert.Contains("difference,mask AP,two,one,,", csv, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(Here, "out", "comparison.html"));
        Assert.Contains("One seed", page, StringComparison.Ordinal);
        Assert.Contains("one-fold1-seed1/report/index.html", page, StringComparison.Ordinal);
        var made = Directory.GetLastWriteTimeUtc(Path.Combine(Here, "out", "one-fold1-seed1", "checkpoints"));
        Assert.Contains("2 runs of 3 iterations, 2 done before", await Succeeds(Command), StringComparison.Ordinal);
        Assert.Equal(made, Directory.GetLastWriteTimeUtc(Path.Combine(Here, "out", "one-fold1-seed1", "checkpoints")));
        Assert.Equal(csv, await File.ReadAllTextAsync(Path.Combine(Here, "out", "comparison.csv")));
        foreach (var more in new string[][] { [], ["--print"] })
        {
            var (code, _, error) = await Motion([.. Command, "--set", "train.iterations=2", .. more]);
            Assert.Equal(ExitCode.BadUsage, code);
            Assert.Contains("made with other settings (train.iterations: 3, now 2)", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Compare_OfWhatIsNoFairComparison_IsRefusedWithTheKeys()
    {
        var (code, _, error) = await Motion(["compare", "one.yaml", "longer.yaml", .. Command[3..]]);
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("train.iterations: is 4, and 3 in one.yaml", error, StringComparison.Ordinal);
        Assert.Contains("stages.decode.train.every: is 2, and 1 in one.yaml", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Here, "out")));
        (code, _, error) = await Motion(["compare", "one.yaml", "two.yaml", "--folds", "5", "--set", "stages.decode.synthetic.clips=3"]);
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("5 folds need as many clips, and there are 3", error, StringComparison.Ordinal);
        (code, _, error) = await Motion("compare", "one.yaml");
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("argument", error, StringComparison.Ordinal);
        (code, _, error) = await Motion("compare", "one.yaml", "two.yaml", "--folds", "many");
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("a whole number", error, StringComparison.Ordinal);
        (code, _, error) = await Motion("compare", "one.yaml", "one.yaml");
        Assert.Equal(ExitCode.BadUsage, code);
        Assert.Contains("named twice", error, StringComparison.Ordinal);
    }
}
