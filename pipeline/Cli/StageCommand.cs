using System.Runtime.InteropServices;
using System.Text.Json;
using Motion.Contracts;
using Motion.Runner.Processes;
using Motion.Runner.Settings;

namespace Motion.Pipeline.Cli;

/// <summary>motion stage: a stage's process, started by the runner and by nobody else.</summary>
internal static class StageCommand
{
    public static async Task<int> Run(string run, string phase, string stage, string socket, string runner, string start, StageTable table)
    {
        // Ctrl-C and the end of a terminal reach the whole group of processes; when to end is the runner's decision.
        var signals = new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true))
            .ToList();
        StartThread("runner's pulse", () => EndWithRunner(int.Parse(runner, System.Globalization.CultureInfo.InvariantCulture)));
        StartThread("runner's pipe", EndWithPipe);
        var plan = new ChildPlan(
            run,
            Enum.Parse<Phase>(phase, ignoreCase: true),
            stage,
            socket,
            JsonSerializer.Deserialize<StreamStart>(start)!
        );
        var code = ExitCode.BadInput;
        try
        {
            if (await StageHost.Serve(plan, table, CancellationToken.None))
                code = ExitCode.Done;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Net.Sockets.SocketException)
        {
            Console.Error.WriteLine($"the runner has gone: {e.Message}");
        }

        foreach (var signal in signals)
            signal.Dispose();
        return code;
    }

    private static void StartThread(string name, Action body) => new Thread(() => body()) { IsBackground = true, Name = name }.Start();

    /// <summary>
    /// Tells the runner that this process lives, and ends it when the runner does not: another process is its parent then.
    /// </summary>
    private static void EndWithRunner(int runner)
    {
        var output = Console.OpenStandardOutput();
        var pulse = System.Text.Encoding.UTF8.GetBytes(ChildProcess.Pulse + "\n");
        while (true)
        {
            if (!OperatingSystem.IsWindows() && Leaving.Parent() != runner)
                Leaving.Now(ExitCode.Interrupted);
            try
            {
                output.Write(pulse);
                output.Flush();
            }
            catch (IOException)
            {
                Leaving.Now(ExitCode.Interrupted);
            }

            Thread.Sleep(ChildProcess.PulseEvery);
        }
    }

    /// <summary>Standard input is a pipe that the runner holds open and never writes to.</summary>
    private static void EndWithPipe()
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0) { }

        Leaving.Now(ExitCode.Interrupted);
    }
}
