using System.CommandLine;
using Motion.Kernels;

namespace Motion.Pipeline.Cli;

/// <summary>Asks for libtorch before a command uses it, and only then.</summary>
internal static class NeedsTensors
{
    // What these read and write is text, numbers and run lengths; the rest computes.
    private static readonly string[] Without = ["evaluate", "verify", "inspect", "split", "make-up", "schema"];

    /// <summary>Null where the command can run; else what is wrong with the machine's libtorch.</summary>
    public static string? Missing(Command command)
    {
        if (
            command.Action is null
            || command.Parents.FirstOrDefault() is null
            || (Without.Contains(command.Name, StringComparer.Ordinal) && command.Parents.All(parent => parent.Name != "weights"))
        )
        {
            return null;
        }

        NativeHeap.ReturnLargeBlocks(
            isChosen: Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null
                || Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is not null
        );
        return Libtorch.Check().Match<string?>(_ => null, error => error.Describe());
    }
}
