using System.Runtime.InteropServices;
using Motion.Runner.Processes;

namespace Motion.Pipeline.Cli;

/// <summary>Ctrl-C, SIGTERM and the end of the terminal: the first asks the run to end well, the second ends the process.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _soon = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Action<string> Warn { get; set; } = text => Console.Error.WriteLine($"motion: {text}");

    public Interrupt()
    {
        void OnSignal(PosixSignalContext context)
        {
            if (_soon.IsCancellationRequested)
                Leaving.Now(ExitCode.Interrupted);
            context.Cancel = true;
            Warn("stopping after the step at hand; once more to stop at once");
            _soon.Cancel();
        }

        _registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(signal, OnSignal)
            ),
        ];
    }

    public CancellationToken Soon => _soon.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _soon.Dispose();
    }
}
