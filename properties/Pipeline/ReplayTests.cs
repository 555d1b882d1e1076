using Motion.Contracts;
using Motion.Pipeline.Cli;
using Motion.Runner.Folders;
using Motion.Runner.Recordings;
using Motion.Runner.Streams;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Pipeline;

public sealed class ReplayTests : TinyRuns
{
    private static readonly string[] Recorded = [.. Stages.Select(stage => $"stages.{stage}.record=true")];

    private static Task<int> Replay(Ran ran, string stage, string? phase = null) =>
        ReplayCommand.Run(ran.Folder.Root, stage, phase, TinyStages.Table());

    private async Task<Ran> RecordedRun(params string[] changes)
    {
        var ran = await Whole([.. Recorded, .. changes]);
        Assert.Equal((await Whole()).Fingerprint(), ran.Fingerprint());
        return ran;
    }

    [Fact]
    public async Task Replay_OfEveryStage_AnswersAsRecorded()
    {
        var ran = await RecordedRun();
        foreach (var stage in new[] { "decode", "flow", "forward", "loss", "evaluate" })
            Assert.Equal((stage, ExitCode.Done), (stage, await Replay(ran, stage)));
        foreach (var stage in new[] { "decode", "flow", "forward" })
            Assert.Equal((stage, ExitCode.Done), (stage, await Replay(ran, stage, "test")));
        Assert.Equal([15, 20, 23], ran.Folder.AllCheckpoints().Select(checkpoint => checkpoint.Iteration)); // untouched
    }

    [Fact]
    public async Task Recordings_OfStagesInProcesses_AreTheSameBytes()
    {
        var (here, there) = (
            await RecordedRun(),
            await RecordedRun("stages.flow.process=own", "stages.flow.copies=2", "stages.forward.process=own")
        );
        foreach (
            var name in new[]
            {
                "train/loss.in.rec",
                "train/loss.out.rec",
                "train/forward.in.rec",
                "test/evaluate.in.rec",
                "test/flow.out.rec",
            }
        )
        {
            Assert.Equal(
                await File.ReadAllBytesAsync(Path.Combine(here.Folder.Recordings, name)),
                await File.ReadAllBytesAsync(Path.Combine(there.Folder.Recordings, name))
            );
        }
    }

    [Fact]
    public async Task Replay_OfAChangedStage_FailsTheCheck()
    {
        var ran = await RecordedRun();
        var lines = await File.ReadAllLinesAsync(ran.Folder.Yaml); // the first holds the checksum
        RunFolder.Write(
            ran.Folder.Yaml,
            string.Join('\n', lines[1..]).Replace("learningRate: 0.1", "learningRate: 0.11", StringComparison.Ordinal)
        );
        Assert.Equal(ExitCode.CheckFailed, await Replay(ran, "forward", "train"));
        Assert.Equal(ExitCode.Done, await Replay(ran, "forward", "test"));
    }

    [Fact]
    public async Task Replay_OfAResumedTraining_StartsWhereItDid()
    {
        var stopped = await Run(Yaml, [.. Recorded, "run.name=stopped"], stopAt: 8);
        Assert.IsAssignableFrom<OperationCanceledException>(stopped.Failure);
        var resumed = await Run(Yaml, [.. Recorded, "run.name=stopped"], resume: true);
        Assert.Null(resumed.Failure);
        foreach (var phase in new[] { "train", "train-from-9" })
        {
            foreach (var stage in new[] { "decode", "flow", "forward", "loss" })
                Assert.Equal((phase, stage, ExitCode.Done), (phase, stage, await Replay(resumed, stage, phase)));
        }
    }

    [Fact]
    public async Task Replay_OfACrashedRun_ComparesWhatThereIs()
    {
        var ran = await Run(Yaml, [.. Recorded, "stages.flow.throws=30"]);
        Assert.IsType<StageStopped>(ran.Failure);
        Assert.Equal(ExitCode.Done, await Replay(ran, "loss"));
    }

    [Fact]
    public async Task Replay_WithoutARecording_SaysHowToMakeOne()
    {
        var ran = await Whole();
        Assert.Equal(ExitCode.BadUsage, await Replay(ran, "loss"));
        Assert.Equal(ExitCode.BadUsage, await ReplayCommand.Run(Path.Combine(Folder, "nothing"), "loss", null, TinyStages.Table()));
    }

    [Fact]
    public async Task Replay_OfADamagedRecording_IsBadInput()
    {
        var ran = await RecordedRun();
        var path = Path.Combine(ran.Folder.Recordings, "train", "loss.in.rec");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        Assert.Equal(ExitCode.BadInput, await Replay(ran, "loss"));
    }

    [Fact]
    public void Difference_NamesTensorPlaceAndCount()
    {
        Detections Found(float score) => new(new(1, "c", 1), new(2, 2), [new(new(0, 0, 1, 1), score, 0, null)], null);
        FlowFrame Frame(params float[] flow) =>
            new(new(1, "c", 1), new(1, 2), torch.zeros([3, 1, 2], torch.uint8), torch.tensor(flow).reshape(2, 1, 2), 1, "zero", null);
        Assert.Null(Compare.Difference(Frame(1, 2, 3, 4), Frame(1, 2, 3, 4)));
        Assert.Equal(
            "Flow [2, 1, 2] at (1, 0, 0): recorded 3, now 3.5; 2 of 4 differ",
            Compare.Difference(Frame(1, 2, 3, 4), Frame(1, 2, 3.5f, 5))
        );
        Assert.Equal(
            "Flow [2, 1, 2] at (0, 0, 0): recorded 0, now -0; 1 of 4 differ",
            Compare.Difference(Frame(0, 2, 3, 4), Frame(-0f, 2, 3, 4))
        );
        Assert.StartsWith("Items: recorded", Compare.Difference(Found(0.5f), Found(0.25f)), StringComparison.Ordinal);
        Assert.Equal("recorded Detections, now a fault (no)", Compare.Difference(Found(0.5f), new Fault(1, "forward", "no", IsBug: false)));
    }
}
