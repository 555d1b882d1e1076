namespace Motion.Pipeline.Cli;

/// <summary>What the program's end means; part of its interface (motion --help lists them).</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A check found a difference (replay).</summary>
    public const int CheckFailed = 1;

    /// <summary>The command line or the yaml is wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>A file, video, annotation or weights file cannot be used.</summary>
    public const int BadInput = 3;

    /// <summary>A mistake of this program.</summary>
    public const int Bug = 4;

    /// <summary>Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
