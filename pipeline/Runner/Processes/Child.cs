using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Yaml;

namespace Motion.Runner.Processes;

/// <summary>What a stage's process is told when it starts.</summary>
/// <param name="Run">The run's folder; its run.yaml has the settings.</param>
/// <param name="Phase">Which stream.</param>
/// <param name="Stage">Which stage.</param>
/// <param name="Socket">Where the runner listens.</param>
/// <param name="Start">Where the stream or the training goes on.</param>
internal sealed record ChildPlan(string Run, Phase Phase, string Stage, string Socket, StreamStart Start)
{
    /// <summary>As arguments of this program.</summary>
    public string[] ToArguments() =>
        [
            "stage",
            "--run",
            Run,
            "--phase",
            Shape.Camel(Phase.ToString()),
            "--stage",
            Stage,
            "--socket",
            Socket,
            "--runner",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            "--start",
            JsonSerializer.Serialize(Start),
        ];
}

/// <summary>A running process (or, in tests, something that behaves like one).</summary>
/// <param name="Exited">Ends when it has gone; says how.</param>
/// <param name="Kill">Ends it at once.</param>
/// <param name="Signs">Signs of life so far: a number that grows while its process runs, whatever its stage is busy with.</param>
internal sealed record Child(Task<string> Exited, Action Kill, Func<long> Signs);

/// <summary>Starts a stage's process.</summary>
internal delegate Child Launch(ChildPlan plan);

/// <summary>Starts this program again, as a stage.</summary>
internal static class ChildProcess
{
    /// <summary>What a line begins with that the user should see, and not the log alone.</summary>
    public const string Warning = "warning: ";

    /// <summary>What a stage's process says every <see cref="PulseEvery"/> on its standard output, from a thread of its own.</summary>
    public const string Pulse = "(alive)";

    public static readonly TimeSpan PulseEvery = TimeSpan.FromMilliseconds(500);

    private const int RememberedLines = 8;

    /// <summary>
    /// The process's standard input is a pipe from here that nothing is written to: when the runner dies, however it dies, the pipe ends
    /// and the process with it.
    /// </summary>
    public static Launch Launcher(RunLog log) =>
        plan =>
        {
            var info = new ProcessStartInfo
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            var (program, before) = ThisProgram();
            info.FileName = program;
            foreach (var argument in before.Concat(plan.ToArguments()))
                info.ArgumentList.Add(argument);
            var process = new Process { StartInfo = info };
            var last = new Queue<string>();
            var signs = 0L;
            void Heard(string? line)
            {
                if (line is null)
                    return;
                Interlocked.Increment(ref signs);
                if (line == Pulse)
                    return;
                if (line.StartsWith(Warning, StringComparison.Ordinal))
                    log.Warn($"{plan.Stage}: {line[Warning.Length..]}");
                else
                    log.Note($"{plan.Stage} process: {line}");
                lock (last)
                {
                    last.Enqueue(line);
                    if (last.Count > RememberedLines)
                        last.Dequeue();
                }
            }

            process.OutputDataReceived += (_, line) => Heard(line.Data);
            process.ErrorDataReceived += (_, line) => Heard(line.Data);
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            log.Note($"{plan.Stage} runs in process {process.Id}");
            Leaving.Running(process);
            return new(Exited(process, last), () => Kill(process), () => Interlocked.Read(ref signs));
        };

    private static async Task<string> Exited(Process process, Queue<string> last)
    {
        await process.WaitForExitAsync();
        Leaving.Gone(process);
        var code = process.ExitCode;
        var how =
            code > 128
                ? string.Create(CultureInfo.InvariantCulture, $"was ended by signal {code - 128}")
                : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}");
        process.Dispose();
        lock (last)
            return last.Count == 0 ? how : $"{how}; it said last: {string.Join(" | ", last)}";
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has gone by itself.
        }
    }

    /// <summary>What to start, and the arguments before ours: the program itself, or dotnet with its assembly.</summary>
    private static (string Program, string[] Before) ThisProgram()
    {
        var assembly = System.Reflection.Assembly.GetEntryAssembly()!.Location; // this program, or one that brings stages of its own
        var self = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(self) == Path.GetFileNameWithoutExtension(assembly)
            ? (self, [])
            : (
                Path.GetFileNameWithoutExtension(self) == "dotnet"
                    ? self
                    : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                [assembly]
            );
    }
}
