using System.Runtime.InteropServices;
using System.Text.Json;
using Motion.Pipeline.Processes;
using Motion.Pipeline.Running;
using Motion.Pipeline.Settings;

namespace Motion.Pipeline.Cli;

/// <summary>motion stage: a stage's process, started by the runner and by nobody else.</summary>
internal static class StageCommand
{
    public static async Task<int> Run(string run, string phase, string stage, string socket, string start, StageTable table)
    {
        // Ctrl-C reaches the whole group of processes; when to end is the runner's decision.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        var watch = new Thread(EndWithRunner) { IsBackground = true, Name = "runner's pulse" };
        watch.Start();
        var plan = new ChildPlan(run, Enum.Parse<Phase>(phase, ignoreCase: true), stage, socket, JsonSerializer.Deserialize<TrainStart>(start)!);
        return await StageHost.Serve(plan, table, CancellationToken.None) ? ExitCode.Done : ExitCode.BadInput;
    }

    /// <summary>Standard input is a pipe that the runner holds open and never writes to.</summary>
    private static void EndWithRunner()
    {
        while (Console.OpenStandardInput().ReadByte() >= 0)
        {
        }

        Environment.Exit(ExitCode.Interrupted);
    }
}
