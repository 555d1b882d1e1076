using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Streams;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>Whole runs over stages that take no time.</summary>
public sealed class PipelineTests : TinyRuns
{
    [Fact]
    public async Task Run_ToTheEnd_TrainsEvaluatesAndReports()
    {
        var ran = await Whole();
        Assert.Equal((23, 40), (ran.Outcome!.Iterations, ran.Outcome.Evaluation!.Frames));
        Assert.Equal([15, 20, 23], ran.Folder.AllCheckpoints().Select(checkpoint => checkpoint.Iteration));
        Assert.Equal(
            Enumerable.Range(0, 40).SelectMany(n => new[] { $"FlowFrame {n}", $"Detections {n}" }).Append("Evaluation 0"),
            ran.Report
        );
        Assert.Equal(Enumerable.Range(0, 23).Select(i => (3L * i) + 2), Curve.Read(ran.Folder.Curve).Select(line => line.Sequence));
        Assert.True(File.Exists(ran.Folder.Scores));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(16, 1)]
    [InlineData(16, 3)]
    public async Task Run_AnyBufferAndCopies_GivesTheSame(int buffer, int copies)
    {
        var usual = await Whole();
        var changes = Stages.Select(stage => $"stages.{stage}.buffer={buffer}");
        var other = await Whole([.. changes, $"stages.flow.copies={copies}", $"stages.forward.copies={copies}"]);
        Assert.Equal(usual.Fingerprint(), other.Fingerprint());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(22)]
    public async Task Run_StoppedAndResumed_EndsLikeOneThatWasNot(int stopAt)
    {
        var usual = await Whole();
        var stopped = await Run(Yaml, ["run.name=stopped"], stopAt: stopAt);
        Assert.IsAssignableFrom<OperationCanceledException>(stopped.Failure);
        Assert.Equal(stopAt + 1, stopped.Folder.AllCheckpoints().Last().Iteration);
        var resumed = await Run(Yaml, ["run.name=stopped"], resume: true);
        Assert.Equal(usual.Fingerprint(), resumed.Fingerprint());
    }

    [Fact]
    public async Task Run_KilledAndResumed_GoesOnFromTheLastCheckpoint()
    {
        var usual = await Whole();
        var killed = await Run(Yaml, ["run.name=killed", "stages.flow.throws=50"]);
        Assert.IsType<StageStopped>(killed.Failure);
        File.Delete(killed.Folder.AllCheckpoints().Last().Path); // written since the run ended well enough for that
        Assert.InRange(killed.Folder.AllCheckpoints().Last().Iteration, 5, 15);
        // What a kill leaves: the curve runs ahead of the checkpoint, and its last line is cut short.
        await File.AppendAllTextAsync(killed.Folder.Curve, "{\"iteration\":16,\"tot");
        RunFolder.Write(killed.Folder.Yaml, ResolvedYaml.Text((await SettingsOf(killed)) with { }));
        var resumed = await Run(Yaml, ["run.name=killed"], resume: true);
        Assert.Null(resumed.Failure);
        Assert.Equal(usual.Fingerprint(), resumed.Fingerprint());
    }

    private static async Task<PipelineSettings> SettingsOf(Ran ran) =>
        ConfigurationTests.Read(
            (await File.ReadAllTextAsync(ran.Folder.Yaml)).Replace("throws: 50", "throws: -1", StringComparison.Ordinal)
        );

    [Fact]
    public async Task Run_OfARefusedFrame_StopsOrSkipsAsToldAndSaysSo()
    {
        var stopped = await Run(Yaml, ["stages.flow.refuses=7"]);
        Assert.Equal("flow refuses 7", Assert.IsType<StageStopped>(stopped.Failure).Fault.Text);
        var skipped = await Run(Yaml, ["stages.flow.refuses=7", "stages.flow.onError=skip"]);
        Assert.Null(skipped.Failure);
        Assert.Equal(39, skipped.Outcome!.Evaluation!.Frames);
        Assert.Equal(
            ["flow skipped 1 in the training; the first: flow refuses 7", "flow skipped 1 in the test; the first: flow refuses 7"],
            skipped.Outcome.Skipped.ToArray()
        );
        Assert.Equal<string>(skipped.Outcome.Skipped, Facts.Read(skipped.Folder.Facts).Notes);
        Assert.DoesNotContain("FlowFrame 7", skipped.Report);
        Assert.Equal(9, Curve.Read(skipped.Folder.Curve)[2].Sequence);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_SkippingFrames_DoesNotDependOnCopies(int copies)
    {
        string[] changes =
        [
            "stages.decode.bad=[0,5,6,39]",
            "stages.flow.refuses=7",
            "stages.loss.notFinite=4",
            "stages.flow.onError=skip",
            "stages.decode.onError=skip",
            "stages.loss.onError=skip",
        ];
        var usual = await Whole([.. changes, "stages.flow.buffer=1"]);
        Assert.Equal(35, usual.Outcome!.Evaluation!.Frames);
        Assert.Equal(
            (await Whole([.. changes, $"stages.flow.copies={copies}", "stages.forward.copies=2"])).Fingerprint(),
            usual.Fingerprint()
        );
    }

    [Fact]
    public async Task Run_SkippedThenResumed_UsesTheSameBatches()
    {
        string[] changes = ["stages.loss.notFinite=4", "stages.loss.onError=skip", "stages.flow.refuses=7", "stages.flow.onError=skip"];
        var usual = await Whole(changes);
        var stopped = await Run(Yaml, [.. changes, "run.name=stopped"], stopAt: 9);
        Assert.IsAssignableFrom<OperationCanceledException>(stopped.Failure);
        Assert.Equal(usual.Fingerprint(), (await Run(Yaml, [.. changes, "run.name=stopped"], resume: true)).Fingerprint());
    }

    [Theory]
    [InlineData("")]
    [InlineData("stages.decode.process=own")]
    [InlineData("stages.forward.process=own")]
    public async Task Run_OfABadFrameInTheMiddle_KeepsTheWorkDoneAndGoesOnWithoutTheFrame(string place)
    {
        var usual = await Whole("stages.decode.bad=[50]", "stages.decode.onError=skip");
        string[] changes = ["run.name=bad", "stages.decode.bad=[50]", .. place.Length > 0 ? [place] : Array.Empty<string>()];
        var stopped = await Run(Yaml, changes);
        Assert.Equal("frame 50 is bad", Assert.IsType<StageStopped>(stopped.Failure).Fault.Text);
        Assert.InRange(Curve.Read(stopped.Folder.Curve).Length, 11, 16); // of the 16 batches before it, all that the trainer had been given
        Assert.Equal(Curve.Read(stopped.Folder.Curve).Length, stopped.Folder.AllCheckpoints().Last().Iteration);
        Assert.Equal(usual.Fingerprint(), (await Run(Yaml, [.. changes, "stages.decode.onError=skip"], resume: true)).Fingerprint());
    }

    [Fact]
    public async Task Run_OfABug_StopsThoughToldToSkip()
    {
        var ran = await Run(Yaml, ["stages.flow.throws=7", "stages.flow.onError=skip"]);
        Assert.True(Assert.IsType<StageStopped>(ran.Failure).Fault.IsBug);
        Assert.Contains("flow broke at 7", ran.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithTheNameOfAnother_GetsANumber()
    {
        var first = await Whole();
        var second = await Whole();
        Assert.Equal(("tiny", "tiny-2"), (Path.GetFileName(first.Folder.Root), Path.GetFileName(second.Folder.Root)));
    }

    [Fact]
    public async Task Run_ThatFailedBeforeItDidAnything_LeavesItsName()
    {
        Assert.NotNull((await Run(Yaml, ["stages.flow.throws=0"])).Failure);
        Assert.Equal("tiny", Path.GetFileName((await Whole()).Folder.Root));
        Directory.CreateDirectory(Path.Combine(Folder, "claimed"));
        foreach (var name in new[] { "run.lock", "run.yaml.999999999-1.tmp" })
            await File.WriteAllTextAsync(Path.Combine(Folder, "claimed", name), "half");
        var claimed = (await Whole("run.name=claimed")).Folder;
        Assert.Equal(("claimed", 0), (Path.GetFileName(claimed.Root), Directory.GetFiles(claimed.Root, "*.tmp").Length));
        Directory.CreateDirectory(Path.Combine(Folder, "foreign"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "foreign", "letter.txt"), "not ours");
        Assert.Equal("foreign-2", Path.GetFileName((await Whole("run.name=foreign")).Folder.Root));
    }

    [Fact]
    public async Task Resume_WithOtherSettings_IsRefusedWithTheDifference()
    {
        await Whole();
        var settings = Read(Yaml, "train.batch=4", "train.iterations=99", "stages.flow.copies=2");
        var text = ClaimFolder.Again(settings).Match(_ => "", error => error.Text);
        Assert.Contains("train.batch: 3, now 4", text, StringComparison.Ordinal);
        Assert.DoesNotContain("iterations", text, StringComparison.Ordinal);
        Assert.DoesNotContain("copies", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_WithoutACheckpoint_SaysThatItBeginsFromTheBeginning()
    {
        var usual = await Whole();
        var stopped = await Run(Yaml, ["run.name=stopped"], stopAt: 12);
        foreach (var (_, checkpoint) in stopped.Folder.AllCheckpoints())
            File.Delete(checkpoint);
        Assert.Equal(usual.Fingerprint(), (await Run(Yaml, ["run.name=stopped"], resume: true)).Fingerprint());
        Assert.Contains(
            "there is no checkpoint: the training begins from the beginning, and the 13 iterations",
            await File.ReadAllTextAsync(stopped.Folder.Log),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Resume_OfARunWhoseSettingsWereEmptied_SaysSo()
    {
        var ran = await Whole();
        await File.WriteAllTextAsync(ran.Folder.Yaml, "");
        Assert.Contains("run.yaml is empty", ClaimFolder.Again(Read(Yaml)).Match(_ => "", error => error.Text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OfARunInUse_IsRefused()
    {
        var ran = await Whole();
        await using var held = new FileStream(
            Path.Combine(ran.Folder.Root, "run.lock"),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.None
        );
        var settings = Read(Yaml);
        Assert.Contains("in use", ClaimFolder.Again(settings).Match(_ => "", error => error.Text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutForward_ReportsFlowAlone()
    {
        var ran = await Run("stages: {decode: {frames: 3}, flow: {}, report: {}}");
        Assert.Null(ran.Failure);
        Assert.Equal(["FlowFrame 0", "FlowFrame 1", "FlowFrame 2"], ran.Report);
    }

    [Fact]
    public async Task Run_WithoutReport_Evaluates()
    {
        var ran = await Run("stages: {decode: {frames: 3}, flow: {}, forward: {}, evaluate: {}}");
        Assert.Equal(3, ran.Outcome!.Evaluation!.Frames);
    }

    [Fact]
    public async Task Run_WithoutEvaluate_Reports()
    {
        var ran = await Run("stages: {decode: {frames: 3}, flow: {}, forward: {}, report: {}}");
        Assert.Null(ran.Outcome!.Evaluation);
        Assert.Equal(6, ran.Report.Length);
    }
}
