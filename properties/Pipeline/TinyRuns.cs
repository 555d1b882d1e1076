using Motion.Contracts;
using Motion.Pipeline.Show;
using Motion.Runner.Folders;
using Motion.Runner.Processes;
using Motion.Runner.Running;
using Motion.Runner.Settings;

namespace Motion.Properties.Pipeline;

/// <summary>Whole runs over <see cref="TinyStages"/>, in a folder that goes with the test.</summary>
public abstract class TinyRuns : IDisposable
{
    internal const string Yaml = """
        run: {name: tiny}
        stages:
          decode: {frames: 40}
          flow: {}
          forward: {}
          loss: {}
          evaluate: {}
          report: {}
        train: {iterations: 23, batch: 3, checkpointEvery: 5}
        """;

    internal static readonly string[] Stages = ["decode", "flow", "forward", "loss", "evaluate", "report"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("motion-tests-");

    internal string Folder => _folder.FullName;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _folder.Delete(recursive: true);

    internal sealed record Ran(Outcome? Outcome, Exception? Failure, RunFolder Folder, string[] Report)
    {
        /// <summary>
        /// What must not depend on how the stages were placed: the curve without its seconds, the last checkpoint, the evaluation, what the
        /// report saw.
        /// </summary>
        public string Fingerprint() =>
            string.Join(
                '\n',
                [
                    $"{Failure}",
                    .. Curve.Read(Folder.Curve).Select(line => (line with { Point = line.Point with { Seconds = 0 } }).ToJson()),
                    .. Folder
                        .AllCheckpoints()
                        .TakeLast(1)
                        .Select(checkpoint => $"{checkpoint.Iteration}: {File.ReadAllText(checkpoint.Path)}"),
                    $"{Outcome?.Evaluation?.Boxes.Stats.Ap:R} {Outcome?.Evaluation?.Frames}",
                    .. Report,
                ]
            );
    }

    /// <summary>A process that is none: the stage's end of the connection as a task, with a table of its own.</summary>
    /// <param name="seen">Told what its report is told.</param>
    /// <param name="visit">Told what its stages begin with, and given the means to kill it.</param>
    internal static Launch InThisProcess(Action<Message>? seen = null, Action<string, long, Action>? visit = null) =>
        plan =>
        {
            var killed = new CancellationTokenSource();
            async Task<string> Serve()
            {
                try
                {
                    return await StageHost.Serve(
                        plan,
                        TinyStages.Table(seen, (stage, number) => visit?.Invoke(stage, number, killed.Cancel)),
                        killed.Token
                    )
                        ? "ended"
                        : "ended early";
                }
                catch (OperationCanceledException)
                {
                    return "was killed";
                }
            }

            var signs = 0L;
            return new(Task.Run(Serve), killed.Cancel, () => Interlocked.Increment(ref signs));
        };

    /// <param name="yaml">What to run.</param>
    /// <param name="changes">--set of the command line.</param>
    /// <param name="resume">In the folder of an earlier run.</param>
    /// <param name="stopAt">The user stops when this iteration is reached.</param>
    /// <param name="visit">Told what stages of processes begin with, and given the means to kill theirs.</param>
    /// <param name="stopping">The user's wish to stop, in place of the one by iteration.</param>
    /// <param name="launch">Starts a stage's process in place of, or by way of, the usual.</param>
    internal async Task<Ran> Run(
        string yaml,
        string[]? changes = null,
        bool resume = false,
        int stopAt = -1,
        Action<string, long, Action>? visit = null,
        CancellationTokenSource? stopping = null,
        Func<ChildPlan, Launch, Child>? launch = null
    )
    {
        using var stop = stopping ?? new CancellationTokenSource();
        var report = new List<string>();
        void Seen(Message message) => report.Add($"{message.GetType().Name} {message.Sequence}");
        void StopAt(int iteration)
        {
            if (iteration == stopAt)
                stop.Cancel();
        }

        var table = TinyStages.Table(Seen, reached: StopAt);
        var settings = Read(table, yaml, changes ?? []);
        using var claim = (resume ? ClaimFolder.Again(settings) : ClaimFolder.New(settings)).OrThrow();
        using var log = new RunLog(claim.Folder.Log, TimeProvider.System, _ => { });
        var session = new Session(
            claim.Settings,
            claim.Folder,
            table,
            new(TimeProvider.System),
            log,
            TimeProvider.System,
            launch is null ? InThisProcess(Seen, visit) : plan => launch(plan, InThisProcess(Seen, visit))
        )
        {
            Evaluated = (evaluation, catalogue) => Scores.WriteAll(evaluation, catalogue, claim.Folder),
        };
        try
        {
            return new(await RunPipeline.Run(session, stop.Token), null, claim.Folder, [.. report]);
        }
        catch (Exception e)
        {
            return new(null, e, claim.Folder, [.. report]);
        }
    }

    internal PipelineSettings Read(string yaml, params string[] changes) => Read(TinyStages.Kinds, yaml, changes);

    private PipelineSettings Read(StageTable table, string yaml, string[] changes) =>
        ConfigurationTests.Read(
            yaml,
            new([
                new("run.folder", Folder, "--set", IsText: true),
                .. changes.Select(text => text.Split('=', 2)).Select(parts => new Override(parts[0], parts[1], "--set")),
            ]),
            table
        );

    internal async Task<Ran> Whole(params string[] changes)
    {
        var ran = await Run(Yaml, changes);
        Xunit.Assert.Null(ran.Failure);
        return ran;
    }
}
