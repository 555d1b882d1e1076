using System.Globalization;
using Motion.Contracts;

namespace Motion.Runner.Folders;

/// <summary>
/// The run's log file: what happened, and when. Lines are with the system when the call returns, so that a killed run has them.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _file;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;

    /// <param name="path">Appended to.</param>
    /// <param name="clock">For the time at the front of a line.</param>
    /// <param name="warn">Told what the user should see at once.</param>
    public RunLog(string path, TimeProvider clock, Action<string> warn)
    {
        _file = new StreamWriter(path, append: true) { AutoFlush = true };
        _clock = clock;
        _warn = warn;
    }

    public void Note(string text)
    {
        var time = _clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        lock (_gate)
            _file.WriteLine($"{time} {Legible.Lines(text)}");
    }

    public void Warn(string text)
    {
        Note($"warning: {text}");
        _warn(text);
    }

    public void Dispose()
    {
        lock (_gate)
            _file.Dispose();
    }
}
