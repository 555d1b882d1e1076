using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Motion.Runner.Folders;
using Motion.Runner.Processes;
using Motion.Runner.Stations;
using Motion.Runner.Streams;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>Stages behind sockets: the same results as without, whatever dies.</summary>
public sealed class ProcessTests : TinyRuns
{
    private static string[] Own(params string[] stages) => [.. stages.Select(stage => $"stages.{stage}.process=own")];

    [Theory]
    [InlineData("decode")]
    [InlineData("flow")]
    [InlineData("forward")]
    [InlineData("loss")]
    [InlineData("evaluate")]
    [InlineData("report")]
    [InlineData("decode flow forward loss evaluate report")]
    public async Task Run_WithStagesInProcessesOfTheirOwn_GivesTheSame(string stages)
    {
        var usual = await Whole();
        Assert.Equal(usual.Fingerprint(), (await Whole(Own(stages.Split(' ')))).Fingerprint());
    }

    [Fact]
    public async Task Run_WithCopiesInProcessesOfTheirOwn_GivesTheSame()
    {
        var usual = await Whole();
        var other = await Whole([.. Own("flow", "forward"), "stages.flow.copies=3", "stages.forward.copies=2", "stages.flow.buffer=1"]);
        Assert.Equal(usual.Fingerprint(), other.Fingerprint());
    }

    [Fact]
    public async Task Run_SkippingFramesInProcesses_GivesTheSame()
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
        var usual = await Whole(changes);
        Assert.Equal(usual.Fingerprint(), (await Whole([.. changes, .. Own("decode", "flow", "loss")])).Fingerprint());
    }

    [Theory]
    [InlineData("decode", 11, 1)]
    [InlineData("decode", 0, 4)]
    [InlineData("flow", 11, 1)]
    [InlineData("flow", 0, 16)]
    [InlineData("flow", 39, 2)]
    [InlineData("forward", 12, 4)]
    [InlineData("forward", 0, 4)]
    [InlineData("evaluate", 17, 4)]
    public async Task Run_WhoseProcessIsKilled_GivesTheSame(string stage, long at, int buffer)
    {
        var usual = await Whole();
        var deaths = 0;
        void Visit(string name, long number, Action kill)
        {
            if (name != stage || number != at || Interlocked.Increment(ref deaths) > 2)
                return;
            kill();
            Thread.Sleep(50); // a killed process says nothing more; this one has to be kept from it
            throw new OperationCanceledException();
        }

        var ran = await Run(Yaml, [.. Own(stage), $"stages.{stage}.buffer={buffer}"], visit: Visit);
        Assert.True(deaths > 1, "nothing was killed");
        Assert.Equal(usual.Fingerprint(), ran.Fingerprint());
    }

    /// <summary>
    /// Some stages in processes of their own, one of them killed once or twice at one message, and the user stops at some iteration or does
    /// not.
    /// </summary>
    private sealed record Disturbance(string[] Own, int Stage, int At, int Deaths, int Buffer, int StopAt)
    {
        public string Killed => Own[Stage % Own.Length];

        public static FsCheck.Gen<Disturbance> Any { get; } =
            from which in Gen.Choose(1, (1 << 6) - 1)
            from stage in Gen.Choose(0, 5)
            from at in Gen.Choose(0, 45)
            from deaths in Gen.Choose(1, 2)
            from buffer in Gen.Choose(1, 5)
            from stop in Gen.Choose(-10, 22)
            select new Disturbance([.. Stages.Where((_, i) => (which >> i & 1) != 0)], stage, at, deaths, buffer, stop);
    }

    /// <summary>The short form of properties/kills.sh, which sends signals to real ones.</summary>
    [Fact, Law]
    public async Task Run_DisturbedAnywhere_EndsInTheSame()
    {
        var usual = (await Whole()).Fingerprint();
        var number = 0;
        Laws.Hold(
            Disturbance.Any,
            drawn =>
            {
                var (deaths, name) = (0, $"run.name=disturbed{Interlocked.Increment(ref number)}");
                void Visit(string stage, long at, Action kill)
                {
                    if (stage != drawn.Killed || at != drawn.At || Interlocked.Increment(ref deaths) > drawn.Deaths)
                        return;
                    kill();
                    Thread.Sleep(50); // a killed process says nothing more; this one has to be kept from it
                    throw new OperationCanceledException();
                }

                var ran = Run(
                        Yaml,
                        [.. Own(drawn.Own), name, $"stages.{drawn.Killed}.buffer={drawn.Buffer}"],
                        stopAt: drawn.StopAt,
                        visit: Visit
                    )
                    .GetAwaiter()
                    .GetResult();
                if (ran.Failure is OperationCanceledException)
                    ran = Run(Yaml, [name], resume: true).GetAwaiter().GetResult();
                return ran.Fingerprint() == usual;
            },
            cases: 20
        );
    }

    /// <summary>
    /// What the evaluation's process was sent is kept in a file, up to a bound: beyond it the run goes on, says so, and does not start that
    /// process again.
    /// </summary>
    [Theory]
    [InlineData("run.spool=1", true)]
    [InlineData("run.spool=0", false)]
    public async Task Spool_BeyondItsBound_IsNotKept(string bound, bool again)
    {
        var usual = await Whole();
        string[] changes = [.. Own("evaluate"), bound];
        var undisturbed = await Whole(changes);
        Assert.Equal(usual.Fingerprint(), undisturbed.Fingerprint());
        Assert.Equal(
            !again,
            (await File.ReadAllTextAsync(undisturbed.Folder.Log)).Contains(
                "it is not kept, and that process cannot be started again if it dies",
                StringComparison.Ordinal
            )
        );
        var deaths = 0;
        void Visit(string name, long number, Action kill)
        {
            if (name != "evaluate" || number != 20 || Interlocked.Increment(ref deaths) > 1)
                return;
            kill();
            Thread.Sleep(50);
            throw new OperationCanceledException();
        }

        var ran = await Run(Yaml, changes, visit: Visit);
        Assert.Equal(1, Math.Min(deaths, 1));
        if (again)
            Assert.Equal(usual.Fingerprint(), ran.Fingerprint());
        else
            Assert.Contains("done again with --resume", Assert.IsType<StageStopped>(ran.Failure).Fault.Text, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(ran.Folder.Root, "*spool*", SearchOption.AllDirectories));
    }

    /// <summary>As on a disk that is full: there is no place for the file.</summary>
    [Fact]
    public async Task Spool_WithoutRoom_StopsTheRunInASentence()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "nowhere"), "");
        using var spool = new SpoolLedger("evaluate", Path.Combine(Folder, "nowhere", "spool"), 3, 1L << 30, _ => { });
        using var pair = TinyStages.Pair(0);
        var stopped = await Assert.ThrowsAsync<StageStopped>(async () => await spool.Keep(pair));
        Assert.False(stopped.Fault.IsBug);
        Assert.Contains("nowhere", stopped.Fault.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flow", "stages.flow.onError=skip")]
    [InlineData("forward", "stages.flow.buffer=4")]
    [InlineData("evaluate", "stages.flow.buffer=4")]
    public async Task Run_WhoseProcessDiesAgainAndAgain_StopsAndSaysSo(string stage, string change)
    {
        void Visit(string name, long number, Action kill)
        {
            if (name != stage || number != 12)
                return;
            kill();
            throw new OperationCanceledException();
        }

        var ran = await Run(Yaml, [.. Own(stage), change], visit: Visit);
        var fault = Assert.IsType<StageStopped>(ran.Failure).Fault;
        Assert.Equal(stage, fault.Stage);
        Assert.Contains("3 times", fault.Text, StringComparison.Ordinal);
    }

    /// <summary>A process that connects and is gone before it says who it is, twice; the next one is as it should be.</summary>
    [Theory]
    [InlineData("decode")]
    [InlineData("flow")]
    [InlineData("evaluate")]
    public async Task Process_ThatDiesBeforeItIntroducesItself_IsStartedAgain(string stage)
    {
        var usual = await Whole();
        var deaths = 0;
        var ran = await Run(
            Yaml,
            Own(stage),
            launch: (plan, proper) =>
                Interlocked.Increment(ref deaths) > 2 ? proper(plan) : new(Connecting(plan, TimeSpan.Zero), () => { }, () => 0)
        );
        Assert.Equal(usual.Fingerprint(), ran.Fingerprint());
        Assert.Contains(
            "was ended by signal 11, before it had introduced itself; starting it again",
            await File.ReadAllTextAsync(ran.Folder.Log),
            StringComparison.Ordinal
        );
    }

    /// <summary>A process that is stopped as it starts, before or after it connects: its signs of life stay what they were.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Process_ThatGivesNoSignOfLife_IsEndedAndStartedAgain(bool connects)
    {
        var usual = await Whole();
        var silent = 0;
        var ran = await Run(
            Yaml,
            [.. Own("flow"), "run.silence=1"],
            launch: (plan, proper) => Interlocked.Increment(ref silent) > 1 ? proper(plan) : Mute(plan, connects)
        );
        Assert.Equal(usual.Fingerprint(), ran.Fingerprint());
        Assert.Contains(
            "the process of flow gave no sign of life for 1 s and was ended; starting it again",
            await File.ReadAllTextAsync(ran.Folder.Log),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Stopping_ARunWhoseProcessGivesNoSignOfLife_EndsIt()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var run = Run(Yaml, Own("loss"), stopping: stop, launch: (plan, _) => Mute(plan, connects: true));
        Assert.Same(run, await Task.WhenAny(run, Task.Delay(TimeSpan.FromSeconds(30))));
        Assert.IsAssignableFrom<OperationCanceledException>((await run).Failure);
    }

    private static Child Mute(ChildPlan plan, bool connects)
    {
        var killed = new CancellationTokenSource();
        return new(
            connects ? Connecting(plan, TimeSpan.FromMinutes(1), killed.Token) : Gone(Task.Delay(TimeSpan.FromMinutes(1), killed.Token)),
            killed.Cancel,
            () => 1
        );
    }

    private static async Task<string> Gone(Task waiting)
    {
        await waiting.ContinueWith(_ => { }, TaskScheduler.Default);
        return "was ended by signal 11";
    }

    private static async Task<string> Connecting(ChildPlan plan, TimeSpan forSoLong, CancellationToken killed = default)
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix,
            System.Net.Sockets.SocketType.Stream,
            System.Net.Sockets.ProtocolType.Unspecified
        );
        await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(plan.Socket));
        return await Gone(Task.Delay(forSoLong, killed));
    }

    [Fact]
    public async Task Run_WithChangedSettingsFile_IsRefusedByTheHandshake()
    {
        var settings = Read(Yaml, Own("flow"));
        using var claim = ClaimFolder.New(settings).OrThrow();
        RunFolder.Write(claim.Folder.Yaml, RunYaml.Shown(claim.Folder).Replace("network: gma", "network: zero", StringComparison.Ordinal));
        Assert.Contains(
            "run.yaml was changed",
            (await Assert.ThrowsAsync<StartFailed>(() => Flow(claim))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Process_ThatCannotMakeItsStage_SaysWhy()
    {
        var settings = Read(Yaml, Own("flow"));
        using var claim = ClaimFolder.New(settings).OrThrow();
        await File.WriteAllTextAsync(claim.Folder.Yaml, "stages: {decode: {}, report: {}}");
        Assert.Contains(
            "nothing feeds it FlowFrame",
            (await Assert.ThrowsAsync<StartFailed>(() => Flow(claim))).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>The flow stage alone, in its process, with no message to answer.</summary>
    private static async Task Flow(Claim claim)
    {
        Facts.WriteCatalogue(new([], []), claim.Folder.Catalogue(Phase.Test));
        var worker = OwnProcess.Of(
            claim.Settings.Find("flow")!,
            new(claim.Settings, Phase.Test, claim.Folder, new([], []), StreamStart.Fresh),
            InThisProcess(),
            _ => { }
        );
        var (input, output) = (Arrow.Of(1), Arrow.Of(1));
        input.Writer.Complete();
        await worker(input.Reader, output.Writer, CancellationToken.None);
    }
}
